#include "runtime/kustomize/patch_merge_internal.h"

#include "base/map.h"
#include "runtime/yaml/yscalar.h"

enum {
    /* Elements of both lists where some lack their key or repeat it: these
     * are compared each with each. */
    IRREGULAR_MAX = 10 * 1000,
};

/* Which elements are meant: those whose fields have these texts. Fewer values
 * than keys match nothing; an empty value matches any in element_set(). */
struct pick {
    struct str keys[MERGE_KEYS_MAX], values[MERGE_KEYS_MAX];
    size_t n, n_values;
};

static bool empty_element(const struct ynode *n)
{
    return !n || ynode_is_null(n) || (ynode_is_map(n) && !ynode_count(n));
}

/* ---- regular lists: every element a map with a key of its own ---- */

static struct str key_of(const struct ynode *elem, struct str key)
{
    const struct ynode *n = ynode_get_str(elem, key);

    return n && !ynode_is_null(n) ? ynode_text(n) : (struct str){0};
}

static bool index_regular(struct merge *m, const struct ynode *list,
                          struct str key, struct map *by_key)
{
    for (size_t i = 0; list && i < list->seq.n; i++) {
        struct str text = key_of(list->seq.items[i], key);

        if (!text.n || map_get(by_key, text))
            return false;
        map_set(m->a, by_key, text, list->seq.items[i]);
    }
    return true;
}

static bool join_one(struct merge *m, struct schema s, struct merge_pair p,
                     struct ynode *out)
{
    struct ynode *value;

    if (!merge_walk(m, s, p, &value))
        return false;
    if (!empty_element(value))
        ynode_push(m->a, out, p.dest ? p.dest : value);
    return true;
}

static bool join_regular(struct merge *m, struct schema s,
                         struct merge_pair p, const struct map *old,
                         const struct map *new, struct ynode *out)
{
    for (struct map_entry *i = map_first(new); i; i = map_next(i)) {
        struct merge_pair both = {map_get(old, map_key(i)), map_value(i)};

        if (!join_one(m, s, both, out))
            return false;
    }
    if (p.dest == p.patch)
        return true;
    for (struct map_entry *i = map_first(old); i; i = map_next(i)) {
        struct merge_pair alone = {map_value(i), NULL};

        if (!map_get(new, map_key(i)) && !join_one(m, s, alone, out))
            return false;
    }
    return true;
}

/* ---- all others: step by step what the reference does ---- */

static bool picks(const struct pick *k, const struct ynode *elem,
                  bool empty_is_any)
{
    if (!k->keys[0].n)
        return k->n_values && str_eq(ynode_text(elem), k->values[0]);
    for (size_t i = 0; i < k->n; i++) {
        if (i >= k->n_values)
            return false;
        const struct ynode *n = ynode_get_str(elem, k->keys[i]);

        if (!n)
            return false;
        if (empty_is_any && !k->values[i].n)
            continue;
        if (!str_eq(ynode_text(n), k->values[i]))
            return false;
    }
    return true;
}

static struct ynode *find_element(const struct ynode *list,
                                  const struct pick *k)
{
    for (size_t i = 0; list && ynode_is_seq(list) && i < list->seq.n; i++)
        if (ynode_is_map(list->seq.items[i]) == (k->keys[0].n > 0) &&
            picks(k, list->seq.items[i], false))
            return list->seq.items[i];
    return NULL;
}

/* Puts the element in the place of those picked, or at the end; NULL takes
 * them out. Empty elements go, and all others where values are wanting. */
static bool element_set(struct merge *m, struct ynode *list,
                        const struct pick *k, struct ynode *element)
{
    struct ynode *kept = ynode_seq(m->a);
    bool maps = k->keys[0].n && k->n_values && k->values[0].n, found = false;

    for (size_t i = 0; i < list->seq.n; i++) {
        struct ynode *elem = list->seq.items[i];

        if (empty_element(elem))
            continue;
        if (!ynode_is_map(elem) && k->keys[0].n && !maps)
            return merge_kind_clash(m, ynode_map(m->a), elem);
        if ((maps && !ynode_is_map(elem)) || !picks(k, elem, true)) {
            if (k->n_values)
                ynode_push(m->a, kept, elem);
            continue;
        }
        found = true;
        if (element)
            ynode_push(m->a, kept, element);
    }
    if (!found && element && !ynode_is_null(element))
        ynode_push(m->a, kept, element);
    list->seq = kept->seq;
    return true;
}

