#ifndef RUNTIME_ROLLOUT_SIMULATE_MODEL_H
#define RUNTIME_ROLLOUT_SIMULATE_MODEL_H

#include "runtime/rollout/simulate.h"

/* The model's dice, and what it measures. */
struct dice {
    uint64_t state;
};

double dice_uniform(struct dice *d); /* (0, 1) */
double dice_normal(struct dice *d);
/* How many of n succeed with probability p. */
int64_t dice_binomial(struct dice *d, int64_t n, double p);
/* How many come where so many are expected. */
int64_t dice_poisson(struct dice *d, double mean);

/* One measurement at a time after the start; share: of the requests that it
 * looks back on, those that the canary served. */
struct measurement model_measure(const struct simulate_model *m,
                                 struct dice *d,
                                 const struct rollout_analysis *x, double share,
                                 int64_t at);
/* The share of the canary's requests that fail at a time. */
double model_errors(const struct simulate_model *m, int64_t at);

#endif
