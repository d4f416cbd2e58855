#include "runtime/kustomize/resource.h"

#include "runtime/kustomize/memo.h"
#include "runtime/kustomize/noted.h"
#include "runtime/kustomize/scope.h"
#include "runtime/yaml/yscalar.h"

#include <string.h>

static const struct str NOT_A_NAMESPACE = {"_non_namespaceable_", 19};

struct resource *resource_create(struct arena *a, struct ynode *node)
{
    struct resource *r = arena_new(a, struct resource);

    r->node = node;
    r->gvk = arena_new(a, struct gvk_memo);
    return r;
}

static struct texts copy_texts(struct arena *a, struct texts from)
{
    struct texts to = {0};

    for (size_t i = 0; i < from.n; i++)
        arena_push(a, &to, from.items[i]);
    return to;
}

struct resource *resource_copy(struct arena *a, const struct resource *r)
{
    struct resource *c = arena_new(a, struct resource);

    *c = *r;
    c->node = r->node ? ynode_copy(a, r->node) : NULL;
    c->former.items = NULL;
    c->former.n = c->former.cap = 0;
    for (size_t i = 0; i < r->former.n; i++)
        arena_push(a, &c->former, r->former.items[i]);
    c->prefixes = copy_texts(a, r->prefixes);
    c->suffixes = copy_texts(a, r->suffixes);
    if (r->noted) {
        c->noted = arena_new(a, struct noted);
        *c->noted = *r->noted;
        c->noted->items = NULL;
        c->noted->n = c->noted->cap = 0;
        for (size_t i = 0; i < r->noted->n; i++)
            arena_push(a, c->noted, r->noted->items[i]);
    }
    return c;
}

struct str resource_api_version(const struct resource *r)
{
    return ynode_get_text(r->node, "apiVersion");
}

struct str resource_kind(const struct resource *r)
{
    return ynode_get_text(r->node, "kind");
}

static struct str text_unless_null(const struct ynode *n)
{
    return ynode_is_null(n) ? STR("") : ynode_text(n);
}

struct str resource_name(const struct resource *r)
{
    return text_unless_null(ynode_get(ynode_get(r->node, "metadata"),
                                      "name"));
}

struct str resource_namespace(const struct resource *r)
{
    return text_unless_null(ynode_get(ynode_get(r->node, "metadata"),
                                      "namespace"));
}

void resid_split(struct str api_version, struct str *group,
                 struct str *version)
{
    size_t slash = str_find(api_version, '/');

    if (slash == api_version.n) {
        *group = STR("");
        *version = api_version;
        return;
    }
    *group = str_sub(api_version, 0, slash);
    *version = str_skip(api_version, slash + 1);
}

struct resid resid_make(struct str api_version, struct str kind,
                        struct str name, struct str ns)
{
    struct resid id = {.kind = kind, .name = name, .ns = ns};

    resid_split(api_version, &id.group, &id.version);
    id.cluster_scoped = scope_of(api_version, kind) == SCOPE_CLUSTER;
    return id;
}

/* The same text in the same place: texts of nodes are never written over. */
static bool is_same(struct str x, struct str y)
{
    return x.s == y.s && x.n == y.n;
}

static struct resid known_id(const struct resource *r, struct str api_version,
                             struct str kind)
{
    struct gvk_memo *m = r->gvk;

    if (!is_same(m->api_version, api_version) || !is_same(m->kind, kind) ||
        !kind.n) {
        *m = (struct gvk_memo){.api_version = api_version, .kind = kind};
        resid_split(api_version, &m->group, &m->version);
        m->cluster_scoped = scope_of(api_version, kind) == SCOPE_CLUSTER;
    }
    return (struct resid){
        .group = m->group, .version = m->version, .kind = kind,
        .cluster_scoped = m->cluster_scoped || r->cluster_scoped,
    };
}

/* Compared in place: this is asked more often than anything else. */
#define KEY_IS(p, text)                                                     \
    ((p)->key.n == sizeof(text) - 1 &&                                      \
     !memcmp((p)->key.s, text, sizeof(text) - 1))

struct resid resource_id(const struct resource *r)
{
    const struct ynode *top = r->node, *meta = NULL, *api_version = NULL,
                       *kind = NULL, *name = NULL, *ns = NULL;

    for (size_t i = 0; ynode_is_map(top) && i < top->map.n; i++) {
        const struct ypair *p = &top->map.items[i];

        if (!meta && KEY_IS(p, "metadata"))
            meta = p->value;
        else if (!kind && KEY_IS(p, "kind"))
            kind = p->value;
        else if (!api_version && KEY_IS(p, "apiVersion"))
            api_version = p->value;
    }
    for (size_t i = 0; ynode_is_map(meta) && i < meta->map.n; i++) {
        const struct ypair *p = &meta->map.items[i];

        if (!name && KEY_IS(p, "name"))
            name = p->value;
        else if (!ns && KEY_IS(p, "namespace"))
            ns = p->value;
    }
    struct resid id = known_id(r, ynode_text(api_version), ynode_text(kind));

