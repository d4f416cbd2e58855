#include "base/arena.h"

#include "base/die.h"
#include "base/page.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Blocks double from FIRST to LAST. Large ones are mapped populated (page.h);
 * from HUGE on they ask for huge pages, which a tree of many nodes walks
 * without missing the processor's table of pages. Small ones are zeroed as they are
 * handed out, so that what nobody asks for is never touched. */
enum {
    BLOCK_FIRST = 16 * 1024,
    BLOCK_MAPPED_FROM = 128 * 1024,
    BLOCK_HUGE = 2 * 1024 * 1024,
    GROWN_LARGE = 16, /* bytes of an item, of which arrays begin small */
};

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    bool mapped;
    alignas(max_align_t) char data[];
};

enum { BLOCK_LAST = BLOCK_HUGE - sizeof(struct arena_block) };

static struct arena_block *map_block(size_t size)
{
    bool huge = size >= BLOCK_HUGE;
    struct arena_block *b = mmap(NULL, size, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS |
                                     (huge ? 0 : MAP_POPULATE), -1, 0);

    if (b == MAP_FAILED)
        die_oom();
    if (huge) {
        madvise(b, size, MADV_HUGEPAGE);
        page_populate((char *)b, size);
    }
    b->mapped = true;
    return b;
}

static struct arena_block *block_create(size_t want)
{
    size_t size = sizeof(struct arena_block) + want;
    struct arena_block *b = NULL;

    if (want >= SIZE_MAX / 2)
        die_oom();
    if (size >= BLOCK_HUGE)
        size = (size + BLOCK_HUGE - 1) / BLOCK_HUGE * BLOCK_HUGE;
    if (size >= BLOCK_MAPPED_FROM) {
        b = map_block(size);
    } else {
        b = malloc(size);
        if (!b)
            die_oom();
        *b = (struct arena_block){0};
    }
    b->size = size - sizeof(*b);
    return b;
}

static void block_destroy(struct arena_block *b)
{
    if (b->mapped)
        munmap(b, sizeof(*b) + b->size);
    else
        free(b);
}

/* Under ARENA_DEBUG every object is a block of its own, so that the address
 * sanitizer sees each one's end. */
static size_t block_size(const struct arena *a, size_t bytes, size_t align)
{
#ifdef ARENA_DEBUG
    (void)a;
    return align > alignof(max_align_t) ? bytes + align : bytes;
#else
    size_t next = a->head ? 2 * a->head->size : BLOCK_FIRST;

    if (next > BLOCK_LAST)
        next = BLOCK_LAST;
    return bytes + align > next ? bytes + align : next;
#endif
}

/* What is left of the block at hand goes back to it: next_at() finds it. */
static void put_back(struct arena *a)
{
    if (a->end)
        a->head->used = a->head->size - (a->end - a->at);
    a->at = a->end = 0;
}

/* The first byte of the block that is free and aligned. */
static size_t next_at(const struct arena_block *b, size_t align)
{
    uintptr_t data = (uintptr_t)b->data;

    return ((data + b->used + align - 1) & ~(align - 1)) - data;
}

void *arena_alloc_block(struct arena *a, size_t size, size_t align, size_t n)
{
    size_t bytes;

    if (__builtin_mul_overflow(size, n, &bytes) || bytes > SIZE_MAX / 4)
        die_oom();
    put_back(a);
    struct arena_block *b = a->head;
    size_t at = b ? next_at(b, align) : 0;

    if (!b || at > b->size || bytes > b->size - at) {
        b = block_create(block_size(a, bytes, align));
        b->next = a->head;
        a->head = b;
        a->held += b->size;
        at = next_at(b, align);
    }
#ifdef ARENA_DEBUG
    b->used = b->size + 1;
#else
    b->used = at + bytes;
    if (b->mapped) {
        a->at = (uintptr_t)b->data + b->used;
        a->end = (uintptr_t)b->data + b->size;
    }
#endif
    if (!b->mapped && bytes)
        memset(b->data + at, 0, bytes);
    return b->data + at;
}

void *arena_grow(struct arena *a, const void *old, size_t size, size_t align,
                 size_t n, size_t *cap)
{
    size_t want = *cap ? 2 * *cap : size > GROWN_LARGE ? 2 : 8;
    void *p = arena_alloc(a, size, align, want);

    if (n)
        memcpy(p, old, n * size);
    *cap = want;
    return p;
}

struct str arena_dup(struct arena *a, struct str s)
{
    char *p = arena_array(a, char, s.n + 1);

    if (s.n)
        memcpy(p, s.s, s.n);
    return (struct str){p, s.n};
}

struct str arena_join_all(struct arena *a, const struct str *texts, size_t n)
{
    size_t bytes = 0, at = 0;

    for (size_t i = 0; i < n; i++)
        bytes += texts[i].n;
    char *p = arena_array(a, char, bytes + 1);

    for (size_t i = 0; i < n; at += texts[i++].n)
        if (texts[i].n)
            memcpy(p + at, texts[i].s, texts[i].n);
    return (struct str){p, bytes};
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;

    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        BUG("format '%s'", fmt);
    char *p = arena_array(a, char, (size_t)n + 1);

    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (struct str){p, (size_t)n};
}

void arena_free(struct arena *a)
{
    while (a->head) {
        struct arena_block *next = a->head->next;

        block_destroy(a->head);
        a->head = next;
    }
    *a = (struct arena){0};
}
