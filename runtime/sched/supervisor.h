#ifndef RUNTIME_SCHED_SUPERVISOR_H
#define RUNTIME_SCHED_SUPERVISOR_H

#include "base/err.h"
#include "graph/graph.h"
#include "runtime/loop/loop.h"
#include "runtime/sched/event.h"
#include "runtime/sched/plan.h"
#include "runtime/store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* Executes a graph: starts what the plan says may start, each attempt as
 * commands of its own or as a worker process (docs/internals/worker.md),
 * keeps time, writes the store, and tells the sinks. Single-threaded. */
struct sched;

enum {
    SCHED_JOBS_MAX = 1024,
    SCHED_STEER_MS = 200,   /* how often requests of other processes are
                               looked for, and the store is committed */
    SCHED_CANCEL_MS = 10000, /* from asking a worker to stop to TERM... */
    SCHED_TRAFFIC_MS = 90000, /* ...of one that has traffic to put back */
    SCHED_HOOK_MS = 300000, /* hooks after a timeout or an interrupt */
    SCHED_TAIL_LINES = 20,  /* of a failed stage, repeated at the end */
};

/* Everything is borrowed until sched_destroy(). */
struct sched_spec {
    const struct graph *graph;
    const char *digest;       /* of the graph */
    struct str plan_json;     /* its canonical JSON, for the store */
    struct store *store;
    struct str options;       /* JSON, for the store */
    const char *pipeline_dir; /* absolute; commands run in it */
    const char *program;      /* absolute path of this program, for workers */
    const char *stdlib;       /* --stdlib's folder, or NULL */
    const char *const *envp;  /* NULL-ended */
    struct value git;         /* the map behind `git`, or NONE */
    size_t jobs;              /* 0: as many as there are processors */
    bool keep_going;
    bool no_cache;            /* run also what is unchanged */
    bool allow_rejected;      /* and versions that were rolled back */
    bool wait;                /* for approvals; else the run ends as waiting
                                 where nothing else is left to do */
    struct plan_select select;
    int64_t resume;           /* the run to go on with; 0: a new one */
    const struct event_sink *sinks;
    size_t n_sinks;
};

struct sched_result {
    int64_t run;
    enum event_result result; /* PASSED FAILED ABORTED WAITING INTERRUPTED */
    int code;                 /* exit code of pipec: 0, 1, 3, 4, 130 */
};

/* NULL where the selection names no stage, the run to resume cannot be taken
 * over, or the store fails. */
struct sched *sched_create(const struct sched_spec *spec, struct err *e);
/* Runs it to the end. False where pipec itself failed: its store, most
 * likely; what ran has been stopped then. */
bool sched_run(struct sched *s, struct sched_result *out, struct err *e);
void sched_destroy(struct sched *s);

/* For a sink that reads the terminal, between create and destroy. */
struct loop *sched_loop(struct sched *s);
/* What another process asks by `pipec approve` and the like: action is one of
 * approve promote abort pause resume retry; stage empty: whichever waits. */
void sched_steer(struct sched *s, struct str action, struct str stage,
                 struct str by);
/* As Ctrl-C does. */
void sched_interrupt(struct sched *s, int signum);

#endif
