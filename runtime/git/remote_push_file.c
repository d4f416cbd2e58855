#include "runtime/git/remote_part.h"

/* libgit2's own push to a path moves the ref whatever it is by then, so that
 * two pushes at once lose one of them. Here the ref is compared and set under
 * its lock. */
struct transfer_file {
    struct remote *remote;
    git_repository *to;
    const char *ref;
};

static bool fail(struct transfer_file *t, struct err *e)
{
    return err_set(e, ERR_NET, "cannot push to '" STR_FMT "': %s",
                   STR_ARG(t->remote->shown),
                   git_lib_reason(&t->remote->git));
}

static git_tree *tree_of(struct transfer_file *t, const git_oid *commit_id)
{
    struct git_lib *git = &t->remote->git;
    git_commit *commit = NULL;
    git_tree *tree = NULL;

    if (git->commit_lookup(&commit, t->remote->repo, commit_id) == 0 &&
        git->commit_tree(&tree, commit) != 0)
        tree = NULL;
    git->commit_free(commit);
    return tree;
}

static git_tree *subtree(struct transfer_file *t, const git_tree_entry *entry)
{
    struct git_lib *git = &t->remote->git;
    git_tree *tree = NULL;

    if (entry && git->tree_entry_type(entry) == GIT_OBJECT_TREE)
        git->tree_lookup(&tree, t->remote->repo, git->tree_entry_id(entry));
    return tree;
}

/* Adds a tree and what in it is not as in the old one (which may be NULL): the
 * cost is that of the folders that changed, not of the repository. */
static bool add_tree(struct transfer_file *t, git_packbuilder *pack,
                     const git_tree *tree, const git_tree *old)
{
    struct git_lib *git = &t->remote->git;
    size_t n = git->tree_entrycount(tree);
    bool ok = git->packbuilder_insert(pack, git->tree_id(tree), NULL) == 0;

    for (size_t i = 0; ok && i < n; i++) {
        const git_tree_entry *x = git->tree_entry_byindex(tree, i);
        const git_tree_entry *was =
            old ? git->tree_entry_byname(old, git->tree_entry_name(x)) : NULL;
        const git_oid *id = git->tree_entry_id(x);
        git_object_t type = git->tree_entry_type(x);
        if (was && git->oid_equal(git->tree_entry_id(was), id))
            continue;
        if (type == GIT_OBJECT_BLOB)
            ok = git->packbuilder_insert(pack, id, NULL) == 0;
        if (type != GIT_OBJECT_TREE)
            continue;
        git_tree *sub = subtree(t, x), *old_sub = subtree(t, was);
        ok = sub && add_tree(t, pack, sub, old_sub);
        git->tree_free(old_sub);
        git->tree_free(sub);
    }
    return ok;
}

/* The commit and what its parent does not have, as one pack. */
static bool send_objects(struct transfer_file *t, struct arena *a,
                         const git_oid *commit, const git_oid *parent,
                         struct err *e)
{
    struct git_lib *git = &t->remote->git;
    git_packbuilder *pack = NULL;
    git_tree *tree = tree_of(t, commit);
    git_tree *old = parent ? tree_of(t, parent) : NULL;
    const char *folder = arena_printf(a, "%s/objects/pack",
                                      git->repository_commondir(t->to)).s;
    bool ok = tree && git->packbuilder_new(&pack, t->remote->repo) == 0 &&
              git->packbuilder_insert(pack, commit, NULL) == 0 &&
              add_tree(t, pack, tree, old) &&
              git->packbuilder_write(pack, folder, 0, NULL, NULL) == 0;

    if (!ok)
        fail(t, e);
    git->packbuilder_free(pack);
    git->tree_free(old);
    git->tree_free(tree);
    return ok;
}

static bool checked_out(struct transfer_file *t)
{
    struct git_lib *git = &t->remote->git;
    git_reference *head = NULL;
    bool yes = false;

    if (git->repository_is_bare(t->to) ||
        git->reference_lookup(&head, t->to, "HEAD") != 0)
        return false;
    if (git->reference_type(head) == GIT_REFERENCE_SYMBOLIC)
        yes = str_eq(str_of(git->reference_symbolic_target(head)),
                     str_of(t->ref));
    git->reference_free(head);
    return yes;
}

static bool set_ref(struct transfer_file *t, const git_oid *commit,
                    const git_oid *parent, enum remote_pushed *result,
                    struct err *e)
{
    struct git_lib *git = &t->remote->git;
    git_reference *ref = NULL;
    int code = parent ? git->reference_create_matching(
                            &ref, t->to, t->ref, commit, 1, parent, "push")
                      : git->reference_create(&ref, t->to, t->ref, commit, 0,
                                              "push");

    git->reference_free(ref);
    *result = code == 0 ? REMOTE_PUSHED : REMOTE_MOVED;
    if (code == 0 || code == GIT_EMODIFIED || code == GIT_EEXISTS ||
        code == GIT_ELOCKED || code == GIT_ENOTFOUND)
        return true;
    return fail(t, e);
}

bool remote_push_file(struct remote *r, struct str path, const git_oid *commit,
                      const git_oid *parent, enum remote_pushed *result,
                      struct err *e)
{
    struct arena a = {0};
    struct transfer_file t = {
        .remote = r,
        .ref = arena_printf(&a, "refs/heads/" STR_FMT,
                            STR_ARG(r->branch)).s};
    bool ok = r->git.repository_open(&t.to, path.s) == 0 || fail(&t, e);

    if (ok && checked_out(&t))
        ok = err_set(e, ERR_NET, "'" STR_FMT "' has branch '" STR_FMT "' "
                     "checked out: push to a bare repository",
                     STR_ARG(r->shown), STR_ARG(r->branch));
    ok = ok && send_objects(&t, &a, commit, parent, e) &&
         set_ref(&t, commit, parent, result, e);
    r->git.repository_free(t.to);
    arena_free(&a);
    return ok;
}
