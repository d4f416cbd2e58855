#ifndef CLI_STORED_H
#define CLI_STORED_H

#include "base/arena.h"
#include "graph/graph.h"
#include "runtime/store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* What the subcommands that look at earlier runs share: the store that is
 * meant, and a run with what became of each stage. */

/* The folder --state names; else the .pipec of this folder, or of the nearest
 * one above it. NULL and an error where there is none. */
struct store *stored_open(struct arena *a, const char *state, struct err *e);

struct stored_stage {
    const struct graph_node *node;     /* NULL where the plan is lost */
    const struct store_attempt *last;  /* NULL: not begun yet */
    int attempts;
};

struct stored_run {
    struct store_run run;
    bool alive;              /* its process is there */
    struct graph graph;      /* empty where it cannot be read */
    struct store_attempt *attempts;
    size_t n_attempts;
    struct stored_stage *stages; /* by node, in order of the plan */
    size_t n_stages;
};

/* text: a run's number, or NULL for the latest. */
bool stored_run(struct arena *a, struct store *s, const char *text,
                struct stored_run *out, struct err *e);
/* Everything the store has of one run. */
struct stored_record {
    struct stored_run r;
    struct store_output *outputs;
    struct store_effect *effects;
    struct store_measurement *measurements;
    struct store_event *events;
    size_t n_outputs, n_effects, n_measurements, n_events;
};

bool stored_record(struct arena *a, struct store *s, const char *text,
                   struct stored_record *out, struct err *e);
/* The last whole lines of an attempt's log, at most so many bytes; empty where
 * there is none. */
struct str stored_log_end(struct arena *a, const struct store *s,
                          const struct store_attempt *t, size_t bytes);
/* Whether an attempt ran and did not come out well. */
bool stored_failed(const struct store_attempt *t);
/* "passed" "failed" "running" "died" "waiting"... */
const char *stored_state(const struct stored_run *r);
/* Of one stage: "passed", "running", "not begun"... */
const char *stored_stage_state(const struct stored_run *r,
                               const struct stored_stage *t);
/* How long it took, or takes until now. */
int64_t stored_stage_ms(const struct stored_stage *t);
/* The runs that a `rollback` took back, the latest first; n is 0 for any other
 * run. In the arena. */
struct stored_back {
    int64_t *runs;
    size_t n;
};

struct stored_back stored_back(struct arena *a, const struct graph *g);
/* "of run 3", "of runs 5, 4 and 3". */
struct str stored_back_text(struct arena *a, const struct stored_back *b);
/* The list, or none. */
struct value stored_back_value(struct arena *a, const struct stored_back *b);
/* A number from 1; false and an error else. */
bool stored_number(const char *text, int64_t *out, struct err *e);

#endif
