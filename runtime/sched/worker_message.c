#include "runtime/sched/part.h"

#include "graph/words.h"

#include <string.h>

/* The first message to a worker: all that it may know, resolved. What can be
 * known only later (a rollout's reason, an output of the stage itself, what a
 * measurement gave) stays an expression for the worker to evaluate. */

struct map_builder {
    struct arena *a;
    struct {
        struct value_pair *items;
        size_t n, cap;
    } v;
};

struct list_builder {
    struct arena *a;
    struct {
        struct value *items;
        size_t n, cap;
    } v;
};

static void put(struct map_builder *m, const char *key, struct value v)
{
    struct value_pair pair = {str_of(key), v};

    arena_push(m->a, &m->v, pair);
}

static void put_str(struct map_builder *m, const char *key, struct str s)
{
    if (s.n)
        put(m, key, value_string(s));
}

static struct value map_of(const struct map_builder *m)
{
    return (struct value){.kind = VALUE_MAP, .map = {m->v.items, m->v.n}};
}

static void add(struct list_builder *l, struct value v)
{
    arena_push(l->a, &l->v, v);
}

static struct value list_of(const struct list_builder *l)
{
    return (struct value){.kind = VALUE_LIST, .list = {l->v.items, l->v.n}};
}

/* ---- resolving what can be -------------------------------------------------- */

static bool for_later(const struct attempt *a, const struct expr *x)
{
    if (x->kind == EXPR_VAR)
        return !str_eq(x->name, STR("run")) && !str_eq(x->name, STR("git"));
    if (x->kind == EXPR_OUTPUT)
        return str_eq(x->stage, a->node->id);
    for (size_t i = 0; i < x->n; i++)
        if (for_later(a, &x->kids[i]))
            return true;
    return false;
}

static bool settle(struct attempt *a, const struct value *v, struct value *out,
                   struct err *e)
{
    bool ok = true;

    *out = *v;
    if (v->kind == VALUE_LIST) {
        out->list.items = arena_array(&a->arena, struct value, v->list.n + 1);
        for (size_t i = 0; ok && i < v->list.n; i++)
            ok = settle(a, &v->list.items[i], &out->list.items[i], e);
    } else if (v->kind == VALUE_MAP) {
        out->map.pairs = arena_array(&a->arena, struct value_pair,
                                     v->map.n + 1);
        for (size_t i = 0; ok && i < v->map.n; i++) {
            out->map.pairs[i].key = v->map.pairs[i].key;
            ok = settle(a, &v->map.pairs[i].value, &out->map.pairs[i].value,
                        e);
        }
    } else if (v->kind != VALUE_EXPR || !for_later(a, v->expr)) {
        ok = resolve_value(a, v, out, e);
    }
    return ok;
}

/* ---- the node ---------------------------------------------------------------- */

static struct value place_value(struct attempt *a,
                                const struct graph_place *p)
{
    struct list_builder l = {.a = &a->arena};

    if (p->file.n)
        add(&l, value_string(p->file));
    add(&l, value_int(p->line));
    add(&l, value_int(p->col));
    return list_of(&l);
}

static bool put_step(struct attempt *a, struct list_builder *to,
                     const struct graph_step *step, struct err *e)
{
    struct map_builder m = {.a = &a->arena};
    struct value v = {.kind = VALUE_NONE};

    switch (step->kind) {
    case STEP_COMMAND:
        if (!settle(a, &step->command, &v, e))
            return false;
        put(&m, "command", v);
        break;
    case STEP_LUA:
        put_str(&m, "lua", step->lua);
        put_str(&m, "file", step->file);
        put_str(&m, "call", step->call);
        break;
    case STEP_STAGE:
        if (!settle(a, &step->config, &v, e))
            return false;
        put_str(&m, "kind", step->stage_kind);
        put(&m, "config", v);
        break;
    }
    put(&m, "place", place_value(a, &step->place));
    add(to, map_of(&m));
    return true;
}

static bool put_steps(struct attempt *a, struct map_builder *to,
                      const char *key, const struct graph_step *steps,
                      size_t n, struct err *e)
{
    struct list_builder l = {.a = &a->arena};

    for (size_t i = 0; i < n; i++)
        if (!put_step(a, &l, &steps[i], e))
            return false;
    put(to, key, list_of(&l));
    return true;
}

static bool put_hooks(struct attempt *a, struct map_builder *node,
                      struct err *e)
{
    struct list_builder hooks = {.a = &a->arena};

