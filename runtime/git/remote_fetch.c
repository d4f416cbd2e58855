#include "runtime/git/remote_part.h"

#include <string.h>
#include <unistd.h>

/* What the remote has, as it said when it was asked. */
struct advert {
    const git_remote_head **heads;
    size_t n;
};

struct str remote_tracking(struct arena *a, struct str full_ref)
{
    if (str_starts(full_ref, STR("refs/")))
        full_ref = str_skip(full_ref, STR("refs/").n);
    return arena_printf(a, "refs/pipec/" STR_FMT, STR_ARG(full_ref));
}

static const git_remote_head *advert_find(const struct advert *v,
                                          const char *ref)
{
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->heads[i]->name, ref) == 0)
            return v->heads[i];
    return NULL;
}

static bool list_refs(struct call *c, struct advert *v, struct err *e)
{
    return c->remote->git.remote_ls(&v->heads, &v->n, c->handle) == 0 ||
           call_fail(c, "list the branches of", e);
}

static bool have_commit(struct remote *r, const git_oid *id)
{
    git_commit *commit = NULL;

    if (r->git.commit_lookup(&commit, r->repo, id) != 0)
        return false;
    r->git.commit_free(commit);
    return true;
}

/* A process killed while it moved a ref leaves the ref's lock file behind.
 * Here nobody else is at it: the clone is locked as a whole. */
static bool set_ref(struct remote *r, struct arena *a, const char *ref,
                    const git_oid *id, struct err *e)
{
    git_reference *made = NULL;
    int code = r->git.reference_create(&made, r->repo, ref, id, 1, NULL);

    if (code == GIT_ELOCKED) {
        unlink(arena_printf(a, "%s%s.lock", r->git.repository_path(r->repo),
                            ref).s);
        code = r->git.reference_create(&made, r->repo, ref, id, 1, NULL);
    }
    r->git.reference_free(made);
    return code == 0 ||
           err_set(e, ERR_IO, "cannot note what was fetched: %s",
                   git_lib_reason(&r->git));
}

static bool download(struct call *c, const char *const *specs, size_t n,
                     struct err *e)
{
    git_strarray list = {(char **)(uintptr_t)specs, n};
    git_fetch_options o = call_fetch_options(c);

    return c->remote->git.remote_download(c->handle, &list, &o) == 0 ||
           call_fail(c, "fetch from", e);
}

/* Brings one advertised ref, where its object is not here yet, and keeps it
 * as the tracking ref. */
static bool bring(struct call *c, const git_remote_head *h, struct err *e)
{
    struct remote *r = c->remote;
    struct str tracking = remote_tracking(&c->arena, str_of(h->name));
    const char *spec = arena_printf(&c->arena, "+%s:%s", h->name,
                                    tracking.s).s;
    git_oid id = h->oid;

    return (have_commit(r, &id) || download(c, &spec, 1, e)) &&
           set_ref(r, &c->arena, tracking.s, &id, e);
}

/* ---- the branch ---------------------------------------------------------- */

static void name_branch(struct remote *r, const struct advert *v)
{
    const git_remote_head *head = advert_find(v, "HEAD");
    struct str prefix = STR("refs/heads/");
    struct str target =
        head && head->symref_target ? str_of(head->symref_target) : STR("");

    if (r->branch.n)
        return;
    r->branch = str_starts(target, prefix)
                    ? arena_dup(&r->arena, str_skip(target, prefix.n))
                    : STR("main");
}

static bool fetch_branch(struct call *c, struct err *e)
{
    struct remote *r = c->remote;
    struct advert v;

    if (!list_refs(c, &v, e))
        return false;
    name_branch(r, &v);
    const git_remote_head *h = advert_find(
        &v, arena_printf(&c->arena, "refs/heads/" STR_FMT,
                         STR_ARG(r->branch)).s);

    if (!h) {
        remote_set_head(r, NULL);
        return true;
    }
    git_oid id = h->oid;

    if (!bring(c, h, e))
        return false;
    remote_set_head(r, &id);
    return true;
}

