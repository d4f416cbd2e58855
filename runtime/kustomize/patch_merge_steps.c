#include "runtime/kustomize/patch_merge_internal.h"

#include "runtime/kustomize/loss.h"
#include "runtime/yaml/yscalar.h"

enum {
    /* Elements of both lists where some lack their key or repeat it: these
     * are compared each with each. */
    IRREGULAR_MAX = 10 * 1000,
};

/* Which elements are meant: those whose fields have these texts. No value
 * matches nothing, keys beyond the values match all; an empty value matches
 * any text in element_set(). */
struct pick {
    struct str keys[MERGE_KEYS_MAX], values[MERGE_KEYS_MAX];
    size_t n, n_values;
};

static bool picks(const struct pick *k, const struct ynode *elem,
                  bool empty_is_any)
{
    if (!k->keys[0].n)
        return k->n_values && str_eq(ynode_text(elem), k->values[0]);
    for (size_t i = 0; i < k->n && i < k->n_values; i++) {
        const struct ynode *n = ynode_get_str(elem, k->keys[i]);

        if (!n)
            return false;
        if (empty_is_any && !k->values[i].n)
            continue;
        if (!str_eq(ynode_text(n), k->values[i]))
            return false;
    }
    return k->n_values > 0;
}

static struct ynode *find_element(const struct ynode *list,
                                  const struct pick *k)
{
    for (size_t i = 0; list && ynode_is_seq(list) && i < list->seq.n; i++)
        if ((!k->keys[0].n || ynode_is_map(list->seq.items[i])) &&
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

        if (merge_empty_element(elem))
            continue;
        if (!ynode_is_map(elem) && k->keys[0].n && !maps)
            return merge_kind_clash(m, ynode_map(m->a), elem);
        if (!k->keys[0].n && elem->kind != YNODE_SCALAR)
            return merge_kind_clash(m, ynode_null(m->a), elem);
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

bool merge_list_directive(struct merge *m, struct ynode *list,
                          enum merge_directive *out)
{
    const struct ynode *first = NULL, *n = NULL;

    *out = MERGE_MERGE;
    for (size_t i = 0; !n && list && i < list->seq.n; i++) {
        first = list->seq.items[i];
        n = ynode_get(first, "$patch");
    }
    if (!n || ynode_count(first) > 1)
        return true;
    struct pick k = {.keys = {STR("$patch")}, .values = {ynode_text(n)},
                     .n = 1, .n_values = 1};

    return merge_directive_read(m, n, out) && element_set(m, list, &k, NULL);
}

/* What is left of the object's list goes behind the merged elements; one that
 * is there takes their place, or with several keys the last place. */
static bool append_all(struct merge *m, struct ynode *to, struct ynode *from,
                       const struct pick *keys)
{
    size_t n = from->seq.n;
    struct ynode **items = from->seq.items;

    for (size_t i = 0; i < n; i++) {
        struct pick k = *keys;

        if (k.keys[0].n && !ynode_is_map(items[i]) &&
            !ynode_is_null(items[i]))
            return merge_kind_clash(m, ynode_map(m->a), items[i]);
        k.n_values = 0;
        for (size_t j = 0; j < k.n; j++) {
            const struct ynode *at =
                k.keys[j].n ? ynode_get_str(items[i], k.keys[j]) : items[i];

            if (at)
                k.values[k.n_values++] = ynode_text(at);
            else
                ynode_push(m->a, to, items[i]);
        }
        if (k.n > 1 && !element_set(m, to, &k, NULL))
            return false;
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
            k.values[j] = merge_key_of(list->seq.items[i], keys->items[j]);
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

/* Without the keys that no element has. */
static struct pick valid_keys(const struct values *v, const struct pick *k)
{
    struct pick out = {0};

    for (size_t i = 0; i < k->n; i++) {
        bool used = false;

        for (size_t j = 0; !used && j < v->n; j++)
            used = v->items[j].values[i].n > 0;
        if (!used)
            continue;
        out.keys[out.n] = k->keys[i];
        out.values[out.n++] = k->values[i];
    }
    out.n_values = out.n;
    return out.n ? out : *k;
}

/* Do both agree in some key, and differ only where one has none? The values
 * of both are in *out then. */
static bool same_element(const struct pick *x, const struct pick *y,
                         struct pick *out)
{
    bool common = false;

    *out = *x;
    for (size_t i = 0; i < x->n; i++) {
        if (str_eq(x->values[i], y->values[i]))
            common = true;
        else if (x->values[i].n && y->values[i].n)
            return false;
        else if (!x->values[i].n)
            out->values[i] = y->values[i];
    }
    return common;
}

static void merge_values(struct values *v)
{
    struct pick both;

    for (size_t i = 0; i < v->n; i++)
        for (size_t j = 0; j < v->n; j++)
            if (same_element(&v->items[i], &v->items[j], &both))
                v->items[i] = v->items[j] = both;
}

static void set_missing_keys(struct merge *m, struct ynode *value,
                             const struct pick *k)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->values[i].n && !ynode_get_str(value, k->keys[i]))
            ynode_set(m->a, value, k->keys[i],
                      ynode_scalar(m->a,
                                   yscalar_resolve(k->values[i], YDIALECT_12),
                                   k->values[i]));
}

static bool join_value(struct merge *m, struct schema s, struct merge_pair p,
                       const struct pick *k, struct ynode *out)
{
    struct pick found = with_values(k);
    struct merge_pair both = {find_element(p.dest, &found),
                              find_element(p.patch, &found)};
    struct ynode *value;

    if (!merge_walk(m, s, both, &value))
        return false;
    if (merge_empty_element(value))
        return element_set(m, p.dest, k, NULL);
    if (k->keys[0].n && !ynode_is_map(value))
        return merge_kind_clash(m, ynode_map(m->a), value);
    if (k->keys[0].n)
        set_missing_keys(m, value, k);
    return element_set(m, out, k, value);
}

static void warn_of_loss(struct merge *m, const struct ynode *patch,
                         const struct merge_keys *keys)
{
    for (size_t i = 0; keys->items[0].n && i < ynode_count(patch); i++) {
        const struct ynode *elem = patch->seq.items[i];

        if (!merge_key_of(elem, keys->items[0]).n && !ynode_get(elem, "$patch"))
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
        struct str p = merge_key_of(x, keys->items[i]), q = merge_key_of(y, keys->items[i]);

        if (p.n && q.n && !str_eq(p, q))
            return false;
        partly = partly || !p.n != !q.n;
    }
    return partly;
}

static const struct ynode *other_half(const struct ynode *elem,
                                      const struct ynode *list, size_t n,
                                      const struct merge_keys *keys)
{
    for (size_t i = 0; i < n; i++)
        if (half_equal(elem, list->seq.items[i], keys))
            return list->seq.items[i];
    return NULL;
}

/* Two ports of one number, of which one leaves the protocol out: one goes,
 * also where the patch has no ports at all. */
static void warn_of_halves(struct merge *m, const struct ynode *dest,
                           const struct ynode *patch,
                           const struct merge_keys *keys)
{
    for (size_t i = 0; i < dest->seq.n; i++)
        if (other_half(dest->seq.items[i], dest, i, keys))
            warn_add(m->w, dest->seq.items[i],
                     "this element and one before differ in whether '" STR_FMT
                     "' is written: that one is lost in the merge; write it "
                     "in both", STR_ARG(keys->items[1]));
    for (size_t i = 0; patch && patch != dest && i < patch->seq.n; i++)
        if (other_half(patch->seq.items[i], dest, dest->seq.n, keys))
            warn_add(m->w, patch->seq.items[i],
                     "this element and the object's differ in whether '" STR_FMT
                     "' is written: the patch's element is lost; write it in "
                     "both or in neither", STR_ARG(keys->items[1]));
}

bool merge_steps(struct merge *m, struct schema s,
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
    loss_of_twins(m->w, m->a, p.patch, keys->items, keys->n);
    if (p.dest != p.patch)
        loss_of_twins(m->w, m->a, p.dest, keys->items, keys->n);
    if (keys->n > 1)
        warn_of_halves(m, p.dest, p.patch, keys);
    collect(m, p.patch, keys, &v);
    collect(m, p.dest, keys, &v);
    if (keys->n > 1)
        merge_values(&v);
    struct pick k = {0};

    for (size_t i = 0; i < v.n; i++) {
        k = valid_keys(&v, &v.items[i]);
        if (!join_value(m, s, p, &k, out))
            return false;
    }
    return !v.n || append_all(m, out, p.dest, &k);
}