    id.name = text_unless_null(name);
    id.ns = text_unless_null(ns);
    return id;
}

struct resid resource_former_id(const struct resource *r, size_t i)
{
    const struct former *f = &r->former.items[i];
    struct resid id = known_id(r, resource_api_version(r), f->kind);

    id.name = f->name;
    id.ns = f->ns;
    return id;
}

struct resid resource_original_id(const struct resource *r)
{
    return r->former.n ? resource_former_id(r, 0) : resource_id(r);
}

void resource_renew_annotations(struct arena *a, struct resource *r)
{
    struct ynode *notes = resource_annotations(r);

    for (size_t i = 0; i < ynode_count(notes); i++) {
        struct ypair *p = &notes->map.items[i];

        p->value = ynode_string(a, ynode_text(p->value));
        yscalar_quote(p->value);
    }
}

void resource_remember(struct arena *a, struct resource *r)
{
    struct resid id = resource_id(r);
    struct former f = {id.kind, id.name, resid_namespace(&id)};

    noted_sync(a, r);
    if (!r->former.n && !resource_annotations(r))
        r->notes = resource_labels(r) && !r->origin ? NOTES_AFTER_LABELS
                                                    : NOTES_BEFORE_LABELS;
    arena_push(a, &r->former, f);
    noted_set(a, r, MEMO_NAMES);
    noted_set(a, r, MEMO_SPACES);
    noted_set(a, r, MEMO_KINDS);
}

/* As a text written anew in the place's own style: 123 is a number then. */
static void set_plain(struct arena *a, struct ynode *map, const char *key,
                      struct str text)
{
    struct ynode *n = ynode_get(map, key);

    if (!n) {
        n = ynode_string(a, text);
        ynode_set(a, map, str_of(key), n);
    }
    yscalar_set(n, text);
}

static void set_meta(struct arena *a, struct resource *r, const char *key,
                     struct str text)
{
    struct ynode *meta = ynode_make_map(a, r->node, STR("metadata"));

    if (meta)
        set_plain(a, meta, key, text);
}

void resource_set_name(struct arena *a, struct resource *r, struct str name)
{
    set_meta(a, r, "name", name);
}

void resource_set_namespace(struct arena *a, struct resource *r,
                            struct str ns)
{
    if (ns.n)
        set_meta(a, r, "namespace", ns);
    else if (ynode_is_map(ynode_get(r->node, "metadata")))
        ynode_remove(ynode_get(r->node, "metadata"), STR("namespace"));
}

void resource_set_kind(struct arena *a, struct resource *r, struct str kind)
{
    set_plain(a, r->node, "kind", kind);
}

static struct ynode *meta_map(const struct resource *r, const char *key)
{
    struct ynode *n = ynode_find(r->node, "metadata", key, NULL);

    return ynode_is_map(n) ? n : NULL;
}

struct ynode *resource_labels(const struct resource *r)
{
    return meta_map(r, "labels");
}

struct ynode *resource_annotations(const struct resource *r)
{
    return meta_map(r, "annotations");
}

struct str resid_namespace(const struct resid *id)
{
    if (id->cluster_scoped)
        return NOT_A_NAMESPACE;
    return id->ns.n ? id->ns : STR("default");
}

bool resid_equal(const struct resid *a, const struct resid *b)
{
    return str_eq(a->name, b->name) && str_eq(a->kind, b->kind) &&
           str_eq(a->version, b->version) && str_eq(a->group, b->group) &&
           str_eq(resid_namespace(a), resid_namespace(b));
}

bool resid_selected(const struct resid *id, struct str group,
                    struct str version, struct str kind)
{
    return (!group.n || str_eq(group, id->group)) &&
           (!version.n || str_eq(version, id->version)) &&
           (!kind.n || str_eq(kind, id->kind));
}

static struct str or_else(struct str s, const char *none)
{
    return s.n ? s : str_of(none);
}

struct str resid_show(struct arena *a, const struct resid *id)
{
    return arena_printf(a, STR_FMT "." STR_FMT "." STR_FMT "/" STR_FMT
                        "." STR_FMT,
                        STR_ARG(or_else(id->kind, "[noKind]")),
                        STR_ARG(or_else(id->version, "[noVer]")),
                        STR_ARG(or_else(id->group, "[noGrp]")),
                        STR_ARG(or_else(id->name, "[noName]")),
                        STR_ARG(or_else(id->ns, "[noNs]")));
}

struct str resid_key(struct arena *a, const struct resid *id)
{
    const struct str parts[] = {id->name, id->kind, resid_namespace(id),
                                id->version, id->group};
    size_t n = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        n += parts[i].n + 1;
    char *key = arena_array(a, char, n + 1), *p = key;

    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        memcpy(p, parts[i].s ? parts[i].s : "", parts[i].n);
        p += parts[i].n;
        *p++ = '\n';
    }
    return (struct str){key, n};
}
