#include "runtime/sched/part.h"

#include "base/clock.h"
#include "base/die.h"
#include "runtime/sched/freeze.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOCK_LOOK_MS = 250, WHY_BYTES_MAX = 400 };

static void on_lines(void *ctx, struct str lines, bool partial)
{
    (void)partial;
    tell_log(ctx, EVENT_OUT, lines);
}

static struct attempt *create(struct sched *s, uint32_t node)
{
    struct attempt *a = calloc(1, sizeof *a);

    if (!a)
        die_oom();
    a->s = s;
    a->index = node;
    a->node = &s->graph->nodes[node];
    a->number = s->stages[node].base + plan_attempt(s->plan, node);
    a->started = clock_wall_ms();
    a->started_ms = clock_monotonic_ms();
    a->code = -1;
    a->next = s->live;
    if (a->next)
        a->next->prev = a;
    s->live = a;
    return a;
}

static void destroy(struct attempt *a)
{
    lock_release(a);
    loop_cancel(a->timer);
    loop_cancel(a->grace);
    channel_destroy(a->channel);
    capture_destroy(a->capture);
    if (a->prev)
        a->prev->next = a->next;
    else
        a->s->live = a->next;
    if (a->next)
        a->next->prev = a->prev;
    arena_free(&a->arena);
    free(a);
}

bool attempt_is_last(const struct attempt *a)
{
    int made = plan_attempt(a->s->plan, a->index);

    return made > a->node->extra->retry.limit || a->s->interrupts ||
           a->aborted || a->refused;
}

void attempt_fail(struct attempt *a, const char *fmt, ...)
{
    char text[WHY_BYTES_MAX];
    va_list args;

    if (a->failed)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    a->failed = true;
    a->why = tell_mask_str(&a->arena, a->s->mask,
                           arena_dup(&a->arena, str_of(text)));
}

static enum event_result result_of(const struct attempt *a)
{
    return a->cancelled   ? EVENT_CANCELLED
           : a->aborted   ? EVENT_ABORTED
           : a->timed_out ? EVENT_TIMEOUT
           : a->failed    ? EVENT_FAILED
           : a->skipped   ? EVENT_SKIPPED
           : a->cached    ? EVENT_CACHED
                          : EVENT_PASSED;
}

static enum plan_end plan_end_of(const struct attempt *a)
{
    return a->cancelled ? PLAN_END_CANCELLED
           : a->aborted || a->refused ? PLAN_END_ABORTED
           : a->failed  ? PLAN_END_FAILED
           : a->skipped && !a->announced ? PLAN_END_SKIPPED
                                         : PLAN_END_PASSED;
}

/* The last lines of what it printed, for the end of the run. */
static struct str last_lines(struct attempt *a)
{
    struct str tail = a->capture ? capture_tail(&a->s->arena, a->capture)
                                 : STR("");
    size_t lines = 0, i = tail.n;

    while (i > 0 && (i == tail.n || tail.s[i - 1] != '\n' ||
                     ++lines < SCHED_TAIL_LINES))
        i--;
    return str_skip(tail, i);
}

static void note_cause(struct attempt *a)
{
    struct sched *s = a->s;

    if (s->cause != EVENT_NO_NODE || a->node->optional)
        return;
    s->cause = a->index;
    s->cause_why = arena_dup(&s->arena, a->why);
    s->cause_lines = last_lines(a);
}

static void on_backoff_over(void *ctx)
{
    struct stage *st = ctx;

    st->backoff = NULL;
    plan_again(st->sched->plan, (uint32_t)(st - st->sched->stages));
}

static void tell_retry(struct attempt *a)
{
    struct sched *s = a->s;
    struct stage *st = &s->stages[a->index];
    struct event v = tell_event(s, EVENT_STAGE_RETRYING, a->index, a->number);

    v.retrying.error = a->why;
    v.retrying.in_ms = plan_backoff_ms(s->plan, a->index);
    v.retrying.left = a->node->extra->retry.limit + 1 -
                      plan_attempt(s->plan, a->index);
    tell(s, &v);
    st->sched = s;
    st->backoff = loop_after(s->loop, v.retrying.in_ms, on_backoff_over, st);
}

static void end(struct attempt *a)
{
    struct sched *s = a->s;
    struct err e = {0};
    enum event_result result = result_of(a);

    if (a->capture && !capture_flush(a->capture, &e) && !s->failure.kind)
        s->failure = e;
    if (result == EVENT_PASSED && a->cache_key.n)
        cache_keep(a);
    if (a->aborted)
        s->aborted = true;
    plan_ended(s->plan, a->index, plan_end_of(a), a->why);
    tell_record(a, event_result_name(result));
    if (plan_state(s->plan, a->index) == PLAN_BACKOFF) {
        tell_retry(a);
    } else {
        tell_finished(a, result);
        if (a->failed && !a->cancelled)
            note_cause(a);
    }
    destroy(a);
}

