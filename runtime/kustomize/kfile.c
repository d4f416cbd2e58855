#include "runtime/kustomize/kfile.h"

#include "runtime/kustomize/kfield.h"
#include "runtime/kustomize/loss.h"
#include "runtime/yaml/ykey.h"
#include "runtime/yaml/yread.h"

static const char *const names[] = {"kustomization.yaml", "kustomization.yml",
                                    "Kustomization"};

enum { NAMES = sizeof(names) / sizeof(*names) };

static bool find_file(struct arena *a, const struct loader *l,
                      struct str *text, struct kfile *out, struct err *e)
{
    size_t found = 0;
    struct err failed = {0};

    for (size_t i = 0; i < NAMES; i++) {
        struct err each = {0};
        const char *shown;
        struct str read;

        if (!loader_read(l, a, str_of(names[i]), &read, &shown, &each)) {
            if (!str_starts(str_of(each.msg), STR("no such file")))
                failed = each;
            continue;
        }
        if (found++)
            return err_set(e, ERR_INPUT, "%s: there is '%s' too; keep one of "
                                         "the two", out->shown, shown);
        out->shown = shown;
        out->name = str_of(names[i]);
        *text = read;
    }
    if (found)
        return true;
    if (failed.kind) {
        *e = failed;
        return false;
    }
    return err_set(e, ERR_INPUT,
                   "no kustomization.yaml, kustomization.yml or Kustomization "
                   "in '" STR_FMT "'", STR_ARG(l->shown.n ? l->shown
                                                          : STR(".")));
}

/* A value that Go's reader cannot tell from an absent one. */
static bool is_zero(const struct ynode *n)
{
    return ynode_is_null(n) || (ynode_is_scalar(n) && !n->text.n);
}

static bool check_kind(struct arena *a, struct kfile *k, struct err *e)
{
    struct str kind = ynode_get_text(k->root, "kind");
    struct str version = ynode_get_text(k->root, "apiVersion");

    k->is_component = str_eq(kind, STR("Component"));
    if (kind.n && !k->is_component && !str_eq(kind, STR("Kustomization")))
        return err_set(e, ERR_INPUT, "%s: kind is Kustomization or Component, "
                       "not '" STR_FMT "'",
                       ynode_where(a, ynode_get(k->root, "kind")).s,
                       STR_ARG(kind));
    const char *wanted = k->is_component
                             ? "kustomize.config.k8s.io/v1alpha1"
                             : "kustomize.config.k8s.io/v1beta1";

    if (!version.n || str_eq(version, str_of(wanted)))
        return true;
    return err_set(e, ERR_INPUT, "%s: apiVersion is %s for a %s, not '"
                   STR_FMT "'",
                   ynode_where(a, ynode_get(k->root, "apiVersion")).s, wanted,
                   k->is_component ? "Component" : "Kustomization",
                   STR_ARG(version));
}

static bool check_empty(const struct kfile *k, struct err *e)
{
    for (size_t i = 0; i < ynode_count(k->root); i++) {
        const struct ypair *p = &k->root->map.items[i];

        if (!str_eq(p->key, STR("kind")) &&
            !str_eq(p->key, STR("apiVersion")) && !is_zero(p->value))
            return true;
    }
    return err_set(e, ERR_INPUT, "%s:1:1: the kustomization is empty; name "
                                 "resources or what to do with them",
                   k->shown);
}

/* Appends the items of an old field to the new one's. */
static void move_items(struct arena *a, struct ynode *root, const char *from,
                       const char *to)
{
    struct ynode *old = ynode_get(root, from), *list = ynode_get(root, to);

    if (!ynode_count(old))
        return;
    if (!list || ynode_is_null(list)) {
        list = ynode_seq(a);
        list->file = root->file;
        ynode_set(a, root, str_of(to), list);
    }
    for (size_t i = 0; i < old->seq.n; i++)
        ynode_push(a, list, old->seq.items[i]);
    ynode_remove(root, str_of(from));
}

static void move_env(struct arena *a, struct ynode *generators)
{
    for (size_t i = 0; i < ynode_length(generators); i++) {
        struct ynode *g = generators->seq.items[i];
        struct ynode *env = ynode_get(g, "env"), *envs = ynode_get(g, "envs");

        if (!env || is_zero(env))
            continue;
        if (!envs || ynode_is_null(envs)) {
            envs = ynode_seq(a);
            ynode_set(a, g, STR("envs"), envs);
        }
        ynode_push(a, envs, env);
        ynode_remove(g, STR("env"));
    }
}

/* An entry of the oldest helm field as one of the present. */
static struct ynode *renew_chart(struct arena *a, struct ynode *root,
                                 const struct ynode *old)
{
    static const struct {
        const char *from, *to;
        bool global;
    } fields[] = {
        {"chartName", "name", false},
        {"chartVersion", "version", false},
        {"chartRepoUrl", "repo", false},
        {"values", "valuesFile", false},
        {"valuesLocal", "valuesInline", false},
        {"valuesMerge", "valuesMerge", false},
        {"releaseName", "releaseName", false},
        {"helmHome", "configHome", true},
        {"chartHome", "chartHome", true},
    };
    struct ynode *chart = ynode_map(a);

    chart->file = old->file;
    chart->line = old->line;
    chart->col = old->col;
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        struct ynode *n = ynode_get(old, fields[i].from);

        if (n && !is_zero(n))
            ynode_set(a, fields[i].global
                             ? ynode_make_map(a, root, STR("helmGlobals"))
                             : chart, str_of(fields[i].to), n);
    }
    return chart;
}

