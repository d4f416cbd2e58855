#include "runtime/yaml/ynode.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ynode *make(struct arena *a, enum ynode_kind kind)
{
    struct ynode *n = arena_new(a, struct ynode);

    n->kind = (uint8_t)kind;
    return n;
}

struct ynode *ynode_map(struct arena *a)
{
    return make(a, YNODE_MAP);
}

struct ynode *ynode_seq(struct arena *a)
{
    return make(a, YNODE_SEQ);
}

struct ynode *ynode_scalar(struct arena *a, enum ytag tag, struct str text)
{
    struct ynode *n = make(a, YNODE_SCALAR);

    n->tag = (uint8_t)tag;
    n->text = text;
    return n;
}

struct ynode *ynode_string(struct arena *a, struct str text)
{
    return ynode_scalar(a, YTAG_STR, text);
}

struct ynode *ynode_null(struct arena *a)
{
    return ynode_scalar(a, YTAG_NULL, STR("null"));
}

struct ynode *ynode_bool(struct arena *a, bool value)
{
    return ynode_scalar(a, YTAG_BOOL, value ? STR("true") : STR("false"));
}

struct ynode *ynode_int(struct arena *a, int64_t value)
{
    return ynode_scalar(a, YTAG_INT, arena_printf(a, "%lld", (long long)value));
}

static void copy_children(struct arena *a, struct ynode *to,
                          const struct ynode *n)
{
    if (n->kind == YNODE_MAP) {
        to->map.cap = n->map.n;
        to->map.items = n->map.n ? arena_array(a, struct ypair, n->map.n)
                                 : NULL;
        for (size_t i = 0; i < n->map.n; i++) {
            to->map.items[i] = n->map.items[i];
            to->map.items[i].value = ynode_copy(a, n->map.items[i].value);
        }
    } else {
        to->seq.cap = n->seq.n;
        to->seq.items = n->seq.n ? arena_array(a, struct ynode *, n->seq.n)
                                 : NULL;
        for (size_t i = 0; i < n->seq.n; i++)
            to->seq.items[i] = ynode_copy(a, n->seq.items[i]);
    }
}

struct ynode *ynode_copy(struct arena *a, const struct ynode *n)
{
    struct ynode *to = arena_new(a, struct ynode);

    *to = *n;
    if (n->kind != YNODE_SCALAR)
        copy_children(a, to, n);
    return to;
}

void ynode_become(struct ynode *to, const struct ynode *from)
{
    *to = *from;
}

bool ynode_is_empty(const struct ynode *n)
{
    if (!n || ynode_is_null(n))
        return true;
    return n->kind != YNODE_SCALAR && ynode_count(n) == 0;
}

bool ynode_is_string(const struct ynode *n)
{
    return ynode_is_scalar(n) && n->tag == YTAG_STR;
}

struct ypair *ynode_pair(const struct ynode *n, struct str key)
{
    if (!ynode_is_map(n))
        return NULL;
    for (size_t i = 0; i < n->map.n; i++) {
        struct ypair *p = &n->map.items[i];

        /* Most keys differ in length or in their first byte. */
        if (p->key.n == key.n &&
            (!key.n || (p->key.s[0] == key.s[0] &&
                        !memcmp(p->key.s, key.s, key.n))))
            return p;
    }
    return NULL;
}

struct ynode *ynode_get_str(const struct ynode *n, struct str key)
{
    struct ypair *p = ynode_pair(n, key);

    return p ? p->value : NULL;
}

struct ynode *ynode_find(const struct ynode *n, ...)
{
    va_list ap;
    const struct ynode *at = n;

    va_start(ap, n);
    for (const char *key; at && (key = va_arg(ap, const char *));)
        at = ynode_get(at, key);
    va_end(ap);
    return (struct ynode *)at;
}

static bool equal_maps(const struct ynode *a, const struct ynode *b)
{
    if (a->map.n != b->map.n)
        return false;
    for (size_t i = 0; i < a->map.n; i++) {
        struct ynode *other = ynode_get_str(b, a->map.items[i].key);

        if (!other || !ynode_equal(a->map.items[i].value, other))
            return false;
    }
    return true;
}

