#include "runtime/kustomize/build.h"
#include "runtime/kustomize/generate.h"
#include "runtime/kustomize/kfield.h"
#include "runtime/kustomize/manifest.h"
#include "runtime/kustomize/transform.h"
#include "runtime/yaml/ykey.h"
#include "runtime/yaml/yread.h"

/* Makes the fields of a kustomization file into runs of generators and
 * transformers, in the reference's fixed order. */

static bool read_yaml(struct target *t, const struct ynode *entry,
                      struct ynode **out, struct err *e)
{
    struct str text;
    const char *shown;

    if (!loader_read(t->loader, t->b->a, ynode_text(entry), &text, &shown, e))
        return err_wrap(e, "%s", ynode_where(t->b->a, entry).s);
    struct yread_options o = {.file = shown, .dialect = YDIALECT_11,
                              .duplicates = YDUP_LAST_WINS};

    return yread_first(t->b->a, text, &o, out, e) &&
           ykey_spell(t->b->a, *out, e);
}

bool target_schema(struct target *t, struct err *e)
{
    const struct ynode *openapi = ynode_get(t->k.root, "openapi");
    const struct ynode *path = ynode_get(openapi, "path");
    const struct ynode *version = ynode_get(openapi, "version");
    struct build *b = t->b;
    struct ynode *doc;

    if (!openapi || (b->has_schema && !path))
        return true;
    if (path && !read_yaml(t, path, &doc, e))
        return false;
    if (b->has_schema)
        return true;
    if (path && version)
        return err_set(e, ERR_INPUT, "%s: 'openapi' has either 'path' or "
                       "'version', not both", ynode_where(b->a, openapi).s);
    if (version && version->text.n && !str_eq(version->text, STR("v1.21.2")))
        return err_set(e, ERR_INPUT, "%s: the OpenAPI version built in is "
                       "v1.21.2, not '" STR_FMT "'",
                       ynode_where(b->a, version).s, STR_ARG(version->text));
    b->has_schema = path || (version && version->text.n);
    return !path || schema_set_init(&b->schema, doc, e);
}

static bool merge_config(struct target *t, struct config *into,
                         const struct ynode *entry, bool crds, struct err *e)
{
    struct ynode *doc;
    struct config more;

    if (!read_yaml(t, entry, &doc, e))
        return false;
    if (!doc)
        return true;
    return (crds ? config_read_crds(t->b->a, doc, &more, e)
                 : config_read(t->b->a, doc, &more, e)) &&
           config_merge(t->b->a, into, &more, into, e);
}

bool target_config(struct target *t, struct accumulator *acc, struct err *e)
{
    static const char *const fields[] = {"configurations", "crds"};
    struct config own = config_default();
    bool any = false;

    for (size_t crds = 0; crds < 2; crds++) {
        const struct ynode *list = kfile_list(&t->k, fields[crds]);

        for (size_t i = 0; i < ynode_count(list); i++, any = true)
            if (!merge_config(t, &own, list->seq.items[i], crds, e))
                return false;
    }
    bool first = !acc->has_config;

    acc->has_config = true;
    if (!any && (first || !acc->is_custom))
        return true;
    acc->is_custom |= any;
    if (!first)
        return config_merge(t->b->a, &acc->config, &own, &acc->config, e);
    acc->config = own;
    return config_settle(t->b->a, &acc->config, e);
}

bool target_inline(struct target *t, const struct ynode *entry,
                   struct resource_set *out, struct err *e)
{
    bool block = entry->style == YSTYLE_LITERAL ||
                 entry->style == YSTYLE_FOLDED;

    return manifest_read(t->b->a, ynode_text(entry), entry->file,
                         entry->line + block, out, t->b->w, e);
}

/* One entry of 'generators:' and the like: objects in it, or a path. */
static bool plugin_entry(struct target *t, const struct ynode *entry,
                         struct ynode *paths, struct accumulator *out,
                         struct err *e)
{
    struct resource_set set = {0};
    struct err ignored = {0};

    if (!target_inline(t, entry, &set, &ignored)) {
        ynode_push(t->b->a, paths, (struct ynode *)entry);
        return true;
    }
    for (size_t i = 0; i < set.n; i++) {
        if (t->origin)
            set.items[i]->origin = origin_below(t->b->a, t->origin,
                                                t->k.name);
        if (!resmap_append(&out->m, set.items[i], e))
            return false;
    }
    return true;
}

bool target_plugins(struct target *t, const char *field,
                    struct accumulator *out, struct err *e)
{
    const struct ynode *list = kfile_list(&t->k, field);
    struct ynode *paths = ynode_seq(t->b->a);

    for (size_t i = 0; i < ynode_count(list); i++)
        if (!plugin_entry(t, list->seq.items[i], paths, out, e))
            return false;
    return target_resources(t, out, paths, e);
}

static bool check_builtin(struct target *t, const struct resource *r,
                          bool found, const char *what, struct err *e)
{
    struct str version = resource_api_version(r);

    if (!str_eq(version, STR("builtin")))
        return err_set(e, ERR_INPUT, "%s: the %s '" STR_FMT "' of '" STR_FMT
                       "' is a plug-in that would be run as a program; only "
                       "'apiVersion: builtin' works here",
                       ynode_where(t->b->a, r->node).s, what,
                       STR_ARG(resource_kind(r)), STR_ARG(version));
    return found ||
           err_set(e, ERR_INPUT, "%s: there is no built-in %s '" STR_FMT "'",
                   ynode_where(t->b->a, r->node).s, what,
                   STR_ARG(resource_kind(r)));
}

