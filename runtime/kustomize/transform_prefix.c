#include "runtime/kustomize/memo.h"
#include "runtime/kustomize/noted.h"
#include "runtime/kustomize/transform.h"
#include "runtime/yaml/yscalar.h"

/* namePrefix and nameSuffix. */

transform_fn transform_prefix, transform_suffix, transform_prefix_suffix;

struct affix {
    struct arena *a;
    struct str before, after;
};

static bool put_affix(void *ctx, struct ynode *n, struct err *e)
{
    const struct affix *x = ctx;

    if (n->kind != YNODE_SCALAR)
        return err_set(e, ERR_INPUT, "%s: a prefix or suffix needs a name "
                       "here, not a map or list", ynode_where(x->a, n).s);
    yscalar_set(n, arena_join(x->a, x->before, n->text, x->after));
    return true;
}

static bool keeps_name(const struct resid *id)
{
    return str_eq(id->kind, STR("CustomResourceDefinition")) ||
           str_eq(id->kind, STR("Namespace")) ||
           (str_eq(id->kind, STR("APIService")) &&
            str_eq(id->group, STR("apiregistration.k8s.io")));
}

static bool put_one(struct transform *t, struct resource *r,
                    const struct fieldspec *spec, struct affix *x,
                    struct err *e)
{
    if (str_eq(spec->path, STR("metadata/name"))) {
        noted_sync(t->a, r);
        if (x->before.n) {
            arena_push(t->a, &r->prefixes, x->before);
            noted_set(t->a, r, MEMO_PREFIXES);
        }
        if (x->after.n) {
            arena_push(t->a, &r->suffixes, x->after);
            noted_set(t->a, r, MEMO_SUFFIXES);
        }
        if (x->before.n || x->after.n)
            resource_remember(t->a, r);
    }
    return field_visit(t->a, r, spec, YNODE_SCALAR, put_affix, x, e);
}

static bool put_all(struct transform *t, struct affix x, struct err *e)
{
    for (size_t i = 0; i < t->m->n; i++) {
        struct resource *r = t->m->items[i];
        struct resid id = resource_original_id(r);

        if (keeps_name(&id))
            continue;
        for (size_t k = 0; k < t->fields.n; k++)
            if (field_matches(&t->fields.items[k], &id) &&
                !put_one(t, r, &t->fields.items[k], &x, e))
                return false;
    }
    return true;
}

bool transform_prefix(struct transform *t, struct err *e)
{
    return put_all(t, (struct affix){t->a, ynode_get_text(t->spec, "prefix"),
                                     STR("")}, e);
}

bool transform_suffix(struct transform *t, struct err *e)
{
    return put_all(t, (struct affix){t->a, STR(""),
                                     ynode_get_text(t->spec, "suffix")}, e);
}

bool transform_prefix_suffix(struct transform *t, struct err *e)
{
    return transform_prefix(t, e) && transform_suffix(t, e);
}
