#include "runtime/sched/part.h"

#include "base/die.h"

#include <stdlib.h>

/* Workers between two attempts: each waits at its socket. Never more than ran
 * at once. */
struct idle {
    struct idle *next;
    struct sched *s;
    struct proc *proc;
    struct channel *channel;
};

static void drop(struct idle *w)
{
    struct idle **at = &w->s->idle;

    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    channel_destroy(w->channel);
    free(w);
}

static void on_output(void *ctx, struct str bytes)
{
    (void)ctx, (void)bytes; /* nothing of its lives that could print */
}

static void on_end(void *ctx, const struct proc_end *end)
{
    (void)end;
    drop(ctx);
}

/* It has nothing to say: it is broken. Its end comes by on_end(). */
static void on_frame(void *ctx, struct str frame)
{
    struct idle *w = ctx;

    (void)frame;
    proc_kill(w->proc);
}

static void on_closed(void *ctx, const struct err *e)
{
    struct idle *w = ctx;

    (void)e;
    w->channel = NULL;
    proc_kill(w->proc);
}

void crew_give(struct sched *s, struct proc *p, struct channel *c)
{
    struct idle *w = calloc(1, sizeof *w);

    if (!w)
        die_oom();
    *w = (struct idle){s->idle, s, p, c};
    s->idle = w;
    proc_hand_over(p, on_output, on_end, w);
    channel_hand_over(c, on_frame, on_closed, w);
}

bool crew_take(struct sched *s, struct proc **p, struct channel **c)
{
    struct idle *w = s->idle;

    while (w && !w->channel) /* it is about to end */
        w = w->next;
    if (!w)
        return false;
    *p = w->proc;
    *c = w->channel;
    w->channel = NULL;
    drop(w);
    return true;
}

void crew_dismiss(struct sched *s)
{
    while (s->idle)
        drop(s->idle);
}