static bool append_all(struct merge *m, struct ynode *to, struct ynode *from,
                       const struct pick *keys)
{
    size_t n = from->seq.n;
    struct ynode **items = from->seq.items;

    if (keys->keys[0].n && keys->n > 1)
        return true;
    for (size_t i = 0; i < n; i++) {
        struct pick k = *keys;
        const struct ynode *at = items[i];

        if (keys->keys[0].n) {
            at = ynode_get_str(items[i], keys->keys[0]);
            if (!ynode_is_map(items[i]) && !ynode_is_null(items[i]))
                return merge_kind_clash(m, ynode_map(m->a), items[i]);
        }
        k.n_values = at ? 1 : 0;
        k.values[0] = ynode_text(at);
        if (!at)
            ynode_push(m->a, to, items[i]);
        if (!element_set(m, to, &k, items[i]))
            return false;
    }
    return true;
}

struct values {
    struct pick *items;
    size_t n, cap;
};

static bool seen(const struct values *v, const struct pick *k)
{
    for (size_t i = 0; i < v->n; i++) {
        size_t j = 0;

        while (j < k->n && str_eq(v->items[i].values[j], k->values[j]))
            j++;
        if (j == k->n)
            return true;
    }
    return false;
}

static void collect(struct merge *m, const struct ynode *list,
                    const struct merge_keys *keys, struct values *v)
{
    for (size_t i = 0; list && ynode_is_seq(list) && i < list->seq.n; i++) {
        struct pick k = {.n = keys->n, .n_values = keys->n};

        for (size_t j = 0; j < keys->n; j++) {
            k.keys[j] = keys->items[j];
            k.values[j] = key_of(list->seq.items[i], keys->items[j]);
        }
        if (!seen(v, &k))
            arena_push(m->a, v, k);
    }
}

/* Without the keys that have no value, unless none has. */
static struct pick with_values(const struct pick *k)
{
    struct pick out = {0};

    for (size_t i = 0; i < k->n; i++) {
        if (!k->values[i].n)
            continue;
        out.keys[out.n] = k->keys[i];
        out.values[out.n++] = k->values[i];
    }
    out.n_values = out.n;
    return out.n ? out : *k;
}

static void set_missing_keys(struct merge *m, struct ynode *value,
                             const struct pick *k)
{
    for (size_t i = 0; i < k->n; i++)
        if (!ynode_get_str(value, k->keys[i]))
            ynode_set(m->a, value, k->keys[i],
                      ynode_scalar(m->a,
                                   yscalar_resolve(k->values[i], YDIALECT_12),
                                   k->values[i]));
}

static bool join_value(struct merge *m, struct schema s, struct merge_pair p,
                       const struct pick *k, struct ynode *out)
{
    struct merge_pair both = {find_element(p.dest, k),
                              find_element(p.patch, k)};
    struct ynode *value;

    if (!merge_walk(m, s, both, &value))
        return false;
    if (empty_element(value))
        return element_set(m, p.dest, k, NULL);
    if (k->keys[0].n && !ynode_is_map(value))
        return merge_kind_clash(m, ynode_map(m->a), value);
    if (k->keys[0].n)
        set_missing_keys(m, value, k);
    return element_set(m, out, k, value);
}

