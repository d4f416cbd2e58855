#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A growing text on the heap. A zeroed struct is empty and ready, with no
 * ceiling; buf_clear() keeps the memory, buf_free() gives it back. Out of
 * memory ends the process. */
struct buf {
    char *s;
    size_t n, cap;
    size_t max;    /* ceiling in bytes; 0 = none */
    bool overflow; /* something was left out at the ceiling */
};

/* buf_add() where there is no room, or a ceiling. */
void buf_add_more(struct buf *b, struct str s);
static inline void buf_add(struct buf *b, struct str s)
{
    if (b->max || s.n > b->cap - b->n) {
        buf_add_more(b, s);
    } else if (s.n) {
        memcpy(b->s + b->n, s.s, s.n);
        b->n += s.n;
    }
}
static inline void buf_addc(struct buf *b, char c)
{
    buf_add(b, (struct str){&c, 1});
}
/* A literal or other NUL-terminated text. */
static inline void buf_adds(struct buf *b, const char *cstr)
{
    buf_add(b, str_of(cstr));
}
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* n times the same byte. */
void buf_pad(struct buf *b, char c, size_t n);
/* At least n more bytes of room at b->s + b->n. */
void buf_reserve(struct buf *b, size_t n);
/* Borrowed: valid until the next change. */
struct str buf_str(const struct buf *b);
/* As buf_str().s, with a NUL after it. */
const char *buf_cstr(struct buf *b);
void buf_clear(struct buf *b);
void buf_free(struct buf *b);

#endif
