#include "runtime/rollout/turn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_reason(struct turn *t, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void set_reason(struct turn *t, const char *fmt, va_list ap)
{
    char *s = t->st->reason;

    memset(s, 0, sizeof t->st->reason);
    vsnprintf(s, sizeof t->st->reason, fmt, ap);
    for (; *s; s++)
        if ((unsigned char)*s < ' ')
            *s = ' ';
}

void stop_work(struct turn *t)
{
    struct rollout_state *st = t->st;

    if (st->work_id)
        turn_add(t, ACTION_CANCEL)->id = st->work_id;
    st->work_id = 0;
    for (uint32_t i = 0; i < t->p->n_analyses; i++) {
        struct analysis_state *a = &st->analyses[i];

        a->measuring = 0;
        a->next_at = TIME_NEVER;
        if (a->phase == ANALYSIS_RUNNING)
            a->phase = ANALYSIS_STOPPED;
    }
}

void hold_because(struct turn *t, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    set_reason(t, fmt, ap);
    va_end(ap);
    t->st->held = true;
    turn_notify(t, NOTICE_HELD);
}

void abort_because(struct turn *t, const char *fmt, ...)
{
    struct rollout_state *st = t->st;
    va_list ap;

    if (st->phase != ROLLOUT_RUNNING)
        return;
    va_start(ap, fmt);
    set_reason(t, fmt, ap);
    va_end(ap);
    stop_work(t);
    st->phase = ROLLOUT_LEAVING;
    st->held = st->drifted = st->paused = st->restarting = false;
    turn_notify(t, NOTICE_ABORTING);
    if (st->touched)
        traffic_set(t, (struct rollout_traffic){.header = -1});
    else
        end_left(t);
}

static void finish(struct turn *t, enum rollout_outcome o)
{
    t->st->phase = ROLLOUT_DONE;
    t->st->outcome = o;
    t->st->work_id = 0;
    turn_notify(t, o == OUTCOME_PROMOTED ? NOTICE_PROMOTED : NOTICE_ABORTED);
    turn_add(t, ACTION_FINISH)->outcome = o;
}

void end_promoted(struct turn *t)
{
    stop_work(t);
    t->st->reason[0] = '\0';
    finish(t, OUTCOME_PROMOTED);
}

static void finish_aborted(struct turn *t)
{
    finish(t, t->st->stranded ? OUTCOME_STRANDED : OUTCOME_ABORTED);
}

static void revert(struct turn *t, bool again)
{
    struct rollout_state *st = t->st;
    struct rollout_action *x = turn_add(t, ACTION_REVERT);

    if (!again)
        st->work_id = turn_id(t);
    x->id = st->work_id;
    x->again = again || st->work_tries > 0;
    st->work_until = st->now + REVERT_MS;
}

void end_left(struct turn *t)
{
    struct rollout_state *st = t->st;

    st->phase = ROLLOUT_REVERTING;
    st->work_tries = 0;
    if (t->p->revert)
        revert(t, false);
    else
        finish_aborted(t);
}

static void revert_refused(struct turn *t)
{
    struct rollout_state *st = t->st;

    st->work_id = 0;
    st->work_tries++;
    if (st->work_tries >= REVERT_TRIES_MAX) {
        st->revert_failed = true;
        finish_aborted(t);
        return;
    }
    st->work_until = st->now + turn_backoff(st->work_tries);
}

void end_reverted(struct turn *t, const struct rollout_event *ev)
{
    struct rollout_state *st = t->st;

    if (st->phase != ROLLOUT_REVERTING || !st->work_id ||
        ev->id != st->work_id)
        return;
    if (ev->ok)
        finish_aborted(t);
    else
        revert_refused(t);
}

void end_tick(struct turn *t)
{
    struct rollout_state *st = t->st;

    if (st->phase != ROLLOUT_REVERTING || st->now < st->work_until)
        return;
    if (st->work_id)
        revert_refused(t);
    else
        revert(t, false);
}

void end_resume(struct turn *t)
{
    struct rollout_state *st = t->st;

    if (st->phase == ROLLOUT_DONE)
        turn_add(t, ACTION_FINISH)->outcome = st->outcome;
    else if (st->phase == ROLLOUT_LEAVING)
        traffic_resume(t);
    else if (st->work_id)
        revert(t, true);
}
