#include "runtime/kustomize/config.h"

#include "runtime/kustomize/order.h"

#include <stdlib.h>
#include <strings.h>

enum {
    SPECS_MAX = 100 * 1000, /* field specs of one set */
};

#include "kustomize_fieldspecs.inc"

#define ALL(array) {(array), sizeof(array) / sizeof(*(array))}

struct config config_default(void)
{
    return (struct config){
        .sets = {
            [CONFIG_NAME_PREFIX] = ALL(namePrefix),
            [CONFIG_NAME_SUFFIX] = ALL(nameSuffix),
            [CONFIG_NAMESPACE] = ALL(namespace),
            [CONFIG_COMMON_LABELS] = ALL(commonLabels),
            [CONFIG_TEMPLATE_LABELS] = ALL(templateLabels),
            [CONFIG_COMMON_ANNOTATIONS] = ALL(commonAnnotations),
            [CONFIG_VAR_REFERENCE] = ALL(varReference),
            [CONFIG_IMAGES] = ALL(images),
            [CONFIG_REPLICAS] = ALL(replicas),
        },
        .references = ALL(references),
    };
}

/* ---- merging ---- */

struct spec_list {
    struct fieldspec *items;
    size_t n, cap;
};

static bool covers(struct str old, struct str new)
{
    return new.n == 0 || str_eq(old, new);
}

/* The place of x, or of a spec that x selects at the same path; n = none. */
static size_t find_spec(const struct spec_list *l, const struct fieldspec *x)
{
    size_t i = 0;

    for (; i < l->n; i++)
        if (str_eq(l->items[i].path, x->path) &&
            covers(l->items[i].group, x->group) &&
            covers(l->items[i].version, x->version) &&
            covers(l->items[i].kind, x->kind))
            break;
    return i;
}

bool config_merge_specs(struct arena *a, struct fieldspecs base,
                        struct fieldspecs more, struct fieldspecs *out,
                        struct err *e)
{
    struct spec_list l = {0};

    *out = base;
    if (!more.n)
        return true;
    if (base.n + more.n > SPECS_MAX)
        return err_set(e, ERR_INPUT, "more than %d field specs", SPECS_MAX);
    for (size_t i = 0; i < base.n; i++)
        arena_push(a, &l, base.items[i]);
    for (size_t i = 0; i < more.n; i++) {
        const struct fieldspec *x = &more.items[i];
        size_t at = find_spec(&l, x);

        if (at == l.n)
            arena_push(a, &l, *x);
        else if (l.items[at].create != x->create)
            return err_set(e, ERR_INPUT,
                           "conflicting field specs: '" STR_FMT
                           "' is given with 'create' both true and false",
                           STR_ARG(x->path));
    }
    *out = (struct fieldspecs){l.items, l.n};
    return true;
}

static bool same_target(const struct backref *x, const struct backref *y)
{
    return str_eq(x->group, y->group) && str_eq(x->version, y->version) &&
           str_eq(x->kind, y->kind);
}

struct ref_list {
    struct backref *items;
    size_t n, cap;
};

static bool merge_reference(struct arena *a, struct ref_list *l,
                            const struct backref *x, struct err *e)
{
    bool found = false;

    for (size_t i = 0; i < l->n; i++) {
        struct backref *r = &l->items[i];

        if (!same_target(r, x))
            continue;
        found = true;
        if (!config_merge_specs(a, r->referrers, x->referrers, &r->referrers,
                                e))
            return false;
    }
    if (!found)
        arena_push(a, l, *x);
    return true;
}

static bool merge_references(struct arena *a, struct backrefs base,
                             struct backrefs more, struct backrefs *out,
                             struct err *e)
{
    struct ref_list l = {0};

    *out = base;
    if (!more.n)
        return true;
    for (size_t i = 0; i < base.n; i++)
        arena_push(a, &l, base.items[i]);
    for (size_t i = 0; i < more.n; i++)
        if (!merge_reference(a, &l, &more.items[i], e))
            return false;
    *out = (struct backrefs){l.items, l.n};
    return true;
}

