#include "runtime/kustomize/transform.h"
#include "runtime/yaml/yscalar.h"

/* replicas: the count of one named workload. */

transform_fn transform_replicas;

struct count {
    struct arena *a;
    struct str text;
};

static bool put_count(void *ctx, struct ynode *n, struct err *e)
{
    const struct count *x = ctx;

    if (n->kind != YNODE_SCALAR)
        return err_set(e, ERR_INPUT, "%s: a count of replicas is a number",
                       ynode_where(x->a, n).s);
    /* The place keeps its style: a count in quotes stays in quotes. */
    yscalar_set(n, x->text);
    n->untagged = false;
    n->line = n->col = 0;
    return true;
}

static bool is_called(const struct resource *r, const struct fieldspec *spec,
                      struct str name)
{
    for (size_t i = 0; i <= r->former.n; i++) {
        struct resid id = i < r->former.n ? resource_former_id(r, i)
                                          : resource_id(r);

        if (str_eq(id.name, name) && field_matches(spec, &id))
            return true;
    }
    return false;
}

bool transform_replicas(struct transform *t, struct err *e)
{
    const struct ynode *spec = ynode_get(t->spec, "replica");
    bool found = false;

    if (!spec)
        spec = t->spec;
    struct str name = ynode_get_text(spec, "name");
    struct ynode *n = ynode_get(spec, "count");
    struct count x = {t->a, n ? ynode_text(n) : STR("0")};

    for (size_t i = 0; i < t->m->n; i++)
        for (size_t k = 0; k < t->fields.n; k++) {
            struct resource *r = t->m->items[i];

            if (!is_called(r, &t->fields.items[k], name))
                continue;
            found = true;
            struct resid id = resource_id(r);

            if (field_matches(&t->fields.items[k], &id) &&
                !field_visit(t->a, r, &t->fields.items[k], YNODE_SCALAR,
                             put_count, &x, e))
                return false;
        }
    return found ||
           err_set(e, ERR_INPUT, "%s: no Deployment, StatefulSet, ReplicaSet "
                   "or ReplicationController is or was called '" STR_FMT "'",
                   ynode_where(t->a, spec).s, STR_ARG(name));
}
