#include "runtime/kustomize/generate.h"

#include "base/file.h"
#include "runtime/kustomize/capture.h"
#include "runtime/kustomize/manifest.h"
#include "runtime/kustomize/patch_merge.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/yscalar.h"
#include "runtime/yaml/ywrite.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* helmCharts: what 'helm template' makes of a chart, pulled first where it is
 * not there. */

generate_fn generate_helm;

enum { ARGS_MAX = 1000 };

struct args {
    char **items;
    size_t n, cap;
};

struct chart {
    struct generate *g;
    struct str name, home; /* of all charts: absolute */
    struct str values;     /* the values file, as named or made */
    struct str scratch;    /* a directory of its own */
    char **env;
    const char *helm;
};

static void arg(struct chart *c, struct args *v, struct str s)
{
    arena_push(c->g->a, v, (char *)arena_dup(c->g->a, s).s);
}

static struct str text(const struct chart *c, const char *field)
{
    return ynode_get_text(c->g->spec, field);
}

static void option(struct chart *c, struct args *v, const char *flag,
                   struct str value)
{
    if (!value.n)
        return;
    arg(c, v, str_of(flag));
    arg(c, v, value);
}

static void flag(struct chart *c, struct args *v, const char *name,
                 const char *field)
{
    const struct ynode *n = ynode_get(c->g->spec, field);

    if (n && yscalar_true(n->text))
        arg(c, v, str_of(name));
}

static bool fail(const struct chart *c, const char *what, struct err *e)
{
    return err_set(e, ERR_INPUT, "%s: %s",
                   ynode_where(c->g->a, c->g->spec).s, what);
}

static bool run(struct chart *c, struct args *v, struct buf *out,
                struct err *e)
{
    struct buf errors = {0};

    arena_push(c->g->a, v, NULL);
    bool ok = capture_run(v->items, c->env, out, &errors, e);
    struct str said = str_trim(buf_str(&errors));

    if (!ok && said.n)
        err_wrap(e, "%s: " STR_FMT, ynode_where(c->g->a, c->g->spec).s,
                 (int)(said.n > 300 ? 300 : said.n), said.s);
    else if (!ok)
        err_wrap(e, "%s", ynode_where(c->g->a, c->g->spec).s);
    buf_free(&errors);
    return ok;
}

static struct str setting(const struct chart *c, const char *field)
{
    struct str s = ynode_get_text(c->g->globals, field);

    return s.n ? s : text(c, field);
}

/* Where this chart is looked for: a chart of a certain version from a
 * repository has a directory of its own. */
static struct str chart_dir(struct chart *c)
{
    struct arena *a = c->g->a;
    struct str version = text(c, "version");

    if (!version.n || !text(c, "repo").n)
        return c->home;
    return file_join(a, c->home, arena_printf(a, STR_FMT "-" STR_FMT,
                                              STR_ARG(c->name),
                                              STR_ARG(version)));
}

static bool pull(struct chart *c, struct err *e)
{
    struct arena *a = c->g->a;
    struct str repo = text(c, "repo"), dir = chart_dir(c);
    struct args v = {0};
    struct buf out = {0};
    struct stat st;

    if (!stat(file_join(a, dir, c->name).s, &st) && S_ISDIR(st.st_mode))
        return true;
    if (!repo.n)
        return fail(c, "the chart is not in the charts' directory, and there "
                       "is no 'repo' to pull it from", e);
    arg(c, &v, str_of(c->helm));
    arg(c, &v, STR("pull"));
    arg(c, &v, STR("--untar"));
    option(c, &v, "--untardir", dir);
    if (str_starts(repo, STR("oci://"))) {
        arg(c, &v, file_join(a, repo, c->name));
    } else {
        option(c, &v, "--repo", repo);
        arg(c, &v, c->name);
    }
    option(c, &v, "--version", text(c, "version"));
    flag(c, &v, "--devel", "devel");
    bool ok = run(c, &v, &out, e);

    buf_free(&out);
    return ok;
}

/* The chart's values and those written inline, one over the other. */
static bool merge_values(struct chart *c, struct ynode *own,
                         struct ynode **inline_values, struct err *e)
{
    struct arena *a = c->g->a;
    struct str how = text(c, "valuesMerge");
    struct ynode *mine = ynode_copy(a, *inline_values);
    bool over = !how.n || str_eq(how, STR("override"));
    const struct schema_set none = {0};

    if (str_eq(how, STR("replace")) || !ynode_is_map(own))
        return true;
    *inline_values = over ? own : mine;
    return patch_merge(a, &none, inline_values, over ? mine : own, c->g->w,
                       e);
}

static bool make_values(struct chart *c, struct err *e)
{
    struct generate *g = c->g;
    struct ynode *values = ynode_get(g->spec, "valuesInline"), *own = NULL;
    struct str file = text(c, "valuesFile"), said;
    struct buf b = {0};
    const char *shown;

    if (!file.n)
        file = file_join(g->a, file_join(g->a, chart_dir(c), c->name),
                         STR("values.yaml"));
    if (!loader_read(g->loader, g->a, file, &said, &shown, e))
        return err_wrap(e, "%s", ynode_where(g->a, g->spec).s);
    c->values = arena_printf(g->a, STR_FMT "/" STR_FMT
                             "-kustomize-values.yaml", STR_ARG(c->scratch),
                             STR_ARG(file_base(c->name)));
    if (ynode_count(values)) {
        struct yread_options o = {.file = shown};

        if (!yread_first(g->a, said, &o, &own, e) ||
            !merge_values(c, own, &values, e) || !values ||
            !ywrite_yaml(&b, values, e))
            return false;
        said = arena_dup(g->a, buf_str(&b));
        buf_free(&b);
    }
    return file_write(c->values.s, said, 0600, e);
}

