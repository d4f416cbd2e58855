#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* A growing text on the heap. A zeroed struct is empty and ready, with no
 * ceiling; buf_clear() keeps the memory, buf_free() gives it back. Out of
 * memory ends the process. */
struct buf {
    char *s;
    size_t n, cap;
    size_t max;    /* ceiling in bytes; 0 = none */
    bool overflow; /* something was left out at the ceiling */
};

void buf_add(struct buf *b, struct str s);
void buf_addc(struct buf *b, char c);
/* A literal or other NUL-terminated text. */
void buf_adds(struct buf *b, const char *cstr);
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
