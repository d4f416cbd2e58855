#ifndef TESTS_SUPPORT_PLAN_FIXTURE_H
#define TESTS_SUPPORT_PLAN_FIXTURE_H

/* To be included after <cmocka.h>. */
#include "runtime/sched/plan.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NODES_MAX = 16 };

/* A graph of stages a, b, c... with the edges "ab" (b needs a) and "a>b" (b
 * uses an output of a), comma-separated. */
struct fixture {
    struct graph g;
    struct graph_node nodes[NODES_MAX];
    struct graph_extra extras[NODES_MAX];
    struct graph_edge edges[NODES_MAX][NODES_MAX];
    char ids[NODES_MAX][2];
    struct arena a;
};

static inline void set_up(struct fixture *f, size_t n, const char *edges)
{
    *f = (struct fixture){0};
    f->g.nodes = f->nodes;
    f->g.n_nodes = n;
    for (size_t i = 0; i < n; i++) {
        f->ids[i][0] = (char)('a' + i);
        f->nodes[i].id = f->nodes[i].name = str_of(f->ids[i]);
        f->nodes[i].edges = f->edges[i];
        f->nodes[i].extra = &f->extras[i];
    }
    for (const char *s = edges; *s; s += *s == ',') {
        size_t from = (size_t)(*s++ - 'a');
        bool uses = *s == '>' && s++;
        struct graph_node *to = &f->nodes[*s++ - 'a'];

        to->edges[to->n_edges++] = (struct graph_edge){
            .from = (uint32_t)from,
            .reason = uses ? EDGE_REFERENCE : EDGE_NEEDS};
    }
}

static inline struct plan *make(struct fixture *f, size_t jobs, bool keep_going)
{
    struct plan_spec spec = {.graph = &f->g, .jobs = jobs,
                             .keep_going = keep_going};

    return plan_create(&spec);
}

/* What starts now, as letters. */
static inline const char *starts(struct plan *p)
{
    static char out[NODES_MAX + 1];
    size_t n = 0;

    for (uint32_t i; (i = plan_next(p)) != PLAN_NONE;)
        out[n++] = (char)('a' + i);
    out[n] = '\0';
    return out;
}

static inline void end(struct plan *p, char node, enum plan_end how)
{
    plan_ended(p, (uint32_t)(node - 'a'), how,
               how == PLAN_END_FAILED ? STR("exit code 1") : STR(""));
}

static inline void expect_why(struct plan *p, char node, const char *want)
{
    struct arena a = {0};

    assert_string_equal(plan_why(&a, p, (uint32_t)(node - 'a')).s, want);
    arena_free(&a);
}

#endif
