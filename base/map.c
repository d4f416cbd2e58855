#include "base/map.h"

#include "base/die.h"

#define uthash_fatal(msg) die_oom()
#include <uthash.h>

struct map_entry {
    struct str key;
    void *value;
    UT_hash_handle hh;
};

static struct map_entry *find(const struct map *m, struct str key)
{
    struct map_entry *i;

    HASH_FIND(hh, m->head, key.s, (unsigned)key.n, i);
    return i;
}

void *map_get(const struct map *m, struct str key)
{
    struct map_entry *i = find(m, key);

    return i ? i->value : NULL;
}

void map_set(struct arena *a, struct map *m, struct str key, void *value)
{
    struct map_entry *i = find(m, key);

    if (!i) {
        i = arena_new(a, struct map_entry);
        i->key = key;
        HASH_ADD_KEYPTR(hh, m->head, i->key.s, (unsigned)i->key.n, i);
    }
    i->value = value;
}

size_t map_count(const struct map *m)
{
    return HASH_COUNT(m->head);
}

struct map_entry *map_first(const struct map *m)
{
    return m->head;
}

struct map_entry *map_next(const struct map_entry *i)
{
    return i->hh.next;
}

struct str map_key(const struct map_entry *i)
{
    return i->key;
}

void *map_value(const struct map_entry *i)
{
    return i->value;
}

void map_free(struct map *m)
{
    HASH_CLEAR(hh, m->head);
}
