#include "runtime/git/change.h"

/* One side of what a commit did to a path. */
static bool same(struct git_lib *git, git_filemode_t mode, const git_oid *id,
                 bool exists, const git_diff_file *side)
{
    if (!exists || mode == GIT_FILEMODE_UNREADABLE)
        return !exists && mode == GIT_FILEMODE_UNREADABLE;
    return (unsigned)mode == side->mode && git->oid_equal(id, &side->id);
}

static bool take_back(struct change *g, const git_diff_delta *d,
                      struct str sha, struct err *e)
{
    struct git_lib *git = &g->remote->git;
    struct str path = arena_dup(g->arena, str_of(d->old_file.path));
    bool was = d->status != GIT_DELTA_ADDED;
    bool became = d->status != GIT_DELTA_DELETED;
    git_filemode_t mode;
    git_oid id;

    if (!change_look_up(g, path.s, &mode, &id, e))
        return false;
    if (same(git, mode, &id, was, &d->old_file))
        return true;
    if (!same(git, mode, &id, became, &d->new_file))
        return err_set(e, ERR_INPUT, "'%s' was changed again since '"
                       STR_FMT "', which so cannot be taken back", path.s,
                       STR_ARG(str_sub(sha, 0, 12)));
    change_add(g, (git_tree_update){
        .action = was ? GIT_TREE_UPDATE_UPSERT : GIT_TREE_UPDATE_REMOVE,
        .id = d->old_file.id, .filemode = (git_filemode_t)d->old_file.mode,
        .path = path.s});
    return true;
}

/* The trees of a commit and of its first parent, which may be none. */
static bool both_trees(struct change *g, const git_oid *id, git_tree **old,
                       git_tree **new, struct err *e)
{
    struct git_lib *git = &g->remote->git;
    git_commit *commit = NULL, *parent = NULL;
    bool ok = git->commit_lookup(&commit, g->remote->repo, id) == 0 &&
              git->commit_tree(new, commit) == 0;

    if (ok && git->commit_parentcount(commit) > 0)
        ok = git->commit_lookup(&parent, g->remote->repo,
                                git->commit_parent_id(commit, 0)) == 0 &&
             git->commit_tree(old, parent) == 0;
    if (!ok)
        change_fail(g, e, "read the commit to take back");
    git->commit_free(parent);
    git->commit_free(commit);
    return ok;
}

static bool take_back_all(struct change *g, git_tree *old, git_tree *new,
                          struct str sha, struct err *e)
{
    struct git_lib *git = &g->remote->git;
    git_diff *diff = NULL;

    if (git->diff_tree_to_tree(&diff, g->remote->repo, old, new, NULL) != 0)
        return change_fail(g, e, "compare two trees");
    bool ok = true;

    for (size_t i = 0; ok && i < git->diff_num_deltas(diff); i++)
        ok = take_back(g, git->diff_get_delta(diff, i), sha, e);
    git->diff_free(diff);
    return ok;
}

bool remote_prepare_revert(struct remote *r, struct arena *a, struct str sha,
                           const struct remote_message *m,
                           struct remote_commit *out, struct err *e)
{
    git_tree *old = NULL, *new = NULL;
    struct change g;
    git_oid id;
    bool in;

    if (!remote_contains(r, sha, &in, e))
        return false;
    if (!in || !git_lib_oid(&r->git, sha, &id))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is not in branch '"
                       STR_FMT "' of '" STR_FMT "'", STR_ARG(sha),
                       STR_ARG(r->branch), STR_ARG(r->shown));
    if (!change_begin(&g, r, a, e))
        return false;
    bool ok = both_trees(&g, &id, &old, &new, e) &&
              take_back_all(&g, old, new, sha, e) &&
              change_commit(&g, m, out, e);

    r->git.tree_free(new);
    r->git.tree_free(old);
    change_end(&g);
    return ok;
}
