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
    return target_run_plugins(t, acc, "transformers", "transformer", e);
}

static bool is_annotations(const struct ypair *p)
{
    return str_eq(p->key, STR("annotations"));
}

/* Do the labels come last in the metadata, where writing them anew puts
 * them? */
static bool are_last(const struct resource *r)
{
    const struct ynode *meta = ynode_get(r->node, "metadata");
    size_t n = meta->map.n;
    bool noted = r->notes != NOTES_AS_READ || r->generated || r->origin;

    if (r->notes == NOTES_AFTER_LABELS || r->transformations.n)
        return false;
    if (noted && is_annotations(&meta->map.items[n - 1]))
        n--;
    return str_eq(meta->map.items[n - 1].key, STR("labels"));
}

static bool is_as_written(const struct ypair *p)
{
    struct ynode again = {.kind = YNODE_SCALAR, .tag = YTAG_STR,
                          .text = p->value->text};

    if (str_find(again.text, '\n') < again.text.n)
        again.style = YSTYLE_LITERAL;
    else
        yscalar_quote(&again);
    return !p->line && !p->value->line && !p->value->untagged &&
           p->value->style == again.style;
}

/* Labels that look the same when they are written anew, in order and at the
 * end; those read from a file do not, since they know their lines. */
static bool survives(const struct resource *r)
{
    const struct ynode *labels = ynode_find(r->node, "metadata", "labels",
                                            NULL);

    if (!labels)
        return true;
    if (!ynode_count(labels) || labels->line || !are_last(r))
        return false;
    for (size_t i = 0; i < labels->map.n; i++) {
        const struct ypair *p = &labels->map.items[i];

        if (!is_as_written(p) || (i && str_cmp(p[-1].key, p->key) > 0))
            return false;
    }
    return true;
}

/* A text that was set again is another to the reference, though it reads the
 * same: it has lost its line. */
static bool is_untouched(const struct ynode *before, const struct ynode *after)
{
    if (before->kind == YNODE_SCALAR)
        return before->untagged == after->untagged &&
               before->line == after->line;
    if (before->kind == YNODE_MAP) {
        for (size_t i = 0; i < before->map.n; i++)
            if (!is_untouched(before->map.items[i].value,
                              ynode_pair(after, before->map.items[i].key)->value))
                return false;
        return true;
    }
    for (size_t i = 0; i < before->seq.n; i++)
        if (!is_untouched(before->seq.items[i], after->seq.items[i]))
            return false;
    return true;
}

/* Is the object as before but for the label? What the reference notes of it
 * counts: a namespace that is set again is a change. */
static bool is_unchanged(struct target *t, const struct resource *before,
                         const struct resource *after)
{
    struct ynode *labels = resource_labels(after), *now = after->node;

    if (before->former.n != after->former.n ||
        before->prefixes.n != after->prefixes.n ||
        before->suffixes.n != after->suffixes.n)
        return false;
    if (ynode_get(labels, "validated-by")) {
        if (!survives(before))
            return false;
        now = ynode_copy(t->b->a, now);
        labels = ynode_find(now, "metadata", "labels", NULL);
        ynode_remove(labels, STR("validated-by"));
        if (!labels->map.n)
            ynode_remove(ynode_get(now, "metadata"), STR("labels"));
    }
    return ynode_equal(before->node, now) && is_untouched(before->node, now);
}

bool target_validators(struct target *t, struct accumulator *acc,
                       struct err *e)
{
    struct resource_set before = {0};

    if (!kfile_list(&t->k, "validators"))
        return true;
    for (size_t i = 0; i < acc->m.n; i++)
        arena_push(t->b->a, &before,
                   resource_copy(t->b->a, acc->m.items[i]));
    if (!target_run_plugins(t, acc, "validators", "validator", e))
        return false;
    bool same = before.n == acc->m.n;

    for (size_t i = 0; same && i < before.n; i++)
        same = is_unchanged(t, before.items[i], acc->m.items[i]);
    return same ||
           err_set(e, ERR_INPUT, "%s: a validator may not change objects",
                   ynode_where(t->b->a, ynode_get(t->k.root,
                                                  "validators")).s);
}
