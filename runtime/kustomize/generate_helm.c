#include "runtime/kustomize/generate.h"

generate_fn generate_helm;

bool generate_helm(struct generate *g, struct resource_set *out,
                   struct err *e)
{
    (void)out;
    return err_set(e, ERR_INPUT, "%s: helm charts need --enable-helm",
                   ynode_where(g->a, g->spec).s);
}
