/* The plain functions: the newer interface looks for a configuration and for
 * providers first, which costs a start more than all that it hashes. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/sha256.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

enum { LARGE_BYTES = 256 * 1024 };

void sha256_hex(struct str text, char hex[SHA256_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[SHA256_DIGEST_LENGTH];
    SHA256_CTX c;

    if (text.n >= LARGE_BYTES) /* looks for the processor's instructions */
        OPENSSL_init_crypto(0, NULL);
    SHA256_Init(&c);
    if (text.n)
        SHA256_Update(&c, text.s, text.n);
    SHA256_Final(sum, &c);
    for (size_t i = 0; i < sizeof sum; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[2 * sizeof sum] = '\0';
}
