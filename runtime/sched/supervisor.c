#include "runtime/sched/part.h"

#include "base/clock.h"
#include "base/die.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- turns ---------------------------------------------------------------- */

/* Commits, with what is known of the attempts that began since. */
static void flush(struct sched *s)
{
    struct err e = {0};

    s->flushed_ms = loop_now_ms(s->loop);
    for (struct attempt *a = s->live; a; a = a->next)
        if (a->announced && !a->recorded)
            tell_record(a, "");
    if (!store_flush(s->store, &e) && !s->failure.kind)
        s->failure = e;
}

static void cancel_all(struct sched *s, struct str why)
{
    plan_stop(s->plan, why);
    for (struct attempt *a = s->live, *next; a; a = next) {
        next = a->next;
        attempt_cancel(a, why);
    }
}

/* Everything that is left waits for an approval that nobody here can give. */
static bool only_waits(const struct sched *s)
{
    for (const struct attempt *a = s->live; a; a = a->next)
        if (!a->idle || !str_eq(a->waits_for, STR("approval")) ||
            steer_has_traffic(a)) /* a rollout under way is not left alone */
            return false;
    return s->live && !plan_count(s->plan, PLAN_READY) &&
           !plan_count(s->plan, PLAN_BACKOFF);
}

static void start_what_may(struct sched *s)
{
    for (uint32_t i; (i = plan_next(s->plan)) != PLAN_NONE;)
        attempt_start(s, i);
    for (uint32_t i; (i = plan_settled(s->plan)) != PLAN_NONE;)
        tell_settled(s, i);
}

static void on_flush(void *ctx)
{
    struct sched *s = ctx;

    s->flush = NULL;
    flush(s);
}

static void on_turn(void *ctx)
{
    struct sched *s = ctx;

    start_what_may(s);
    if (s->failure.kind && !s->stopped) {
        s->stopped = true;
        cancel_all(s, STR("pipec itself failed"));
        start_what_may(s);
    }
    if (!s->spec.wait && !s->waiting && only_waits(s)) {
        s->waiting = true;
        cancel_all(s, STR("waiting for approval"));
    }
    if (loop_now_ms(s->loop) - s->flushed_ms >= FLUSH_MS)
        flush(s);
    else if (!s->flush && store_dirty(s->store))
        s->flush = loop_after(s->loop, FLUSH_MS, on_flush, s);
    if (plan_over(s->plan) && !s->live)
        loop_stop(s->loop);
}

static void take_steers(struct sched *s)
{
    struct arena a = {0};
    struct err e = {0};
    struct store_steer *r;
    size_t n;

    if (!store_take_steers(&a, s->store, s->run, &r, &n, &e))
        n = 0;
    for (size_t i = 0; i < n; i++)
        steer_take(s, &r[i]);
    arena_free(&a);
}

static void on_steer_tick(void *ctx)
{
    struct sched *s = ctx;

    s->steer = loop_after(s->loop, SCHED_STEER_MS, on_steer_tick, s);
    flush(s);
    take_steers(s);
}

struct sink_tick {
    struct sched *s;
    const struct event_sink *sink;
    struct loop_timer *timer;
};

static void on_sink_tick(void *ctx)
{
    struct sink_tick *t = ctx;

    t->timer = loop_after(t->s->loop, t->sink->tick_ms, on_sink_tick, t);
    t->sink->on_tick(t->sink->ctx, clock_monotonic_ms());
}

/* ---- interrupts ----------------------------------------------------------- */

void sched_interrupt(struct sched *s, int signum)
{
    struct event v = tell_event(s, EVENT_RUN_INTERRUPTED, EVENT_NO_NODE, 0);

    v.interrupted.sig = signum;
    v.interrupted.times = ++s->interrupts;
    tell(s, &v);
    if (s->interrupts == 1) {
        secret_stop_all(s);
        cancel_all(s, STR("interrupted"));
        return;
    }
    for (struct attempt *a = s->live; a; a = a->next)
        attempt_kill(a);
}

static void on_signal(void *ctx, int signum)
{
    sched_interrupt(ctx, signum);
}

/* ---- its course ------------------------------------------------------------ */

static void tell_start(struct sched *s)
{
    struct event v = tell_event(s, EVENT_RUN_STARTED, EVENT_NO_NODE, 0);

    v.run_started.plan = str_of(s->spec.digest);
    v.run_started.git = s->spec.git;
    v.run_started.stages = s->graph->n_nodes -
                           plan_count(s->plan, PLAN_LEFT_OUT);
    v.run_started.jobs = s->spec.jobs;
    tell(s, &v);
}

