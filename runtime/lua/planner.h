#ifndef RUNTIME_LUA_PLANNER_H
#define RUNTIME_LUA_PLANNER_H

/* What each stage says it would do: the kinds' plan functions, asked in a
 * short-lived child that has no ctx. What is not known yet they see as a text,
 * "(known after build image)"; a secret as "(secret token)". */

#include "base/arena.h"
#include "base/err.h"
#include "graph/graph.h"

struct planner_spec {
    const char *stdlib_dir; /* NULL: what the build embedded */
    const char *base_dir;   /* the pipeline's folder */
    const char *const *sources; /* users' Lua files that the pipeline uses */
    size_t n_sources;
};

struct planner_text {
    struct str *lines; /* n of them; none where the kind has no plan function */
    size_t n;
    struct str error;  /* why there are none: "ci/x.lua:7: ..." */
};

/* One text a node of the graph, in out[0] to out[n_nodes - 1]. False only when
 * nothing could be asked at all. */
bool planner_ask(struct arena *a, const struct planner_spec *spec,
                 const struct graph *g, struct planner_text *out,
                 struct err *e);

#endif
