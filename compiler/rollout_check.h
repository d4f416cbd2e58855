#ifndef COMPILER_ROLLOUT_CHECK_H
#define COMPILER_ROLLOUT_CHECK_H

#include "compiler/check.h"

/* A rollout while it is checked. Private to the files that do so. */
struct rollout {
    const struct stage *t;
    const struct value *steps, *analyses; /* lists; analyses NULL for none */
    const struct value *router;
    const struct schema_entry *entry; /* of the router; NULL: unknown */
    bool canary, switched, weighted;
    double weight;      /* of the last weight step */
    size_t weight_step;
};

/* The place of the i-th analyze's argument key, or of its name. */
struct span rollout_analysis_span(const struct rollout *r, size_t i,
                                  const char *key);
/* The step `analyze once NAME` names an analysis. */
void rollout_once(struct check *c, const struct rollout *r,
                  const struct value *step, struct span at);
/* The router can do that step. */
void rollout_router(struct check *c, struct rollout *r,
                    const struct value *step, struct span at);
/* The router splits between two versions, not between one and itself. */
void rollout_sides(struct check *c, const struct rollout *r, struct span at);
/* The i-th analysis. guarded_ms: how long the steps it guards last; NULL
 * where that is not known. */
void rollout_analysis(struct check *c, const struct rollout *r, size_t i,
                      const int64_t *guarded_ms);

/* rollout_window.c: a sequential test whose query counts requests twice. */
void rollout_window(struct check *c, const struct rollout *r, size_t i);

#endif