static int by_kind(const void *p, const void *q)
{
    const struct fieldspec *x = p, *y = q;
    struct resid a = {x->group, x->version, x->kind, {0}, {0}, false};
    struct resid b = {y->group, y->version, y->kind, {0}, {0}, false};
    int order = order_kinds(&a, &b);

    /* Stable: items of one array. */
    return order ? order : x < y ? -1 : x > y;
}

static bool settle_specs(struct arena *a, struct fieldspecs *specs,
                         struct err *e)
{
    struct fieldspec *v = arena_array(a, struct fieldspec, specs->n + 1);

    for (size_t i = 0; i < specs->n; i++)
        v[i] = specs->items[i];
    qsort(v, specs->n, sizeof(*v), by_kind);
    struct fieldspecs all = {v, specs->n}, none = {0};

    return config_merge_specs(a, none, all, specs, e);
}

bool config_settle(struct arena *a, struct config *c, struct err *e)
{
    for (size_t i = 0; i < CONFIG_SETS; i++)
        if (c->sets[i].n && !settle_specs(a, &c->sets[i], e))
            return false;
    return true;
}

bool config_merge(struct arena *a, const struct config *base,
                  const struct config *more, struct config *out,
                  struct err *e)
{
    struct config merged = *base;

    for (size_t i = 0; i < CONFIG_SETS; i++)
        if (base->sets[i].items != more->sets[i].items &&
            !config_merge_specs(a, base->sets[i], more->sets[i],
                                &merged.sets[i], e))
            return false;
    if (base->references.items != more->references.items &&
        !merge_references(a, base->references, more->references,
                          &merged.references, e))
        return false;
    *out = merged;
    return true;
}

/* ---- reading configuration files ---- */

static bool key_is(struct str key, const char *name)
{
    struct str n = str_of(name);

    return key.n == n.n && !strncasecmp(key.s, n.s, n.n);
}

static bool bad(struct arena *a, const struct ynode *at, struct err *e,
                const char *what)
{
    struct str where = ynode_where(a, at);

    return err_set(e, ERR_INPUT, STR_FMT ": %s", STR_ARG(where), what);
}

static bool bad_key(struct arena *a, const struct ynode *map,
                    const struct ypair *p, struct err *e)
{
    struct str where = ypair_where(a, map, p);

    return err_set(e, ERR_INPUT, STR_FMT ": unknown field '" STR_FMT "'",
                   STR_ARG(where), STR_ARG(p->key));
}

static bool read_text(struct arena *a, const struct ynode *n, struct str *out,
                      struct err *e)
{
    if (ynode_is_null(n))
        return true;
    if (!ynode_is_string(n))
        return bad(a, n, e, "expected a string here");
    *out = ynode_text(n);
    return true;
}

static bool read_flag(struct arena *a, const struct ynode *n, bool *out,
                      struct err *e)
{
    if (ynode_is_null(n))
        return true;
    if (!ynode_is_scalar(n) || n->tag != YTAG_BOOL)
        return bad(a, n, e, "expected true or false here");
    *out = n->text.n && (n->text.s[0] == 't' || n->text.s[0] == 'T' ||
                         n->text.s[0] == 'y' || n->text.s[0] == 'Y' ||
                         str_eq(n->text, STR("on")));
    return true;
}

/* One field of a spec; *known is false where the key is none of them. */
static bool read_spec_field(struct arena *a, const struct ypair *p,
                            struct fieldspec *x, bool *known, struct err *e)
{
    *known = true;
    if (key_is(p->key, "group"))
        return read_text(a, p->value, &x->group, e);
    if (key_is(p->key, "version"))
        return read_text(a, p->value, &x->version, e);
    if (key_is(p->key, "kind"))
        return read_text(a, p->value, &x->kind, e);
    if (key_is(p->key, "path"))
        return read_text(a, p->value, &x->path, e);
    if (key_is(p->key, "create"))
        return read_flag(a, p->value, &x->create, e);
    *known = false;
    return true;
}

