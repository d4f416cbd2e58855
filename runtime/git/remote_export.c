#include "base/file.h"
#include "runtime/git/remote_part.h"
#include "runtime/git/url.h"

#include <string.h>
#include <unistd.h>

enum { SUBMODULE_DEPTH_MAX = 5, SUBMODULES_MAX = 100 };

/* One export, over all its submodules. */
struct export {
    const struct remote_tree_spec *spec;
    struct arena *arena;
    unsigned depth, submodules;
};

struct module {
    struct str name, path, url;
};

struct modules {
    struct arena *arena;
    struct {
        struct module *items;
        size_t n, cap;
    } list;
};

static bool export_tree(struct export *x, struct str url, struct str ref,
                        struct str folder, struct str *sha, struct err *e);

/* ---- .gitmodules --------------------------------------------------------- */

static struct module *module_named(struct modules *m, struct str name)
{
    for (size_t i = 0; i < m->list.n; i++)
        if (str_eq(m->list.items[i].name, name))
            return &m->list.items[i];
    arena_push(m->arena, &m->list,
               ((struct module){.name = arena_dup(m->arena, name)}));
    return &m->list.items[m->list.n - 1];
}

/* "submodule.NAME.path" and ".url"; a name may have dots. */
static int on_module_entry(const git_config_entry *entry, void *ctx)
{
    struct modules *m = ctx;
    struct str key = str_of(entry->name), value = str_of(entry->value);
    struct str name = str_skip(key, STR("submodule.").n);

    if (m->list.n > SUBMODULES_MAX)
        return 0;
    if (str_ends(key, STR(".path"))) {
        name.n -= STR(".path").n;
        module_named(m, name)->path = arena_dup(m->arena, value);
    } else if (str_ends(key, STR(".url"))) {
        name.n -= STR(".url").n;
        module_named(m, name)->url = arena_dup(m->arena, value);
    }
    return 0;
}

static bool export_module(struct export *x, struct remote *r, git_tree *tree,
                          const struct module *m, struct str folder,
                          struct err *e)
{
    struct git_lib *git = &r->git;
    git_tree_entry *entry = NULL;
    struct str ignored;
    bool ok = true;

    if (!m->path.n || !m->url.n ||
        git->tree_entry_bypath(&entry, tree, m->path.s) != 0)
        return true;
    if (git->tree_entry_type(entry) == GIT_OBJECT_COMMIT) {
        struct str commit =
            git_lib_hex(git, x->arena, git->tree_entry_id(entry));
        if (++x->submodules > SUBMODULES_MAX)
            ok = err_set(e, ERR_INPUT, "more than %d submodules",
                         SUBMODULES_MAX);
        ok = ok && (export_tree(x, url_resolve(x->arena, r->spec.url, m->url),
                                commit, file_join(x->arena, folder, m->path),
                                &ignored, e) ||
                    err_wrap(e, "submodule '" STR_FMT "'", STR_ARG(m->name)));
    }
    git->tree_entry_free(entry);
    return ok;
}

static bool export_modules(struct export *x, struct remote *r, git_tree *tree,
                           struct str folder, struct err *e)
{
    struct modules m = {.arena = x->arena};
    struct str path = file_join(x->arena, folder, STR(".gitmodules"));
    git_config *config = NULL;
    bool ok = true;

    if (access(path.s, F_OK) != 0)
        return true;
    if (r->git.config_open_ondisk(&config, path.s) != 0 ||
        r->git.config_foreach_match(config, "^submodule\\..*\\.(path|url)$",
                                    on_module_entry, &m) != 0)
        ok = err_set(e, ERR_INPUT, "cannot read '.gitmodules' of '" STR_FMT
                     "': %s", STR_ARG(r->shown), git_lib_reason(&r->git));
    r->git.config_free(config);
    for (size_t i = 0; ok && i < m.list.n; i++)
        ok = export_module(x, r, tree, &m.list.items[i], folder, e);
    return ok;
}

/* ---- a tree -------------------------------------------------------------- */

static bool write_files(struct remote *r, git_tree *tree, struct str folder,
                        struct err *e)
{
    git_checkout_options o = {
        .version = GIT_CHECKOUT_OPTIONS_VERSION,
        .checkout_strategy = GIT_CHECKOUT_FORCE |
                             GIT_CHECKOUT_DONT_UPDATE_INDEX |
                             GIT_CHECKOUT_DONT_WRITE_INDEX |
                             GIT_CHECKOUT_NO_REFRESH,
        .disable_filters = 1};

    /* With a bare repository and a target folder libgit2 stumbles over
     * submodules; with a work tree, which is not written down, it does not. */
    return (r->git.repository_set_workdir(r->repo, folder.s, 0) == 0 &&
            r->git.checkout_tree(r->repo, (const git_object *)tree,
                                 &o) == 0) ||
           err_set(e, ERR_IO, "cannot write the files of '" STR_FMT "' to '"
                   STR_FMT "': %s", STR_ARG(r->shown), STR_ARG(folder),
                   git_lib_reason(&r->git));
}

static bool export_commit(struct export *x, struct remote *r,
                          const git_oid *id, struct str folder,
                          struct err *e)
{
    git_commit *commit = NULL;
    git_tree *tree = NULL;
    bool ok = (r->git.commit_lookup(&commit, r->repo, id) == 0 &&
               r->git.commit_tree(&tree, commit) == 0) ||
              err_set(e, ERR_IO, "cannot read a commit of '" STR_FMT "': %s",
                      STR_ARG(r->shown), git_lib_reason(&r->git));

    ok = ok && write_files(r, tree, folder, e) &&
         (!x->spec->submodules || export_modules(x, r, tree, folder, e));
    r->git.tree_free(tree);
    r->git.commit_free(commit);
    return ok;
}

static bool same_host(struct str a, struct str b)
{
    struct url_parts x = url_split(a), y = url_split(b);

    return str_eq(x.scheme, y.scheme) && str_eq(x.host, y.host) &&
           x.port == y.port;
}

static bool export_tree(struct export *x, struct str url, struct str ref,
                        struct str folder, struct str *sha, struct err *e)
{
    struct remote_spec spec = {.url = url, .cache_dir = x->spec->cache_dir,
                               .timeout_ms = x->spec->timeout_ms};
    git_oid id;

    /* A submodule elsewhere must not be shown the secrets. */
    if (same_host(url, x->spec->url))
        spec.auth = x->spec->auth;
    else
        spec.auth.known_hosts = x->spec->auth.known_hosts;
    if (x->depth >= SUBMODULE_DEPTH_MAX)
        return err_set(e, ERR_INPUT, "submodules are nested more than %d "
                       "deep", SUBMODULE_DEPTH_MAX);
    if (!file_mkdirs(folder.s, 0777, e))
        return false;
    struct remote *r = remote_open_as(&spec, false, e);

    if (!r)
        return false;
    x->depth++;
    bool ok = remote_resolve(r, ref, x->spec->offline, &id, e) &&
              export_commit(x, r, &id, folder, e);

    if (ok)
        *sha = git_lib_hex(&r->git, x->arena, &id);
    x->depth--;
    remote_close(r);
    return ok;
}

bool remote_export(const struct remote_tree_spec *spec, struct arena *a,
                   const char *folder, struct str *sha, struct err *e)
{
    struct export x = {.spec = spec, .arena = a};

    *sha = STR("");
    return export_tree(&x, spec->url, spec->ref, arena_dup(a, str_of(folder)),
                       sha, e);
}
