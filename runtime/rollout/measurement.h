#ifndef RUNTIME_ROLLOUT_MEASUREMENT_H
#define RUNTIME_ROLLOUT_MEASUREMENT_H

#include "base/arena.h"
#include "graph/expr.h"
#include "graph/value.h"
#include "runtime/rollout/rollout.h"

#include <stddef.h>
#include <stdint.h>

/* What a metric provider brought home, and what its analysis makes of it: the
 * event for rollout_step(). Shared by `run` and `simulate`, so that both judge
 * alike. */
struct measurement {
    struct value result; /* NONE: there was nothing */
    struct value stable; /* the same of the stable version, where it is asked
                            for; NONE: nothing */
    int64_t samples;     /* requests behind result; below 0: unknown */
    int64_t stable_samples;
    struct str error;    /* n > 0: it could not be measured */
};

/* What COMPARE_JUDGE has seen so far; a zeroed one is empty. One for each
 * analysis, begun anew with it. On the heap. */
struct measurement_past {
    double *stable, *canary;
    size_t n_stable, n_canary;
    struct judge_result latest; /* where judged */
    bool judged;
};

enum { JUDGE_POINTS_MIN = 4 }; /* a side; with fewer there is no verdict yet */

void measurement_past_free(struct measurement_past *past);

/* Fills kind, analysis, verdict, samples and counts of *ev; id stays the
 * caller's. `result` and, where compared, `stable` are known to the
 * conditions, other names through outer (may be NULL).
 *
 * No data is: no result, an empty list, a NaN anywhere in it, unless a
 * condition asks for that case (isNil or default, len, isNaN); and for a
 * comparison, nothing on the stable side. *why says in a few words what the
 * verdict rests on ("0.93, which is not result >= 0.99"); pass NULL where
 * nobody reads it. past: one for each analysis; may be NULL where none is
 * COMPARE_JUDGE. */
void measurement_judge(struct arena *a, const struct rollout_spec *p,
                       uint32_t analysis, const struct measurement *m,
                       struct measurement_past *past,
                       const struct expr_env *outer, struct rollout_event *ev,
                       struct str *why);

/* Kayenta's score over what all COMPARE_JUDGE analyses have latest been found
 * to be; below 0 where there is none. past: one for each analysis. */
double measurement_score(const struct rollout_spec *p,
                         const struct measurement_past *past);

#endif
