#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES_MAX = 400, DISTANCE_BYTES_MAX = 64 };

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.s, b.s, n) : 0;

    return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq(str_skip(s, s.n - suffix.n), suffix);
}

size_t str_find(struct str s, char c)
{
    const char *at = s.n ? memchr(s.s, c, s.n) : NULL;

    return at ? (size_t)(at - s.s) : s.n;
}

size_t str_search(struct str s, struct str needle)
{
    const char *at = s.n ? memmem(s.s, s.n, needle.s, needle.n) : NULL;

    return at ? (size_t)(at - s.s) : s.n;
}

struct str str_skip(struct str s, size_t n)
{
    if (n >= s.n)
        return (struct str){s.s ? s.s + s.n : NULL, 0};
    return (struct str){s.s + n, s.n - n};
}

struct str str_sub(struct str s, size_t i, size_t n)
{
    s = str_skip(s, i);
    return (struct str){s.s, n < s.n ? n : s.n};
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.n && blank(s.s[0]))
        s = str_skip(s, 1);
    while (s.n && blank(s.s[s.n - 1]))
        s.n--;
    return s;
}

struct str str_cut(struct str s, char sep, struct str *rest)
{
    size_t i = str_find(s, sep);

    *rest = str_skip(s, i + (i < s.n));
    return str_sub(s, 0, i);
}

/* FNV-1a. */
uint32_t str_hash(struct str s)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.s[i]) * 16777619u;
    return h;
}

bool str_int(struct str s, int64_t *out)
{
    bool minus = str_starts(s, STR("-"));
    int64_t v = 0; /* below zero: the range reaches one further there */

    s = str_skip(s, minus);
    for (size_t i = 0; i < s.n; i++)
        if (s.s[i] < '0' || s.s[i] > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_sub_overflow(v, s.s[i] - '0', &v))
            return false;
    if (s.n == 0 || (!minus && v == INT64_MIN))
        return false;
    *out = minus ? v : -v;
    return true;
}

bool str_double(struct str s, double *out)
{
    char buf[NUMBER_BYTES_MAX];
    char *end;

    if (s.n == 0 || s.n >= sizeof(buf) || blank(s.s[0]))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789+-.eE", s.s[i]) || !s.s[i])
            return false;
    memcpy(buf, s.s, s.n);
    buf[s.n] = '\0';
    *out = strtod(buf, &end);
    return *end == '\0' && end != buf;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t str_distance(struct str a, struct str b, size_t max)
{
    /* The row in work and the two before it, in turn. */
    size_t rows[3][DISTANCE_BYTES_MAX + 1];

    if (a.n > DISTANCE_BYTES_MAX || b.n > DISTANCE_BYTES_MAX)
        return max + 1;
    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            row[j] = least(above[j - 1] + (a.s[i - 1] != b.s[j - 1]),
                           least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.s[i - 1] == b.s[j - 2] &&
                a.s[i - 2] == b.s[j - 1])
                row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1);
        }
    }
    size_t n = rows[a.n % 3][b.n];

    return n > max ? max + 1 : n;
}

/* The table of well-formed sequences, Unicode 15, table 3-7. */
size_t str_utf8(struct str s)
{
    if (s.n == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)s.s;
    unsigned char lo = 0x80, hi = 0xBF;
    size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xC2 && p[0] <= 0xDF ? 2
             : (p[0] & 0xF0) == 0xE0 ? 3
             : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4 : 0;

    if (n == 0 || n > s.n)
        return 0;
    if (p[0] == 0xE0)
        lo = 0xA0;
    else if (p[0] == 0xED)
        hi = 0x9F;
    else if (p[0] == 0xF0)
        lo = 0x90;
    else if (p[0] == 0xF4)
        hi = 0x8F;
    for (size_t i = 1; i < n; i++) {
        if (p[i] < lo || p[i] > hi)
            return 0;
        lo = 0x80, hi = 0xBF;
    }
    return n;
}
