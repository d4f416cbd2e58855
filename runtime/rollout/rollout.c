#include "runtime/rollout/rollout.h"

#include "base/clock.h"
#include "base/die.h"
#include "runtime/rollout/turn.h"

#include <string.h>

void rollout_begin(struct rollout_state *st)
{
    /* Every byte, so that equal states are equal memory. */
    memset(st, 0, sizeof *st);
    st->next_id = 1;
    st->want.header = -1;
}

bool rollout_over(const struct rollout_state *st)
{
    return st->phase == ROLLOUT_DONE;
}

struct rollout_action *turn_add(struct turn *t, enum rollout_action_kind kind)
{
    struct rollout_action *x = &t->todo->items[t->todo->n];

    if (t->todo->n == ROLLOUT_ACTIONS_MAX)
        BUG("more actions in one step than there can be");
    *x = (struct rollout_action){.kind = kind, .step = t->st->step};
    t->todo->n++;
    return x;
}

void turn_notify(struct turn *t, enum rollout_notice n)
{
    turn_add(t, ACTION_NOTIFY)->notice = n;
}

uint32_t turn_id(struct turn *t)
{
    return t->st->next_id++;
}

/* ---- what people ask for ------------------------------------------------- */

static void resume(struct turn *t)
{
    struct rollout_state *st = t->st;

    st->paused = false;
    for (uint32_t i = 0; i < t->p->n_analyses && st->held; i++)
        if (analysis_remedy(&t->p->analyses[i].spec, &st->analyses[i]) ==
            REMEDY_HOLD)
            begin_analysis(t, i);
    if (st->drifted)
        traffic_set(t, st->want);
    st->held = st->drifted = false;
    st->reason[0] = '\0';
}

static void promote(struct turn *t)
{
    struct rollout_state *st = t->st;

    st->skip = true;
    st->paused = false;
    if (st->drifted)
        traffic_set(t, st->want);
    for (uint32_t i = 0; i < t->p->n_analyses && st->held; i++)
        if (analysis_remedy(&t->p->analyses[i].spec, &st->analyses[i]) ==
            REMEDY_HOLD)
            st->analyses[i].phase = ANALYSIS_STOPPED;
    st->held = st->drifted = false;
    st->reason[0] = '\0';
}

static void retry(struct turn *t)
{
    struct rollout_state *st = t->st;

    stop_work(t);
    memset(st->analyses, 0, sizeof st->analyses);
    st->held = st->drifted = st->paused = false;
    st->reason[0] = '\0';
    if (!st->touched) {
        enter_step(t, 0);
        return;
    }
    st->restarting = true;
    st->at = AT_TRAFFIC;
    traffic_set(t, (struct rollout_traffic){.header = -1});
}

static void promote_full(struct turn *t)
{
    if (t->st->step == t->p->n_steps)
        return;
    stop_work(t);
    t->st->held = t->st->drifted = t->st->paused = false;
    t->st->restarting = false;
    t->st->reason[0] = '\0';
    enter_step(t, t->p->n_steps);
}

static void command_done(struct turn *t, const struct rollout_event *ev)
{
    struct rollout_state *st = t->st;

    if (st->at != AT_COMMAND || !st->work_id || ev->id != st->work_id)
        return;
    st->work_id = 0;
    st->at = AT_GUARD;
    if (ev->ok)
        return;
    st->blamed = true;
    abort_because(t, "'" STR_FMT "' failed%s" STR_FMT,
                  STR_ARG(t->p->steps[st->step].text), ev->text.n ? ": " : "",
                  STR_ARG(ev->text));
}

/* ---- life and death ------------------------------------------------------ */

static void start(struct turn *t)
{
    t->st->phase = ROLLOUT_RUNNING;
    t->st->started_at = t->st->now;
    turn_notify(t, NOTICE_STARTED);
    enter_step(t, 0);
}

static void back(struct turn *t, const struct rollout_event *ev)
{
    t->st->phase = ROLLOUT_RUNNING;
    t->st->started_at = t->st->now;
    t->st->touched = true; /* by an earlier rollout */
    abort_because(t, STR_FMT, STR_ARG(ev->text));
}

static void resume_running(struct turn *t)
{
    struct rollout_state *st = t->st;

    if (t->p->on_crash == CRASH_ABORT) {
        abort_because(t, "the process that ran it died");
        return;
    }
    if (st->work_id) {
        abort_because(t,
                      "'" STR_FMT "' was interrupted, and whether it had its "
                      "effect is not known",
                      STR_ARG(t->p->steps[st->step].text));
        return;
    }
    for (uint32_t i = 0; i < t->p->n_analyses; i++) {
        if (!st->analyses[i].measuring)
            continue;
        st->analyses[i].measuring = 0;
        st->analyses[i].next_at = st->now;
    }
    st->watch_id = 0;
    st->watch_at = st->now;
    if (st->touched)
        traffic_resume(t);
}