static bool run_generator(struct target *t, struct accumulator *acc,
                          const char *kind, const struct ynode *spec,
                          const struct origin *origin, struct err *e)
{
    struct generate g = {
        .a = t->b->a, .spec = spec, .loader = t->loader, .build = t->b->o,
        .options = origin && origin->name.n
                       ? NULL : ynode_get(t->k.root, "generatorOptions"),
        .globals = ynode_get(t->k.root, "helmGlobals"), .w = t->b->w,
    };
    struct resource_set made = {0};

    if (ynode_get(spec, "apiVersion"))
        g.options = g.globals = NULL;
    if (!generate_find(str_of(kind))->run(&g, &made, e))
        return false;
    for (size_t i = 0; i < made.n; i++) {
        if (!made.items[i]->origin)
            made.items[i]->origin = origin;
        if (!resmap_absorb(&acc->m, made.items[i], e))
            return false;
    }
    return true;
}

bool target_generators(struct target *t, struct accumulator *acc,
                       struct err *e)
{
    static const struct {
        const char *field, *kind;
    } fields[] = {
        {"configMapGenerator", "ConfigMapGenerator"},
        {"secretGenerator", "SecretGenerator"},
        {"helmCharts", "HelmChartInflationGenerator"},
    };
    struct accumulator own;

    for (size_t f = 0; f < sizeof(fields) / sizeof(*fields); f++) {
        const struct ynode *list = kfile_list(&t->k, fields[f].field);
        const struct origin *o =
            t->origin ? origin_builtin(t->b->a, t->origin, t->k.name,
                                       fields[f].kind) : NULL;

        for (size_t i = 0; i < ynode_count(list); i++)
            if (!run_generator(t, acc, fields[f].kind, list->seq.items[i], o,
                               e))
                return false;
    }
    if (!kfile_list(&t->k, "generators"))
        return true;
    accumulator_init(&own, t->b);
    bool ok = target_plugins(t, "generators", &own, e);

    for (size_t i = 0; ok && i < own.m.n; i++) {
        struct resource *r = own.m.items[i];

        kfield_spell(r->node);
        const struct generate_kind *k = generate_find(resource_kind(r));

        ok = check_builtin(t, r, k != NULL, "generator", e) &&
             kfield_lists(t->b->a, r->node, e) &&
             run_generator(t, acc, k->kind, r->node,
                           origin_plugin(t->b->a, r), e);
    }
    accumulator_free(&own);
    return ok;
}

static const char *const metadata_keys[] = {
    "config.kubernetes.io/origin",
    "alpha.config.kubernetes.io/transformations",
};

/* The reference keeps what buildMetadata asks for in annotations, where a
 * patch can lose it; so there is a mark while a transformer runs, and the
 * whole text where something could copy it. */
static void mark(struct arena *a, struct resmap *m, bool whole)
{
    for (size_t i = 0; i < m->n; i++) {
        struct resource *r = m->items[i];
        const bool has[] = {r->origin, r->transformations.n > 0};

        for (size_t k = 0; k < 2; k++) {
            struct ynode *meta = ynode_make_map(a, r->node, STR("metadata"));
            struct ynode *notes =
                meta && has[k] ? ynode_make_map(a, meta, STR("annotations"))
                               : NULL;

            if (notes)
                ynode_set_string(a, notes, metadata_keys[k],
                                 !whole ? STR("-")
                                 : k    ? origin_list_text(a, r)
                                        : origin_text(a, r->origin));
        }
    }
}

static void take_marks(struct arena *a, struct resmap *m)
{
    for (size_t i = 0; i < m->n; i++) {
        struct resource *r = m->items[i];
        struct ynode *notes = resource_annotations(r);

        if (!notes || !ynode_remove(notes, str_of(metadata_keys[0])))
            r->origin = NULL;
        if (!notes || !ynode_remove(notes, str_of(metadata_keys[1])))
            r->transformations.n = 0;
        resource_renew_annotations(a, r);
    }
}

static bool may_copy(struct str kind)
{
    return str_eq(kind, STR("ReplacementTransformer")) ||
           str_eq(kind, STR("PatchTransformer")) ||
           str_eq(kind, STR("PatchJson6902Transformer"));
}

bool target_transform(struct target *t, struct accumulator *acc,
                      const char *kind, const struct ynode *spec,
                      struct fieldspecs fields, const struct origin *origin,
                      struct err *e)
{
    struct transform x = {
        .a = t->b->a, .m = &acc->m, .spec = spec, .fields = fields,
        .loader = t->loader, .schema = &t->b->schema, .w = t->b->w,
    };

    if (origin)
        mark(t->b->a, &acc->m, may_copy(str_of(kind)));
    if (!transform_find(str_of(kind))->run(&x, e))
        return false;
    if (!x.ids_kept)
        resmap_touch(&acc->m);
    if (origin)
        take_marks(t->b->a, &acc->m);
    for (size_t i = 0; origin && i < acc->m.n; i++) {
        struct resource *r = acc->m.items[i];

        if (r->origin)
            arena_push(t->b->a, &r->transformations, origin);
        else
            r->origin = origin;
    }
    resmap_drop_empty(&acc->m);
    return true;
}

bool target_run_plugin(struct target *t, struct accumulator *acc,
                       const struct resource *r, const char *what,
                       const struct origin *origin, struct err *e)
{
    kfield_spell(r->node);
    const struct transform_kind *k = transform_find(resource_kind(r));
    const struct ynode *specs = ynode_get(r->node, "fieldSpecs");
    struct fieldspecs fields = {0};

    return check_builtin(t, r, k != NULL, what, e) &&
           kfield_lists(t->b->a, r->node, e) &&
           (!specs || ynode_is_null(specs) ||
            config_read_specs(t->b->a, specs, &fields, e)) &&
           target_transform(t, acc, k->kind, r->node, fields, origin, e);
}