static bool template_args(struct chart *c, struct args *v, struct err *e)
{
    struct generate *g = c->g;
    struct str release = text(c, "releaseName");
    const struct ynode *more = ynode_get(g->spec, "additionalValuesFiles");
    const struct ynode *apis = ynode_get(g->spec, "apiVersions");

    arg(c, v, str_of(c->helm));
    arg(c, v, STR("template"));
    arg(c, v, release.n ? release : STR("--generate-name"));
    arg(c, v, file_join(g->a, chart_dir(c), c->name));
    option(c, v, "--namespace", text(c, "namespace"));
    option(c, v, "--name-template", text(c, "nameTemplate"));
    option(c, v, "-f", c->values);
    for (size_t i = 0; i < ynode_length(more) && i < ARGS_MAX; i++) {
        const struct ynode *n = more->seq.items[i];
        const char *shown;
        struct str ignored;

        if (!loader_read(g->loader, g->a, ynode_text(n), &ignored, &shown, e))
            return err_wrap(e, "%s", ynode_where(g->a, n).s);
        option(c, v, "-f", file_join(g->a, g->loader->root, ynode_text(n)));
    }
    for (size_t i = 0; i < ynode_length(apis) && i < ARGS_MAX; i++)
        option(c, v, "--api-versions", ynode_text(apis->seq.items[i]));
    option(c, v, "--kube-version", text(c, "kubeVersion"));
    flag(c, v, "--include-crds", "includeCRDs");
    flag(c, v, "--skip-tests", "skipTests");
    flag(c, v, "--no-hooks", "skipHooks");
    flag(c, v, "--debug", "debug");
    flag(c, v, "--devel", "devel");
    return true;
}

static bool read_output(struct chart *c, struct str said,
                        struct resource_set *out, struct err *e)
{
    const char *file = arena_printf(c->g->a, "helm:" STR_FMT,
                                    STR_ARG(c->name)).s;
    size_t before = out->n;

    if (manifest_read(c->g->a, said, file, 1, out, NULL, e))
        return true;
    /* Helm may print messages before the first document. */
    size_t at = str_search(said, STR("\n---\n"));

    if (at == said.n)
        return false;
    out->n = before;
    *e = (struct err){0};
    return manifest_read(c->g->a, str_skip(said, at), file, 1, out, NULL, e);
}

static bool inflate(struct chart *c, struct resource_set *out, struct err *e)
{
    struct args v = {0};
    struct buf said = {0};
    bool ok = pull(c, e) && make_values(c, e) && template_args(c, &v, e) &&
              run(c, &v, &said, e) &&
              read_output(c, arena_dup(c->g->a, buf_str(&said)), out, e);

    buf_free(&said);
    return ok;
}

static char **make_env(struct chart *c)
{
    struct arena *a = c->g->a;
    struct str home = setting(c, "configHome");
    struct args v = {0};

    if (!home.n)
        home = file_join(a, c->scratch, STR("helm"));
    for (char **p = environ; *p; p++)
        if (strncmp(*p, "HELM_CONFIG_HOME=", 17) != 0 &&
            strncmp(*p, "HELM_CACHE_HOME=", 16) != 0 &&
            strncmp(*p, "HELM_DATA_HOME=", 15) != 0)
            arena_push(a, &v, *p);
    arg(c, &v, arena_printf(a, "HELM_CONFIG_HOME=" STR_FMT, STR_ARG(home)));
    arg(c, &v, arena_printf(a, "HELM_CACHE_HOME=" STR_FMT "/.cache",
                            STR_ARG(home)));
    arg(c, &v, arena_printf(a, "HELM_DATA_HOME=" STR_FMT "/.data",
                            STR_ARG(home)));
    arena_push(a, &v, NULL);
    return v.items;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static bool check(struct chart *c, struct err *e)
{
    struct str how = text(c, "valuesMerge");

    if (!c->g->build->enable_helm)
        return fail(c, "helm charts run helm, which needs --enable-helm", e);
    if (!c->name.n)
        return fail(c, "a helm chart needs a name", e);
    if (how.n && !str_eq(how, STR("merge")) && !str_eq(how, STR("override")) &&
        !str_eq(how, STR("replace")))
        return fail(c, "valuesMerge is merge, override or replace", e);
    return true;
}

bool generate_helm(struct generate *g, struct resource_set *out,
                   struct err *e)
{
    struct chart c = {.g = g, .name = ynode_get_text(g->spec, "name")};
    const char *tmp = getenv("TMPDIR");
    struct str home = setting(&c, "chartHome");
    struct str scratch = arena_printf(g->a, "%s/pipec-helm-XXXXXX",
                                      tmp && *tmp ? tmp : "/tmp");

    if (!check(&c, e))
        return false;
    if (!mkdtemp((char *)scratch.s))
        return err_errno(e, "'%s'", scratch.s);
    c.scratch = scratch;
    c.home = file_join(g->a, g->loader->root, home.n ? home : STR("charts"));
    c.helm = g->build->helm_command.n
                 ? arena_dup(g->a, g->build->helm_command).s : "helm";
    c.env = make_env(&c);
    bool ok = inflate(&c, out, e);

    nftw(scratch.s, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return ok;
}
