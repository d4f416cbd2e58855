#include "runtime/sched/message.h"

/* What happened before: effects, commits, versions that were rolled back. */

/* The effects that earlier attempts recorded: data is what came of one that
 * is done, else what it was to be. */
bool message_put_done(struct attempt *a, struct message_map *to, struct err *e)
{
    struct message_list l = {.a = &a->arena};
    struct store_effect *x;
    size_t n;

    if (!store_list_effects(&a->arena, a->s->store, a->s->run, a->node->id,
                            &x, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct message_map m = {.a = &a->arena};
        bool done = str_eq(x[i].state, STR("done"));

        message_put_str(&m, "effect", x[i].effect);
        message_put_str(&m, "key", x[i].key);
        message_put_str(&m, "state", x[i].state);
        message_put(&m, "data", message_parse(a, done ? x[i].result : x[i].data));
        message_put(&m, "undo", message_parse(a, x[i].undo));
        message_add(&l, message_map_of(&m));
    }
    message_put(to, "done", message_list_of(&l));
    return true;
}

static bool put_commit(struct attempt *a, struct message_list *to, uint32_t k,
                       struct err *e)
{
    const struct graph_node *n = &a->s->graph->nodes[k];
    struct message_map m = {.a = &a->arena}, outputs = {.a = &a->arena};
    struct value config;

    if (!message_settle(a, &n->config, &config, e))
        return false;
    for (struct output *o = a->s->stages[k].outputs; o; o = o->next)
        message_put(&outputs, arena_dup(&a->arena, o->name).s, o->value);
    message_put_str(&m, "id", n->id);
    message_put(&m, "config", config);
    message_put_str(&m, "environment", n->environment);
    message_put(&m, "outputs", message_map_of(&outputs));
    message_add(to, message_map_of(&m));
    return true;
}

static void put_build(struct attempt *a, struct message_list *to, uint32_t k)
{
    struct message_map m = {.a = &a->arena}, outputs = {.a = &a->arena};

    for (struct output *o = a->s->stages[k].outputs; o; o = o->next)
        message_put(&outputs, arena_dup(&a->arena, o->name).s, o->value);
    message_put_str(&m, "id", a->s->graph->nodes[k].id);
    message_put(&m, "outputs", message_map_of(&outputs));
    message_add(to, message_map_of(&m));
}

/* Oldest first. */
bool message_put_commits(struct attempt *a, struct message_map *to,
                         struct err *e)
{
    const struct graph *g = a->s->graph;
    struct message_list commits = {.a = &a->arena}, builds = {.a = &a->arena};
    uint32_t *order;
    bool *own, *built;

    if (!graph_has_effect(a->node, STR("traffic")))
        return true;
    order = graph_order(&a->arena, g);
    own = graph_commits(&a->arena, g, a->index);
    built = graph_builds(&a->arena, g, a->index);
    for (size_t i = 0; i < g->n_nodes; i++) {
        uint32_t k = order[i];

        if (plan_state(a->s->plan, k) != PLAN_PASSED)
            continue;
        if (built[k])
            put_build(a, &builds, k);
        if (own[k] && !put_commit(a, &commits, k, e))
            return false;
    }
    message_put(to, "commits", message_list_of(&commits));
    message_put(to, "builds", message_list_of(&builds));
    return true;
}

bool message_put_rejected(struct attempt *a, struct message_map *to,
                          struct err *e)
{
    struct message_list l = {.a = &a->arena};
    struct store_rejection *x;
    size_t n;

    if (a->s->spec.allow_rejected)
        return true;
    if (!store_list_rejected(&a->arena, a->s->store, a->node->environment, &x,
                             &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct message_map m = {.a = &a->arena};

        message_put_str(&m, "version", x[i].version);
        message_put_str(&m, "reason",
                        arena_printf(&a->arena, "in run %lld: " STR_FMT,
                                     (long long)x[i].run,
                                     STR_ARG(x[i].reason)));
        message_add(&l, message_map_of(&m));
    }
    message_put(to, "rejected", message_list_of(&l));
    return true;
}
