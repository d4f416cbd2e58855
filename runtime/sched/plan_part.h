#ifndef RUNTIME_SCHED_PLAN_PART_H
#define RUNTIME_SCHED_PLAN_PART_H

#include "runtime/sched/plan.h"

/* The inside of a plan, for plan.c (its course) and plan_create.c alone. */

/* The name of a lock, who has it and who waits for it. */
struct plan_lock {
    struct str name;
    uint32_t holder;
    struct {
        uint32_t *items;
        size_t n, cap;
    } waiting;    /* a queue: from woken on they still wait */
    size_t woken;
};

struct plan_node {
    enum plan_state state;
    uint32_t missing;  /* stages before it that are not over */
    uint32_t cause;    /* the stage because of which it is skipped */
    int attempt;
    bool idle;         /* runs, but waits for people */
    int64_t way_ms;    /* to the end of the run, by the longest way */
    struct str why;
    uint32_t *locks;   /* n_locks of the graph's node: indices */
    uint32_t blocked_by; /* the lock it waits for, PLAN_NONE: none */
};

struct plan {
    struct plan_spec spec;
    struct arena arena;
    struct plan_node *nodes;
    size_t n;
    uint32_t *first, *after; /* whom each node holds up: after[first[i]...] */
    bool *by_output;         /* of each entry of after: uses an output */
    uint32_t *heap;          /* of what is ready */
    size_t heap_n;
    uint32_t *settled;       /* a queue; each node enters it once */
    size_t settled_from, settled_to, propagated;
    struct plan_lock *locks;
    size_t n_locks;
    size_t counts[PLAN_LEFT_OUT + 1];
    size_t jobs_taken;
    bool failed, stopped;
};

/* A node that became ready. */
void plan_heap_push(struct plan *p, uint32_t node);

#endif
