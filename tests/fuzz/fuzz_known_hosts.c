/* A known_hosts file of any bytes: what it accepts it must hold. */
#include "runtime/git/known_hosts.h"

#include "base/die.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char raw[] = "\0\0\0\x0bssh-ed25519\0\0\0\x20"
                              "0123456789abcdef0123456789abcdef";
    static const char wire[] = "AAAAC3NzaC1lZDI1NTE5AAAAIDAxMjM0NTY3ODlhYmNk"
                               "ZWYwMTIzNDU2Nzg5YWJjZGVm";
    struct str key = {raw, sizeof(raw) - 1};
    struct str file = {(const char *)data, size};
    enum known_host k =
        known_host_check(file, STR("git.example.com"), 22, key);

    if ((k == KNOWN_HOST_OK || k == KNOWN_HOST_REVOKED) &&
        str_search(file, str_of(wire)) == file.n)
        BUG("a key is known that is not in the file");
    /* A key of any bytes, too. */
    if (known_host_kind(file).n > size)
        BUG("a kind longer than its key");
    known_host_check(STR("* ssh-ed25519 AAAA"), STR("h"), 2222, file);
    return 0;
}
