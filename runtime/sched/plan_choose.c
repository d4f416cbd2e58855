#include "runtime/sched/plan.h"

#include "base/map.h"
#include "base/near.h"

#include <stdlib.h>

/* "api.unit" is of the definition's instance 'api'. */
static bool is_inside(struct str id, struct str instance)
{
    return id.n > instance.n && str_starts(id, instance) &&
           id.s[instance.n] == '.';
}

/* Marks in `set` the stages that a name of the list means. */
static bool mark_one(const struct graph *g, struct str name, bool *set,
                     struct err *e)
{
    struct near near = {.word = name};
    bool found = false;

    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *n = &g->nodes[i];

        if (str_eq(n->id, name) || str_eq(n->name, name) ||
            is_inside(n->id, name)) {
            set[i] = found = true;
            continue;
        }
        near_consider(&near, n->id);
    }
    if (found)
        return true;
    if (near.best.n)
        return err_set(e, ERR_USAGE,
                       "no stage '" STR_FMT "'; did you mean '" STR_FMT "'?",
                       STR_ARG(name), STR_ARG(near.best));
    return err_set(e, ERR_USAGE, "no stage '" STR_FMT "'", STR_ARG(name));
}

static bool mark(const struct graph *g, struct str list, bool *set,
                 struct err *e)
{
    while (list.n) {
        struct str name = str_trim(str_cut(list, ',', &list));

        if (name.n && !mark_one(g, name, set, e))
            return false;
    }
    return true;
}

/* Adds to the set all that comes after its stages. */
static void add_later(const struct graph *g, const uint32_t *order, bool *set)
{
    for (size_t k = 0; k < g->n_nodes; k++) {
        const struct graph_node *n = &g->nodes[order[k]];

        for (size_t j = 0; j < n->n_edges; j++)
            set[order[k]] |= set[n->edges[j].from];
    }
}

static void add_earlier(const struct graph *g, const uint32_t *order,
                        bool *set)
{
    for (size_t k = g->n_nodes; k-- > 0;) {
        const struct graph_node *n = &g->nodes[order[k]];

        for (size_t j = 0; set[order[k]] && j < n->n_edges; j++)
            set[n->edges[j].from] = true;
    }
}

bool plan_choose(const struct graph *g, const struct plan_select *sel,
                 bool *left_out, struct err *e)
{
    struct arena a = {0};
    uint32_t *order = graph_order(&a, g);
    bool *only = arena_array(&a, bool, g->n_nodes + 1);
    bool *from = arena_array(&a, bool, g->n_nodes + 1);
    bool *until = arena_array(&a, bool, g->n_nodes + 1);
    bool ok = mark(g, sel->only, only, e) && mark(g, sel->from, from, e) &&
              mark(g, sel->until, until, e);

    if (ok) {
        add_later(g, order, from);
        add_earlier(g, order, until);
        for (size_t i = 0; i < g->n_nodes; i++)
            left_out[i] = (sel->only.n && !only[i]) ||
                          (sel->from.n && !from[i]) ||
                          (sel->until.n && !until[i]);
    }
    arena_free(&a);
    return ok;
}
