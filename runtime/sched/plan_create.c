#include "runtime/sched/plan_part.h"

#include "base/die.h"
#include "base/map.h"

#include <stdlib.h>

enum { UNKNOWN_MS = 1000 }; /* of a stage that never ran */

static bool over_before(const struct plan_spec *s, uint32_t i)
{
    return (s->left_out && s->left_out[i]) || (s->passed && s->passed[i]);
}

/* Turns the edges around: whom does each node hold up? */
static void link_nodes(struct plan *p)
{
    const struct graph *g = p->spec.graph;
    size_t edges = 0;

    for (size_t i = 0; i < p->n; i++)
        edges += g->nodes[i].n_edges;
    p->first = arena_array(&p->arena, uint32_t, p->n + 2);
    p->after = arena_array(&p->arena, uint32_t, edges + 1);
    p->by_output = arena_array(&p->arena, bool, edges + 1);
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < g->nodes[i].n_edges; k++)
            p->first[g->nodes[i].edges[k].from + 2]++;
    for (size_t i = 2; i < p->n + 2; i++)
        p->first[i] += p->first[i - 1];
    for (uint32_t i = 0; i < p->n; i++) {
        for (size_t k = 0; k < g->nodes[i].n_edges; k++) {
            const struct graph_edge *e = &g->nodes[i].edges[k];
            uint32_t at = p->first[e->from + 1]++;

            p->after[at] = i;
            p->by_output[at] = e->reason != EDGE_NEEDS;
        }
    }
}

static void measure_ways(struct plan *p)
{
    uint32_t *order = graph_order(&p->arena, p->spec.graph);

    for (size_t k = p->n; k-- > 0;) {
        uint32_t i = order[k];
        int64_t way = 0, own = UNKNOWN_MS;

        for (uint32_t j = p->first[i]; j < p->first[i + 1]; j++)
            if (p->nodes[p->after[j]].way_ms > way)
                way = p->nodes[p->after[j]].way_ms;
        if (p->spec.weight_ms && p->spec.weight_ms[i] > 0)
            own = p->spec.weight_ms[i];
        p->nodes[i].way_ms = way + own;
    }
}

static void number_locks(struct plan *p)
{
    const struct graph *g = p->spec.graph;
    struct map seen = {0};
    size_t names = 0;

    for (size_t i = 0; i < p->n; i++)
        names += g->nodes[i].extra->n_locks;
    p->locks = arena_array(&p->arena, struct plan_lock, names + 1);
    for (size_t i = 0; i < p->n; i++) {
        const struct graph_node *node = &g->nodes[i];

        if (node->extra->n_locks)
            p->nodes[i].locks = arena_array(&p->arena, uint32_t,
                                            node->extra->n_locks);
        for (size_t k = 0; k < node->extra->n_locks; k++) {
            struct plan_lock *l = map_get(&seen, node->extra->locks[k]);

            if (!l) {
                l = &p->locks[p->n_locks++];
                l->name = node->extra->locks[k];
                l->holder = PLAN_NONE;
                map_set(&p->arena, &seen, l->name, l);
            }
            p->nodes[i].locks[k] = (uint32_t)(l - p->locks);
        }
    }
    map_free(&seen);
}

static void begin(struct plan *p)
{
    const struct graph *g = p->spec.graph;

    for (uint32_t i = 0; i < p->n; i++) {
        struct plan_node *x = &p->nodes[i];

        x->cause = x->blocked_by = PLAN_NONE;
        for (size_t k = 0; k < g->nodes[i].n_edges; k++)
            x->missing += !over_before(&p->spec, g->nodes[i].edges[k].from);
        x->state = p->spec.left_out && p->spec.left_out[i] ? PLAN_LEFT_OUT
                   : over_before(&p->spec, i)              ? PLAN_PASSED
                   : x->missing                            ? PLAN_WAITING
                                                           : PLAN_READY;
        p->counts[x->state]++;
    }
    for (uint32_t i = 0; i < p->n; i++)
        if (p->nodes[i].state == PLAN_READY)
            plan_heap_push(p, i);
}

struct plan *plan_create(const struct plan_spec *spec)
{
    struct plan *p = calloc(1, sizeof *p);

    if (!p)
        die_oom();
    p->spec = *spec;
    if (!p->spec.jobs)
        p->spec.jobs = 1;
    p->n = spec->graph->n_nodes;
    p->nodes = arena_array(&p->arena, struct plan_node, p->n + 1);
    p->heap = arena_array(&p->arena, uint32_t, p->n + 1);
    p->settled = arena_array(&p->arena, uint32_t, p->n + 1);
    link_nodes(p);
    measure_ways(p);
    number_locks(p);
    begin(p);
    return p;
}

void plan_destroy(struct plan *p)
{
    if (!p)
        return;
    arena_free(&p->arena);
    free(p);
}
