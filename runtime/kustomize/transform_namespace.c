#include "runtime/kustomize/transform.h"
#include "runtime/yaml/yscalar.h"

/* namespace: on everything that is not certainly cluster-scoped, with the
 * reference's special cases for role bindings and Namespace objects. */

transform_fn transform_namespace;

struct target {
    struct arena *a;
    struct str ns;
    bool unset_only;
};

static bool put_namespace(void *ctx, struct ynode *n, struct err *e)
{
    const struct target *x = ctx;

    if (n->kind != YNODE_SCALAR)
        return err_set(e, ERR_INPUT, "%s: a namespace needs a text here, not "
                       "a map or list", ynode_where(x->a, n).s);
    if (!x->unset_only || !n->text.n)
        ynode_set_text(n, x->ns);
    return true;
}

static bool put_subject(struct target *x, struct ynode *subject,
                        struct err *e)
{
    struct ynode *n = ynode_get(subject, "namespace");

    if (!n) {
        n = ynode_string(x->a, STR(""));
        ynode_set(x->a, subject, STR("namespace"), n);
    }
    return put_namespace(x, n, e);
}

/* Which subjects of a role binding: those named 'default', all service
 * accounts, or none. */
static bool put_subjects(struct transform *t, struct target *x,
                         struct resource *r, struct err *e)
{
    struct str mode = ynode_get_text(t->spec, "setRoleBindingSubjects");
    struct ynode *subjects = ynode_get(r->node, "subjects");
    bool all = str_eq(mode, STR("allServiceAccounts"));

    if (mode.n && !all && !str_eq(mode, STR("defaultOnly")) &&
        !str_eq(mode, STR("none")))
        return err_set(e, ERR_INPUT, "%s: setRoleBindingSubjects is "
                       "defaultOnly, allServiceAccounts or none",
                       ynode_where(t->a, ynode_get(t->spec,
                                                   "setRoleBindingSubjects"))
                           .s);
    if (!ynode_is_seq(subjects) || str_eq(mode, STR("none")))
        return true;
    for (size_t i = 0; i < subjects->seq.n; i++) {
        struct ynode *s = subjects->seq.items[i];
        bool chosen = all ? str_eq(ynode_get_text(s, "kind"),
                                   STR("ServiceAccount"))
                          : str_eq(ynode_get_text(s, "name"), STR("default"));

        if (chosen && !put_subject(x, s, e))
            return false;
    }
    return true;
}

static bool is_binding(struct str kind)
{
    return str_eq(kind, STR("RoleBinding")) ||
           str_eq(kind, STR("ClusterRoleBinding"));
}

/* The field specs that the special cases take the place of. */
static bool is_special(const struct fieldspec *spec, const struct resid *id,
                       struct str api_version)
{
    if (str_eq(spec->path, STR("metadata/namespace")))
        return true;
    if (str_eq(spec->path, STR("metadata/name")))
        return !str_eq(api_version, STR("v1"));
    return is_binding(id->kind) && is_binding(spec->kind) &&
           str_eq(spec->path, STR("subjects/namespace"));
}

static bool put_one(struct transform *t, struct target *x, struct resource *r,
                    struct err *e)
{
    static const struct fieldspec meta = {.path = {"metadata/namespace", 18},
                                          .create = true};
    struct resid id = resource_id(r);
    struct str version = resource_api_version(r);

    if (!id.cluster_scoped &&
        !field_visit(t->a, r, &meta, YNODE_SCALAR, put_namespace, x, e))
        return false;
    if (is_binding(id.kind) && !put_subjects(t, x, r, e))
        return false;
    for (size_t k = 0; k < t->fields.n; k++) {
        const struct fieldspec *spec = &t->fields.items[k];

        if (field_matches(spec, &id) && !is_special(spec, &id, version) &&
            !field_visit(t->a, r, spec, YNODE_SCALAR, put_namespace, x, e))
            return false;
    }
    return true;
}

/* Objects that the same namespace made equal. */
static bool check_ids(struct transform *t, struct err *e)
{
    resmap_touch(t->m);
    for (size_t i = 0; i < t->m->n; i++) {
        struct resource *r = t->m->items[i];
        struct resid id = resource_id(r);
        struct resource *other = resmap_current(t->m, &id);

        if (other != r)
            return err_set(e, ERR_INPUT, "%s: in the namespace '" STR_FMT
                           "' this object and the one from %s have the same "
                           "id %s; rename one", ynode_where(t->a, r->node).s,
                           STR_ARG(id.ns), ynode_where(t->a, other->node).s,
                           resid_show(t->a, &id).s);
    }
    return true;
}

bool transform_namespace(struct transform *t, struct err *e)
{
    struct ynode *unset = ynode_get(t->spec, "unsetOnly");
    struct target x = {.a = t->a, .ns = ynode_text(ynode_find(
                                      t->spec, "metadata", "namespace", NULL))};

    if (!x.ns.n)
        x.ns = ynode_get_text(t->spec, "namespace");
    if (!x.ns.n)
        return true;
    x.unset_only = unset && yscalar_true(unset->text);
    for (size_t i = 0; i < t->m->n; i++) {
        struct resource *r = t->m->items[i];

        if (!ynode_count(r->node))
            continue;
        resource_remember(t->a, r);
        if (!put_one(t, &x, r, e))
            return false;
    }
    return check_ids(t, e);
}

bool namespace_put(struct transform *t, struct resource *r, struct str ns,
                   struct err *e)
{
    struct target x = {.a = t->a, .ns = ns};

    return put_one(t, &x, r, e);
}
