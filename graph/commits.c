#include "graph/graph.h"

static bool moves_traffic(const struct graph_node *n)
{
    return graph_has_effect(n, STR("traffic"));
}

bool graph_has_effect(const struct graph_node *n, struct str effect)
{
    for (size_t i = 0; i < n->n_effects; i++)
        if (str_eq(n->effects[i], effect))
            return true;
    return false;
}

/* Sets what comes before node k, and k. */
static void mark_before(const struct graph *g, const uint32_t *order,
                        uint32_t k, bool *before)
{
    before[k] = true;
    for (size_t i = g->n_nodes; i-- > 0;) {
        const struct graph_node *n = &g->nodes[order[i]];

        for (size_t j = 0; before[order[i]] && j < n->n_edges; j++)
            before[n->edges[j].from] = true;
    }
}

bool *graph_commits(struct arena *a, const struct graph *g, uint32_t traffic)
{
    bool *before = arena_array(a, bool, g->n_nodes + 1);
    bool *taken = arena_array(a, bool, g->n_nodes + 1);
    uint32_t *order = graph_order(a, g);

    mark_before(g, order, traffic, before);
    for (uint32_t i = 0; i < g->n_nodes; i++)
        if (i != traffic && before[i] && moves_traffic(&g->nodes[i]))
            mark_before(g, order, i, taken);
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *n = &g->nodes[i];

        before[i] = before[i] && graph_has_effect(n, STR("git push")) &&
                    (str_eq(n->environment, g->nodes[traffic].environment) ||
                     (!n->environment.n && !taken[i]));
    }
    return before;
}

bool *graph_builds(struct arena *a, const struct graph *g, uint32_t node)
{
    bool *before = arena_array(a, bool, g->n_nodes + 1);

    mark_before(g, graph_order(a, g), node, before);
    for (uint32_t i = 0; i < g->n_nodes; i++)
        before[i] = before[i] && i != node &&
                    str_eq(g->nodes[i].kind, STR("build"));
    return before;
}