    for (size_t i = 0; i < a->node->n_hooks; i++) {
        const struct graph_hook *h = &a->node->hooks[i];
        struct map_builder m = {.a = &a->arena};

        put_str(&m, "phase", str_of(graph_phases[h->phase]));
        if (!put_steps(a, &m, "steps", h->steps, h->n, e))
            return false;
        add(&hooks, map_of(&m));
    }
    put(node, "hooks", list_of(&hooks));
    return true;
}

static void put_environment(struct attempt *a, struct map_builder *node)
{
    const struct graph *g = a->s->graph;

    put_str(node, "environment", a->node->environment);
    for (size_t i = 0; i < g->n_environments; i++)
        if (str_eq(g->environments[i].name, a->node->environment))
            put(node, "environment_config", g->environments[i].config);
}

static bool put_node(struct attempt *a, struct map_builder *to, struct err *e)
{
    const struct graph_node *n = a->node;
    struct map_builder m = {.a = &a->arena};
    struct value config;

    if (!settle(a, &n->config, &config, e))
        return false;
    put_str(&m, "id", n->id);
    put_str(&m, "kind", n->kind);
    put_str(&m, "name", n->name);
    put_str(&m, "key", n->key);
    put_str(&m, "source", n->source);
    put_str(&m, "container", n->container);
    put_str(&m, "dir", str_of(a->dir));
    put_environment(a, &m);
    if (config.kind == VALUE_MAP)
        put(&m, "config", config);
    put(&m, "place", place_value(a, &n->place));
    if (!put_steps(a, &m, "commands", n->commands, n->n_commands, e) ||
        !put_hooks(a, &m, e))
        return false;
    put(to, "node", map_of(&m));
    return true;
}

/* ---- the rest ------------------------------------------------------------------ */

static void put_env(struct attempt *a, struct map_builder *to)
{
    struct map_builder m = {.a = &a->arena};

    for (const char *const *v = a->envp; *v; v++) {
        struct str value;
        struct str name = str_cut(str_of(*v), '=', &value);

        put(&m, arena_dup(&a->arena, name).s, value_string(value));
    }
    put(to, "env", map_of(&m));
}

static void put_vars(struct attempt *a, struct map_builder *to)
{
    struct map_builder vars = {.a = &a->arena}, needs = {.a = &a->arena};
    struct map_builder run = {.a = &a->arena};
    struct sched *s = a->s;

    for (size_t i = 0; i < a->node->n_edges; i++) {
        uint32_t k = a->node->edges[i].from;
        struct map_builder outputs = {.a = &a->arena};

        if (i && a->node->edges[i - 1].from == k)
            continue;
        for (struct output *o = s->stages[k].outputs; o; o = o->next)
            put(&outputs, arena_dup(&a->arena, o->name).s, o->value);
        put(&needs, arena_dup(&a->arena, s->graph->nodes[k].id).s,
            map_of(&outputs));
    }
    put(&run, "id", value_string(arena_printf(&a->arena, "%lld",
                                              (long long)s->run)));
    put(&run, "dir", value_string(arena_printf(&a->arena, "%s/logs/%lld",
                                               store_dir(s->store),
                                               (long long)s->run)));
    put(&vars, "run", map_of(&run));
    put(&vars, "needs", map_of(&needs));
    if (s->spec.git.kind == VALUE_MAP)
        put(&vars, "git", s->spec.git);
    put(to, "vars", map_of(&vars));
}

static void put_secrets(struct attempt *a, struct map_builder *to)
{
    struct list_builder l = {.a = &a->arena};

    for (size_t i = 0; i < a->s->graph->n_secrets; i++)
        if (a->s->secrets[i].state == SECRET_READ)
            add(&l, value_string(a->s->secrets[i].value));
    put(to, "secrets", list_of(&l));
}

static struct value parse(struct attempt *a, struct str json)
{
    struct value v = {.kind = VALUE_NONE};
    struct err e = {0};

    if (json.n && !value_from_json(&a->arena, json, &v, &e))
        v.kind = VALUE_NONE;
    return v;
}

/* The effects that earlier attempts recorded: data is what came of one that
 * is done, else what it was to be. */