static void renew_charts(struct arena *a, struct ynode *root)
{
    const char *field = "helmChartInflationGenerator";
    struct ynode *old = ynode_get(root, field);

    for (size_t i = 0; i < ynode_length(old); i++)
        old->seq.items[i] = renew_chart(a, root, old->seq.items[i]);
    move_items(a, root, field, "helmCharts");
}

/* The fields whose values are texts: a null there is the empty text. */
static bool holds_texts(struct str key)
{
    return str_eq(key, STR("commonLabels")) ||
           str_eq(key, STR("commonAnnotations")) || str_eq(key, STR("pairs")) ||
           str_eq(key, STR("labels")) || str_eq(key, STR("annotations"));
}

static void empty_nulls(struct arena *a, struct ynode *texts)
{
    for (size_t i = 0; i < texts->map.n; i++)
        if (ynode_is_null(texts->map.items[i].value))
            texts->map.items[i].value = ynode_string(a, STR(""));
}

/* Nulls mean absent everywhere in the file but among texts, and in a chart's
 * values, where they take back what the chart says. */
static void drop_nulls(struct arena *a, struct ynode *n)
{
    if (n->kind == YNODE_SEQ)
        for (size_t i = 0; i < n->seq.n; i++)
            drop_nulls(a, n->seq.items[i]);
    if (n->kind != YNODE_MAP)
        return;
    size_t keep = 0;

    for (size_t i = 0; i < n->map.n; i++) {
        struct ypair *p = &n->map.items[i];

        if (ynode_is_null(p->value))
            continue;
        if (holds_texts(p->key) && ynode_is_map(p->value))
            empty_nulls(a, p->value);
        else if (!str_eq(p->key, STR("valuesInline")))
            drop_nulls(a, p->value);
        n->map.items[keep++] = *p;
    }
    n->map.n = keep;
}

enum { WORDS = 3 };

static bool is_word(const struct ynode *n, const char *const words[WORDS])
{
    bool found = false;

    for (size_t i = 0; i < WORDS; i++)
        found = found || str_eq(ynode_text(n), str_of(words[i]));
    return found;
}

static void warn_deprecated(const struct kfile *k, struct warnings *w)
{
    static const struct {
        const char *from, *to;
    } fields[] = {
        {"bases", "resources"},
        {"imageTags", "images"},
        {"patchesJson6902", "patches"},
        {"patchesStrategicMerge", "patches"},
        {"commonLabels", "labels"},
        {"vars", "replacements"},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        struct ynode *n = ynode_get(k->root, fields[i].from);

        if (n && !ynode_is_null(n))
            warn_add(w, n, "'%s' is deprecated; use '%s'", fields[i].from,
                     fields[i].to);
    }
}

/* Words that mean nothing, and are taken without a word. */
static void warn_words(const struct kfile *k, struct warnings *w)
{
    static const char *const generators[] = {"configMapGenerator",
                                             "secretGenerator"};
    struct ynode *list = ynode_get(k->root, "buildMetadata");

    for (size_t i = 0; ynode_is_seq(list) && i < list->seq.n; i++)
        if (!is_word(list->seq.items[i],
                     (const char *[]){"originAnnotations", "managedByLabel",
                                      "transformerAnnotations"}))
            warn_add(w, list->seq.items[i], "'" STR_FMT "' adds nothing; it is "
                     "one of originAnnotations, transformerAnnotations, "
                     "managedByLabel", STR_ARG(ynode_text(list->seq.items[i])));
    for (size_t g = 0; g < 2; g++) {
        list = ynode_get(k->root, generators[g]);
        for (size_t i = 0; ynode_is_seq(list) && i < list->seq.n; i++) {
            const struct ynode *n = ynode_get(list->seq.items[i], "behavior");

            if (n && ynode_text(n).n &&
                !is_word(n, (const char *[]){"create", "merge", "replace"}))
                warn_add(w, n, "'" STR_FMT "' counts as 'create'; it is one of "
                         "create, merge, replace", STR_ARG(ynode_text(n)));
        }
    }
}

bool kfile_read(struct arena *a, const struct loader *l, struct kfile *out,
                struct warnings *w, struct err *e)
{
    struct str text;

    *out = (struct kfile){0};
    if (!find_file(a, l, &text, out, e))
        return false;
    struct yread_options o = {.file = out->shown, .dialect = YDIALECT_11,
                              .duplicates = YDUP_LAST_WINS};

    if (!yread_first(a, text, &o, &out->root, e) ||
        !ykey_spell(a, out->root, e))
        return false;
    if (!out->root || ynode_is_null(out->root))
        out->root = ynode_map(a);
    if (out->root->kind != YNODE_MAP)
        return err_set(e, ERR_INPUT, "%s: a kustomization is a map of fields",
                       ynode_where(a, out->root).s);
    if (!kfield_check(a, out->root, kfield_kustomization, e) ||
        !check_empty(out, e) || !check_kind(a, out, e))
        return false;
    warn_deprecated(out, w);
    warn_words(out, w);
    loss_of_documents(w, text, out->root);
    drop_nulls(a, out->root);
    move_items(a, out->root, "bases", "resources");
    move_items(a, out->root, "imageTags", "images");
    renew_charts(a, out->root);
    move_env(a, ynode_get(out->root, "configMapGenerator"));
    move_env(a, ynode_get(out->root, "secretGenerator"));
    return true;
}

struct ynode *kfile_list(const struct kfile *k, const char *field)
{
    struct ynode *n = ynode_get(k->root, field);

    return ynode_is_seq(n) ? n : NULL;
}
