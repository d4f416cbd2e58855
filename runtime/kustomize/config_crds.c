#include "runtime/kustomize/config.h"

enum {
    CRD_DEPTH_MAX = 64, /* types within types; a cycle is refused by it */
    CRD_SPECS_MAX = 10 * 1000,
};

struct crd_reader {
    struct arena *a;
    const struct ynode *types; /* name -> {Schema: ...} */
    struct str kind;           /* of the type we began with */
    struct config *out;
    size_t specs;
    struct err *e;
};

static struct ynode *properties_of(const struct ynode *type)
{
    struct ynode *schema = ynode_get(type, "Schema");

    if (!schema)
        schema = ynode_get(type, "schema");
    return ynode_get(schema, "properties");
}

static bool merge_one(struct crd_reader *r, const struct config *more)
{
    if (++r->specs > CRD_SPECS_MAX)
        return err_set(r->e, ERR_INPUT, "types in 'crds' name more than %d "
                                        "places", CRD_SPECS_MAX);
    return config_merge(r->a, r->out, more, r->out, r->e);
}

static bool add_spec(struct crd_reader *r, enum config_set set,
                     struct str path)
{
    struct fieldspec x = {.kind = r->kind, .path = path};
    struct config more = {0};

    more.sets[set] = (struct fieldspecs){&x, 1};
    return merge_one(r, &more);
}

static bool add_reference(struct crd_reader *r, const struct ynode *property,
                          struct str path)
{
    const struct ynode *name =
        ynode_get(property, "x-kubernetes-object-ref-name-key");
    struct str key = name ? ynode_text(name) : STR("name");
    struct fieldspec *x = arena_new(r->a, struct fieldspec);
    struct config more = {0};

    x->kind = r->kind;
    x->path = arena_printf(r->a, STR_FMT "/" STR_FMT, STR_ARG(path),
                           STR_ARG(key));
    struct backref ref = {
        .version =
            ynode_get_text(property, "x-kubernetes-object-ref-api-version"),
        .kind = ynode_get_text(property, "x-kubernetes-object-ref-kind"),
        .referrers = {x, 1},
    };

    more.references = (struct backrefs){&ref, 1};
    return merge_one(r, &more);
}

static bool read_property(struct crd_reader *r, const struct ynode *property,
                          struct str path)
{
    if (ynode_get(property, "x-kubernetes-annotation") &&
        !add_spec(r, CONFIG_COMMON_ANNOTATIONS, path))
        return false;
    if (ynode_get(property, "x-kubernetes-label-selector") &&
        !add_spec(r, CONFIG_COMMON_LABELS, path))
        return false;
    if (ynode_get(property, "x-kubernetes-identity") &&
        !add_spec(r, CONFIG_NAME_PREFIX, path))
        return false;
    if (ynode_get(property, "x-kubernetes-object-ref-api-version") &&
        ynode_get(property, "x-kubernetes-object-ref-kind"))
        return add_reference(r, property, path);
    return true;
}

static bool read_type(struct crd_reader *r, struct str name, struct str path,
                      size_t depth)
{
    const struct ynode *all = properties_of(ynode_get_str(r->types, name));

    if (depth > CRD_DEPTH_MAX)
        return err_set(r->e, ERR_INPUT,
                       "types in 'crds' refer to each other more than %d deep "
                       "at '" STR_FMT "'", CRD_DEPTH_MAX, STR_ARG(path));
    if (!ynode_is_map(all))
        return true;
    for (size_t i = 0; i < all->map.n; i++) {
        const struct ynode *property = all->map.items[i].value;
        struct str ref = ynode_get_text(property, "$ref");
        struct str below =
            arena_printf(r->a, STR_FMT "%s" STR_FMT, STR_ARG(path),
                         path.n ? "/" : "", STR_ARG(all->map.items[i].key));

        if (!read_property(r, property, below))
            return false;
        if (ref.n && !read_type(r, ref, below, depth + 1))
            return false;
    }
    return true;
}

static struct str last_part(struct str name)
{
    size_t i = name.n;

    while (i > 0 && name.s[i - 1] != '.')
        i--;
    return str_skip(name, i);
}

static bool bad_type(struct arena *a, const struct ynode *n, struct err *e)
{
    return err_set(e, ERR_INPUT, "%s: a file in 'crds' maps the names of types "
                   "to {Schema: ...}; a CustomResourceDefinition belongs to "
                   "'resources'", ynode_where(a, n).s);
}

bool config_read_crds(struct arena *a, const struct ynode *doc,
                      struct config *out, struct err *e)
{
    struct crd_reader r = {.a = a, .types = doc, .out = out, .e = e};

    *out = (struct config){0};
    if (ynode_is_null(doc))
        return true;
    if (!ynode_is_map(doc))
        return bad_type(a, doc, e);
    for (size_t i = 0; i < doc->map.n; i++) {
        const struct ynode *type = doc->map.items[i].value;

        if (!ynode_is_map(type) && !ynode_is_null(type))
            return bad_type(a, type, e);
    }
    for (size_t i = 0; i < doc->map.n; i++) {
        const struct ynode *all = properties_of(doc->map.items[i].value);

        if (!ynode_get(all, "kind") || !ynode_get(all, "apiVersion") ||
            !ynode_get(all, "metadata"))
            continue;
        r.kind = last_part(doc->map.items[i].key);
        if (!read_type(&r, doc->map.items[i].key, (struct str){0}, 0))
            return false;
    }
    return true;
}
