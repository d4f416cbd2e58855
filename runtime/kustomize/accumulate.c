#include "runtime/kustomize/build.h"
#include "runtime/kustomize/manifest.h"

void accumulator_init(struct accumulator *acc, struct build *b)
{
    *acc = (struct accumulator){.config = config_default()};
    resmap_init(&acc->m, b->a);
}

void accumulator_free(struct accumulator *acc)
{
    resmap_free(&acc->m);
}

static bool join(struct build *b, struct accumulator *acc,
                 const struct accumulator *from, struct err *e)
{
    if (!resmap_append_all(&acc->m, &from->m, e) ||
        !vars_join(b->a, &acc->vars, &from->vars, e))
        return false;
    bool first = !acc->has_config;

    acc->has_config = true;
    acc->is_custom |= from->is_custom;
    if (!first)
        return !acc->is_custom ||
               config_merge(b->a, &acc->config, &from->config, &acc->config,
                            e);
    acc->config = from->config;
    return !acc->is_custom || config_settle(b->a, &acc->config, e);
}

bool target_open(struct target *t, struct build *b, const struct loader *l,
                 struct err *e)
{
    *t = (struct target){.b = b, .loader = l};
    return kfile_read(b->a, l, &t->k, b->w, e);
}

static bool check_kind(struct target *t, bool component, struct err *e)
{
    if (t->k.is_component == component)
        return true;
    return err_set(e, ERR_INPUT, "%s:1:1: %s", t->k.shown,
                   component ? "this is a Kustomization, but named in "
                               "'components'; name it in 'resources'"
                             : "this is a Component, but named in "
                               "'resources'; name it in 'components'");
}

/* A base builds on its own; a component goes on with what is there. */
static bool accumulate_loader(struct target *t, struct accumulator *acc,
                              const struct loader *l, struct str path,
                              bool component, struct err *e)
{
    struct build *b = t->b;
    struct target sub;
    struct accumulator own;

    if (b->depth == KUSTOMIZE_DEPTH_MAX)
        return err_set(e, ERR_INPUT, "%s: kustomizations lead to each other "
                       "more than %d deep", t->k.shown, KUSTOMIZE_DEPTH_MAX);
    if (!target_open(&sub, b, l, e) || !check_kind(&sub, component, e) ||
        !target_schema(&sub, e))
        return false;
    sub.origin = t->origin ? origin_below(b->a, t->origin, path) : NULL;
    if (component)
        return target_accumulate(&sub, acc, e) &&
               (!acc->is_custom || config_settle(b->a, &acc->config, e));
    accumulator_init(&own, b);
    b->depth++;
    bool ok = target_accumulate(&sub, &own, e) && join(b, acc, &own, e);

    b->depth--;
    accumulator_free(&own);
    return ok;
}

static bool enter_repo(struct target *t, const struct repourl *url,
                       struct loader *out, struct err *e)
{
    struct str folder;

    return fetch_repo(t->b->fetch, url, &folder, e) &&
           loader_enter_repo(t->loader, t->b->a, folder, url->path, url->url,
                             out, e);
}

static bool accumulate_directory(struct target *t, struct accumulator *acc,
                                 const struct ynode *entry, bool component,
                                 struct err *e)
{
    struct loader *l = arena_new(t->b->a, struct loader);
    struct repourl url;
    bool ok = repourl_parse(t->b->a, ynode_text(entry), &url)
                  ? enter_repo(t, &url, l, e)
                  : loader_enter(t->loader, t->b->a, ynode_text(entry), l, e);

    if (!ok)
        return err_wrap(e, "%s", ynode_where(t->b->a, entry).s);
    return accumulate_loader(t, acc, l, ynode_text(entry), component, e);
}

static bool accumulate_file(struct target *t, struct accumulator *acc,
                            const struct ynode *entry, struct err *e)
{
    struct str text;
    const char *shown;
    struct resource_set set = {0};
    const struct origin *origin =
        t->origin ? origin_below(t->b->a, t->origin, ynode_text(entry)) : NULL;

    if (!loader_read(t->loader, t->b->a, ynode_text(entry), &text, &shown, e))
        return err_wrap(e, "%s", ynode_where(t->b->a, entry).s);
    if (!manifest_read(t->b->a, text, shown, 1, &set, t->b->w, e))
        return false;
    for (size_t i = 0; i < set.n; i++) {
        struct resource *r = set.items[i];

        r->origin = origin;
        r->cluster_scoped = schema_cluster_scoped(
            &t->b->schema, resource_api_version(r), resource_kind(r));
        if (!resmap_append(&acc->m, r, e))
            return false;
    }
    return acc->m.n <= KUSTOMIZE_RESOURCES_MAX ||
           err_set(e, ERR_INPUT, "%s: more than %d objects",
                   ynode_where(t->b->a, entry).s, KUSTOMIZE_RESOURCES_MAX);
}

/* A URL is a file, where the server has one and it holds objects; else a
 * repository. */
static bool accumulate_url(struct target *t, struct accumulator *acc,
                           const struct ynode *entry, struct err *e)
{
    size_t before = acc->m.n;
    struct err first = {0};
    struct repourl url;

    if (repourl_is_http(ynode_text(entry))) {
        if (accumulate_file(t, acc, entry, &first))
            return true;
        if (acc->m.n != before ||
            !repourl_parse(t->b->a, ynode_text(entry), &url)) {
            *e = first;
            return false;
        }
    }
    if (accumulate_directory(t, acc, entry, false, e))
        return true;
    return first.kind ? err_wrap(e, "%.150s; nor as a repository", first.msg)
                      : false;
}

bool target_resources(struct target *t, struct accumulator *acc,
                      const struct ynode *paths, struct err *e)
{
    for (size_t i = 0; i < ynode_count(paths); i++) {
        const struct ynode *entry = paths->seq.items[i];
        enum vfs_kind kind = loader_kind(t->loader, t->b->a,
                                         ynode_text(entry));
        struct repourl url;
        bool is_url = kind == VFS_NONE &&
                      (repourl_is_http(ynode_text(entry)) ||
                       repourl_parse(t->b->a, ynode_text(entry), &url));
        bool ok = is_url            ? accumulate_url(t, acc, entry, e)
                  : kind == VFS_DIR ? accumulate_directory(t, acc, entry,
                                                           false, e)
                                    : accumulate_file(t, acc, entry, e);

        if (!ok)
            return false;
    }
    return true;
}

static bool accumulate_components(struct target *t, struct accumulator *acc,
                                  struct err *e)
{
    const struct ynode *paths = kfile_list(&t->k, "components");

    for (size_t i = 0; i < ynode_count(paths); i++)
        if (!accumulate_directory(t, acc, paths->seq.items[i], true, e))
            return false;
    return true;
}

bool target_accumulate(struct target *t, struct accumulator *acc,
                       struct err *e)
{
    const struct ynode *vars = kfile_list(&t->k, "vars");

    return target_resources(t, acc, kfile_list(&t->k, "resources"), e) &&
           target_config(t, acc, e) && target_generators(t, acc, e) &&
           accumulate_components(t, acc, e) &&
           target_transformers(t, acc, e) && target_validators(t, acc, e) &&
           (!vars || vars_collect(t->b->a, &acc->vars, vars, &acc->m, e));
}
