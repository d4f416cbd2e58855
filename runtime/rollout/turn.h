#ifndef RUNTIME_ROLLOUT_TURN_H
#define RUNTIME_ROLLOUT_TURN_H

#include "runtime/rollout/rollout.h"

/* One call of rollout_step(), shared by the files it is made of: rollout.c
 * (what an event changes, and what follows), rollout_move.c (from step to
 * step), rollout_measure.c (the analyses), rollout_traffic.c (the talk with the
 * router), rollout_end.c (abort, revert, finish). */
struct turn {
    const struct rollout_spec *p;
    struct rollout_state *st;
    struct rollout_actions *todo;
};

enum {
    SET_TRIES_MAX = 4,      /* of one weight, before a rollout gives up on it */
    RETELL_TRIES = 3,       /* looks at a weight that does not show, before
                               the router is told again */
    BACKOFF_MS = 1000,      /* before the second try; doubles */
    BACKOFF_MAX_MS = 30000,
    WATCH_MISSES_MAX = 5,   /* looks in a row, while the router should rest */
    RESTORES_MAX = 3,       /* of one step's weight */
    REVERT_TRIES_MAX = 4,
    REVERT_MS = 300000,     /* for one try */
};

/* Adds an action with the current step in it; its other fields are the
 * caller's. Valid until the next one. */
struct rollout_action *turn_add(struct turn *t, enum rollout_action_kind kind);
void turn_notify(struct turn *t, enum rollout_notice n);
uint32_t turn_id(struct turn *t);
int64_t turn_backoff(uint32_t tries);

/* The current step becomes this one; n_steps: the end. */
void enter_step(struct turn *t, uint32_t step);
/* Makes one move within a step or to the next; false where it has to wait. */
bool step_on(struct turn *t);

void begin_analysis(struct turn *t, uint32_t i);
/* Those whose step has come. */
void begin_background(struct turn *t);
/* Lets time do its work on all, and acts on the worst that has ended badly:
 * that one names the reason. */
void judge_analyses(struct turn *t);
void measure_due(struct turn *t);
void count_measurement(struct turn *t, const struct rollout_event *ev);

/* Tells the router, and goes on until it shows the same. */
void traffic_set(struct turn *t, struct rollout_traffic want);
/* Asks it first, after a death, and tells it where it shows something else. */
void traffic_resume(struct turn *t);
void traffic_answer_set(struct turn *t, const struct rollout_event *ev);
void traffic_answer_look(struct turn *t, const struct rollout_event *ev);
/* What time does to a question, and looks that are due. */
void traffic_tick(struct turn *t);
int64_t traffic_wake(const struct turn *t);
bool traffic_eq(struct rollout_traffic a, struct rollout_traffic b);

/* Starts the way back to stable. The reason is a sentence's worth of format. */
void abort_because(struct turn *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void hold_because(struct turn *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The traffic is where it has to be, or cannot be brought there. */
void end_left(struct turn *t);
void end_reverted(struct turn *t, const struct rollout_event *ev);
void end_tick(struct turn *t);
void end_promoted(struct turn *t);
/* A death while ending: takes up what was in flight. */
void end_resume(struct turn *t);
/* Cancels the step's command, and forgets all measurements. */
void stop_work(struct turn *t);

#endif
