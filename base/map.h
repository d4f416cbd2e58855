#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

/* Byte string -> pointer, in an arena, over uthash. Keys are borrowed: keep
 * their bytes alive. A zeroed struct is empty. Iteration is in the order of
 * insertion: for (struct map_entry *i = map_first(&m); i; i = map_next(i)). */
struct map {
    struct map_entry *head;
    unsigned room; /* entries to expect */
};

struct map_entry;

/* NULL where the key is absent. */
void *map_get(const struct map *m, struct str key);
/* Sets or replaces; the value must not be NULL. */
void map_set(struct arena *a, struct map *m, struct str key, void *value);
/* As map_set() for a key that is known to be absent: without looking. */
void map_add(struct arena *a, struct map *m, struct str key, void *value);
/* Before the first entry: how many are to come, so that the table is not made
 * anew again and again on the way. */
void map_reserve(struct map *m, size_t n);
size_t map_count(const struct map *m);
struct map_entry *map_first(const struct map *m);
struct map_entry *map_next(const struct map_entry *i);
struct str map_key(const struct map_entry *i);
void *map_value(const struct map_entry *i);
/* The table behind it is on the heap: give it back. Entries stay the arena's. */
void map_free(struct map *m);

#endif
