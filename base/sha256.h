#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/str.h"

enum { SHA256_HEX_BYTES = 65 };

/* The SHA-256 of a text in memory, lower-case hex with a NUL at its end. For
 * what is hashed piece by piece, or comes from a file, EVP_Digest*(). */
void sha256_hex(struct str text, char hex[SHA256_HEX_BYTES]);

#endif
