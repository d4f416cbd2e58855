#ifndef RUNTIME_ROLLOUT_JUDGING_H
#define RUNTIME_ROLLOUT_JUDGING_H

#include "runtime/rollout/measurement.h"

/* What one measurement is judged with. */
struct judging {
    struct arena *a;
    const struct rollout_spec *p;
    const struct rollout_analysis *x;
    const struct measurement *m;
    const struct expr_env *outer;
    struct str *why; /* NULL: nobody reads it */
    struct err err;  /* of a broken condition */
};

/* What the verdict rests on, for people. */
void judging_say(struct judging *j, struct str why);
/* judging_compare.c: COMPARE_JUDGE. all: one past for each analysis. */
enum verdict judging_compare(struct judging *j, struct measurement_past *all);

#endif