static bool same_items(const struct ynode *list, struct ynode *const *items,
                       size_t n)
{
    if (list->seq.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (list->seq.items[i] != items[i])
            return false;
    return true;
}

/* Once for each value, as the reference does; after a turn that changed
 * nothing the next with the same keys cannot either. */
static bool append_for_each(struct merge *m, const struct values *v,
                            struct ynode *out, struct ynode *dest)
{
    struct str settled = {0};

    for (size_t i = 0; i < v->n; i++) {
        struct pick k = with_values(&v->items[i]);
        struct ynode **before = out->seq.items;
        size_t n = out->seq.n;

        if (i > 0 && k.n == 1 && str_eq(settled, k.keys[0]))
            continue;
        if (!append_all(m, out, i == 0 ? dest : out, &k))
            return false;
        settled = k.n == 1 && i > 0 && same_items(out, before, n)
                      ? k.keys[0] : (struct str){0};
    }
    return true;
}

static void warn_of_loss(struct merge *m, const struct ynode *patch,
                         const struct merge_keys *keys)
{
    for (size_t i = 0; patch && i < patch->seq.n; i++) {
        const struct ynode *elem = patch->seq.items[i];

        if (!key_of(elem, keys->items[0]).n && !ynode_get(elem, "$patch"))
            warn_add(m->w, elem,
                     "this element has no '" STR_FMT "', by which the list is "
                     "merged: it and others of the list are lost; give it one",
                     STR_ARG(keys->items[0]));
    }
}

/* Elements of two-key lists that agree in the keys that both have. */
static bool half_equal(const struct ynode *x, const struct ynode *y,
                       const struct merge_keys *keys)
{
    bool partly = false;

    for (size_t i = 0; i < keys->n; i++) {
        struct str p = key_of(x, keys->items[i]), q = key_of(y, keys->items[i]);

        if (p.n && q.n && !str_eq(p, q))
            return false;
        partly = partly || !p.n != !q.n;
    }
    return partly;
}

static void warn_of_halves(struct merge *m, const struct ynode *dest,
                           const struct ynode *patch,
                           const struct merge_keys *keys)
{
    for (size_t i = 0; patch && i < patch->seq.n; i++) {
        bool half = false;

        for (size_t j = 0; !half && dest != patch && j < dest->seq.n; j++)
            half = half_equal(patch->seq.items[i], dest->seq.items[j], keys);
        if (half)
            warn_add(m->w, patch->seq.items[i],
                     "this element and the object's differ in whether '" STR_FMT
                     "' is written: the patch's element is lost; write it in "
                     "both or in neither", STR_ARG(keys->items[1]));
    }
}

static bool join_irregular(struct merge *m, struct schema s,
                           const struct merge_keys *keys, struct merge_pair p,
                           struct ynode *out)
{
    struct values v = {0};

    if (ynode_count(p.dest) + ynode_count(p.patch) > IRREGULAR_MAX) {
        struct str where = ynode_where(m->a, p.patch ? p.patch : p.dest);

        return err_set(m->e, ERR_INPUT,
                       STR_FMT ": more than %d elements to merge, some of them "
                       "without a '" STR_FMT "' of their own", STR_ARG(where),
                       IRREGULAR_MAX, STR_ARG(keys->items[0]));
    }
    warn_of_loss(m, p.patch, keys);
    if (keys->n > 1)
        warn_of_halves(m, p.dest, p.patch, keys);
    collect(m, p.patch, keys, &v);
    collect(m, p.dest, keys, &v);
    for (size_t i = 0; i < v.n; i++) {
        struct pick k = with_values(&v.items[i]);

        if (!join_value(m, s, p, &k, out))
            return false;
    }
    return append_for_each(m, &v, out, p.dest);
}

bool merge_elements(struct merge *m, struct schema s,
                    const struct merge_keys *keys, struct merge_pair p,
                    struct ynode **out)
{
    struct map old = {0}, new = {0};
    struct ynode *joined = ynode_seq(m->a);
    bool ok;

    if (p.patch && ynode_is_null(p.patch))
        p.patch = NULL;
    if (keys->n == 1 && index_regular(m, p.dest, keys->items[0], &old) &&
        index_regular(m, p.patch, keys->items[0], &new))
        ok = join_regular(m, s, p, &old, &new, joined);
    else
        ok = join_irregular(m, s, keys, p, joined);
    map_free(&old);
    map_free(&new);
    if (!ok)
        return false;
    p.dest->seq = joined->seq;
    *out = p.dest;
    return true;
}

bool merge_primitives(struct merge *m, struct merge_pair p,
                      struct ynode **out)
{
    struct ynode *joined = ynode_seq(m->a);
    struct ynode *lists[] = {p.patch == p.dest ? NULL : p.patch, p.dest};
    struct map have = {0};

    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; lists[i] && j < ynode_count(lists[i]); j++) {
            struct ynode *elem = lists[i]->seq.items[j];

            if (ynode_is_null(elem) || map_get(&have, ynode_text(elem)))
                continue;
            map_set(m->a, &have, ynode_text(elem), elem);
            ynode_push(m->a, joined, elem);
        }
    map_free(&have);
    p.dest->seq = joined->seq;
    *out = p.dest;
    return true;
}
