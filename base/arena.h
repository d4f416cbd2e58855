#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

/* Everything allocated from an arena dies together, at arena_free(). There is
 * no per-object free. Out of memory ends the process: callers never check.
 * A zeroed struct is an empty arena. */
struct arena {
    struct arena_block *head;
    uintptr_t at, end; /* what is free of a block that is zeroed already */
    size_t held;       /* bytes of all blocks */
};

#define arena_new(a, T) ((T *)arena_alloc((a), sizeof(T), alignof(T), 1))
#define arena_array(a, T, n) ((T *)arena_alloc((a), sizeof(T), alignof(T), (n)))

/* Appends item to the growable array {items, n, cap} that lives in arena a:
 *     struct { T *items; size_t n, cap; } v = {0};  arena_push(a, &v, x);   */
#define arena_push(a, v, item)                                              \
    do {                                                                    \
        if ((v)->n == (v)->cap)                                             \
            (v)->items = arena_grow((a), (v)->items, sizeof(*(v)->items),   \
                                    alignof(max_align_t), (v)->n, &(v)->cap); \
        (v)->items[(v)->n++] = (item);                                      \
    } while (0)

/* The rest of arena_alloc(): where a block ends, and all of small ones. */
void *arena_alloc_block(struct arena *a, size_t size, size_t align, size_t n);

/* Zeroed memory for n objects of the given size; not NULL for none. */
static inline void *arena_alloc(struct arena *a, size_t size, size_t align,
                                size_t n)
{
    size_t bytes;
    uintptr_t at = (a->at + align - 1) & ~(uintptr_t)(align - 1);

    if (__builtin_mul_overflow(size, n, &bytes) || at > a->end ||
        bytes >= a->end - at)
        return arena_alloc_block(a, size, align, n);
    a->at = at + bytes;
    return (void *)at;
}
/* A copy of n objects in room for twice as many; *cap is updated. */
void *arena_grow(struct arena *a, const void *old, size_t size, size_t align,
                 size_t n, size_t *cap);
/* A NUL-terminated copy. */
struct str arena_dup(struct arena *a, struct str s);
/* The texts one after the other: arena_join(a, STR("x"), s, STR("y")). */
#define arena_join(a, ...)                                                  \
    arena_join_all((a), (const struct str[]){__VA_ARGS__},                  \
                   sizeof((const struct str[]){__VA_ARGS__}) /              \
                       sizeof(struct str))
struct str arena_join_all(struct arena *a, const struct str *texts, size_t n);
struct str arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *a);

#endif
