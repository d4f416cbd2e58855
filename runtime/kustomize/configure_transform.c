#include "runtime/kustomize/build.h"

#include "runtime/yaml/yscalar.h"

/* The fields that are transformers, in the order in which the reference runs
 * them, whatever the order in the file. */

struct step {
    const char *field, *kind;
    bool (*run)(struct target *t, struct accumulator *acc,
                const struct step *s, const struct ynode *n,
                const struct origin *o, struct err *e);
    const char *key;     /* of the plug-in's configuration */
    enum config_set set; /* CONFIG_SETS: none */
};

static struct fieldspecs specs_of(const struct accumulator *acc,
                                  const struct step *s)
{
    return s->set == CONFIG_SETS ? (struct fieldspecs){0}
                                 : acc->config.sets[s->set];
}

/* The field's value as one key of the configuration. */
static struct ynode *wrap(struct target *t, const char *key,
                          const struct ynode *n)
{
    struct ynode *spec = ynode_map(t->b->a);

    spec->file = n->file;
    spec->line = n->line;
    spec->col = n->col;
    ynode_set(t->b->a, spec, str_of(key), (struct ynode *)n);
    return spec;
}

static bool run_once(struct target *t, struct accumulator *acc,
                     const struct step *s, const struct ynode *n,
                     const struct origin *o, struct err *e)
{
    bool blank = n->kind == YNODE_SCALAR ? !n->text.n : !ynode_count(n);

    return blank || target_transform(t, acc, s->kind, wrap(t, s->key, n),
                                     specs_of(acc, s), o, e);
}

static bool run_each(struct target *t, struct accumulator *acc,
                     const struct step *s, const struct ynode *n,
                     const struct origin *o, struct err *e)
{
    for (size_t i = 0; i < ynode_count(n); i++)
        if (!target_transform(t, acc, s->kind, n->seq.items[i],
                              specs_of(acc, s), o, e))
            return false;
    return true;
}

static bool is_on(const struct ynode *n)
{
    return n && yscalar_true(n->text);
}

static bool label_specs(struct target *t, const struct accumulator *acc,
                        const struct ynode *entry, struct fieldspecs *out,
                        struct err *e)
{
    struct arena *a = t->b->a;
    const struct ynode *own = ynode_get(entry, "fields");
    const struct fieldspecs *sets = acc->config.sets;
    static const struct fieldspec meta = {.path = {"metadata/labels", 15},
                                          .create = true};

    *out = (struct fieldspecs){0};
    if (own && !config_read_specs(a, own, out, e))
        return false;
    if (is_on(ynode_get(entry, "includeSelectors")))
        return config_merge_specs(a, *out, sets[CONFIG_COMMON_LABELS], out,
                                  e) &&
               config_merge_specs(a, *out, sets[CONFIG_LABELS], out, e);
    if (is_on(ynode_get(entry, "includeTemplates")) &&
        !config_merge_specs(a, *out, sets[CONFIG_TEMPLATE_LABELS], out, e))
        return false;
    return config_merge_specs(a, *out, (struct fieldspecs){&meta, 1}, out,
                              e) &&
           config_merge_specs(a, *out, sets[CONFIG_LABELS], out, e);
}

static bool run_labels(struct target *t, struct accumulator *acc,
                       const struct step *s, const struct ynode *n,
                       const struct origin *o, struct err *e)
{
    for (size_t i = 0; i < ynode_count(n); i++) {
        struct ynode *entry = n->seq.items[i];
        struct ynode *pairs = ynode_get(entry, "pairs");
        struct fieldspecs specs;

        if (!label_specs(t, acc, entry, &specs, e))
            return err_wrap(e, "%s", ynode_where(t->b->a, entry).s);
        if (!target_transform(t, acc, s->kind,
                              wrap(t, s->key, pairs ? pairs : entry), specs,
                              o, e))
            return false;
    }
    return true;
}

static const struct step steps[] = {
    {"patchesStrategicMerge", "PatchStrategicMergeTransformer", run_once,
     "paths", CONFIG_SETS},
    {"patches", "PatchTransformer", run_each, NULL, CONFIG_SETS},
    {"namespace", "NamespaceTransformer", run_once, "namespace",
     CONFIG_NAMESPACE},
    {"namePrefix", "PrefixTransformer", run_once, "prefix",
     CONFIG_NAME_PREFIX},
    {"nameSuffix", "SuffixTransformer", run_once, "suffix",
     CONFIG_NAME_SUFFIX},
    {"labels", "LabelTransformer", run_labels, "labels", CONFIG_SETS},
    {"commonLabels", "LabelTransformer", run_once, "labels",
     CONFIG_COMMON_LABELS},
    {"commonAnnotations", "AnnotationsTransformer", run_once, "annotations",
     CONFIG_COMMON_ANNOTATIONS},
    {"patchesJson6902", "PatchJson6902Transformer", run_each, NULL,
     CONFIG_SETS},
    {"replicas", "ReplicaCountTransformer", run_each, NULL, CONFIG_REPLICAS},
    {"images", "ImageTagTransformer", run_each, NULL, CONFIG_IMAGES},
    {"replacements", "ReplacementTransformer", run_once, "replacements",
     CONFIG_SETS},
};

/* The reference runs commonLabels after labels even where there are none,
 * which shows in the transformations it records. */
static void note_common_labels(struct target *t, struct accumulator *acc,
                               const struct origin *o)
{
    for (size_t i = 0; o && i < acc->m.n; i++)
        arena_push(t->b->a, &acc->m.items[i]->transformations, o);
}

/* The objects of 'transformers:'. */
static bool run_plugins(struct target *t, struct accumulator *acc,
                        struct err *e)
{
    struct accumulator own;

    if (!kfile_list(&t->k, "transformers"))
        return true;
    accumulator_init(&own, t->b);
    bool ok = target_plugins(t, "transformers", &own, e);

    for (size_t i = 0; ok && i < own.m.n; i++) {
        const struct resource *r = own.m.items[i];

        ok = target_run_plugin(t, acc, r, "transformer",
                               origin_plugin(t->b->a, r), e);
    }
    accumulator_free(&own);
    return ok;
}

bool target_transformers(struct target *t, struct accumulator *acc,
                         struct err *e)
{
    bool labels = ynode_count(ynode_get(t->k.root, "labels")) > 0;

    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        const struct step *s = &steps[i];
        const struct ynode *n = ynode_get(t->k.root, s->field);
        const struct origin *o =
            t->origin ? origin_builtin(t->b->a, t->origin, t->k.name, s->kind)
                      : NULL;

        if (n && !s->run(t, acc, s, n, o, e))
            return false;
        if (s->set == CONFIG_COMMON_LABELS && labels && !ynode_count(n))
            note_common_labels(t, acc, o);
    }
    return run_plugins(t, acc, e);
}
