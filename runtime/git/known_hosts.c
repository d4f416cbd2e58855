#include "runtime/git/known_hosts.h"

#include "base/arena.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { KEY_MAX = 8 * 1024, HOST_MAX = 512, SALT_TEXT = 28, SALT = 20 };

struct str known_host_kind(struct str key)
{
    if (key.n < 4 || key.s[0] || key.s[1] || key.s[2])
        return STR("");
    size_t n = (unsigned char)key.s[3];

    return n <= key.n - 4 ? str_sub(key, 4, n) : STR("");
}

/* '*' is any run of characters, '?' any one; letters match in either case. */
static bool matches(struct str pattern, struct str s)
{
    size_t p = 0, i = 0, star = SIZE_MAX, back = 0;

    while (i < s.n) {
        if (p < pattern.n && pattern.s[p] == '*') {
            star = p++;
            back = i;
        } else if (p < pattern.n &&
                   (pattern.s[p] == '?' ||
                    strncasecmp(&pattern.s[p], &s.s[i], 1) == 0)) {
            p++, i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++back;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.s[p] == '*')
        p++;
    return p == pattern.n;
}

/* "|1|salt|hash" is HMAC-SHA1 of the name, keyed with the salt. */
static bool hash_matches(struct str field, struct str name)
{
    struct str hash, salt = str_cut(str_skip(field, 3), '|', &hash);
    unsigned char key[SALT_TEXT], mac[EVP_MAX_MD_SIZE], text[64];
    unsigned n = 0;

    if (salt.n != SALT_TEXT || hash.n != SALT_TEXT ||
        EVP_DecodeBlock(key, (const unsigned char *)salt.s, SALT_TEXT) < SALT)
        return false;
    if (!HMAC(EVP_sha1(), key, SALT, (const unsigned char *)name.s, name.n,
              mac, &n))
        return false;
    EVP_EncodeBlock(text, mac, (int)n);
    return memcmp(text, hash.s, SALT_TEXT) == 0;
}

static bool names_match(struct str names, struct str name)
{
    bool yes = false;

    if (str_starts(names, STR("|1|")))
        return hash_matches(names, name);
    while (names.n) {
        struct str one = str_cut(names, ',', &names);
        bool not = str_starts(one, STR("!"));
        if (!matches(str_skip(one, not), name))
            continue;
        if (not)
            return false;
        yes = true;
    }
    return yes;
}

static struct str word(struct str *line)
{
    *line = str_trim(*line);
    size_t n = 0;

    while (n < line->n && line->s[n] != ' ' && line->s[n] != '\t')
        n++;
    struct str w = str_sub(*line, 0, n);

    *line = str_skip(*line, n);
    return w;
}

static enum known_host check_line(struct str line, struct str name,
                                  struct str kind, struct str base64)
{
    struct str names = word(&line), marker = STR("");

    if (str_starts(names, STR("@"))) {
        marker = names;
        names = word(&line);
    }
    if (!names.n || names.s[0] == '#' ||
        str_eq(marker, STR("@cert-authority")) || !names_match(names, name))
        return KNOWN_HOST_ABSENT;
    struct str its_kind = word(&line), its_key = word(&line);
    bool same = str_eq(its_kind, kind) && str_eq(its_key, base64);

    if (str_eq(marker, STR("@revoked")))
        return same ? KNOWN_HOST_REVOKED : KNOWN_HOST_ABSENT;
    if (same)
        return KNOWN_HOST_OK;
    return str_eq(its_kind, kind) ? KNOWN_HOST_DIFFERS : KNOWN_HOST_ABSENT;
}

enum known_host known_host_check(struct str file, struct str host, int port,
                                 struct str key)
{
    enum known_host found = KNOWN_HOST_ABSENT;
    struct str kind = known_host_kind(key);
    char text[HOST_MAX], base64[KEY_MAX / 3 * 4 + 5];

    if (!kind.n || key.n > KEY_MAX || host.n > HOST_MAX - 16)
        return KNOWN_HOST_ABSENT;
    int n = snprintf(text, sizeof(text), port == 22 ? STR_FMT : "[" STR_FMT
                     "]:%d", STR_ARG(host), port);
    struct str name = {text, (size_t)n};

    EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)key.s,
                    (int)key.n);
    while (file.n) {
        struct str line = str_cut(file, '\n', &file);
        enum known_host one = check_line(line, name, kind, str_of(base64));
        if (one == KNOWN_HOST_REVOKED)
            return one;
        if (one == KNOWN_HOST_OK || found == KNOWN_HOST_ABSENT)
            found = one;
    }
    return found;
}
