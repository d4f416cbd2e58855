#include "runtime/kustomize/nameref_index.h"

#include <string.h>

static struct str pair_key(struct arena *a, struct str x, struct str y)
{
    char *key = arena_array(a, char, x.n + y.n + 2);

    memcpy(key, x.s, x.n);
    key[x.n] = '\n';
    memcpy(key + x.n + 1, y.s, y.n);
    return (struct str){key, x.n + y.n + 1};
}

static void add(struct nameref_index *x, struct map *m, struct str key,
                struct resource *r)
{
    struct resource_set *set = map_get(m, key);

    if (!set) {
        set = arena_new(x->a, struct resource_set);
        map_set(x->a, m, key, set);
    }
    if (!set->n || set->items[set->n - 1] != r)
        arena_push(x->a, set, r);
}

static void add_namespace(struct nameref_index *x, const struct resource *r)
{
    struct resid now = resource_id(r), then = resource_original_id(r);

    if (now.cluster_scoped || then.cluster_scoped)
        return;
    struct str key = pair_key(x->a, resid_namespace(&now),
                              resid_namespace(&then));

    map_set(x->a, &x->namespaces, key, x);
    map_set(x->a, &x->namespaces, resid_namespace(&then), x);
    map_set(x->a, &x->written, pair_key(x->a, resource_namespace(r),
                                        resid_namespace(&then)), x);
}

void nameref_index_init(struct nameref_index *x, struct arena *a,
                        const struct resmap *m)
{
    *x = (struct nameref_index){.a = a};
    for (size_t i = 0; i < m->n; i++) {
        struct resource *r = m->items[i];
        struct resid id = resource_id(r);

        add_namespace(x, r);
        for (size_t k = 0; k < r->former.n; k++) {
            struct str name = r->former.items[k].name;

            if (k && str_eq(name, r->former.items[k - 1].name))
                continue;
            add(x, &x->by_name, name, r);
            add(x, &x->by_place, pair_key(a, resid_namespace(&id), name), r);
        }
    }
}

void nameref_index_free(struct nameref_index *x)
{
    map_free(&x->by_name);
    map_free(&x->by_place);
    map_free(&x->namespaces);
    map_free(&x->written);
}

static bool was_selected(const struct resource *r, struct str group,
                         struct str version, struct str kind)
{
    struct str its_group, its_version;
    size_t i = 0;

    while (i < r->former.n && kind.n && !str_eq(r->former.items[i].kind, kind))
        i++;
    if (i == r->former.n)
        return false;
    resid_split(resource_api_version(r), &its_group, &its_version);
    return (!group.n || str_eq(group, its_group)) &&
           (!version.n || str_eq(version, its_version));
}

static bool in_namespace(struct nameref_index *x, const struct lookup *want,
                         const struct resource *r)
{
    struct resid then = resource_original_id(r), now = resource_id(r);
    const struct referrer *f = want->from;
    bool known = f->id.cluster_scoped
                     ? map_get(&x->namespaces, want->ns) != NULL
                     : map_get(&x->namespaces,
                               pair_key(x->a, resid_namespace(&f->id),
                                        want->ns)) != NULL;

    for (size_t i = 0; i < f->binding.n && !known; i++)
        known = map_get(&x->written, pair_key(x->a, f->binding.items[i],
                                              want->ns)) != NULL;
    if (known)
        return !then.cluster_scoped &&
               str_eq(resid_namespace(&then), want->ns);
    return !now.cluster_scoped && str_eq(resid_namespace(&now), want->ns);
}

/* Of objects that had the name. */
static bool may_be(struct nameref_index *x, const struct lookup *want,
                   const struct resource *r)
{
    const struct referrer *f = want->from;
    const struct backref *t = want->target;

    if (!was_selected(r, t->group, t->version, t->kind))
        return false;
    if (want->is_role &&
        !was_selected(r, want->role_group, STR(""), want->role_kind))
        return false;
    if (want->has_ns && !in_namespace(x, want, r))
        return false;
    if (f->id.cluster_scoped)
        return true;
    struct resid id = resource_id(r);

    return id.cluster_scoped || str_eq(id.kind, STR("ServiceAccount")) ||
           str_eq(resid_namespace(&id), resid_namespace(&f->id));
}

