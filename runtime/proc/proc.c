#include "runtime/proc/proc.h"

#include "base/clock.h"
#include "base/die.h"
#include "runtime/proc/nursery.h"
#include "runtime/proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READS_A_TURN = 16, /* then the other children get theirs */
    PIPE_BYTES = 1024 * 1024, /* of a child that fills its pipe */
    LAST_READS = 64,          /* what a full pipe may still hold, and more */
    GROUP_LOOK_MS = 50,
};

struct proc_host {
    struct loop *loop;
    struct proc *procs;
    int devnull;
    char chunk[PROC_CHUNK_MAX];
};

struct proc {
    struct proc_host *h;
    struct proc *prev, *next;
    pid_t pid;
    int out; /* read end of its output; -1 once drained */
    struct loop_watch *watch;
    struct loop_timer *timeout, *timer; /* timer: grace, kill or look */
    int64_t started_ms, kill_at_ms, kill_grace_ms;
    bool reaped, stopping, widened;
    struct proc_end end;
    void (*on_output)(void *ctx, struct str bytes);
    void (*on_end)(void *ctx, const struct proc_end *end);
    void *ctx;
};

struct proc_host *proc_host_create(struct loop *l, struct err *e)
{
    struct proc_host *h = malloc(sizeof *h);

    if (!h)
        die_oom();
    h->loop = l;
    h->procs = NULL;
    h->devnull = spawn_devnull(e);
    if (h->devnull >= 0)
        return h;
    free(h);
    return NULL;
}

static void close_output(struct proc *p)
{
    if (p->out < 0)
        return;
    loop_unwatch(p->watch);
    p->watch = NULL;
    close(p->out);
    p->out = -1;
}

static void set_timer(struct proc *p, int64_t ms, loop_fn *fn)
{
    loop_cancel(p->timer);
    p->timer = loop_after(p->h->loop, ms, fn, p);
}

/* Gives back everything but the callbacks' turn. */
static void release(struct proc *p)
{
    close_output(p);
    loop_cancel(p->timeout);
    loop_cancel(p->timer);
    if (p->prev)
        p->prev->next = p->next;
    else
        p->h->procs = p->next;
    if (p->next)
        p->next->prev = p->prev;
    free(p);
}

void proc_host_destroy(struct proc_host *h)
{
    if (!h)
        return;
    while (h->procs) {
        kill(-h->procs->pid, SIGKILL);
        loop_forget_child(h->loop, h->procs->pid);
        if (!h->procs->reaped) /* so that its use of CPU counts as ours */
            waitpid(h->procs->pid, NULL, 0);
        release(h->procs);
    }
    close(h->devnull);
    free(h);
}

static void finish(struct proc *p)
{
    struct proc_end end = p->end;
    void (*on_end)(void *, const struct proc_end *) = p->on_end;
    void *ctx = p->ctx;

    if (p->stopping) /* whatever of its group outlived it */
        kill(-p->pid, SIGKILL);
    end.duration_ms = clock_monotonic_ms() - p->started_ms;
    release(p);
    on_end(ctx, &end);
}

static void settle(struct proc *p);

static void on_look(void *ctx)
{
    struct proc *p = ctx;

    p->timer = NULL;
    settle(p);
}

static bool drain(struct proc *p, int reads);

static void on_drain_grace(void *ctx)
{
    struct proc *p = ctx;

    p->timer = NULL;
    drain(p, LAST_READS); /* timers come first in a turn that is late */
    finish(p);
}

/* Called when something changed: is it over? One that is being stopped is
 * over when its whole group is, or has been killed. */
static void settle(struct proc *p)
{
    if (!p->reaped)
        return;
    if (!p->stopping) {
        if (p->out < 0)
            finish(p);
        else
            set_timer(p, PROC_DRAIN_GRACE_MS, on_drain_grace);
        return;
    }
    if (kill(-p->pid, 0) || clock_monotonic_ms() >= p->kill_at_ms)
        finish(p);
    else
        set_timer(p, GROUP_LOOK_MS, on_look);
}

static void on_exit_of_child(void *ctx, const struct loop_exit *x)
{
    struct proc *p = ctx;

    p->reaped = true;
    p->end.code = WIFEXITED(x->status) ? WEXITSTATUS(x->status) : -1;
    p->end.sig = WIFSIGNALED(x->status) ? WTERMSIG(x->status) : 0;
    p->end.cpu_ms = x->cpu_ms;
    p->end.rss_kib = x->rss_kib;
    loop_cancel(p->timeout);
    p->timeout = NULL;
    settle(p);
}

