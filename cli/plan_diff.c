#include "cli/plan_diff.h"

#include "runtime/lua/planner.h"

/* The words of all nodes, asked once. */
struct words {
    struct project *p;
    struct planner_text *texts; /* NULL: could not be asked */
};

static const struct str *words_of(void *ctx, size_t node, size_t *n)
{
    const struct words *w = ctx;

    *n = w->texts ? w->texts[node].n : 0;
    return w->texts ? w->texts[node].lines : NULL;
}

void plan_sources_open(struct project *p, struct plan_sources *from)
{
    struct words *w = arena_new(&p->arena, struct words);
    struct planner_spec spec = {
        .stdlib_dir = p->stdlib_dir,
        .base_dir = arena_dup(&p->arena, p->dir).s,
        .sources = p->lua_files.items,
        .n_sources = p->lua_files.n,
    };
    struct err e = {0};

    w->p = p;
    w->texts = arena_array(&p->arena, struct planner_text, p->graph.n_nodes);
    if (!planner_ask(&p->arena, &spec, &p->graph, w->texts, &e))
        w->texts = NULL;
    from->ctx = w;
    from->words = words_of;
}
