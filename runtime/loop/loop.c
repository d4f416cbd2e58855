#include "runtime/loop/loop.h"

#include "base/clock.h"
#include "base/die.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <uv.h>

struct loop_child {
    pid_t pid;
    loop_exit_fn *fn;
    void *ctx;
    struct loop_child *next;
};

struct loop {
    uv_loop_t uv;
    uv_prepare_t turn;
    loop_fn *turn_fn;
    void *turn_ctx;
    struct loop_signal *chld;
    struct loop_child *children;
};

struct loop_watch {
    uv_poll_t uv;
    loop_ready_fn *fn;
    void *ctx;
};

struct loop_timer {
    uv_timer_t uv;
    loop_fn *fn;
    void *ctx;
};

struct loop_signal {
    uv_signal_t uv;
    loop_signal_fn *fn;
    void *ctx;
};

static void *allocate(size_t size)
{
    void *p = calloc(1, size);

    if (!p)
        die_oom();
    return p;
}

static void on_closed(uv_handle_t *h)
{
    free(h->data);
}

/* Handles are freed by libuv's own callback, a turn after they were closed. */
static void close_handle(uv_handle_t *h)
{
    if (!uv_is_closing(h))
        uv_close(h, on_closed);
}

static void on_turn(uv_prepare_t *h)
{
    struct loop *l = h->data;

    if (l->turn_fn)
        l->turn_fn(l->turn_ctx);
}

