#include "runtime/sched/part.h"

#include "base/clock.h"
#include "runtime/proc/nursery.h"

#include <unistd.h>

enum { DEATHS_MAX = 3, CLOSE_GRACE_MS = 500, NURSERY_FROM = 3 };

static bool has_late_hooks(const struct attempt *a)
{
    const struct graph_extra *x = a->node->extra;

    for (size_t i = 0; i < x->n_hooks; i++)
        if (x->hooks[i].phase == HOOK_ALWAYS ||
            (x->hooks[i].phase == HOOK_FAILURE && attempt_is_last(a)))
            return true;
    return false;
}

static bool is_phase(const struct attempt *a, const char *phase)
{
    return str_eq(str_of(a->phase), str_of(phase));
}

/* The worker is gone without a word. One with traffic to put back is started
 * again to do so; else its hooks for that are run by another. */
static void mourn(struct attempt *a)
{
    bool traffic = graph_has_effect(a->node, STR("traffic"));

    a->deaths++;
    if (a->killed || (traffic && a->deaths > DEATHS_MAX)) {
        attempt_end(a);
    } else if (traffic) {
        tell_log(a, EVENT_WARN, STR("its process died; another one takes "
                                    "over\n"));
        a->failed = false;
        a->why = (struct str){0};
        worker_start(a, "recover");
    } else if (!is_phase(a, "after-death") && has_late_hooks(a)) {
        worker_start(a, "after-death");
    } else {
        attempt_end(a);
    }
}

static void leave(struct attempt *a)
{
    loop_cancel(a->timer);
    loop_cancel(a->grace);
    a->timer = a->grace = NULL;
    plan_idle(a->s->plan, a->index, a->idle = false);
}

static void maybe_over(struct attempt *a)
{
    if (!a->proc_over || a->channel)
        return;
    leave(a);
    if (a->done) {
        attempt_end(a);
        return;
    }
    /* Only now: its last words may be read after its end is seen. */
    a->command_text = "the stage's process";
    command_note_end(a, &a->end);
    mourn(a);
}

/* Its socket stays open: something that it started has inherited it. */
static void on_close_grace(void *ctx)
{
    struct attempt *a = ctx;

    a->grace = NULL;
    if (channel_waits(a->channel)) { /* we are late ourselves */
        a->grace = loop_after(a->s->loop, CLOSE_GRACE_MS, on_close_grace, a);
        return;
    }
    channel_destroy(a->channel);
    a->channel = NULL;
    maybe_over(a);
}

static void on_closed(void *ctx, const struct err *e)
{
    struct attempt *a = ctx;

    a->channel = NULL;
    if (e->kind != ERR_CANCELLED && !a->timed_out && !a->cancelled) {
        attempt_fail(a, "%s", e->msg);
        if (a->proc)
            proc_stop(a->proc);
    }
    maybe_over(a);
}

static void on_end(void *ctx, const struct proc_end *end)
{
    struct attempt *a = ctx;

    a->proc = NULL;
    a->proc_over = true;
    a->cpu_ms += end->cpu_ms;
    if (end->rss_kib > a->rss_kib)
        a->rss_kib = end->rss_kib;
    if (!a->done) {
        a->code = end->code;
        a->sig = end->sig;
        a->end = *end;
    }
    if (a->channel) {
        loop_cancel(a->grace);
        a->grace = loop_after(a->s->loop, CLOSE_GRACE_MS, on_close_grace, a);
    }
    maybe_over(a);
}

/* Rollouts measure over HTTP: loaded once, its library is there for all. */
static bool will_measure(const struct sched *s)
{
    for (size_t i = 0; i < s->graph->n_nodes; i++)
        if (graph_has_effect(&s->graph->nodes[i], STR("traffic")))
            return true;
    return false;
}

/* Who starts many workers has them forked; for a few it does not pay. */
static struct nursery *nursery(struct sched *s)
{
    const char *argv[] = {s->spec.program, "__nursery",
                          will_measure(s) ? "http" : NULL, NULL};
    struct err e = {0}; /* without it they are started, which is only slower */

    if (++s->workers == NURSERY_FROM)
        s->nursery = nursery_create(argv, s->envp, s->spec.pipeline_dir, &e);
    return s->nursery;
}

static bool start(struct attempt *a, struct proc_spec *spec, struct err *e)
{
    struct sched *s = a->s;

    spec->nursery = nursery(s);
    a->proc = proc_start(s->host, spec, e);
    if (a->proc || !spec->nursery)
        return a->proc != NULL;
    nursery_destroy(s->nursery);
    s->nursery = spec->nursery = NULL;
    if (e->kind == ERR_TIMEOUT)
        return false;
    a->proc = proc_start(s->host, spec, e);
    return a->proc != NULL;
}

