#include "cli/rollback.h"

#include "base/file.h"
#include "cli/run.h"

struct pairs {
    struct value_pair *items;
    size_t n, cap;
};

static void put(struct arena *a, struct pairs *p, const char *key,
                struct value v)
{
    struct value_pair pair = {str_of(key), v};

    arena_push(a, p, pair);
}

static struct value map_of(const struct pairs *p)
{
    return (struct value){.kind = VALUE_MAP, .map = {p->items, p->n}};
}

static struct value list_of(struct arena *a, const struct value *v, size_t n)
{
    struct value out = {.kind = VALUE_LIST};

    out.list.items = arena_array(a, struct value, n + 1);
    for (size_t i = 0; i < n; i++)
        out.list.items[i] = v[i];
    out.list.n = n;
    return out;
}

/* ---- what a stage is told ------------------------------------------------ */

static struct value commit_value(struct arena *a,
                                 const struct rollback_commit *c)
{
    struct pairs p = {0}, out = {0};

    put(a, &out, "changed", value_bool(true));
    put(a, &out, "sha", value_string(c->sha));
    put(a, &p, "config", c->config);
    put(a, &p, "environment", value_string(c->environment));
    put(a, &p, "id", value_string(c->id));
    put(a, &p, "outputs", map_of(&out));
    return map_of(&p);
}

static struct value runs_value(struct arena *a, const struct rollback *b)
{
    struct value *v = arena_array(a, struct value, b->runs.n + 1);

    for (size_t i = 0; i < b->runs.n; i++)
        v[i] = value_int(b->runs.items[i]);
    return list_of(a, v, b->runs.n);
}

static struct value back_value(struct arena *a, const struct rollback *b,
                               bool with_commits)
{
    struct value *v = arena_array(a, struct value, b->commits.n + 1);
    struct pairs p = {0};
    size_t n = 0;

    for (size_t i = 0; with_commits && i < b->commits.n; i++)
        if (!b->commits.items[i].undone)
            v[n++] = commit_value(a, &b->commits.items[i]);
    put(a, &p, "commits", list_of(a, v, n));
    put(a, &p, "reason", value_string(b->reason));
    put(a, &p, "runs", runs_value(a, b));
    return map_of(&p);
}

/* A rollout that only knows its router: the way back needs no more. */
static struct value traffic_config(struct arena *a, struct store *s,
                                   const struct rollback *b,
                                   const struct graph_node *n, bool last)
{
    struct value config = rollback_resolve(a, s, &b->base, &n->config);
    const struct value *router = value_get(&config, STR("router"));
    const struct value *verify = value_get(&config, STR("verify"));
    struct pairs step = {0}, canary = {0}, p = {0};
    struct value all;

    put(a, &step, "is", value_string(STR("weight")));
    put(a, &step, "weight", (struct value){.kind = VALUE_PERCENT, .d = 100});
    all = map_of(&step);
    put(a, &canary, "steps", list_of(a, &all, 1));
    put(a, &p, "canary", map_of(&canary));
    put(a, &p, "revert", value_bool(last && b->commits.n > 0));
    put(a, &p, "rollback", back_value(a, b, last));
    if (router)
        put(a, &p, "router", *router);
    if (verify)
        put(a, &p, "verify", *verify);
    return map_of(&p);
}

/* ---- the stages ---------------------------------------------------------- */

/* Of the hooks, what tells of an abort stays; of their texts, what the run
 * knew. */
static void keep_hooks(struct arena *a, struct store *s,
                       const struct rollback *b, struct graph_extra *n)
{
    struct graph_hook *hooks = arena_array(a, struct graph_hook,
                                           n->n_hooks + 1);
    size_t kept = 0;

    for (size_t i = 0; i < n->n_hooks; i++) {
        const struct graph_hook *h = &n->hooks[i];
        struct graph_hook *to = &hooks[kept];

        if (h->phase != HOOK_ABORT && h->phase != HOOK_FAILURE)
            continue;
        kept++;
        *to = *h;
        to->steps = arena_array(a, struct graph_step, h->n + 1);
        for (size_t k = 0; k < h->n; k++) {
            struct graph_step *step = &to->steps[k];

            *step = h->steps[k];
            if (step->kind == STEP_COMMAND)
                step->command = rollback_resolve(a, s, &b->base,
                                                 &h->steps[k].command);
            else if (step->kind == STEP_STAGE)
                step->config = rollback_resolve(a, s, &b->base,
                                                &h->steps[k].config);
        }
    }
    n->hooks = hooks;
    n->n_hooks = kept;
}