static void sum_up(struct sched *s, struct sched_result *out)
{
    *out = (struct sched_result){.run = s->run};
    if (s->failure.kind) {
        out->result = EVENT_FAILED;
        out->code = 4;
    } else if (s->interrupts) {
        out->result = EVENT_INTERRUPTED;
        out->code = 130;
    } else if (s->aborted) {
        out->result = EVENT_ABORTED;
        out->code = 1;
    } else if (plan_failed(s->plan)) {
        out->result = EVENT_FAILED;
        out->code = 1;
    } else if (s->waiting) {
        out->result = EVENT_WAITING;
        out->code = 3;
    } else {
        out->result = EVENT_PASSED;
    }
}

static void store_run_end(struct sched *s, const struct event *v)
{
    struct value_pair pairs[3];
    struct value cause = {.kind = VALUE_MAP, .map = {pairs, 3}};
    struct buf json = {0};

    if (s->cause != EVENT_NO_NODE) {
        pairs[0] = (struct value_pair){
            STR("lines"), value_string(s->cause_lines)};
        pairs[1] = (struct value_pair){
            STR("stage"), value_string(s->graph->nodes[s->cause].id)};
        pairs[2] = (struct value_pair){
            STR("why"), value_string(s->cause_why)};
        value_json(&json, &cause, false);
    }
    store_end(s->store, &(struct store_run){
        .id = s->run,
        .result = str_of(event_result_name(v->run_finished.result)),
        .cause = buf_str(&json),
        .ended = v->at,
        .code = v->run_finished.code,
        .passed = (int64_t)v->run_finished.passed,
        .failed = (int64_t)(v->run_finished.failed -
                            v->run_finished.optional),
        .skipped = (int64_t)v->run_finished.skipped,
    });
    buf_free(&json);
}

static size_t count_optional(const struct sched *s)
{
    size_t n = 0;

    for (uint32_t i = 0; i < s->graph->n_nodes; i++)
        n += s->graph->nodes[i].optional &&
             plan_state(s->plan, i) == PLAN_FAILED;
    return n;
}

static void tell_end(struct sched *s, const struct sched_result *r)
{
    struct event v = tell_event(s, EVENT_RUN_FINISHED, EVENT_NO_NODE, 0);

    v.run_finished.result = r->result;
    v.run_finished.code = r->code;
    v.run_finished.duration_ms = clock_wall_ms() - s->started;
    v.run_finished.passed = plan_count(s->plan, PLAN_PASSED);
    v.run_finished.failed = plan_count(s->plan, PLAN_FAILED);
    v.run_finished.optional = count_optional(s);
    v.run_finished.skipped = plan_count(s->plan, PLAN_SKIPPED) +
                             plan_count(s->plan, PLAN_CANCELLED);
    v.run_finished.cause = s->cause;
    v.run_finished.why = s->cause_why;
    v.run_finished.lines = s->cause_lines;
    tell(s, &v);
    store_run_end(s, &v);
}

static bool watch_signals(struct sched *s, struct loop_signal *out[4],
                          struct err *e)
{
    static const int signals[4] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction old;

    for (size_t i = 0; i < 4; i++) {
        /* nohup and the shell's & say that they are not for us. */
        if (!sigaction(signals[i], NULL, &old) && old.sa_handler == SIG_IGN)
            continue;
        out[i] = loop_on_signal(s->loop, signals[i], on_signal, s, e);
        if (!out[i])
            return false;
    }
    return true;
}

bool sched_run(struct sched *s, struct sched_result *out, struct err *e)
{
    struct loop_signal *signals[4] = {0};
    struct sink_tick *ticks = arena_array(&s->arena, struct sink_tick,
                                          s->spec.n_sinks + 1);

    if (!watch_signals(s, signals, e))
        return false;
    tell_start(s);
    take_steers(s); /* what was asked before it was resumed */
    loop_each_turn(s->loop, on_turn, s);
    s->steer = loop_after(s->loop, SCHED_STEER_MS, on_steer_tick, s);
    for (size_t i = 0; i < s->spec.n_sinks; i++) {
        ticks[i] = (struct sink_tick){s, &s->spec.sinks[i], NULL};
        if (s->spec.sinks[i].on_tick && s->spec.sinks[i].tick_ms > 0)
            ticks[i].timer = loop_after(s->loop, s->spec.sinks[i].tick_ms,
                                        on_sink_tick, &ticks[i]);
    }
    loop_run(s->loop);
    loop_cancel(s->steer);
    loop_cancel(s->flush);
    s->steer = s->flush = NULL;
    for (size_t i = 0; i < s->spec.n_sinks; i++)
        loop_cancel(ticks[i].timer);
    for (size_t i = 0; i < 4; i++)
        loop_unsignal(signals[i]);
    sum_up(s, out);
    tell_end(s, out);
    flush(s);
    if (s->failure.kind)
        *e = s->failure;
    return !s->failure.kind;
}

struct loop *sched_loop(struct sched *s)
{
    return s->loop;
}
