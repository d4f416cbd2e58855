#include "runtime/git/change.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 64 * 1024 };

bool change_fail(struct change *g, struct err *e, const char *what)
{
    return err_set(e, ERR_IO, "cannot %s for '" STR_FMT "': %s", what,
                   STR_ARG(g->remote->shown),
                   git_lib_reason(&g->remote->git));
}

bool change_begin(struct change *g, struct remote *r, struct arena *a,
                  struct err *e)
{
    *g = (struct change){.remote = r, .arena = a};
    return remote_head_tree(r, &g->before, e);
}

void change_end(struct change *g)
{
    g->remote->git.tree_free(g->before);
}

void change_add(struct change *g, git_tree_update u)
{
    arena_push(g->arena, &g->updates, u);
}

bool change_look_up(struct change *g, const char *path, git_filemode_t *mode,
                    git_oid *id, struct err *e)
{
    struct git_lib *git = &g->remote->git;
    git_tree_entry *entry = NULL;

    *mode = GIT_FILEMODE_UNREADABLE;
    if (!g->before)
        return true;
    int code = git->tree_entry_bypath(&entry, g->before, path);

    if (code == GIT_ENOTFOUND)
        return true;
    if (code != 0)
        return change_fail(g, e, "read the tree");
    *mode = git->tree_entry_filemode(entry);
    *id = *git->tree_entry_id(entry);
    git->tree_entry_free(entry);
    return true;
}

/* ---- the tree ------------------------------------------------------------ */

static int by_path(const void *a, const void *b)
{
    const git_tree_update *x = a, *y = b;

    return strcmp(x->path, y->path);
}

static bool folder_empty(struct change *g, const git_oid *top,
                         const char *folder)
{
    struct git_lib *git = &g->remote->git;
    git_tree *tree = NULL, *sub = NULL;
    git_tree_entry *entry = NULL;
    bool empty = false;

    if (git->tree_lookup(&tree, g->remote->repo, top) == 0 &&
        git->tree_entry_bypath(&entry, tree, folder) == 0 &&
        git->tree_lookup(&sub, g->remote->repo,
                         git->tree_entry_id(entry)) == 0)
        empty = git->tree_entrycount(sub) == 0;
    git->tree_free(sub);
    git->tree_entry_free(entry);
    git->tree_free(tree);
    return empty;
}

static bool update_tree(struct change *g, git_oid *tree, git_tree *base,
                        const git_tree_update *u, size_t n, struct err *e)
{
    return g->remote->git.tree_create_updated(tree, g->remote->repo, base, n,
                                              u) == 0 ||
           change_fail(g, e, "make a tree");
}

/* git keeps no empty folders; libgit2 leaves them behind a removed file. */
static bool prune_folders(struct change *g, git_oid *tree, const char *path,
                          struct err *e)
{
    struct git_lib *git = &g->remote->git;
    struct str folder = str_of(path);
    bool ok = true;

    while (ok && str_find(folder, '/') < folder.n) {
        while (folder.s[folder.n - 1] != '/')
            folder.n--;
        folder = arena_dup(g->arena, str_sub(folder, 0, folder.n - 1));
        if (!folder_empty(g, tree, folder.s))
            break;
        git_tree_update u = {.action = GIT_TREE_UPDATE_REMOVE,
                             .path = folder.s};
        git_tree *base = NULL;
        ok = (git->tree_lookup(&base, g->remote->repo, tree) == 0 ||
              change_fail(g, e, "read back a tree")) &&
             update_tree(g, tree, base, &u, 1, e);
        git->tree_free(base);
    }
    return ok;
}

static bool make_tree(struct change *g, git_oid *tree, struct err *e)
{
    const git_tree_update *u = g->updates.items;
    bool ok;

    qsort(g->updates.items, g->updates.n, sizeof(*u), by_path);
    ok = update_tree(g, tree, g->before, u, g->updates.n, e);
    for (size_t i = 0; ok && i < g->updates.n; i++)
        if (u[i].action == GIT_TREE_UPDATE_REMOVE)
            ok = prune_folders(g, tree, u[i].path, e);
    return ok;
}

/* ---- the commit ---------------------------------------------------------- */

static bool signature(struct change *g, const struct remote_message *m,
                      git_signature **out, struct err *e)
{
    struct git_lib *git = &g->remote->git;
    git_config *config = NULL;
    const char *name = NULL, *email = NULL;

    if (git->repository_config_snapshot(&config, g->remote->repo) == 0) {
        git->config_get_string(&name, config, "user.name");
        git->config_get_string(&email, config, "user.email");
    }
    if (m->name.n)
        name = arena_dup(g->arena, m->name).s;
    if (m->email.n)
        email = arena_dup(g->arena, m->email).s;
    if (!name || !*name)
        name = "pipec";
    if (!email || !*email)
        email = "pipec@localhost";
    int code = m->at_s ? git->signature_new(out, name, email, m->at_s, 0)
                       : git->signature_now(out, name, email);

    git->config_free(config);
    return code == 0 || change_fail(g, e, "sign a commit");
}

static bool write_commit(struct change *g, const git_oid *tree_id,
                         const struct remote_message *m, git_oid *id,
                         struct err *e)
{
    struct remote *r = g->remote;
    git_signature *who = NULL;
    git_tree *tree = NULL;
    git_commit *parent = NULL;
    git_oid parent_id;
    struct str text = str_trim(m->text);

    if (!text.n || text.n > MESSAGE_MAX)
        return err_set(e, ERR_INPUT, "a commit's message has 1 to %d bytes",
                       MESSAGE_MAX);
    bool has_parent = git_lib_oid(&r->git, remote_head(r), &parent_id);
    bool ok = signature(g, m, &who, e);

    ok = ok && ((r->git.tree_lookup(&tree, r->repo, tree_id) == 0 &&
                 (!has_parent || r->git.commit_lookup(&parent, r->repo,
                                                      &parent_id) == 0)) ||
                change_fail(g, e, "read back a tree"));
    if (ok) {
        const git_commit *parents[] = {parent};
        ok = r->git.commit_create(
                 id, r->repo, NULL, who, who, NULL,
                 arena_printf(g->arena, STR_FMT "\n", STR_ARG(text)).s, tree,
                 has_parent, parents) == 0 ||
             change_fail(g, e, "make a commit");
    }
    r->git.commit_free(parent);
    r->git.tree_free(tree);
    r->git.signature_free(who);
    return ok;
}

static void tell(struct change *g, const git_oid *id,
                 struct remote_commit *out)
{
    struct remote *r = g->remote;

    out->parent = arena_dup(g->arena, remote_head(r));
    out->sha = id ? git_lib_hex(&r->git, g->arena, id) : out->parent;
    out->unchanged = id == NULL;
    out->path_count = g->updates.n;
    out->paths = arena_array(g->arena, struct str, g->updates.n + 1);
    for (size_t i = 0; i < g->updates.n; i++)
        out->paths[i] = str_of(g->updates.items[i].path);
}

bool change_commit(struct change *g, const struct remote_message *m,
                   struct remote_commit *out, struct err *e)
{
    git_oid tree, id;

    *out = (struct remote_commit){0};
    if (!g->updates.n) {
        tell(g, NULL, out);
        return true;
    }
    if (!make_tree(g, &tree, e) || !write_commit(g, &tree, m, &id, e))
        return false;
    tell(g, &id, out);
    return true;
}