static struct graph_extra *extra_of(struct arena *a, struct store *s,
                                    const struct rollback *b,
                                    const struct graph_extra *from)
{
    struct graph_extra *x = arena_new(a, struct graph_extra);

    *x = *from;
    x->n_inputs = x->n_outputs = 0;
    x->when_text = STR("");
    x->retry = (struct graph_retry){.factor = from->retry.factor};
    keep_hooks(a, s, b, x);
    x->env = arena_array(a, struct graph_env, from->n_env + 1);
    for (size_t i = 0; i < from->n_env; i++)
        x->env[i] = (struct graph_env){
            from->env[i].name,
            rollback_resolve(a, s, &b->base, &from->env[i].value)};
    x->dir = rollback_resolve(a, s, &b->base, &from->dir);
    return x;
}

static void add_node(struct arena *a, struct store *s,
                     const struct rollback *b, struct graph *g,
                     const struct graph_node *from, struct value config)
{
    struct graph_node *n = &g->nodes[g->n_nodes];

    *n = *from;
    n->config = config;
    n->edges = NULL;
    n->n_edges = n->n_commands = 0;
    n->when = value_bool(true);
    n->timeout_ms = 0;
    n->optional = false;
    n->extra = extra_of(a, s, b, from->extra);
    if (g->n_nodes > 0) { /* one after the other */
        n->edges = arena_new(a, struct graph_edge);
        *n->edges = (struct graph_edge){(uint32_t)g->n_nodes - 1, EDGE_NEEDS,
                                        STR("")};
        n->n_edges = 1;
    }
    g->n_nodes++;
}

/* Its freezes and approvals hold for new versions, not for going back. */
static void free_environments(struct arena *a, struct graph *g)
{
    struct graph_environment *v =
        arena_array(a, struct graph_environment, g->n_environments + 1);

    for (size_t i = 0; i < g->n_environments; i++) {
        const struct value *config = &g->environments[i].config;
        struct pairs p = {0};

        v[i] = g->environments[i];
        for (size_t k = 0; config->kind == VALUE_MAP && k < config->map.n; k++)
            if (!str_eq(config->map.pairs[k].key, STR("freeze")) &&
                !str_eq(config->map.pairs[k].key, STR("approve")))
                arena_push(a, &p, config->map.pairs[k]);
        v[i].config = map_of(&p);
    }
    g->environments = v;
}

static const struct graph_node *commit_node(const struct rollback *b)
{
    for (size_t i = 0; i < b->commits.n; i++)
        if (!b->commits.items[i].undone)
            return b->commits.items[i].node;
    return NULL;
}

bool rollback_graph(struct arena *a, struct store *s,
                    const struct rollback *b, struct graph *out,
                    struct err *e)
{
    const struct graph *g = &b->base.graph;
    const struct graph_node *commits = commit_node(b);
    uint32_t last = (uint32_t)g->n_nodes;

    *out = *g;
    out->file = file_join(a, b->base.run.dir, file_base(g->file));
    out->nodes = arena_array(a, struct graph_node, g->n_nodes + 1);
    out->n_nodes = 0;
    free_environments(a, out);
    for (uint32_t i = 0; i < g->n_nodes; i++)
        if (graph_has_effect(&g->nodes[i], STR("traffic")) &&
            rollback_owns(a, b, g, i))
            last = i;
    for (uint32_t i = 0; i < g->n_nodes; i++)
        if (graph_has_effect(&g->nodes[i], STR("traffic")) &&
            rollback_owns(a, b, g, i))
            add_node(a, s, b, out, &g->nodes[i],
                     traffic_config(a, s, b, &g->nodes[i], i == last));
    if (out->n_nodes == 0 && commits) {
        struct pairs p = {0};

        put(a, &p, "rollback", back_value(a, b, true));
        add_node(a, s, b, out, commits, map_of(&p));
    }
    return out->n_nodes > 0 ||
           err_set(e, ERR_USAGE, "there is neither traffic nor a commit of '"
                   STR_FMT "' to take back", STR_ARG(b->environment));
}
