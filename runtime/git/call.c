#include "base/clock.h"
#include "runtime/git/remote_part.h"
#include "runtime/git/url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { SAID_MAX = 4 * 1024, LOCK_WAIT_MS = 20 };

static int64_t timeout_ms(const struct remote *r)
{
    return r->spec.timeout_ms > 0 ? r->spec.timeout_ms
                                  : (int64_t)REMOTE_TIMEOUT_MS;
}

/* Two stages may work on one cached clone: one at a time talks to the remote
 * and moves the clone's refs. */
static bool lock(struct remote *r, struct err *e)
{
    const struct timespec wait = {.tv_nsec = LOCK_WAIT_MS * 1000000L};
    int64_t deadline = clock_monotonic_ms() + timeout_ms(r);

    while (flock(r->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return err_errno(e, "cannot lock the clone of '" STR_FMT "'",
                             STR_ARG(r->shown));
        if (clock_monotonic_ms() > deadline)
            return err_set(e, ERR_TIMEOUT, "another stage keeps the clone of "
                           "'" STR_FMT "' busy", STR_ARG(r->shown));
        nanosleep(&wait, NULL);
    }
    return true;
}

static int on_said(const char *s, int n, void *ctx)
{
    struct call *c = ctx;

    buf_add(&c->said, (struct str){s, (size_t)n});
    return 0;
}

static int on_refused(const char *ref, const char *status, void *ctx)
{
    struct call *c = ctx;

    (void)ref;
    if (status)
        snprintf(c->refused, sizeof(c->refused), "%s", status);
    return 0;
}

static git_strarray headers(struct call *c)
{
    return (git_strarray){&c->header, c->header ? 1 : 0};
}

/* A redirect may lead to another host, which must not see a credential. */
static git_remote_redirect_t redirects(const struct call *c)
{
    const struct remote_auth *auth = &c->remote->spec.auth;

    return auth->bearer.n || auth->password.n ? GIT_REMOTE_REDIRECT_NONE
                                              : GIT_REMOTE_REDIRECT_INITIAL;
}

git_fetch_options call_fetch_options(struct call *c)
{
    return (git_fetch_options){
        .version = GIT_FETCH_OPTIONS_VERSION, .callbacks = c->callbacks,
        .prune = GIT_FETCH_NO_PRUNE, .update_fetchhead = 0,
        .download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE,
        .proxy_opts = c->proxy, .follow_redirects = redirects(c),
        .custom_headers = headers(c)};
}

git_push_options call_push_options(struct call *c)
{
    return (git_push_options){
        .version = GIT_PUSH_OPTIONS_VERSION, .pb_parallelism = 1,
        .callbacks = c->callbacks, .proxy_opts = c->proxy,
        .follow_redirects = redirects(c), .custom_headers = headers(c)};
}

/* libssh2 and libgit2 1.5 leave a few bytes behind at each connection over
 * ssh: not ours to mend, and a worker is short-lived. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define LEAKS_BEGIN() __lsan_disable()
#define LEAKS_END() __lsan_enable()
#else
#define LEAKS_BEGIN() (void)0
#define LEAKS_END() (void)0
#endif

static bool connect_remote(struct call *c, git_direction direction,
                           struct err *e)
{
    struct remote *r = c->remote;
    git_remote_connect_options o = {
        .version = GIT_REMOTE_CONNECT_OPTIONS_VERSION,
        .callbacks = c->callbacks, .proxy_opts = c->proxy,
        .follow_redirects = redirects(c), .custom_headers = headers(c)};

    if (r->spec.auth.ca_file.n)
        r->git.libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS,
                            r->spec.auth.ca_file.s, NULL);
    LEAKS_BEGIN();
    bool ok = r->git.remote_create_anonymous(&c->handle, r->repo,
                                             r->spec.url.s) == 0 &&
              r->git.remote_connect_ext(c->handle, direction, &o) == 0;

    LEAKS_END();
    return ok || call_fail(c, "reach", e);
}

static bool local(const struct remote *r)
{
    return str_eq(url_split(r->spec.url).scheme, STR("file"));
}

bool call_begin(struct call *c, struct remote *r, git_direction direction,
                struct err *e)
{
    struct str bearer = r->spec.auth.bearer;

    *c = (struct call){
        .remote = r, .said.max = SAID_MAX,
        .proxy = {.version = GIT_PROXY_OPTIONS_VERSION,
                  .type = GIT_PROXY_AUTO},
        .callbacks = {.version = GIT_REMOTE_CALLBACKS_VERSION, .payload = c,
                      .credentials = call_credentials,
                      .certificate_check = call_certificate,
                      .sideband_progress = on_said,
                      .push_update_reference = on_refused}};
    if (bearer.n)
        c->header = (char *)(uintptr_t)arena_printf(
            &c->arena, "Authorization: Bearer " STR_FMT, STR_ARG(bearer)).s;
    if (!lock(r, e))
        return false;
    if (!local(r)) {
        guard_begin(&c->guard, timeout_ms(r));
        c->guarded = true;
    }
    return connect_remote(c, direction, e);
}

bool call_fail(struct call *c, const char *what, struct err *e)
{
    struct remote *r = c->remote;
    struct str secret = url_split(r->spec.url).userinfo;
    const char *why = git_lib_reason(&r->git);

    if (c->reason[0])
        return err_set(e, ERR_NET, "cannot %s '" STR_FMT "': %s", what,
                       STR_ARG(r->shown), c->reason);
    if (c->guarded && guard_fired(&c->guard))
        return err_set(e, ERR_TIMEOUT, "cannot %s '" STR_FMT "': not done "
                       "within " STR_FMT, what, STR_ARG(r->shown),
                       STR_ARG(clock_duration(&c->arena, timeout_ms(r))));
    if (secret.n && str_search(str_of(why), secret) < strlen(why))
        why = "libgit2's reason holds the password";
    return err_set(e, ERR_NET, "cannot %s '" STR_FMT "': %s", what,
                   STR_ARG(r->shown), why);
}

void call_end(struct call *c)
{
    if (c->handle) {
        c->remote->git.remote_disconnect(c->handle);
        c->remote->git.remote_free(c->handle);
    }
    if (c->guarded)
        guard_end(&c->guard);
    flock(c->remote->lock_fd, LOCK_UN);
    buf_free(&c->said);
    arena_free(&c->arena);
}