void attempt_end(struct attempt *a)
{
    bool whole = !a->failed && !a->cancelled && !a->timed_out;

    a->ending = true;
    loop_cancel(a->timer);
    loop_cancel(a->grace);
    a->timer = a->grace = NULL;
    if (whole || !a->announced)
        end(a);
    else
        sweep(a, end);
}

/* ---- its beginning -------------------------------------------------------- */

static void on_again(void *ctx)
{
    struct attempt *a = ctx;

    a->timer = NULL;
    attempt_prepare(a);
}

static void on_timeout(void *ctx)
{
    struct attempt *a = ctx;

    a->timer = NULL;
    a->timed_out = true;
    if (a->channel)
        worker_cancel(a);
    else if (a->proc)
        proc_stop(a->proc);
}

static void announce(struct attempt *a)
{
    struct event v = tell_event(a->s, EVENT_STAGE_STARTED, a->index,
                                a->number);

    if (a->announced)
        return;
    a->announced = true;
    a->started = clock_wall_ms();
    a->started_ms = clock_monotonic_ms();
    tell(a->s, &v);
}

static void run(struct attempt *a)
{
    struct sched *s = a->s;
    struct arena path = {0};

    if (a->cancelled) {
        attempt_end(a);
        return;
    }
    if (s->stages[a->index].begun && !a->cleared) {
        a->cleared = true;
        sweep(a, run);
        return;
    }
    a->capture = capture_create(
        s->mask, store_log_path(&path, s->store, s->run, a->index,
                                a->number).s, on_lines, a);
    arena_free(&path);
    if (s->stages[a->index].left_behind &&
        a->number == s->stages[a->index].base + 1)
        tell_log(a, EVENT_WARN, STR("ended what it had left running when its "
                                    "run died\n"));
    if (a->node->timeout_ms > 0)
        a->timer = loop_after(s->loop, a->node->timeout_ms, on_timeout, a);
    if (a->node->worker)
        worker_start(a, s->stages[a->index].begun ? "recover" : "run");
    else
        command_next(a);
}

static void fail_early(struct attempt *a, const struct err *e)
{
    announce(a);
    attempt_fail(a, "%s", e->msg);
    attempt_end(a);
}

void attempt_prepare(struct attempt *a)
{
    struct err e = {0};
    struct str what = {0};
    bool wait = false;

    if (a->cancelled) {
        attempt_end(a);
        return;
    }
    if (!lock_take(a, &wait, &what, &e)) {
        fail_early(a, &e);
        return;
    }
    if (wait) {
        if (!a->waits_for.n)
            tell_waiting(a, STR("lock"), what);
        a->waits_for = what;
        a->timer = loop_after(a->s->loop, LOCK_LOOK_MS, on_again, a);
        return;
    }
    a->waits_for = (struct str){0};
    announce(a);
    if (!secret_need(a, &wait, &e) || (!wait && !resolve_place(a, &e)))
        fail_early(a, &e);
    else if (!wait && cache_hit(a))
        attempt_end(a);
    else if (!wait)
        run(a);
}

static bool may_enter(const struct sched *s, const struct graph_node *n,
                      struct err *e)
{
    for (size_t i = 0; n->environment.n && i < s->graph->n_environments; i++) {
        const struct graph_environment *v = &s->graph->environments[i];

        if (str_eq(v->name, n->environment) &&
            !freeze_check(&v->config, clock_wall_ms(), e))
            return err_wrap(e, "environment '" STR_FMT "'", STR_ARG(v->name));
    }
    return true;
}

void attempt_start(struct sched *s, uint32_t node)
{
    struct attempt *a = create(s, node);
    struct stage *st = &s->stages[node];
    struct err e = {0};
    bool yes = true;

    if (!st->asked && (!resolve_when(a, &yes, &e) ||
                       (yes && !may_enter(s, a->node, &e)))) {
        a->refused = true;
        fail_early(a, &e);
        return;
    }
    st->asked = true;
    if (yes) {
        attempt_prepare(a);
        return;
    }
    a->skipped = true;
    a->why = arena_printf(&a->arena, STR_FMT " is false",
                          STR_ARG(a->node->extra->when_text));
    attempt_end(a);
}

/* ---- stopping it ------------------------------------------------------------ */

void attempt_cancel(struct attempt *a, struct str reason)
{
    if (a->ending)
        return;
    if (a->cancelled) {
        attempt_kill(a);
        return;
    }
    a->cancelled = true;
    a->reason = arena_dup(&a->arena, reason);
    if (!a->why.n)
        a->why = a->reason;
    if (a->channel)
        worker_cancel(a);
    else if (a->proc && a->part <= PART_AFTER)
        proc_stop(a->proc);
}

void attempt_kill(struct attempt *a)
{
    if (a->ending)
        return;
    a->cancelled = a->killed = true;
    if (a->proc)
        proc_kill(a->proc);
}
