#ifndef RUNTIME_SCHED_EVENT_H
#define RUNTIME_SCHED_EVENT_H

#include "base/buf.h"
#include "graph/graph.h"
#include "graph/value.h"

#include <stdbool.h>
#include <stdint.h>

/* What happens in a run, as it happens (docs/internals/events.md). The
 * supervisor hands each event to every sink, in order. All texts are masked,
 * and borrowed for the call; the graph outlives the run. */
enum event_kind {
    EVENT_RUN_STARTED,
    EVENT_STAGE_READY,
    EVENT_STAGE_WAITING,
    EVENT_STAGE_STARTED,
    EVENT_STAGE_LOG,
    EVENT_STAGE_OUTPUT,
    EVENT_STAGE_RETRYING,
    EVENT_STAGE_FINISHED,
    EVENT_OTHER, /* effect.*, rollout.*, measurement, test.*, finding,
                    approval.*: named, with data */
    EVENT_RUN_INTERRUPTED,
    EVENT_RUN_FINISHED,
};

enum event_stream {
    EVENT_OUT,  /* of children: stdout and stderr in their order */
    EVENT_ERR,  /* of children, where the two are told apart */
    EVENT_DEBUG, EVENT_INFO, EVENT_WARN, EVENT_ERROR, /* of pipec itself */
};

enum event_result {
    EVENT_PASSED,
    EVENT_FAILED,
    EVENT_SKIPPED,
    EVENT_CANCELLED,
    EVENT_TIMEOUT,
    EVENT_ABORTED,
    EVENT_CACHED,
    EVENT_WAITING,     /* of runs only */
    EVENT_INTERRUPTED, /* of runs only */
};

#define EVENT_NO_NODE UINT32_MAX /* C17 has no enum constant this large */

struct event {
    enum event_kind kind;
    int64_t seq, at; /* from 1; wall-clock milliseconds */
    int64_t run;
    const struct graph *graph;
    uint32_t node;   /* index in the graph; EVENT_NO_NODE: of the run */
    int attempt;     /* from 1; 0: none */
    union {
        struct { /* RUN_STARTED */
            struct str plan; /* digest */
            struct value git;
            size_t stages, jobs;
        } run_started;
        struct { /* STAGE_READY, STAGE_WAITING */
            struct str why;  /* "lock" "approval" "backoff" "steer" */
            struct str what; /* which: "lock 'deploy', held by run 7" */
        } waiting;
        struct { /* STAGE_LOG */
            enum event_stream stream;
            struct str text; /* whole lines, each with '\n'... */
            bool partial;    /* ...or, without one, a piece of a line that is
                                very long, or that ended without newline */
        } log;
        struct { /* STAGE_OUTPUT */
            struct str name;
            struct value value; /* "***" where secret */
        } output;
        struct { /* STAGE_RETRYING */
            struct str error;
            int64_t in_ms;
            int64_t left; /* attempts after this one */
        } retrying;
        struct { /* STAGE_FINISHED */
            enum event_result result;
            struct str why;  /* one line; the chain of a skip; may be empty */
            struct str tail; /* the last lines it printed; failures only */
            int code, sig;   /* code -1: none */
            int64_t duration_ms;
            bool optional;
        } finished;
        struct { /* OTHER */
            struct str name;
            struct value data; /* MAP */
        } other;
        struct { /* RUN_INTERRUPTED */
            int sig, times;
        } interrupted;
        struct { /* RUN_FINISHED */
            enum event_result result;
            int code; /* exit code of pipec */
            int64_t duration_ms;
            size_t passed, failed, skipped;
            size_t optional; /* of those that failed: they fail nothing */
            uint32_t cause;   /* the stage; EVENT_NO_NODE: none */
            struct str why, lines; /* of the cause */
        } run_finished;
    };
};

struct event_sink {
    void (*on_event)(void *ctx, const struct event *v);
    /* Every tick_ms while the run lasts; NULL or 0: never. */
    void (*on_tick)(void *ctx, int64_t now_monotonic_ms);
    int64_t tick_ms;
    void *ctx;
};

/* "stage.finished", "rollout.weight"... */
struct str event_name(const struct event *v);
/* "passed"... */
const char *event_result_name(enum event_result r);
/* "out" "err" "info"... */
const char *event_stream_name(enum event_stream s);
/* One JSON object a line; *seq is the number of the last one, at first 0. A
 * log event becomes as many as it has lines. */
void event_json(struct buf *out, const struct event *v, int64_t *seq);

#endif
