#include "base/map.h"
#include "runtime/git/change.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PATH_LENGTH_MAX = 4096 };

static bool part_valid(struct str part)
{
    return part.n && !str_eq(part, STR(".")) && !str_eq(part, STR("..")) &&
           !(part.n == 4 && strncasecmp(part.s, ".git", 4) == 0);
}

static bool path_valid(struct str path, struct err *e)
{
    struct str rest = path;
    bool ok = path.n > 0 && path.n < PATH_LENGTH_MAX &&
              path.s[path.n - 1] != '/' && !memchr(path.s, '\0', path.n);

    while (ok && rest.n)
        ok = part_valid(str_cut(rest, '/', &rest));
    return ok || err_set(e, ERR_INPUT, "'" STR_FMT "' is no path of a file "
                         "in a repository", STR_ARG(path));
}

/* A path cannot go through what is a file. */
static bool parents_are_folders(struct change *g, struct str path,
                                struct err *e)
{
    git_filemode_t mode;
    git_oid id;

    for (size_t i = 0; i < path.n; i++) {
        if (path.s[i] != '/')
            continue;
        struct str parent = arena_dup(g->arena, str_sub(path, 0, i));
        if (!change_look_up(g, parent.s, &mode, &id, e))
            return false;
        if (mode != GIT_FILEMODE_UNREADABLE && mode != GIT_FILEMODE_TREE)
            return err_set(e, ERR_INPUT, "'" STR_FMT "' is a file in the "
                           "repository, so '" STR_FMT "' cannot be",
                           STR_ARG(parent), STR_ARG(path));
        if (mode == GIT_FILEMODE_UNREADABLE)
            return true;
    }
    return true;
}

static bool add_write(struct change *g, const struct remote_edit *edit,
                      git_filemode_t mode, const git_oid *old, struct err *e)
{
    struct git_lib *git = &g->remote->git;
    git_tree_update u = {.action = GIT_TREE_UPDATE_UPSERT,
                         .filemode = mode,
                         .path = arena_dup(g->arena, edit->path).s};
    bool is_new = mode == GIT_FILEMODE_UNREADABLE;

    if (edit->text.n > REMOTE_FILE_MAX)
        return err_set(e, ERR_INPUT, "'%s' is larger than %d bytes", u.path,
                       REMOTE_FILE_MAX);
    if (is_new)
        u.filemode = edit->executable ? GIT_FILEMODE_BLOB_EXECUTABLE
                                      : GIT_FILEMODE_BLOB;
    if (git->blob_create_from_buffer(&u.id, g->remote->repo, edit->text.s,
                                     edit->text.n) != 0)
        return change_fail(g, e, "write a file");
    if (is_new || !git->oid_equal(&u.id, old))
        change_add(g, u);
    return true;
}

static bool add_edit(struct change *g, const struct remote_edit *edit,
                     struct err *e)
{
    struct str path = arena_dup(g->arena, edit->path);
    git_filemode_t mode;
    git_oid id;

    if (!path_valid(path, e) || !parents_are_folders(g, path, e) ||
        !change_look_up(g, path.s, &mode, &id, e))
        return false;
    if (mode == GIT_FILEMODE_TREE || mode == GIT_FILEMODE_COMMIT)
        return err_set(e, ERR_INPUT, "'%s' is a folder in the repository",
                       path.s);
    if (!edit->remove)
        return add_write(g, edit, mode, &id, e);
    if (mode != GIT_FILEMODE_UNREADABLE)
        change_add(g, (git_tree_update){.action = GIT_TREE_UPDATE_REMOVE,
                                         .path = path.s});
    return true;
}

/* Whether a later edit is of the same path. */
static bool *superseded(struct arena *a, const struct remote_edit *edits,
                        size_t n)
{
    bool *out = arena_array(a, bool, n + 1);
    struct map seen = {0};

    for (size_t i = n; i-- > 0;) {
        out[i] = map_get(&seen, edits[i].path) != NULL;
        map_set(a, &seen, edits[i].path, out);
    }
    map_free(&seen);
    return out;
}

bool remote_prepare(struct remote *r, struct arena *a,
                    const struct remote_edit *edits, size_t n,
                    const struct remote_message *m, struct remote_commit *out,
                    struct err *e)
{
    struct change g;

    if (n > REMOTE_EDITS_MAX)
        return err_set(e, ERR_INPUT, "a commit edits at most %d files",
                       REMOTE_EDITS_MAX);
    if (!change_begin(&g, r, a, e))
        return false;
    const bool *skip = superseded(a, edits, n);
    bool ok = true;

    for (size_t i = 0; ok && i < n; i++)
        ok = skip[i] || add_edit(&g, &edits[i], e);
    ok = ok && change_commit(&g, m, out, e);
    change_end(&g);
    return ok;
}
