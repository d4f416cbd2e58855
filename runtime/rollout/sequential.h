#ifndef RUNTIME_ROLLOUT_SEQUENTIAL_H
#define RUNTIME_ROLLOUT_SEQUENTIAL_H

#include <stdbool.h>
#include <stdint.h>

/* Is the canary's failure rate higher than the stable version's? A test that
 * may be looked at after every measurement: the probability that it ever says
 * "worse" of a canary that is not is at most alpha, however long it runs and
 * whenever it is stopped.
 *
 * The e-process for two streams of Turner, Ly and Grünwald ("Generic E-values
 * for k-sample tests", 2021): for each block of n_a stable and n_b canary
 * requests the alternative's likelihood over that of the null point nearest
 * to it is an e-value, whatever the common rate is; the alternative is learnt
 * from the blocks before, so the product is a martingale under the null, and
 * by Ville's inequality exceeds 1/alpha with probability at most alpha. */

struct sequential {
    double log_e;             /* log of the product so far */
    double peak;              /* its largest value so far */
    int64_t stable_n, stable_bad; /* seen so far */
    int64_t canary_n, canary_bad;
};

/* What one measurement adds: requests, and those that failed. */
struct sequential_counts {
    int64_t stable_n, stable_bad;
    int64_t canary_n, canary_bad;
};

/* Counts a block. Nothing is learnt where either side has no request, or where
 * the counts are impossible (negative, or more bad than all). */
void sequential_add(struct sequential *s, const struct sequential_counts *c);
/* Whether the canary is proved worse at this level. Once true it stays so. */
bool sequential_worse(const struct sequential *s, double alpha);
/* 1/e at its peak, at most 1: an anytime-valid p-value. */
double sequential_p(const struct sequential *s);

#endif
