#include "runtime/kustomize/generate.h"

/* IAMPolicyGenerator: a service account bound to one of Google's cloud. */

generate_fn generate_iam_policy;

bool generate_iam_policy(struct generate *g, struct resource_set *out,
                         struct err *e)
{
    const struct ynode *k = ynode_get(g->spec, "kubernetesService");
    const struct ynode *s = ynode_get(g->spec, "serviceAccount");
    struct ynode *n = ynode_map(g->a), *meta = ynode_map(g->a);
    struct ynode *annotations = ynode_map(g->a);
    struct str ns = ynode_get_text(k, "namespace");

    if (!str_eq(ynode_get_text(g->spec, "cloud"), STR("gke")))
        return err_set(e, ERR_INPUT, "%s: an IAMPolicyGenerator is for cloud "
                       "'gke', not '" STR_FMT "'",
                       ynode_where(g->a, g->spec).s,
                       STR_ARG(ynode_get_text(g->spec, "cloud")));
    n->file = g->spec->file;
    n->line = g->spec->line;
    n->col = g->spec->col;
    ynode_set_string(g->a, n, "apiVersion", STR("v1"));
    ynode_set_string(g->a, n, "kind", STR("ServiceAccount"));
    ynode_set_string(
        g->a, annotations, "iam.gke.io/gcp-service-account",
        arena_printf(g->a, STR_FMT "@" STR_FMT ".iam.gserviceaccount.com",
                     STR_ARG(ynode_get_text(s, "name")),
                     STR_ARG(ynode_get_text(s, "projectId"))));
    ynode_set(g->a, meta, STR("annotations"), annotations);
    if (ns.n)
        ynode_set_string(g->a, meta, "namespace", ns);
    ynode_set_string(g->a, meta, "name", ynode_get_text(k, "name"));
    ynode_set(g->a, n, STR("metadata"), meta);
    arena_push(g->a, out, resource_create(g->a, n));
    return true;
}
