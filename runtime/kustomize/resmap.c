#include "runtime/kustomize/resmap.h"

#include "runtime/kustomize/noted.h"
#include "runtime/yaml/yscalar.h"

void resmap_init(struct resmap *m, struct arena *a)
{
    *m = (struct resmap){.a = a};
}

void resmap_free(struct resmap *m)
{
    map_free(&m->current);
    map_free(&m->any);
}

void resmap_touch(struct resmap *m)
{
    map_free(&m->current);
    map_free(&m->any);
    m->indexed_current = m->indexed_any = 0;
}

static void index_current(struct resmap *m)
{
    for (; m->indexed_current < m->n; m->indexed_current++) {
        struct resource *r = m->items[m->indexed_current];
        struct resid id = resource_id(r);
        struct str key = resid_key(m->a, &id);

        if (!map_get(&m->current, key))
            map_set(m->a, &m->current, key, r);
    }
}

static void add_any(struct resmap *m, const struct resid *id,
                    struct resource *r)
{
    struct str key = resid_key(m->a, id);
    struct resource_set *set = map_get(&m->any, key);

    if (!set) {
        set = arena_new(m->a, struct resource_set);
        map_set(m->a, &m->any, key, set);
    }
    if (!set->n || set->items[set->n - 1] != r)
        arena_push(m->a, set, r);
}

static void index_any(struct resmap *m)
{
    for (; m->indexed_any < m->n; m->indexed_any++) {
        struct resource *r = m->items[m->indexed_any];
        struct resid id;

        if (!ynode_count(r->node))
            continue;
        for (size_t i = 0; i < r->former.n; i++) {
            id = resource_former_id(r, i);
            add_any(m, &id, r);
        }
        id = resource_id(r);
        add_any(m, &id, r);
    }
}

struct resource *resmap_current(struct resmap *m, const struct resid *id)
{
    index_current(m);
    return map_get(&m->current, resid_key(m->a, id));
}

const struct resource_set *resmap_any(struct resmap *m,
                                      const struct resid *id)
{
    static const struct resource_set none = {0};

    index_any(m);
    const struct resource_set *set = map_get(&m->any, resid_key(m->a, id));

    return set ? set : &none;
}

bool resmap_append(struct resmap *m, struct resource *r, struct err *e)
{
    struct resid id = resource_id(r);
    struct str key = resid_key(m->a, &id);

    index_current(m);
    struct resource *other = map_get(&m->current, key);

    if (other)
        return err_set(e, ERR_INPUT,
                       "%s: an object with the id %s is here already, from "
                       "%s; rename one, or take one out",
                       ynode_where(m->a, r->node).s, resid_show(m->a, &id).s,
                       ynode_where(m->a, other->node).s);
    arena_push(m->a, m, r);
    map_set(m->a, &m->current, key, r);
    m->indexed_current = m->n;
    return true;
}

bool resmap_append_all(struct resmap *m, const struct resmap *from,
                       struct err *e)
{
    for (size_t i = 0; i < from->n; i++)
        if (!resmap_append(m, from->items[i], e))
            return false;
    return true;
}

/* The older object's labels or annotations, the newer's over them, as
 * strings. */
static void merge_meta(struct arena *a, struct resource *r,
                       const struct resource *old, const char *key)
{
    struct ynode *meta = ynode_make_map(a, r->node, STR("metadata"));
    struct ynode *into = ynode_map(a);
    const struct ynode *both[] = {
        ynode_find(old->node, "metadata", key, NULL), ynode_get(meta, key)};

    if (!meta)
        return;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; ynode_is_map(both[k]) && i < both[k]->map.n; i++) {
            const struct ypair *p = &both[k]->map.items[i];

            yscalar_put(a, into, p->key,
                        ynode_string(a, ynode_text(p->value)));
        }
    ynode_remove(meta, str_of(key));
    if (into->map.n)
        ynode_set(a, meta, str_of(key), into);
}

static void merge_data(struct arena *a, struct resource *r,
                       const struct resource *old, const char *key)
{
    struct ynode *into = ynode_map(a);
    const struct ynode *both[] = {ynode_get(old->node, key),
                                  ynode_get(r->node, key)};

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; ynode_is_map(both[k]) && i < both[k]->map.n; i++) {
            const struct ypair *p = &both[k]->map.items[i];

            yscalar_put(a, into, p->key,
                        ynode_string(a, ynode_text(p->value)));
        }
    ynode_remove(r->node, str_of(key));
    if (into->map.n)
        ynode_set(a, r->node, str_of(key), into);
}

/* What the newer object takes over from the one it replaces. */
static void inherit(struct arena *a, struct resource *r,
                    const struct resource *old)
{
    merge_meta(a, r, old, "labels");
    merge_meta(a, r, old, "annotations");
    r->former.n = 0;
    for (size_t i = 0; i < old->former.n; i++)
        arena_push(a, &r->former, old->former.items[i]);
    r->needs_hash = r->needs_hash && old->needs_hash;
    r->generated = old->generated;
    r->says_create = old->says_create;
    r->prefixes = old->prefixes;
    r->suffixes = old->suffixes;
    resource_set_name(a, r, resource_name(old));
    resource_set_namespace(a, r, resource_namespace(old));
}

static bool take_over(struct resmap *m, struct resource *r,
                      struct resource *old, struct err *e)
{
    struct resid id = resource_id(r);

    if (r->behavior == BEHAVIOR_CREATE)
        return err_set(e, ERR_INPUT,
                       "%s: an object with the id %s is here already, from "
                       "%s; say 'behavior: merge' or 'behavior: replace'",
                       ynode_where(m->a, r->node).s, resid_show(m->a, &id).s,
                       ynode_where(m->a, old->node).s);
    struct resource fresh = *r;

    inherit(m->a, &fresh, old);
    if (r->behavior == BEHAVIOR_MERGE) {
        merge_data(m->a, &fresh, old, "data");
        merge_data(m->a, &fresh, old, "binaryData");
        if (old->origin)
            fresh.origin = old->origin;
    }
    fresh.transformations = old->transformations;
    noted_renew(m->a, &fresh);
    *old = fresh;
    resmap_touch(m);
    return true;
}

bool resmap_absorb(struct resmap *m, struct resource *r, struct err *e)
{
    struct resid id = resource_id(r);
    const struct resource_set *set = resmap_any(m, &id);

    if (set->n == 1)
        return take_over(m, r, set->items[0], e);
    if (set->n > 1)
        return err_set(e, ERR_INPUT,
                       "%s: %zu objects were called %s, so which to merge "
                       "with is not clear", ynode_where(m->a, r->node).s,
                       set->n, resid_show(m->a, &id).s);
    if (r->behavior != BEHAVIOR_CREATE)
        return err_set(e, ERR_INPUT,
                       "%s: no object %s to merge with or replace; say "
                       "'behavior: create' or mend the name",
                       ynode_where(m->a, r->node).s, resid_show(m->a, &id).s);
    return resmap_append(m, r, e);
}

void resmap_drop_empty(struct resmap *m)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++)
        if (ynode_count(m->items[i]->node))
            m->items[n++] = m->items[i];
    if (n != m->n)
        resmap_touch(m);
    m->n = n;
}
