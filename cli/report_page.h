#ifndef CLI_REPORT_PAGE_H
#define CLI_REPORT_PAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "graph/expr.h"
#include "graph/graph.h"
#include "runtime/store/store.h"

#include <stddef.h>

/* All that the store knows of one run, for the page about it. */
struct page_run {
    struct store_run run;
    struct graph graph; /* n_nodes 0: the plan is not in the store */
    struct store_attempt *attempts;
    size_t n_attempts;
    struct store_event *events;
    size_t n_events;
    struct store_measurement *measurements;
    size_t n_measurements;
    struct store_effect *effects;
    size_t n_effects;
    struct str log;      /* the end of the failed stage's log */
    struct str log_of;   /* its id; empty: none failed */
};

/* The whole page: timeline, rollouts with weights and measurements, what was
 * done to the outside world, the log of the stage that failed. */
void page_html(struct arena *a, struct buf *out, const struct page_run *p);

/* The part about rollouts (report_rollout.c). */
void page_rollouts(struct arena *a, struct buf *out, const struct page_run *p);

/* Adds the numbers that a condition compares `result` with, for charts. */
void page_thresholds(const struct expr *x, double *out, size_t max, size_t *n);

#endif