static void crashed(struct turn *t)
{
    switch (t->st->phase) {
    case ROLLOUT_NEW:
        start(t);
        return;
    case ROLLOUT_RUNNING:
        resume_running(t);
        return;
    case ROLLOUT_LEAVING:
    case ROLLOUT_REVERTING:
    case ROLLOUT_DONE:
        end_resume(t);
        return;
    }
}

/* ---- one event ----------------------------------------------------------- */

static void apply_running(struct turn *t, const struct rollout_event *ev)
{
    switch (ev->kind) {
    case ROLLOUT_MEASURED:
        count_measurement(t, ev);
        return;
    case ROLLOUT_COMMAND_DONE:
        command_done(t, ev);
        return;
    case ROLLOUT_APPROVED:
        if (t->st->at == AT_APPROVAL)
            t->st->at = AT_GUARD;
        return;
    case ROLLOUT_PROMOTE:
        promote(t);
        return;
    case ROLLOUT_PROMOTE_FULL:
        promote_full(t);
        return;
    case ROLLOUT_ABORT:
        t->st->blamed = ev->blame;
        abort_because(t, STR_FMT, STR_ARG(ev->text));
        return;
    case ROLLOUT_PAUSE:
        t->st->paused = true;
        return;
    case ROLLOUT_RESUME:
        resume(t);
        return;
    case ROLLOUT_RETRY:
        retry(t);
        return;
    case ROLLOUT_START:
    case ROLLOUT_TICK:
    case ROLLOUT_SET:
    case ROLLOUT_LOOKED:
    case ROLLOUT_REVERTED:
    case ROLLOUT_CRASHED:
    case ROLLOUT_BACK:
        return;
    }
}

static void apply(struct turn *t, const struct rollout_event *ev)
{
    if (ev->kind == ROLLOUT_START && t->st->phase == ROLLOUT_NEW)
        start(t);
    else if (ev->kind == ROLLOUT_BACK && t->st->phase == ROLLOUT_NEW)
        back(t, ev);
    else if (ev->kind == ROLLOUT_CRASHED)
        crashed(t);
    else if (ev->kind == ROLLOUT_SET)
        traffic_answer_set(t, ev);
    else if (ev->kind == ROLLOUT_LOOKED)
        traffic_answer_look(t, ev);
    else if (ev->kind == ROLLOUT_REVERTED)
        end_reverted(t, ev);
    else if (t->st->phase == ROLLOUT_RUNNING)
        apply_running(t, ev);
}

static void check_limits(struct turn *t)
{
    struct rollout_state *st = t->st;
    struct arena a = {0};

    if (st->phase != ROLLOUT_RUNNING)
        return;
    if (st->at == AT_COMMAND && st->now >= st->work_until)
        abort_because(t, "'" STR_FMT "' did not end in time",
                      STR_ARG(t->p->steps[st->step].text));
    else if (st->now >= st->started_at + t->p->within_ms)
        abort_because(t, "not done within " STR_FMT,
                      STR_ARG(clock_duration(&a, t->p->within_ms)));
    arena_free(&a);
}

static void check_time(struct turn *t)
{
    check_limits(t);
    if (t->st->phase == ROLLOUT_RUNNING)
        judge_analyses(t);
}

static int64_t wake(const struct turn *t)
{
    const struct rollout_state *st = t->st;
    int64_t at = traffic_wake(t);

    if (st->phase == ROLLOUT_DONE || st->phase == ROLLOUT_NEW)
        return TIME_NEVER;
    if (st->phase == ROLLOUT_REVERTING)
        return st->work_until;
    if (st->phase == ROLLOUT_LEAVING)
        return at;
    if (at > st->started_at + t->p->within_ms)
        at = st->started_at + t->p->within_ms;
    if (st->at == AT_HOLD && at > st->hold_until)
        at = st->hold_until;
    if (st->at == AT_COMMAND && at > st->work_until)
        at = st->work_until;
    for (uint32_t i = 0; i < t->p->n_analyses; i++) {
        int64_t w = analysis_wake(&t->p->analyses[i].spec, &st->analyses[i]);

        at = w < at ? w : at;
    }
    return at;
}

void rollout_step(const struct rollout_spec *p, struct rollout_state *st,
                  const struct rollout_event *event, int64_t now,
                  struct rollout_actions *todo)
{
    struct turn t = {p, st, todo};

    todo->n = 0;
    if (now > st->now)
        st->now = now;
    /* What time has ended comes first, so that nothing is begun that is to be
     * undone in the same breath; but not what a death has interrupted. */
    if (event->kind != ROLLOUT_CRASHED)
        check_time(&t);
    apply(&t, event);
    check_time(&t);
    traffic_tick(&t);
    end_tick(&t);
    do
        begin_background(&t);
    while (step_on(&t));
    measure_due(&t);
    todo->wake_at = wake(&t);
}
