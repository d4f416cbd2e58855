#include "base/buf.h"

#include "base/die.h"
#include "base/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST = 256, POPULATED_FROM = 16 * 1024 };

void buf_reserve(struct buf *b, size_t n)
{
    size_t want = b->cap ? b->cap : BUF_FIRST;

    if (n > SIZE_MAX / 4 - b->n)
        die_oom();
    if (b->cap - b->n >= n && b->s)
        return;
    while (want - b->n < n)
        want *= 2;
    char *s = realloc(b->s, want);
    if (!s)
        die_oom();
    if (want >= POPULATED_FROM)
        page_populate(s + b->n, want - b->n);
    b->s = s;
    b->cap = want;
}

void buf_add_more(struct buf *b, struct str s)
{
    if (b->max && s.n > b->max - b->n) {
        b->overflow = true;
        s.n = b->max - b->n;
    }
    if (s.n == 0)
        return;
    buf_reserve(b, s.n);
    memcpy(b->s + b->n, s.s, s.n);
    b->n += s.n;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;

    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    if (n < 0)
        BUG("format '%s'", fmt);
    if ((size_t)n < sizeof(small)) {
        buf_add(b, (struct str){small, (size_t)n});
    } else {
        char *large = malloc((size_t)n + 1);

        if (!large)
            die_oom();
        vsnprintf(large, (size_t)n + 1, fmt, again);
        buf_add(b, (struct str){large, (size_t)n});
        free(large);
    }
    va_end(again);
}

void buf_pad(struct buf *b, char c, size_t n)
{
    while (n--)
        buf_addc(b, c);
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->s ? b->s : "", b->n};
}

const char *buf_cstr(struct buf *b)
{
    buf_reserve(b, 1);
    b->s[b->n] = '\0';
    return b->s;
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->overflow = false;
}

void buf_free(struct buf *b)
{
    free(b->s);
    *b = (struct buf){.max = b->max};
}