static bool put_done(struct attempt *a, struct map_builder *to, struct err *e)
{
    struct list_builder l = {.a = &a->arena};
    struct store_effect *x;
    size_t n;

    if (!store_list_effects(&a->arena, a->s->store, a->s->run, a->node->id,
                            &x, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct map_builder m = {.a = &a->arena};
        bool done = str_eq(x[i].state, STR("done"));

        put_str(&m, "effect", x[i].effect);
        put_str(&m, "key", x[i].key);
        put_str(&m, "state", x[i].state);
        put(&m, "data", parse(a, done ? x[i].result : x[i].data));
        put(&m, "undo", parse(a, x[i].undo));
        add(&l, map_of(&m));
    }
    put(to, "done", list_of(&l));
    return true;
}

static void put_sources(struct attempt *a, struct map_builder *to)
{
    const struct graph *g = a->s->graph;
    struct list_builder l = {.a = &a->arena};
    struct map seen = {0};

    for (size_t i = 0; i < g->n_nodes; i++) {
        struct str source = g->nodes[i].source;

        if (!source.n || map_get(&seen, source))
            continue;
        map_set(&a->arena, &seen, source, &seen);
        add(&l, value_string(source));
    }
    map_free(&seen);
    put(to, "sources", list_of(&l));
}

static bool has_effect(const struct graph_node *n, struct str effect)
{
    for (size_t i = 0; i < n->n_effects; i++)
        if (str_eq(n->effects[i], effect))
            return true;
    return false;
}

static bool put_commit(struct attempt *a, struct list_builder *to, uint32_t k,
                       struct err *e)
{
    const struct graph_node *n = &a->s->graph->nodes[k];
    struct map_builder m = {.a = &a->arena}, outputs = {.a = &a->arena};
    struct value config;

    if (!settle(a, &n->config, &config, e))
        return false;
    for (struct output *o = a->s->stages[k].outputs; o; o = o->next)
        put(&outputs, arena_dup(&a->arena, o->name).s, o->value);
    put_str(&m, "id", n->id);
    put(&m, "config", config);
    put(&m, "outputs", map_of(&outputs));
    add(to, map_of(&m));
    return true;
}

/* What was committed on the way to a stage that moves traffic, in its own
 * environment, oldest first: it takes that back when it aborts. */
static bool put_commits(struct attempt *a, struct map_builder *to,
                        struct err *e)
{
    const struct graph *g = a->s->graph;
    struct list_builder l = {.a = &a->arena};
    bool *before = arena_array(&a->arena, bool, g->n_nodes + 1);
    uint32_t *order = graph_order(&a->arena, g);

    if (!has_effect(a->node, STR("traffic")))
        return true;
    before[a->index] = true;
    for (size_t i = g->n_nodes; i-- > 0;) {
        const struct graph_node *n = &g->nodes[order[i]];
        for (size_t k = 0; before[order[i]] && k < n->n_edges; k++)
            before[n->edges[k].from] = true;
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *n = &g->nodes[order[i]];

        if (!before[order[i]] || !has_effect(n, STR("git push")) ||
            !str_eq(n->environment, a->node->environment) ||
            plan_state(a->s->plan, order[i]) != PLAN_PASSED)
            continue;
        if (!put_commit(a, &l, order[i], e))
            return false;
    }
    put(to, "commits", list_of(&l));
    return true;
}

bool worker_start_message(struct attempt *a, struct buf *out, struct err *e)
{
    struct map_builder m = {.a = &a->arena};
    struct sched *s = a->s;
    struct str saved;
    struct value message;

    if (!put_node(a, &m, e) || !put_done(a, &m, e) || !put_commits(a, &m, e) ||
        !store_get_saved(&a->arena, s->store, s->run, a->node->id, &saved, e))
        return false;
    put_str(&m, "t", STR("start"));
    put(&m, "run", value_int(s->run));
    put(&m, "attempt", value_int(a->number));
    put(&m, "last", value_bool(attempt_is_last(a)));
    put_str(&m, "phase", str_of(a->phase));
    put_str(&m, "why", a->why);
    put_env(a, &m);
    put_vars(a, &m);
    put_secrets(a, &m);
    put_sources(a, &m);
    put(&m, "saved", parse(a, saved));
    put_str(&m, "state_dir", str_of(store_dir(s->store)));
    put_str(&m, "pipeline_dir", str_of(s->spec.pipeline_dir));
    put_str(&m, "file", s->graph->file);
    if (s->spec.stdlib)
        put_str(&m, "stdlib", str_of(s->spec.stdlib));
    message = map_of(&m);
    value_json(out, &message, false);
    return true;
}
