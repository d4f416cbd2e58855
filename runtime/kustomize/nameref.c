#include "runtime/kustomize/nameref.h"

#include "runtime/kustomize/nameref_index.h"
#include "runtime/kustomize/transform.h"
#include "runtime/yaml/yscalar.h"

/* The places where objects of one kind call others. */
struct place {
    const struct backref *target;
    struct fieldspec spec;
};

struct places {
    struct place *items;
    size_t n, cap;
};

struct fix {
    struct arena *a;
    struct nameref_index index;
    const struct backrefs *backrefs;
    struct map places; /* group, version, kind -> struct places */
    struct referrer from;
    const struct place *place;
};

static const struct places *places_of(struct fix *f, const struct resid *id)
{
    struct resid kind = {id->group, id->version, id->kind, {"", 0}, {"", 0},
                         false};
    struct str key = resid_key(f->a, &kind);
    struct places *p = map_get(&f->places, key);

    if (p)
        return p;
    p = arena_new(f->a, struct places);
    map_set(f->a, &f->places, key, p);
    for (size_t i = 0; i < f->backrefs->n; i++) {
        const struct backref *b = &f->backrefs->items[i];

        for (size_t k = 0; k < b->referrers.n; k++) {
            struct place at = {b, b->referrers.items[k]};

            if (!field_matches(&at.spec, id))
                continue;
            at.spec.create = false;
            arena_push(f->a, p, at);
        }
    }
    return p;
}

static void read_role(const struct fix *f, struct lookup *want)
{
    if (!str_ends(f->place->spec.path, STR("roleRef/name")))
        return;
    const struct ynode *role = ynode_get(f->from.r->node, "roleRef");

    if (!ynode_get(role, "apiGroup") || !ynode_get(role, "kind"))
        return;
    want->is_role = true;
    want->role_group = ynode_get_text(role, "apiGroup");
    want->role_kind = ynode_get_text(role, "kind");
}

static bool find(struct fix *f, struct lookup *want, const struct ynode *at,
                 struct resource **out, struct err *e)
{
    want->from = &f->from;
    want->target = f->place->target;
    read_role(f, want);
    return nameref_find(&f->index, want, out, e) ||
           err_wrap(e, "%s", ynode_where(f->a, at).s);
}

static bool fix_scalar(struct fix *f, struct ynode *n, struct err *e)
{
    struct lookup want = {.name = n->text};
    struct resource *r;

    if (!find(f, &want, n, &r, e))
        return false;
    if (r && !str_eq(resource_name(r), n->text))
        yscalar_set(n, resource_name(r));
    return true;
}

static bool fix_map(struct fix *f, struct ynode *n, struct err *e)
{
    struct ynode *name = ynode_get(n, "name");
    struct ynode *ns = ynode_get(n, "namespace");
    struct lookup want = {.name = ynode_text(name), .is_map = true,
                          .has_ns = ns != NULL, .ns = ynode_text(ns)};
    struct resource *r;

    if (!name)
        return err_set(e, ERR_INPUT, "%s: this should name an object, but has "
                       "no 'name'", ynode_where(f->a, n).s);
    if (!find(f, &want, n, &r, e))
        return false;
    if (!r || (str_eq(resource_name(r), want.name) &&
               !resource_namespace(r).n))
        return true;
    yscalar_set(name, resource_name(r));
    if (!resource_namespace(r).n)
        return true;
    if (!ns) {
        ns = ynode_string(f->a, STR(""));
        ynode_set(f->a, n, STR("namespace"), ns);
    }
    yscalar_set(ns, resource_namespace(r));
    return true;
}

static bool fix_node(void *ctx, struct ynode *n, struct err *e)
{
    struct fix *f = ctx;

    if (ynode_is_null(n))
        return true;
    if (n->kind == YNODE_SCALAR)
        return fix_scalar(f, n, e);
    if (n->kind == YNODE_MAP)
        return fix_map(f, n, e);
    for (size_t i = 0; i < n->seq.n; i++) {
        struct ynode *item = n->seq.items[i];

        if (item->kind == YNODE_SEQ)
            return err_set(e, ERR_INPUT, "%s: a list of lists names no "
                           "objects", ynode_where(f->a, item).s);
        if (item->kind == YNODE_MAP ? !fix_map(f, item, e)
                                    : !fix_scalar(f, item, e))
            return false;
    }
    return true;
}

/* The namespaces of the service accounts that a RoleBinding binds. */
static bool read_binding(struct fix *f, struct err *e)
{
    struct referrer *from = &f->from;
    const struct ynode *subjects = ynode_get(from->r->node, "subjects");

    from->binding = (struct texts){0};
    if (from->id.cluster_scoped || !ynode_is_seq(subjects) ||
        !str_eq(from->id.kind, STR("RoleBinding")))
        return true;
    for (size_t i = 0; i < subjects->seq.n; i++) {
        const struct ynode *s = subjects->seq.items[i];
        const struct ynode *ns = ynode_get(s, "namespace");
        const struct ynode *kind = ynode_get(s, "kind");

        if (ns && kind && !ynode_is_string(kind))
            return err_set(e, ERR_INPUT, "%s: the subject's kind is no string",
                           ynode_where(f->a, kind).s);
        if (!ns || !str_eq(ynode_text(kind), STR("ServiceAccount")))
            continue;
        if (!ynode_is_string(ns))
            return err_set(e, ERR_INPUT, "%s: the subject's namespace is "
                           "blank; write one or take the field out",
                           ynode_where(f->a, ns).s);
        arena_push(f->a, &from->binding, ns->text);
    }
    return true;
}

static bool fix_one(struct fix *f, struct resource *r, struct err *e)
{
    struct resid then = resource_original_id(r);
    const struct places *p = places_of(f, &then);

    if (!p->n || !r->node)
        return true;
    f->from = (struct referrer){.r = r, .id = resource_id(r)};
    if (!read_binding(f, e))
        return false;
    for (size_t i = 0; i < p->n; i++) {
        f->place = &p->items[i];
        if (!field_visit(f->a, r, &f->place->spec, YNODE_SCALAR, fix_node, f,
                         e))
            return false;
    }
    return true;
}

bool nameref_fix(struct arena *a, struct resmap *m, const struct backrefs *b,
                 struct err *e)
{
    struct fix f = {.a = a, .backrefs = b};
    bool ok = true;

    nameref_index_init(&f.index, a, m);
    for (size_t i = 0; ok && i < m->n; i++)
        ok = fix_one(&f, m->items[i], e);
    map_free(&f.places);
    nameref_index_free(&f.index);
    return ok;
}
