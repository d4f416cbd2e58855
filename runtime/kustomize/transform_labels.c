#include "runtime/kustomize/transform.h"
#include "runtime/yaml/yscalar.h"

/* labels, commonLabels and commonAnnotations: pairs of strings put into the
 * maps that the field specs lead to. */

transform_fn transform_labels, transform_annotations;

struct pairs {
    struct arena *a;
    const struct ynode *map;
};

static bool put_pairs(void *ctx, struct ynode *n, struct err *e)
{
    const struct pairs *p = ctx;

    if (n->kind != YNODE_MAP)
        return err_set(e, ERR_INPUT, "%s: labels and annotations go into a "
                       "map, which this is not", ynode_where(p->a, n).s);
    for (size_t i = 0; i < p->map->map.n; i++) {
        const struct ypair *pair = &p->map->map.items[i];

        yscalar_put(p->a, n, pair->key,
                    ynode_string(p->a, ynode_text(pair->value)));
    }
    return true;
}

static bool put_all(struct transform *t, const char *key, struct err *e)
{
    struct pairs p = {t->a, ynode_get(t->spec, key)};

    if (!ynode_is_map(p.map) || !p.map->map.n)
        return true;
    return transform_all(t, YNODE_MAP, put_pairs, &p, e);
}

bool transform_labels(struct transform *t, struct err *e)
{
    return put_all(t, "labels", e);
}

bool transform_annotations(struct transform *t, struct err *e)
{
    return put_all(t, "annotations", e);
}