/* A child that fills its pipe prints much: let it and us work side by side. */
static void widen(struct proc *p)
{
    if (!p->widened)
        fcntl(p->out, F_SETPIPE_SZ, PIPE_BYTES);
    p->widened = true;
}

/* Reads what is there; true at the end of the output. */
static bool drain(struct proc *p, int reads)
{
    while (p->out >= 0 && reads-- > 0) {
        ssize_t n = read(p->out, p->h->chunk, sizeof p->h->chunk);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return false;
        if (n <= 0)
            return true;
        p->on_output(p->ctx, (struct str){p->h->chunk, (size_t)n});
        if (n == (ssize_t)sizeof p->h->chunk)
            widen(p);
    }
    return false;
}

static void on_readable(void *ctx, int events)
{
    struct proc *p = ctx;

    (void)events;
    if (!drain(p, READS_A_TURN))
        return;
    close_output(p);
    settle(p);
}

static void begin_kill(struct proc *p)
{
    p->stopping = true;
    p->kill_at_ms = clock_monotonic_ms();
    kill(-p->pid, SIGKILL);
    if (p->reaped) /* never over inside the caller's call */
        set_timer(p, 0, on_look);
}

static void on_kill(void *ctx)
{
    struct proc *p = ctx;

    p->timer = NULL;
    begin_kill(p);
}

static void begin_stop(struct proc *p)
{
    p->stopping = true;
    p->kill_at_ms = clock_monotonic_ms() + p->kill_grace_ms;
    kill(-p->pid, SIGTERM);
    kill(-p->pid, SIGCONT); /* a suspended one would not notice */
    if (p->reaped)
        set_timer(p, 0, on_look);
    else
        set_timer(p, p->kill_grace_ms, on_kill);
}

static void on_timeout(void *ctx)
{
    struct proc *p = ctx;

    p->timeout = NULL;
    p->end.timed_out = true;
    begin_stop(p);
}

static bool launch(struct proc *p, const struct proc_spec *s, struct err *e)
{
    const char *const shell[] = {"/bin/sh", "-eu", "-c", s->shell, NULL};
    int fds[2];

    if (pipe2(fds, O_CLOEXEC))
        return err_errno(e, "pipe");

    struct spawn sp = {
        .argv = s->shell ? shell : s->argv,
        .envp = s->envp,
        .dir = s->dir,
        .in = p->h->devnull,
        .out = fds[1],
        .err = s->only_stdout ? p->h->devnull : fds[1],
        .extra = s->extra > 0 ? s->extra : -1,
    };

    p->out = fds[0];
    if (!(s->nursery ? nursery_fork(s->nursery, fds[1], s->extra, &p->pid, e)
                     : spawn(&sp, &p->pid, e))) {
        close(fds[1]);
        close(fds[0]);
        return false;
    }
    close(fds[1]);
    return true;
}

struct proc *proc_start(struct proc_host *h, const struct proc_spec *s,
                        struct err *e)
{
    struct proc *p = calloc(1, sizeof *p);

    if (!p)
        die_oom();
    p->h = h;
    p->started_ms = clock_monotonic_ms();
    p->kill_grace_ms = s->kill_grace_ms ? s->kill_grace_ms : PROC_KILL_GRACE_MS;
    p->on_output = s->on_output;
    p->on_end = s->on_end;
    p->ctx = s->ctx;
    if (!launch(p, s, e)) {
        free(p);
        return NULL;
    }
    p->next = h->procs;
    if (p->next)
        p->next->prev = p;
    h->procs = p;
    p->watch = loop_watch(h->loop, p->out, LOOP_READ, on_readable, p, e);
    if (!p->watch) {
        kill(-p->pid, SIGKILL);
        release(p);
        return NULL;
    }
    loop_child(h->loop, p->pid, on_exit_of_child, p);
    if (s->timeout_ms > 0)
        p->timeout = loop_after(h->loop, s->timeout_ms, on_timeout, p);
    return p;
}

void proc_stop(struct proc *p)
{
    p->end.stopped = true;
    if (p->stopping)
        begin_kill(p);
    else
        begin_stop(p);
}

void proc_kill(struct proc *p)
{
    p->end.stopped = true;
    begin_kill(p);
}

void proc_hand_over(struct proc *p,
                    void (*on_output)(void *ctx, struct str bytes),
                    void (*on_end)(void *ctx, const struct proc_end *end),
                    void *ctx)
{
    drain(p, LAST_READS);
    p->on_output = on_output;
    p->on_end = on_end;
    p->ctx = ctx;
}

pid_t proc_pid(const struct proc *p)
{
    return p->pid;
}
