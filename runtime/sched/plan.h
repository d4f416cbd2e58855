#ifndef RUNTIME_SCHED_PLAN_H
#define RUNTIME_SCHED_PLAN_H

#include "base/arena.h"
#include "base/err.h"
#include "graph/graph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which stage when. Pure: told the graph and what ended, it says what may
 * start; no clock, no process, no store. All of it linear in nodes and edges,
 * but for the heap of what is ready.
 *
 * A stage may start when everything before it passed. What was left out by
 * the selection, and an optional stage that failed, hold nobody up who merely
 * needs them; but who uses an output of a failed stage is skipped, and so is
 * whoever comes after a stage that failed or was skipped. */
struct plan;

enum plan_state {
    PLAN_WAITING,   /* for stages before it */
    PLAN_READY,     /* for a job, or a lock */
    PLAN_RUNNING,
    PLAN_BACKOFF,   /* failed, and will be tried again */
    PLAN_PASSED,
    PLAN_FAILED,
    PLAN_SKIPPED,
    PLAN_CANCELLED, /* never started, or stopped, because the run ends */
    PLAN_LEFT_OUT,  /* not selected */
};

enum plan_end {
    PLAN_END_PASSED,
    PLAN_END_FAILED,
    PLAN_END_ABORTED, /* failed, and is not tried again */
    PLAN_END_SKIPPED,
    PLAN_END_CANCELLED,
};

#define PLAN_NONE UINT32_MAX /* C17 has no enum constant this large */

struct plan_spec {
    const struct graph *graph;
    size_t jobs;             /* at once; at least 1 */
    bool keep_going;         /* after a failure, what does not depend on it */
    const bool *left_out;    /* by node; NULL: nothing is */
    const bool *passed;      /* by node: done in a run that this one resumes */
    const int64_t *weight_ms;/* by node: how long it will take; NULL: alike */
};

struct plan *plan_create(const struct plan_spec *spec);
void plan_destroy(struct plan *p);

/* What may start now: of all that are ready the one with the longest way to
 * the end; it is RUNNING then. PLAN_NONE: nothing, for now. */
uint32_t plan_next(struct plan *p);
/* A stage ended. why is one line, borrowed for the call: "exit code 1". A
 * failed one that has attempts left goes into BACKOFF. */
void plan_ended(struct plan *p, uint32_t node, enum plan_end end,
                struct str why);
/* Of a stage in BACKOFF: how long to wait before its next attempt, and then
 * that it is ready again. */
int64_t plan_backoff_ms(const struct plan *p, uint32_t node);
void plan_again(struct plan *p, uint32_t node);
/* A stage that was skipped, cancelled or, in BACKOFF, given up because of
 * others, each once, in the order it happened; PLAN_NONE: no more for now. */
uint32_t plan_settled(struct plan *p);
/* A running stage waits for people, or does so no longer: meanwhile another
 * one has its job. */
void plan_idle(struct plan *p, uint32_t node, bool idle);
/* Nothing more starts: what waits is cancelled. why: "interrupted". */
void plan_stop(struct plan *p, struct str why);

/* Nothing runs, waits or backs off any more. */
bool plan_over(const struct plan *p);
enum plan_state plan_state(const struct plan *p, uint32_t node);
/* From 1; 0 before the first. */
int plan_attempt(const struct plan *p, uint32_t node);
size_t plan_running(const struct plan *p);
size_t plan_count(const struct plan *p, enum plan_state state);
/* Whether a stage that is not optional failed. */
bool plan_failed(const struct plan *p);
/* Why it ended as it did, the whole chain: "image skipped: build failed: exit
 * code 1"; of long ones the first links and the last. */
struct str plan_why(struct arena *a, const struct plan *p, uint32_t node);
/* The lock a READY stage waits for, and who has it; false: for none. */
bool plan_locked(const struct plan *p, uint32_t node, struct str *lock,
                 uint32_t *holder);

/* ---- what of the graph is run -------------------------------------------- */

/* Comma-separated ids; a name without its [key] means all its instances.
 * Empty: no restriction. */
struct plan_select {
    struct str only, from, until;
};

/* Fills left_out (of n_nodes). False where a name is no stage's; the message
 * says the nearest. */
bool plan_choose(const struct graph *g, const struct plan_select *sel,
                 bool *left_out, struct err *e);

#endif
