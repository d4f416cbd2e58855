#include "base/map.h"

#include "base/die.h"
#include "base/page.h"

#include <limits.h>

/* Short chains: each step of one is a miss of the cache in large tables. */
#define HASH_BKT_CAPACITY_THRESH 2U
#define uthash_fatal(msg) die_oom()
#define uthash_malloc(n) page_table(n)
#include <uthash.h>

/* How large a table begins, which the library leaves to no one: add() says. */
#undef HASH_INITIAL_NUM_BUCKETS
#undef HASH_INITIAL_NUM_BUCKETS_LOG2
#define HASH_INITIAL_NUM_BUCKETS (1U << buckets_log2)
#define HASH_INITIAL_NUM_BUCKETS_LOG2 buckets_log2

enum { CACHE_LINE = 64, BUCKETS_LOG2_MIN = 5, BUCKETS_LOG2_MAX = 20 };

/* One line of the cache: all that a search reads of an entry. */
struct map_entry {
    UT_hash_handle hh; /* has the key */
    void *value;
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

static void add(struct arena *a, struct map *m, struct str key, void *value,
                unsigned hash)
{
    struct map_entry *i = arena_alloc(a, sizeof *i, CACHE_LINE, 1);
    unsigned buckets_log2 = BUCKETS_LOG2_MIN;

    while (buckets_log2 < BUCKETS_LOG2_MAX && m->room >> buckets_log2)
        buckets_log2++;
    i->value = value;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, m->head, key.s, (unsigned)key.n, hash, i);
}

void map_set(struct arena *a, struct map *m, struct str key, void *value)
{
    struct map_entry *i;
    unsigned hash;

    HASH_VALUE(key.s, (unsigned)key.n, hash);
    HASH_FIND_BYHASHVALUE(hh, m->head, key.s, (unsigned)key.n, hash, i);
    if (i)
        i->value = value;
    else
        add(a, m, key, value, hash);
}

void map_add(struct arena *a, struct map *m, struct str key, void *value)
{
    unsigned hash;

    HASH_VALUE(key.s, (unsigned)key.n, hash);
    add(a, m, key, value, hash);
}

void map_reserve(struct map *m, size_t n)
{
    m->room = n < UINT_MAX ? (unsigned)n : UINT_MAX;
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
    return (struct str){i->hh.key, i->hh.keylen};
}

void *map_value(const struct map_entry *i)
{
    return i->value;
}

void map_free(struct map *m)
{
    HASH_CLEAR(hh, m->head);
}
