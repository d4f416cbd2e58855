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

/* The commit and what its parents do not have, as one pack. */
static bool send_objects(struct transfer_file *t, struct arena *a,
                         const git_oid *commit, const git_oid *parent,
                         struct err *e)
{
    struct remote *r = t->remote;
    git_packbuilder *pack = NULL;
    git_revwalk *walk = NULL;
    const char *folder =
        arena_printf(a, "%s/objects/pack",
                     r->git.repository_commondir(t->to)).s;
    bool ok = r->git.packbuilder_new(&pack, r->repo) == 0 &&
              r->git.revwalk_new(&walk, r->repo) == 0 &&
              r->git.revwalk_push(walk, commit) == 0 &&
              (!parent || r->git.revwalk_hide(walk, parent) == 0) &&
              r->git.packbuilder_insert_walk(pack, walk) == 0 &&
              r->git.packbuilder_write(pack, folder, 0, NULL, NULL) == 0;

    if (!ok)
        fail(t, e);
    r->git.revwalk_free(walk);
    r->git.packbuilder_free(pack);
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