bool remote_fetch(struct remote *r, struct err *e)
{
    struct call c;
    bool ok = call_begin(&c, r, GIT_DIRECTION_FETCH, e) &&
              fetch_branch(&c, e);

    call_end(&c);
    return ok;
}

/* ---- any ref ------------------------------------------------------------- */

static bool peel(struct remote *r, const char *name, git_oid *id)
{
    git_object *o = NULL, *commit = NULL;
    bool ok = r->git.revparse_single(&o, r->repo, name) == 0 &&
              r->git.object_peel(&commit, o, GIT_OBJECT_COMMIT) == 0;

    if (ok)
        *id = *r->git.object_id(commit);
    r->git.object_free(commit);
    r->git.object_free(o);
    return ok;
}

/* What a short name may stand for, by git's order. */
static const char *const prefixes[] = {"", "refs/tags/", "refs/heads/", NULL};

static bool resolve_cached(struct remote *r, struct arena *a, struct str ref,
                           git_oid *id)
{
    for (const char *const *p = prefixes; *p; p++) {
        struct str full = arena_printf(a, "%s" STR_FMT, *p, STR_ARG(ref));
        if (peel(r, remote_tracking(a, full).s, id))
            return true;
    }
    return false;
}

static bool resolve_advertised(struct call *c, struct str ref, git_oid *id,
                               bool *found, struct err *e)
{
    const git_remote_head *h = NULL;
    struct advert v;

    if (!list_refs(c, &v, e))
        return false;
    for (const char *const *p = prefixes; *p && !h; p++)
        h = advert_find(&v, arena_printf(&c->arena, "%s" STR_FMT, *p,
                                         STR_ARG(ref)).s);
    *found = h != NULL;
    if (!h)
        return true;
    struct str full = arena_dup(&c->arena, str_of(h->name));

    if (!bring(c, h, e))
        return false;
    return peel(c->remote, remote_tracking(&c->arena, full).s, id) ||
           err_set(e, ERR_NET, "'" STR_FMT "' of '" STR_FMT "' is no commit",
                   STR_ARG(ref), STR_ARG(c->remote->shown));
}

/* Not every server gives a commit by its name: take all branches and tags,
 * and look. */
static bool bring_everything(struct call *c, struct err *e)
{
    static const char *const all[] = {"+refs/heads/*:refs/pipec/heads/*",
                                      "+refs/tags/*:refs/pipec/tags/*"};

    return download(c, all, 2, e);
}

static bool resolve_remote(struct remote *r, struct str ref, git_oid *id,
                           struct err *e)
{
    struct call c;
    bool found = false;
    bool ok = call_begin(&c, r, GIT_DIRECTION_FETCH, e) &&
              resolve_advertised(&c, ref, id, &found, e);

    if (ok && !found && git_lib_oid(&r->git, ref, id))
        ok = bring_everything(&c, e), found = ok && have_commit(r, id);
    call_end(&c);
    if (ok && !found)
        return err_set(e, ERR_INPUT, "'" STR_FMT "' has no branch, tag or "
                       "commit '" STR_FMT "'", STR_ARG(r->shown),
                       STR_ARG(ref));
    return ok;
}

bool remote_resolve(struct remote *r, struct str ref, bool offline,
                    git_oid *id, struct err *e)
{
    struct arena a = {0};

    if (!ref.n)
        ref = STR("HEAD");
    if (git_lib_oid(&r->git, ref, id) && have_commit(r, id))
        return true;
    if (!offline)
        return resolve_remote(r, ref, id, e);
    bool ok = resolve_cached(r, &a, ref, id);

    arena_free(&a);
    return ok || err_set(e, ERR_INPUT, "'" STR_FMT "' of '" STR_FMT "' is not "
                         "in the cache, and offline nothing is fetched",
                         STR_ARG(ref), STR_ARG(r->shown));
}