bool ynode_equal(const struct ynode *a, const struct ynode *b)
{
    if (!a || !b || a->kind != b->kind)
        return a == b;
    if (a->kind == YNODE_SCALAR)
        return a->tag == b->tag &&
               (a->tag == YTAG_NULL || str_eq(a->text, b->text));
    if (a->kind == YNODE_MAP)
        return equal_maps(a, b);
    if (a->seq.n != b->seq.n)
        return false;
    for (size_t i = 0; i < a->seq.n; i++)
        if (!ynode_equal(a->seq.items[i], b->seq.items[i]))
            return false;
    return true;
}

void ynode_set(struct arena *a, struct ynode *map, struct str key,
               struct ynode *value)
{
    struct ypair *p = ynode_pair(map, key);

    if (p) {
        p->value = value;
        return;
    }
    arena_push(a, &map->map, ((struct ypair){.key = key, .value = value}));
}

void ynode_set_string(struct arena *a, struct ynode *map, const char *key,
                      struct str text)
{
    ynode_set(a, map, str_of(key), ynode_string(a, text));
}

struct ynode *ynode_make_map(struct arena *a, struct ynode *map,
                             struct str key)
{
    struct ypair *p = ynode_pair(map, key);

    if (p && !ynode_is_null(p->value))
        return ynode_is_map(p->value) ? p->value : NULL;
    struct ynode *made = ynode_map(a);

    ynode_set(a, map, key, made);
    return made;
}

bool ynode_remove(struct ynode *map, struct str key)
{
    struct ypair *p = ynode_pair(map, key);

    if (!p)
        return false;
    size_t after = (size_t)(map->map.items + map->map.n - (p + 1));

    memmove(p, p + 1, after * sizeof(*p));
    map->map.n--;
    return true;
}

void ynode_push(struct arena *a, struct ynode *seq, struct ynode *item)
{
    arena_push(a, &seq->seq, item);
}

void ynode_insert(struct arena *a, struct ynode *seq, size_t i,
                  struct ynode *item)
{
    ynode_push(a, seq, item);
    memmove(seq->seq.items + i + 1, seq->seq.items + i,
            (seq->seq.n - 1 - i) * sizeof(*seq->seq.items));
    seq->seq.items[i] = item;
}

void ynode_remove_at(struct ynode *seq, size_t i)
{
    memmove(seq->seq.items + i, seq->seq.items + i + 1,
            (seq->seq.n - 1 - i) * sizeof(*seq->seq.items));
    seq->seq.n--;
}

void ynode_set_text(struct ynode *n, struct str text)
{
    n->kind = YNODE_SCALAR;
    n->tag = YTAG_STR;
    n->bad_tag = false;
    n->untagged = n->reread = false;
    n->under = YTAG_STR;
    n->text = text;
}

static int by_key(const void *a, const void *b)
{
    const struct ypair *x = a, *y = b;

    return str_cmp(x->key, y->key);
}

void ynode_sort(struct ynode *n)
{
    if (n->kind == YNODE_SEQ)
        for (size_t i = 0; i < n->seq.n; i++)
            ynode_sort(n->seq.items[i]);
    if (n->kind != YNODE_MAP)
        return;
    if (n->map.n > 1)
        qsort(n->map.items, n->map.n, sizeof(*n->map.items), by_key);
    for (size_t i = 0; i < n->map.n; i++)
        ynode_sort(n->map.items[i].value);
}

static struct str where(struct arena *a, const char *file, uint32_t line,
                        uint32_t col)
{
    if (!file)
        file = "-";
    if (!line)
        return arena_printf(a, "%s", file);
    return arena_printf(a, "%s:%u:%u", file, line, col);
}

struct str ynode_where(struct arena *a, const struct ynode *n)
{
    return where(a, n->file, n->line, n->col);
}

struct str ypair_where(struct arena *a, const struct ynode *map,
                       const struct ypair *p)
{
    return where(a, map->file, p->line, p->col);
}