/* One that waits, or a new one. */
static bool launch(struct attempt *a, struct err *e)
{
    const char *argv[] = {a->s->spec.program, "__worker", NULL};
    int fds[2];

    if (crew_take(a->s, &a->proc, &a->channel)) {
        proc_hand_over(a->proc, command_output, on_end, a);
        channel_hand_over(a->channel, worker_frame, on_closed, a);
        return true;
    }
    if (!channel_pair(fds, e))
        return false;

    struct proc_spec spec = {
        .argv = argv,
        .envp = a->s->envp,
        .dir = a->s->spec.pipeline_dir,
        .extra = fds[1],
        .on_output = command_output,
        .on_end = on_end,
        .ctx = a,
    };

    a->channel = channel_create(a->s->loop, fds[0], worker_frame, on_closed,
                                a, e);
    if (a->channel)
        start(a, &spec, e);
    close(fds[1]);
    if (a->channel && !a->proc) {
        channel_destroy(a->channel);
        a->channel = NULL;
    }
    return a->proc != NULL;
}

void worker_stays(struct attempt *a)
{
    a->stays = false;
    if (a->failed || a->cancelled || a->timed_out || !a->proc) {
        channel_destroy(a->channel); /* so it ends, and then the attempt */
        a->channel = NULL;
        maybe_over(a);
        return;
    }
    crew_give(a->s, a->proc, a->channel);
    a->proc = NULL;
    a->channel = NULL;
    leave(a);
    attempt_end(a);
}

void worker_start(struct attempt *a, const char *phase)
{
    struct buf start = {0};
    struct err e = {0};

    a->phase = phase;
    a->done = a->proc_over = false;
    if (!launch(a, &e) || !worker_start_message(a, &start, &e) ||
        !channel_send(a->channel, buf_str(&start), &e)) {
        attempt_fail(a, "%s", e.msg);
        a->done = true; /* there is nothing to mourn */
        if (a->proc)
            proc_kill(a->proc);
        else
            attempt_end(a);
    }
    buf_free(&start);
}

static void on_grace_over(void *ctx)
{
    struct attempt *a = ctx;

    a->grace = NULL;
    if (a->proc)
        proc_stop(a->proc);
}

/* Asked to stop in order; TERM when it takes too long. */
void worker_cancel(struct attempt *a)
{
    struct value_pair pairs[] = {
        {STR("reason"), value_string(a->timed_out ? STR("timeout")
                                                  : a->reason)},
        {STR("t"), value_string(STR("cancel"))},
    };
    struct value message = {.kind = VALUE_MAP, .map = {pairs, 2}};
    bool traffic = graph_has_effect(a->node, STR("traffic"));
    int64_t grace = traffic ? SCHED_TRAFFIC_MS : SCHED_CANCEL_MS;
    struct buf b = {0};
    struct err e = {0};

    value_json(&b, &message, false);
    if (!a->channel || !channel_send(a->channel, buf_str(&b), &e))
        grace = 0;
    buf_free(&b);
    loop_cancel(a->grace);
    a->grace = loop_after(a->s->loop, grace, on_grace_over, a);
}

void worker_steer(struct attempt *a, const struct store_steer *r)
{
    struct value args = {.kind = VALUE_NONE};
    struct err e = {0};
    struct buf b = {0};

    if (r->args.n && !value_from_json(&a->arena, r->args, &args, &e))
        args.kind = VALUE_NONE;

    struct value_pair pairs[] = {
        {STR("action"), value_string(r->action)},
        {STR("args"), args},
        {STR("by"), value_string(r->by)},
        {STR("t"), value_string(STR("steer"))},
    };
    struct value message = {.kind = VALUE_MAP, .map = {pairs, 4}};

    value_json(&b, &message, false);
    channel_send(a->channel, buf_str(&b), &e);
    buf_free(&b);
    if (a->idle && str_eq(r->action, STR("approve"))) {
        struct value_pair given[] = {
            {STR("by"), value_string(r->by)},
            {STR("what"), value_string(a->waits_for)},
        };
        struct value data = {.kind = VALUE_MAP, .map = {given, 2}};

        tell_other(a, STR("approval.given"), &data);
    } else if (graph_has_effect(a->node, STR("traffic"))) {
        struct value_pair asked[] = {
            {STR("action"), value_string(r->action)},
            {STR("by"), value_string(r->by)},
        };
        struct value data = {.kind = VALUE_MAP, .map = {asked, 2}};

        tell_other(a, STR("rollout.steered"), &data);
    }
    a->idle = false;
    plan_idle(a->s->plan, a->index, false);
}
