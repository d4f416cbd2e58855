#include "runtime/rollout/turn.h"

void begin_analysis(struct turn *t, uint32_t i)
{
    analysis_begin(&t->p->analyses[i].spec, &t->st->analyses[i], t->st->now);
}

static struct rollout_traffic traffic_after(const struct turn *t,
                                            const struct canary_step *s)
{
    struct rollout_traffic w = t->st->want;

    if (s->kind == CANARY_WEIGHT)
        w.weight = s->weight;
    else if (s->kind == CANARY_MIRROR)
        w.mirror = s->weight;
    else
        w.header = s->text.n ? (int32_t)t->st->step : -1;
    return w;
}

static void start_hold(struct turn *t, const struct canary_step *s)
{
    bool endless = s->kind == CANARY_HOLD && !s->hold_ms && !s->until_approved;

    t->st->at = AT_HOLD;
    t->st->hold_until = endless ? TIME_NEVER : t->st->now + s->hold_ms;
    if (endless)
        turn_notify(t, NOTICE_WAITING);
}

static void start_command(struct turn *t, const struct canary_step *s)
{
    struct rollout_state *st = t->st;

    st->at = AT_COMMAND;
    st->work_id = turn_id(t);
    st->work_until = s->timeout_ms > 0 ? st->now + s->timeout_ms : TIME_NEVER;
    turn_add(t, ACTION_COMMAND)->id = st->work_id;
}

static void enter_end(struct turn *t)
{
    struct rollout_traffic all = {.weight = WEIGHT_FULL, .header = -1};

    if (t->st->touched && t->st->ask == ASK_NOTHING &&
        traffic_eq(t->st->want, all)) {
        end_promoted(t);
        return;
    }
    t->st->at = AT_TRAFFIC;
    traffic_set(t, all);
}

void enter_step(struct turn *t, uint32_t step)
{
    struct rollout_state *st = t->st;
    const struct canary_step *s = &t->p->steps[step];

    st->step = step;
    st->step_at = st->now;
    st->skip = false;
    st->restores = 0;
    if (step == t->p->n_steps) {
        enter_end(t);
        return;
    }
    turn_notify(t, NOTICE_STEP);
    switch (s->kind) {
    case CANARY_WEIGHT:
    case CANARY_MIRROR:
    case CANARY_HEADER:
        st->at = AT_TRAFFIC;
        traffic_set(t, traffic_after(t, s));
        return;
    case CANARY_HOLD:
        start_hold(t, s);
        return;
    case CANARY_ANALYZE:
        st->at = AT_ANALYSIS;
        begin_analysis(t, s->analysis);
        return;
    case CANARY_COMMAND:
        start_command(t, s);
        return;
    }
}

/* ---- moving on within a step ------------------------------------------- */

static bool settled(struct turn *t)
{
    struct rollout_state *st = t->st;

    if (st->ask != ASK_NOTHING)
        return false;
    if (st->restarting) {
        st->restarting = false;
        enter_step(t, 0);
    } else if (st->step == t->p->n_steps) {
        end_promoted(t);
    } else {
        start_hold(t, &t->p->steps[st->step]);
    }
    return true;
}

static bool held_out(struct turn *t)
{
    struct rollout_state *st = t->st;
    bool asks = t->p->steps[st->step].until_approved;

    if (st->now < st->hold_until && !st->skip)
        return false;
    st->at = asks && !st->skip ? AT_APPROVAL : AT_GUARD;
    if (st->at == AT_APPROVAL)
        turn_notify(t, NOTICE_WAITING);
    return true;
}

static bool analysed(struct turn *t)
{
    struct rollout_state *st = t->st;
    uint32_t i = t->p->steps[st->step].analysis;
    struct analysis_state *a = &st->analyses[i];

    if (st->skip && !analysis_over(a)) {
        a->phase = ANALYSIS_STOPPED;
        a->measuring = 0;
    }
    if (!analysis_over(a) || (st->held && !st->skip))
        return false;
    st->at = AT_GUARD;
    return true;
}

static bool guarded(struct turn *t)
{
    struct rollout_state *st = t->st;

    if (st->ask != ASK_NOTHING || st->watch_id)
        return false;
    if (!st->skip && (st->paused || st->held))
        return false;
    for (uint32_t i = 0; i < t->p->n_analyses && !st->skip; i++)
        if (!t->p->analyses[i].spec.in_step &&
            !analysis_allows(&t->p->analyses[i].spec, &st->analyses[i],
                             st->now))
            return false;
    enter_step(t, st->step + 1);
    return true;
}

bool step_on(struct turn *t)
{
    if (t->st->phase != ROLLOUT_RUNNING)
        return false;
    switch (t->st->at) {
    case AT_TRAFFIC:
        return settled(t);
    case AT_HOLD:
        return held_out(t);
    case AT_ANALYSIS:
        return analysed(t);
    case AT_GUARD:
        return guarded(t);
    case AT_COMMAND:
    case AT_APPROVAL:
        break;
    }
    return false;
}
