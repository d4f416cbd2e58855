#include "runtime/kustomize/generate.h"

#define GENERATE(id, kind) generate_fn generate_##id;
#include "runtime/kustomize/generates.def"
#undef GENERATE

static const struct generate_kind kinds[] = {
#define GENERATE(id, kind) {kind, generate_##id},
#include "runtime/kustomize/generates.def"
#undef GENERATE
};

const struct generate_kind *generate_find(struct str kind)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (str_eq(kind, str_of(kinds[i].kind)))
            return &kinds[i];
    return NULL;
}
