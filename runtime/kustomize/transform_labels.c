#include "runtime/kustomize/transform.h"
#include "runtime/yaml/yscalar.h"

/* labels, commonLabels and commonAnnotations: pairs of strings put into the
 * maps that the field specs lead to. */

transform_fn transform_labels, transform_annotations;

/* One node a pair and object, in every place that has no such key yet: so it
 * is in the reference, where changing one of these places changes them all. */
struct pairs {
    struct arena *a;
    const struct ynode *map;
    struct ynode **shared;
};

static bool put_pairs(void *ctx, struct ynode *n, struct err *e)
{
    const struct pairs *p = ctx;

    if (n->kind != YNODE_MAP)
        return err_set(e, ERR_INPUT, "%s: labels and annotations go into a "
                       "map, which this is not", ynode_where(p->a, n).s);
    for (size_t i = 0; i < p->map->map.n; i++) {
        struct str key = p->map->map.items[i].key;
        struct ynode *there = ynode_get_str(n, key);

        if (there) {
            /* The place keeps its style, and all later places get it. */
            p->shared[i]->style = there->kind == YNODE_SCALAR
                                      ? there->style : YSTYLE_PLAIN;
            ynode_become(there, p->shared[i]);
        } else {
            yscalar_put(p->a, n, key, p->shared[i]);
        }
    }
    return true;
}

static bool put_in(struct transform *t, struct resource *r, struct pairs *p,
                   struct err *e)
{
    struct resid id = resource_id(r);

    p->shared = NULL;
    for (size_t i = 0; i < t->fields.n; i++) {
        if (!field_matches(&t->fields.items[i], &id))
            continue;
        if (!p->shared)
            p->shared = arena_array(t->a, struct ynode *, p->map->map.n);
        for (size_t k = 0; k < p->map->map.n && !p->shared[k]; k++) {
            struct str text = ynode_text(p->map->map.items[k].value);

            p->shared[k] = ynode_string(t->a, text);
            yscalar_quote(p->shared[k]);
        }
        if (!field_visit(t->a, r, &t->fields.items[i], YNODE_MAP, put_pairs, p,
                         e))
            return false;
    }
    return true;
}

static bool put_all(struct transform *t, const char *key, struct err *e)
{
    struct pairs p = {t->a, ynode_get(t->spec, key), NULL};

    if (!ynode_is_map(p.map) || !p.map->map.n)
        return true;
    struct ynode *sorted = ynode_copy(t->a, p.map);

    ynode_sort(sorted);
    p.map = sorted;
    for (size_t i = 0; i < t->m->n; i++)
        if (!put_in(t, t->m->items[i], &p, e))
            return false;
    return true;
}

bool transform_labels(struct transform *t, struct err *e)
{
    return put_all(t, "labels", e);
}

bool transform_annotations(struct transform *t, struct err *e)
{
    return put_all(t, "annotations", e);
}