void loop_run(struct loop *l)
{
    uv_run(&l->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *l)
{
    uv_stop(&l->uv);
}

int64_t loop_now_ms(const struct loop *l)
{
    return (int64_t)uv_now(&l->uv);
}

/* ---- descriptors -------------------------------------------------------- */

static void on_poll(uv_poll_t *h, int status, int events)
{
    struct loop_watch *w = h->data;
    int out = 0;

    if (status < 0 || events & UV_DISCONNECT)
        out = LOOP_READ | LOOP_WRITE;
    if (events & UV_READABLE)
        out |= LOOP_READ;
    if (events & UV_WRITABLE)
        out |= LOOP_WRITE;
    w->fn(w->ctx, out);
}

struct loop_watch *loop_watch(struct loop *l, int fd, int events,
                              loop_ready_fn *fn, void *ctx, struct err *e)
{
    struct loop_watch *w = allocate(sizeof *w);
    int rc = uv_poll_init(&l->uv, &w->uv, fd);

    if (rc) {
        err_set(e, ERR_IO, "watching descriptor %d: %s", fd, uv_strerror(rc));
        free(w);
        return NULL;
    }
    w->uv.data = w;
    w->fn = fn;
    w->ctx = ctx;
    loop_watch_events(w, events);
    return w;
}

void loop_watch_events(struct loop_watch *w, int events)
{
    int want = (events & LOOP_READ ? UV_READABLE : 0) |
               (events & LOOP_WRITE ? UV_WRITABLE : 0);

    if (want)
        uv_poll_start(&w->uv, want, on_poll);
    else
        uv_poll_stop(&w->uv);
}

void loop_unwatch(struct loop_watch *w)
{
    if (w)
        close_handle((uv_handle_t *)&w->uv);
}

/* ---- deadlines ---------------------------------------------------------- */

static void on_timer(uv_timer_t *h)
{
    struct loop_timer *t = h->data;
    loop_fn *fn = t->fn;
    void *ctx = t->ctx;

    close_handle((uv_handle_t *)h);
    fn(ctx);
}

struct loop_timer *loop_after(struct loop *l, int64_t ms, loop_fn *fn,
                              void *ctx)
{
    struct loop_timer *t = allocate(sizeof *t);

    uv_timer_init(&l->uv, &t->uv);
    t->uv.data = t;
    t->fn = fn;
    t->ctx = ctx;
    uv_timer_start(&t->uv, on_timer, ms > 0 ? (uint64_t)ms : 0, 0);
    return t;
}

void loop_cancel(struct loop_timer *t)
{
    if (t)
        close_handle((uv_handle_t *)&t->uv);
}

/* ---- signals and children ----------------------------------------------- */

static void on_uv_signal(uv_signal_t *h, int signum)
{
    struct loop_signal *s = h->data;

    s->fn(s->ctx, signum);
}

struct loop_signal *loop_on_signal(struct loop *l, int signum,
                                   loop_signal_fn *fn, void *ctx,
                                   struct err *e)
{
    struct loop_signal *s = allocate(sizeof *s);
    int rc = uv_signal_init(&l->uv, &s->uv);

    s->uv.data = s;
    s->fn = fn;
    s->ctx = ctx;
    if (rc) {
        err_set(e, ERR_IO, "signal %d: %s", signum, uv_strerror(rc));
        free(s);
        return NULL;
    }
    rc = uv_signal_start(&s->uv, on_uv_signal, signum);
    if (rc) {
        err_set(e, ERR_IO, "signal %d: %s", signum, uv_strerror(rc));
        close_handle((uv_handle_t *)&s->uv);
        return NULL;
    }
    uv_unref((uv_handle_t *)&s->uv);
    return s;
}

void loop_unsignal(struct loop_signal *s)
{
    if (s)
        close_handle((uv_handle_t *)&s->uv);
}

static struct loop_child *take_child(struct loop *l, pid_t pid)
{
    for (struct loop_child **p = &l->children; *p; p = &(*p)->next)
        if ((*p)->pid == pid) {
            struct loop_child *c = *p;

            *p = c->next;
            if (!l->children)
                uv_unref((uv_handle_t *)&l->chld->uv);
            return c;
        }
    return NULL;
}

static int64_t tv_ms(struct timeval tv)
{
    return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

static void on_chld(void *ctx, int signum)
{
    struct loop *l = ctx;
    struct rusage ru;
    int status;
    pid_t pid;

    (void)signum;
    while ((pid = wait4(-1, &status, WNOHANG, &ru)) > 0) {
        struct loop_child *c = take_child(l, pid);
        struct loop_exit x = {
            .pid = pid,
            .status = status,
            .cpu_ms = tv_ms(ru.ru_utime) + tv_ms(ru.ru_stime),
            .rss_kib = ru.ru_maxrss,
        };

        if (c && c->fn)
            c->fn(c->ctx, &x);
        free(c);
    }
}

void loop_child(struct loop *l, pid_t pid, loop_exit_fn *fn, void *ctx)
{
    struct loop_child *c = allocate(sizeof *c);

    *c = (struct loop_child){pid, fn, ctx, l->children};
    l->children = c;
    uv_ref((uv_handle_t *)&l->chld->uv);
}

void loop_forget_child(struct loop *l, pid_t pid)
{
    for (struct loop_child *c = l->children; c; c = c->next)
        if (c->pid == pid)
            c->fn = NULL;
}

void loop_each_turn(struct loop *l, loop_fn *fn, void *ctx)
{
    if (!l->turn.loop) {
        uv_prepare_init(&l->uv, &l->turn);
        l->turn.data = l;
        uv_prepare_start(&l->turn, on_turn);
        uv_unref((uv_handle_t *)&l->turn);
    }
    l->turn_fn = fn;
    l->turn_ctx = ctx;
}

/* ---- life ---------------------------------------------------------------- */

struct loop *loop_create(struct err *e)
{
    struct loop *l = allocate(sizeof *l);
    int rc = uv_loop_init(&l->uv);

    if (rc) {
        err_set(e, ERR_IO, "event loop: %s", uv_strerror(rc));
        free(l);
        return NULL;
    }
    l->uv.data = l;
    l->chld = loop_on_signal(l, SIGCHLD, on_chld, l, e);
    if (!l->chld) {
        loop_destroy(l);
        return NULL;
    }
    return l;
}

static void on_leftover(uv_handle_t *h, void *ctx)
{
    struct loop *l = ctx;

    if (h == (uv_handle_t *)&l->turn)
        uv_close(h, NULL);
    else
        close_handle(h);
}

void loop_destroy(struct loop *l)
{
    if (!l)
        return;
    uv_walk(&l->uv, on_leftover, l);
    l->turn_fn = NULL;
    uv_run(&l->uv, UV_RUN_DEFAULT);
    if (uv_loop_close(&l->uv))
        BUG("event loop closed with handles open");
    while (l->children) {
        struct loop_child *c = l->children;

        l->children = c->next;
        free(c);
    }
    free(l);
}
