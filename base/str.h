#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed run of bytes: never owns, never needs freeing, need not end in
 * NUL. Who keeps the bytes alive is said by whoever hands it out. */
struct str {
    const char *s;
    size_t n;
};

#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})
#define STR_FMT "%.*s"
#define STR_ARG(x) (int)(x).n, (x).s

static inline struct str str_of(const char *cstr)
{
    return (struct str){cstr, cstr ? strlen(cstr) : 0};
}
static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}
/* As memcmp over the common length, then the shorter first. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Index of the first c, or of the first needle; s.n where there is none. */
size_t str_find(struct str s, char c);
size_t str_search(struct str s, struct str needle);
/* s without its first n bytes; empty where it has fewer. */
struct str str_skip(struct str s, size_t n);
/* s from byte i, at most n bytes of it. */
struct str str_sub(struct str s, size_t i, size_t n);
/* Without white space (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s);
/* Cuts s at the first sep: head before it, *rest after it (empty if absent). */
struct str str_cut(struct str s, char sep, struct str *rest);
/* A hash for tables in memory; its value is nowhere saved. */
uint32_t str_hash(struct str s);
/* Decimal only, whole string, no sign but '-'; false if not or out of range. */
bool str_int(struct str s, int64_t *out);
/* Whole string by strtod's grammar in the C locale, without inf and nan. */
bool str_double(struct str s, double *out);
/* Edits of one byte, or swaps of two neighbours, that lead from a to b
 * (optimal string alignment); max + 1 where there are more. */
size_t str_distance(struct str a, struct str b, size_t max);
/* Length of the well-formed UTF-8 sequence at s (1-4), 0 if malformed. */
size_t str_utf8(struct str s);

#endif
