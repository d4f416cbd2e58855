#ifndef RUNTIME_ROLLOUT_SIMULATE_WORLD_H
#define RUNTIME_ROLLOUT_SIMULATE_WORLD_H

#include "runtime/rollout/simulate.h"
#include "runtime/rollout/simulate_model.h"

/* The made-up world of one run: simulate.c lets time pass in it, and
 * simulate_world.c answers what the engine wants of it. */

enum {
    QUEUE_MAX = 256,
    CHANGES_MAX = 64,
    START_MS = 1, /* so that 0 stays "not set" */
    SCRATCH_MAX = 1024 * 1024, /* bytes between two clearings */
};

struct answer {
    int64_t at;
    struct rollout_event ev;
    size_t note; /* of it, from 1; 0: none */
};

struct change {
    int64_t at;
    double share; /* of the traffic that the canary takes from then on */
};

struct world {
    const struct simulate_input *in;
    struct rollout_spec spec;
    struct rollout_state st;
    struct rollout_actions todo;
    struct rollout_traffic router;
    struct dice dice;
    struct answer queue[QUEUE_MAX]; /* in the order of being given out */
    size_t n;
    struct change changes[CHANGES_MAX]; /* the latest ones */
    size_t n_changes;
    int64_t now, bad_since, drift_at;
    struct simulate_outcome *out;
    struct simulate_notes *notes;
    struct arena *a;     /* of notes */
    struct arena scratch;
    const struct simulate_series *series[ROLLOUT_ANALYSES_MAX];
    size_t cursor[ROLLOUT_ANALYSES_MAX];
    struct measurement_past past[ROLLOUT_ANALYSES_MAX];
    int64_t past_of[ROLLOUT_ANALYSES_MAX]; /* the analysis's begun_at */
};

int64_t world_since_start(const struct world *w);
bool world_router_answers(const struct world *w);
/* The canary's weight is another one now, whoever set it. */
void world_weight_changed(struct world *w, enum simulate_note_kind kind);
/* Carries out an action: what comes back is queued. */
void world_act(struct world *w, const struct rollout_action *x);

#endif