static bool read_spec(struct arena *a, const struct ynode *n,
                      struct fieldspec *x, struct err *e)
{
    if (!ynode_is_map(n))
        return bad(a, n, e, "expected a field spec {path, kind, ...} here");
    for (size_t i = 0; i < n->map.n; i++) {
        bool known;

        if (!read_spec_field(a, &n->map.items[i], x, &known, e))
            return false;
        if (!known)
            return bad_key(a, n, &n->map.items[i], e);
    }
    return true;
}

bool config_read_specs(struct arena *a, const struct ynode *list,
                       struct fieldspecs *out, struct err *e)
{
    *out = (struct fieldspecs){0};
    if (!list || ynode_is_null(list))
        return true;
    if (!ynode_is_seq(list))
        return bad(a, list, e, "expected a list of field specs here");
    struct fieldspec *items = arena_array(a, struct fieldspec, list->seq.n);

    for (size_t i = 0; i < list->seq.n; i++)
        if (!read_spec(a, list->seq.items[i], &items[i], e))
            return false;
    *out = (struct fieldspecs){items, list->seq.n};
    return true;
}

static bool read_reference(struct arena *a, const struct ynode *n,
                           struct backref *r, struct err *e)
{
    if (!ynode_is_map(n))
        return bad(a, n, e, "expected {kind, fieldSpecs} here");
    for (size_t i = 0; i < n->map.n; i++) {
        const struct ypair *p = &n->map.items[i];
        bool ok;

        if (key_is(p->key, "group"))
            ok = read_text(a, p->value, &r->group, e);
        else if (key_is(p->key, "version"))
            ok = read_text(a, p->value, &r->version, e);
        else if (key_is(p->key, "kind"))
            ok = read_text(a, p->value, &r->kind, e);
        else if (key_is(p->key, "fieldSpecs"))
            ok = config_read_specs(a, p->value, &r->referrers, e);
        else
            ok = bad_key(a, n, p, e);
        if (!ok)
            return false;
    }
    return true;
}

static bool read_references(struct arena *a, const struct ynode *list,
                            struct backrefs *out, struct err *e)
{
    if (ynode_is_null(list))
        return true;
    if (!ynode_is_seq(list))
        return bad(a, list, e, "expected a list of name references here");
    struct backref *items = arena_array(a, struct backref, list->seq.n);

    for (size_t i = 0; i < list->seq.n; i++)
        if (!read_reference(a, list->seq.items[i], &items[i], e))
            return false;
    *out = (struct backrefs){items, list->seq.n};
    return true;
}

static const char *const set_names[CONFIG_SETS] = {
    [CONFIG_NAME_PREFIX] = "namePrefix",
    [CONFIG_NAME_SUFFIX] = "nameSuffix",
    [CONFIG_NAMESPACE] = "namespace",
    [CONFIG_COMMON_LABELS] = "commonLabels",
    [CONFIG_LABELS] = "labels",
    [CONFIG_TEMPLATE_LABELS] = "templateLabels",
    [CONFIG_COMMON_ANNOTATIONS] = "commonAnnotations",
    [CONFIG_VAR_REFERENCE] = "varReference",
    [CONFIG_IMAGES] = "images",
    [CONFIG_REPLICAS] = "replicas",
};

static bool read_set(struct arena *a, const struct ynode *doc,
                     const struct ypair *p, struct config *out,
                     struct err *e)
{
    if (key_is(p->key, "nameReference"))
        return read_references(a, p->value, &out->references, e);
    for (size_t i = 0; i < CONFIG_SETS; i++)
        if (key_is(p->key, set_names[i]))
            return config_read_specs(a, p->value, &out->sets[i], e);
    return bad_key(a, doc, p, e);
}

bool config_read(struct arena *a, const struct ynode *doc, struct config *out,
                 struct err *e)
{
    *out = (struct config){0};
    if (!doc || ynode_is_null(doc))
        return true;
    if (!ynode_is_map(doc))
        return bad(a, doc, e, "a transformer configuration is a map of lists");
    for (size_t i = 0; i < doc->map.n; i++)
        if (!read_set(a, doc, &doc->map.items[i], out, e))
            return false;
    return true;
}
