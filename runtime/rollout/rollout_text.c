#include "runtime/rollout/rollout.h"

#include "base/clock.h"

#include <inttypes.h>

const char *rollout_outcome_name(enum rollout_outcome o)
{
    static const char *const names[] = {
        [OUTCOME_NONE] = "none",
        [OUTCOME_PROMOTED] = "promoted",
        [OUTCOME_ABORTED] = "aborted",
        [OUTCOME_STRANDED] = "stranded",
    };

    return names[o];
}

const char *rollout_phase_name(enum rollout_phase p)
{
    static const char *const names[] = {
        [ROLLOUT_NEW] = "new",
        [ROLLOUT_RUNNING] = "running",
        [ROLLOUT_LEAVING] = "leaving",
        [ROLLOUT_REVERTING] = "reverting",
        [ROLLOUT_DONE] = "done",
    };

    return names[p];
}

const char *rollout_at_name(enum rollout_at at)
{
    static const char *const names[] = {
        [AT_TRAFFIC] = "traffic",   [AT_COMMAND] = "command",
        [AT_ANALYSIS] = "analysis", [AT_HOLD] = "hold",
        [AT_APPROVAL] = "approval", [AT_GUARD] = "guard",
    };

    return names[at];
}

const char *rollout_ask_name(enum rollout_ask a)
{
    static const char *const names[] = {
        [ASK_NOTHING] = "nothing",
        [ASK_SET] = "set",
        [ASK_LOOK] = "look",
        [ASK_LATER] = "later",
    };

    return names[a];
}

const char *rollout_action_name(enum rollout_action_kind k)
{
    static const char *const names[] = {
        [ACTION_SET] = "set",         [ACTION_LOOK] = "look",
        [ACTION_MEASURE] = "measure", [ACTION_COMMAND] = "command",
        [ACTION_CANCEL] = "cancel",   [ACTION_REVERT] = "revert",
        [ACTION_NOTIFY] = "notify",   [ACTION_FINISH] = "finish",
    };

    return names[k];
}

const char *rollout_notice_name(enum rollout_notice n)
{
    static const char *const names[] = {
        [NOTICE_STARTED] = "started",   [NOTICE_STEP] = "step",
        [NOTICE_WAITING] = "waiting",   [NOTICE_HELD] = "held",
        [NOTICE_ABORTING] = "aborting", [NOTICE_ABORTED] = "aborted",
        [NOTICE_PROMOTED] = "promoted",
    };

    return names[n];
}

const char *rollout_event_name(enum rollout_event_kind k)
{
    static const char *const names[] = {
        [ROLLOUT_START] = "start",
        [ROLLOUT_TICK] = "tick",
        [ROLLOUT_SET] = "set",
        [ROLLOUT_LOOKED] = "looked",
        [ROLLOUT_MEASURED] = "measured",
        [ROLLOUT_COMMAND_DONE] = "command done",
        [ROLLOUT_REVERTED] = "reverted",
        [ROLLOUT_APPROVED] = "approved",
        [ROLLOUT_PROMOTE] = "promote",
        [ROLLOUT_PROMOTE_FULL] = "promote full",
        [ROLLOUT_ABORT] = "abort",
        [ROLLOUT_PAUSE] = "pause",
        [ROLLOUT_RESUME] = "resume",
        [ROLLOUT_RETRY] = "retry",
        [ROLLOUT_CRASHED] = "crashed",
        [ROLLOUT_BACK] = "back",
    };

    return names[k];
}

static void show_hold(const struct canary_step *s, struct buf *out)
{
    struct arena a = {0};

    buf_adds(out, s->text.n ? "keep" : "hold");
    if (s->hold_ms > 0)
        buf_addf(out, " " STR_FMT, STR_ARG(clock_duration(&a, s->hold_ms)));
    if (s->until_approved)
        buf_adds(out, " until approved");
    arena_free(&a);
}

void canary_step_show(const struct canary_step *s, struct buf *out)
{
    switch (s->kind) {
    case CANARY_WEIGHT:
        if (s->text.n)
            buf_add(out, s->text);
        else
            buf_addf(out, "weight %g%%", s->weight / 100.0);
        return;
    case CANARY_MIRROR:
        buf_addf(out, "mirror %g%%", s->weight / 100.0);
        return;
    case CANARY_HEADER:
        buf_addf(out, "header '" STR_FMT "'", STR_ARG(s->text));
        return;
    case CANARY_HOLD:
        show_hold(s, out);
        return;
    case CANARY_ANALYZE:
        buf_addf(out, "analyze '" STR_FMT "'", STR_ARG(s->text));
        return;
    case CANARY_COMMAND:
        buf_add(out, s->text);
        return;
    }
}

static void add_rest(struct buf *out, const char *what, int64_t ms)
{
    struct arena a = {0};

    buf_addf(out, ", %s " STR_FMT " more", what,
             STR_ARG(clock_duration(&a, ms > 0 ? ms : 0)));
    arena_free(&a);
}

/* The first analysis in the way, n_analyses if none is. */
static uint32_t blocker(const struct rollout_spec *p,
                        const struct rollout_state *st)
{
    uint32_t i = 0;

    while (i < p->n_analyses &&
           (p->analyses[i].spec.in_step ||
            analysis_allows(&p->analyses[i].spec, &st->analyses[i], st->now)))
        i++;
    return i;
}

static void describe_guard(const struct rollout_spec *p,
                           const struct rollout_state *st, struct buf *out)
{
    uint32_t i = blocker(p, st);

    if (i < p->n_analyses)
        buf_addf(out, ", waits for analysis '" STR_FMT "' to pass",
                 STR_ARG(p->analyses[i].spec.name));
}

static void describe_step(const struct rollout_spec *p,
                          const struct rollout_state *st, struct buf *out)
{
    const struct canary_step *s = &p->steps[st->step];

    canary_step_show(s, out);
    switch (st->at) {
    case AT_TRAFFIC:
        buf_adds(out, ", waits for the router");
        return;
    case AT_COMMAND:
        buf_adds(out, ", running");
        return;
    case AT_ANALYSIS:
        buf_adds(out, ", running");
        return;
    case AT_HOLD:
        if (st->hold_until == TIME_NEVER)
            buf_adds(out, ", waits for promote");
        else
            add_rest(out, "holds for", st->hold_until - st->now);
        return;
    case AT_APPROVAL:
        buf_adds(out, ", waits for approval");
        return;
    case AT_GUARD:
        describe_guard(p, st, out);
        return;
    }
}

void rollout_describe(const struct rollout_spec *p,
                      const struct rollout_state *st, struct buf *out)
{
    switch (st->phase) {
    case ROLLOUT_NEW:
        buf_adds(out, "not started");
        return;
    case ROLLOUT_LEAVING:
        buf_addf(out, "aborting, all traffic back to stable: %s", st->reason);
        return;
    case ROLLOUT_REVERTING:
        buf_addf(out, "aborting, reverting in Git: %s", st->reason);
        return;
    case ROLLOUT_DONE:
        buf_adds(out, rollout_outcome_name(st->outcome));
        if (st->reason[0])
            buf_addf(out, ": %s", st->reason);
        return;
    case ROLLOUT_RUNNING:
        break;
    }
    if (st->restarting)
        buf_adds(out, "back to the first step");
    else if (st->step >= p->n_steps)
        buf_adds(out, "all traffic to the canary, waits for the router");
    else
        describe_step(p, st, out);
    if (st->held)
        buf_addf(out, "; held: %s", st->reason);
    else if (st->paused)
        buf_adds(out, "; paused");
}
