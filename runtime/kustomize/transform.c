#include "runtime/kustomize/transform.h"

#define TRANSFORM(id, kind) transform_fn transform_##id;
#include "runtime/kustomize/transforms.def"
#undef TRANSFORM

static const struct transform_kind kinds[] = {
#define TRANSFORM(id, kind) {kind, transform_##id},
#include "runtime/kustomize/transforms.def"
#undef TRANSFORM
};

const struct transform_kind *transform_find(struct str kind)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (str_eq(kind, str_of(kinds[i].kind)))
            return &kinds[i];
    return NULL;
}

bool transform_all(struct transform *t, enum ynode_kind make, field_fn *fn,
                   void *ctx, struct err *e)
{
    for (size_t i = 0; i < t->m->n; i++) {
        struct resource *r = t->m->items[i];
        struct resid id = resource_id(r);

        for (size_t k = 0; k < t->fields.n; k++)
            if (field_matches(&t->fields.items[k], &id) &&
                !field_visit(t->a, r, &t->fields.items[k], make, fn, ctx, e))
                return false;
    }
    return true;
}
