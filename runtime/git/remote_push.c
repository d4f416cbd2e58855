#include "base/buf.h"
#include "base/clock.h"
#include "runtime/git/remote_part.h"
#include "runtime/git/url.h"

#include <sys/random.h>
#include <time.h>

enum { WAIT_FIRST_MS = 100, WAIT_LAST_MS = 5000 };

/* ---- over a network ------------------------------------------------------ */

/* The commit needs a name for as long as it is pushed. */
static bool upload(struct call *c, const struct remote_commit *commit,
                   const git_oid *id, struct err *e)
{
    struct remote *r = c->remote;
    const char *name = arena_printf(&c->arena, "refs/pipec/out/" STR_FMT,
                                    STR_ARG(commit->sha)).s;
    char *spec = (char *)(uintptr_t)arena_printf(
        &c->arena, "%s:refs/heads/" STR_FMT, name, STR_ARG(r->branch)).s;
    git_strarray specs = {&spec, 1};
    git_push_options o = call_push_options(c);
    git_reference *ref = NULL;

    if (r->git.reference_create(&ref, r->repo, name, id, 1, NULL) != 0)
        return call_fail(c, "push to", e);
    int code = r->git.remote_upload(c->handle, &specs, &o);
    bool ok = code == 0 || call_fail(c, "push to", e);

    r->git.reference_free(ref);
    r->git.reference_remove(r->repo, name);
    return ok;
}

/* "pre-receive hook declined" and what the hook printed, on one line. */
static bool fail_refused(struct call *c, struct err *e)
{
    struct buf line = {.max = 300};
    struct str said = str_trim(buf_str(&c->said));

    for (size_t i = 0; i < said.n; i++) {
        unsigned char b = (unsigned char)said.s[i];
        if (b == '\n')
            buf_adds(&line, "; ");
        else if (b >= ' ' && b != 127)
            buf_addc(&line, (char)b);
    }
    err_set(e, ERR_NET, "'" STR_FMT "' refuses the push: %s%s" STR_FMT,
            STR_ARG(c->remote->shown), c->refused, line.n ? ": " : "",
            STR_ARG(buf_str(&line)));
    buf_free(&line);
    return false;
}

static bool push_network(struct remote *r, const struct remote_commit *commit,
                         const git_oid *id, struct err *e)
{
    struct call c;
    bool ok = call_begin(&c, r, GIT_DIRECTION_PUSH, e) &&
              upload(&c, commit, id, e);

    if (ok && c.refused[0])
        ok = fail_refused(&c, e);
    call_end(&c);
    return ok;
}

/* A push may fail because the branch moved, and arrive though its answer is
 * lost. So whatever was said, what the remote has now decides. That the ref
 * was locked just then (no reason why) is a move, too. */
static bool look_again(struct remote *r, const struct remote_commit *commit,
                       enum remote_pushed *result, const struct err *why,
                       struct err *e)
{
    struct err ignored = {0};
    bool in = false;

    if (!remote_fetch(r, &ignored) ||
        !remote_contains(r, commit->sha, &in, &ignored) ||
        (!in && why->msg[0] && str_eq(remote_head(r), commit->parent))) {
        *e = *why;
        return false;
    }
    *result = in ? REMOTE_PUSHED : REMOTE_MOVED;
    return true;
}

bool remote_push(struct remote *r, const struct remote_commit *c,
                 enum remote_pushed *result, struct err *e)
{
    struct arena a = {0};
    struct err why = {0};
    git_oid id, parent;
    bool has_parent = git_lib_oid(&r->git, c->parent, &parent);
    bool ok;

    *result = REMOTE_PUSHED;
    if (!git_lib_oid(&r->git, c->sha, &id))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is not a commit's forty "
                       "digits", STR_ARG(c->sha));
    if (c->unchanged)
        return true;
    struct str path = url_file_path(&a, r->spec.url);

    if (path.n)
        ok = remote_push_file(r, path, &id, has_parent ? &parent : NULL,
                              result, &why);
    else
        ok = push_network(r, c, &id, &why);
    if (ok && *result == REMOTE_PUSHED)
        remote_set_head(r, &id);
    else
        ok = look_again(r, c, result, &why, e);
    arena_free(&a);
    return ok;
}

/* ---- until it is in ------------------------------------------------------ */

/* Between half of it and all of it, so that two that collided part. */
static void wait_jittered(unsigned attempt)
{
    int64_t ms = WAIT_FIRST_MS;
    unsigned char byte = 0;

    for (unsigned i = 0; i < attempt && ms < WAIT_LAST_MS; i++)
        ms *= 2;
    if (getrandom(&byte, 1, GRND_NONBLOCK) != 1)
        byte = (unsigned char)clock_monotonic_ms();
    ms = ms / 2 + ms / 2 * byte / 255;
    struct timespec t = {.tv_sec = ms / 1000,
                         .tv_nsec = (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

bool remote_publish(struct remote *r, const struct remote_publish *p,
                    struct remote_commit *out, struct err *e)
{
    unsigned tries = p->tries ? p->tries : (unsigned)REMOTE_TRIES;

    if (tries > REMOTE_TRIES_MAX)
        tries = REMOTE_TRIES_MAX;
    if (!remote_fetch(r, e))
        return false;
    for (unsigned i = 0; i < tries; i++) {
        enum remote_pushed result;
        if (i)
            wait_jittered(i - 1);
        if (!p->make(p->ctx, r, out, e))
            return false;
        if (out->unchanged)
            return true;
        if ((p->on_intent && !p->on_intent(p->ctx, out, e)) ||
            !remote_push(r, out, &result, e))
            return false;
        if (result == REMOTE_PUSHED)
            return true;
    }
    return err_set(e, ERR_NET, "branch '" STR_FMT "' of '" STR_FMT "' moved "
                   "at each of %u tries to push", STR_ARG(r->branch),
                   STR_ARG(r->shown), tries);
}