static bool same_ending(struct texts a, struct texts b)
{
    size_t least = a.n < b.n ? a.n : b.n;

    if (!least)
        return a.n == b.n;
    for (size_t i = 1; i <= least; i++)
        if (!str_eq(a.items[a.n - i], b.items[b.n - i]))
            return false;
    return true;
}

static bool same_layers(const struct resource *a, const struct resource *b,
                        bool empty_too)
{
    bool any_prefix = empty_too && (!a->prefixes.n || !b->prefixes.n);
    bool any_suffix = empty_too && (!a->suffixes.n || !b->suffixes.n);

    return (any_prefix || same_ending(a->prefixes, b->prefixes)) &&
           (any_suffix || same_ending(a->suffixes, b->suffixes));
}

static void keep_same_layers(struct resource_set *s, const struct resource *r,
                             bool empty_too)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        if (same_layers(s->items[i], r, empty_too))
            s->items[n++] = s->items[i];
    s->n = n;
}

static void gather(struct nameref_index *x, const struct lookup *want,
                   const struct resource_set *from, struct resource_set *out)
{
    for (size_t i = 0; from && i < from->n; i++)
        if (may_be(x, want, from->items[i]))
            arena_push(x->a, out, from->items[i]);
}

/* Accounts that a subject's namespace leads to: who has none written is not in
 * 'default' for a subject. */
static void gather_bound(struct nameref_index *x, const struct lookup *want,
                         struct str ns, struct resource_set *out)
{
    const struct resid *from = &want->from->id;
    struct str place = ns.n ? ns : STR("default");
    const struct resource_set *all;

    if (str_eq(place, resid_namespace(from)))
        return; /* found already */
    all = map_get(&x->by_place, pair_key(x->a, place, want->name));
    for (size_t i = 0; all && i < all->n; i++)
        if (str_eq(resource_namespace(all->items[i]), ns) &&
            may_be(x, want, all->items[i]))
            arena_push(x->a, out, all->items[i]);
}

static void gather_all(struct nameref_index *x, const struct lookup *want,
                       struct resource_set *out)
{
    const struct referrer *f = want->from;
    struct resid nowhere = {.cluster_scoped = true};

    if (!map_get(&x->by_name, want->name))
        return;
    if (f->id.cluster_scoped) {
        gather(x, want, map_get(&x->by_name, want->name), out);
        return;
    }
    gather(x, want, map_get(&x->by_place, pair_key(
        x->a, resid_namespace(&f->id), want->name)), out);
    gather(x, want, map_get(&x->by_place, pair_key(
        x->a, resid_namespace(&nowhere), want->name)), out);
    for (size_t i = 0; i < f->binding.n; i++)
        gather_bound(x, want, f->binding.items[i], out);
}

bool nameref_find(struct nameref_index *x, const struct lookup *want,
                  struct resource **out, struct err *e)
{
    struct resource_set found = {0};

    *out = NULL;
    gather_all(x, want, &found);
    if (found.n > 1)
        keep_same_layers(&found, want->from->r, true);
    if (found.n > 1)
        keep_same_layers(&found, want->from->r, false);
    if (!found.n)
        return true;
    for (size_t i = 1; i < found.n; i++) {
        const struct resource *r = found.items[i], *first = found.items[0];

        if (str_eq(resource_name(r), resource_name(first)) &&
            (!want->is_map || str_eq(resource_namespace(r),
                                     resource_namespace(first))))
            continue;
        return err_set(e, ERR_INPUT, "'" STR_FMT "' could be the object from "
                       "%s or the one from %s; give one of them another name",
                       STR_ARG(want->name), ynode_where(x->a, first->node).s,
                       ynode_where(x->a, r->node).s);
    }
    *out = found.items[0];
    return true;
}
