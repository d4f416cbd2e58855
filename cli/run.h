#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "graph/graph.h"
#include "runtime/report/report.h"

#include <stdbool.h>

/* What `run` and `resume` share. NULL and 0: the default. */
struct run_options {
    const char *state, *stdlib, *only, *from, *until, *format;
    const char *report; /* a folder for reports about the run */
    int jobs;
    int64_t resume;
    bool keep_going, no_cache, allow_rejected, wait, quiet;
};

/* Executes the graph, shown on stdout. json: its canonical text. Returns an
 * exit code; what went wrong was told. */
int run_graph(struct arena *a, const struct run_options *o,
              const struct graph *g, struct str json);
/* The `git` of run-time expressions: what the plan was made from. */
struct value run_git(struct arena *a, const struct graph *g);

#endif
