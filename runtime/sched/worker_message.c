#include "runtime/sched/message.h"

#include "graph/words.h"

#include <string.h>

/* The first message to a worker: all that it may know, resolved. What can be
 * known only later (a rollout's reason, an output of the stage itself, what a
 * measurement gave) stays an expression for the worker to evaluate. */

/* ---- maps and lists ---------------------------------------------------------- */

void message_put(struct message_map *m, const char *key, struct value v)
{
    struct value_pair pair = {str_of(key), v};

    arena_push(m->a, &m->v, pair);
}

void message_put_str(struct message_map *m, const char *key, struct str s)
{
    if (s.n)
        message_put(m, key, value_string(s));
}

struct value message_map_of(const struct message_map *m)
{
    return (struct value){.kind = VALUE_MAP, .map = {m->v.items, m->v.n}};
}

void message_add(struct message_list *l, struct value v)
{
    arena_push(l->a, &l->v, v);
}

struct value message_list_of(const struct message_list *l)
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

bool message_settle(struct attempt *a, const struct value *v,
                    struct value *out, struct err *e)
{
    bool ok = true;

    *out = *v;
    if (v->kind == VALUE_LIST) {
        out->list.items = arena_array(&a->arena, struct value, v->list.n + 1);
        for (size_t i = 0; ok && i < v->list.n; i++)
            ok = message_settle(a, &v->list.items[i], &out->list.items[i], e);
    } else if (v->kind == VALUE_MAP) {
        out->map.pairs = arena_array(&a->arena, struct value_pair,
                                     v->map.n + 1);
        for (size_t i = 0; ok && i < v->map.n; i++) {
            out->map.pairs[i].key = v->map.pairs[i].key;
            ok = message_settle(a, &v->map.pairs[i].value,
                                &out->map.pairs[i].value, e);
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
    struct message_list l = {.a = &a->arena};

    if (p->file.n)
        message_add(&l, value_string(p->file));
    message_add(&l, value_int(p->line));
    message_add(&l, value_int(p->col));
    return message_list_of(&l);
}

static bool put_step(struct attempt *a, struct message_list *to,
                     const struct graph_step *step, struct err *e)
{
    struct message_map m = {.a = &a->arena};
    struct value v = {.kind = VALUE_NONE};

    switch (step->kind) {
    case STEP_COMMAND:
        if (!message_settle(a, &step->command, &v, e))
            return false;
        message_put(&m, "command", v);
        break;
    case STEP_LUA:
        message_put_str(&m, "lua", step->lua);
        message_put_str(&m, "file", step->file);
        message_put_str(&m, "call", step->call);
        break;
    case STEP_STAGE:
        if (!message_settle(a, &step->config, &v, e))
            return false;
        message_put_str(&m, "kind", step->stage_kind);
        message_put(&m, "config", v);
        break;
    }
    message_put(&m, "place", place_value(a, &step->place));
    message_add(to, message_map_of(&m));
    return true;
}

static bool put_steps(struct attempt *a, struct message_map *to,
                      const char *key, const struct graph_step *steps,
                      size_t n, struct err *e)
{
    struct message_list l = {.a = &a->arena};

    for (size_t i = 0; i < n; i++)
        if (!put_step(a, &l, &steps[i], e))
            return false;
    message_put(to, key, message_list_of(&l));
    return true;
}

static bool put_hooks(struct attempt *a, struct message_map *node,
                      struct err *e)
{
    struct message_list hooks = {.a = &a->arena};

    for (size_t i = 0; i < a->node->extra->n_hooks; i++) {
        const struct graph_hook *h = &a->node->extra->hooks[i];
        struct message_map m = {.a = &a->arena};

        message_put_str(&m, "phase", str_of(graph_phases[h->phase]));
        if (!put_steps(a, &m, "steps", h->steps, h->n, e))
            return false;
        message_add(&hooks, message_map_of(&m));
    }
    message_put(node, "hooks", message_list_of(&hooks));
    return true;
}

static void put_environment(struct attempt *a, struct message_map *node)
{
    const struct graph *g = a->s->graph;

    message_put_str(node, "environment", a->node->environment);
    for (size_t i = 0; i < g->n_environments; i++)
        if (str_eq(g->environments[i].name, a->node->environment))
            message_put(node, "environment_config", g->environments[i].config);
}

/* The names of the stage's own: a container gets no others. */
static void put_variables(struct attempt *a, struct message_map *node)
{
    struct message_list l = {.a = &a->arena};

    for (size_t i = 0; i < a->node->extra->n_env; i++)
        message_add(&l, value_string(a->node->extra->env[i].name));
    message_put(node, "variables", message_list_of(&l));
}

static bool put_node(struct attempt *a, struct message_map *to, struct err *e)
{
    const struct graph_node *n = a->node;
    struct message_map m = {.a = &a->arena};
    struct value config;

    if (!message_settle(a, &n->config, &config, e))
        return false;
    message_put_str(&m, "id", n->id);
    message_put_str(&m, "kind", n->kind);
    message_put_str(&m, "name", n->name);
    message_put_str(&m, "key", n->key);
    message_put_str(&m, "source", n->extra->source);
    message_put_str(&m, "container", n->extra->container);
    put_variables(a, &m);
    message_put_str(&m, "dir", str_of(a->dir));
    put_environment(a, &m);
    if (config.kind == VALUE_MAP)
        message_put(&m, "config", config);
    message_put(&m, "place", place_value(a, &n->place));
    if (!put_steps(a, &m, "commands", n->commands, n->n_commands, e) ||
        !put_hooks(a, &m, e))
        return false;
    message_put(to, "node", message_map_of(&m));
    return true;
}

/* ---- the rest ------------------------------------------------------------------ */

static void put_env(struct attempt *a, struct message_map *to)
{
    struct message_map m = {.a = &a->arena};

    for (const char *const *v = a->envp; *v; v++) {
        struct str value;
        struct str name = str_cut(str_of(*v), '=', &value);

        message_put(&m, arena_dup(&a->arena, name).s, value_string(value));
    }
    message_put(to, "env", message_map_of(&m));
}

/* The same with units, for the expressions that the worker evaluates. */
static void put_typed(struct attempt *a, struct message_map *to,
                      struct value needs)
{
    struct buf json = {0};

    value_json(&json, &needs, true);
    message_put(to, "known", value_string(arena_dup(&a->arena,
                                                    buf_str(&json))));
    buf_free(&json);
}

static void put_vars(struct attempt *a, struct message_map *to)
{
    struct message_map vars = {.a = &a->arena}, needs = {.a = &a->arena};
    struct message_map run = {.a = &a->arena};
    struct sched *s = a->s;

    for (size_t i = 0; i < a->node->n_edges; i++) {
        uint32_t k = a->node->edges[i].from;
        struct message_map outputs = {.a = &a->arena};

        if (i && a->node->edges[i - 1].from == k)
            continue;
        for (struct output *o = s->stages[k].outputs; o; o = o->next)
            message_put(&outputs, arena_dup(&a->arena, o->name).s, o->value);
        message_put(&needs, arena_dup(&a->arena, s->graph->nodes[k].id).s,
            message_map_of(&outputs));
    }
    message_put(&run, "id", value_string(arena_printf(&a->arena, "%lld",
                                              (long long)s->run)));
    message_put(&run, "dir",
                value_string(arena_printf(&a->arena, "%s/logs/%lld",
                                          store_dir(s->store),
                                          (long long)s->run)));
    message_put(&vars, "run", message_map_of(&run));
    message_put(&vars, "needs", message_map_of(&needs));
    put_typed(a, to, message_map_of(&needs));
    if (s->spec.git.kind == VALUE_MAP)
        message_put(&vars, "git", s->spec.git);
    message_put(to, "vars", message_map_of(&vars));
}

static void put_secrets(struct attempt *a, struct message_map *to)
{
    struct message_list l = {.a = &a->arena};

    for (size_t i = 0; i < a->s->graph->n_secrets; i++)
        if (a->s->secrets[i].state == SECRET_READ)
            message_add(&l, value_string(a->s->secrets[i].value));
    message_put(to, "secrets", message_list_of(&l));
}

struct value message_parse(struct attempt *a, struct str json)
{
    struct value v = {.kind = VALUE_NONE};
    struct err e = {0};

    if (json.n && !value_from_json(&a->arena, json, &v, &e))
        v.kind = VALUE_NONE;
    return v;
}

/* The same for each worker, so it is listed once. */
static void put_sources(struct attempt *a, struct message_map *to)
{
    struct sched *s = a->s;
    struct message_list l = {.a = &s->arena};
    struct map seen = {0};

    for (size_t i = 0; !s->sources.kind && i < s->graph->n_nodes; i++) {
        struct str source = s->graph->nodes[i].extra->source;

        if (!source.n || map_get(&seen, source))
            continue;
        map_set(&s->arena, &seen, source, &seen);
        message_add(&l, value_string(source));
    }
    map_free(&seen);
    if (!s->sources.kind)
        s->sources = message_list_of(&l);
    message_put(to, "sources", s->sources);
}

bool worker_start_message(struct attempt *a, struct buf *out, struct err *e)
{
    struct message_map m = {.a = &a->arena};
    struct sched *s = a->s;
    struct str saved;
    struct value message;

    if (!put_node(a, &m, e) || !message_put_done(a, &m, e) ||
        !message_put_commits(a, &m, e) || !message_put_rejected(a, &m, e) ||
        !store_get_saved(&a->arena, s->store, s->run, a->node->id, &saved, e))
        return false;
    message_put_str(&m, "t", STR("start"));
    message_put(&m, "run", value_int(s->run));
    message_put(&m, "attempt", value_int(a->number));
    message_put(&m, "stay", value_bool(true));
    message_put(&m, "last", value_bool(attempt_is_last(a)));
    message_put_str(&m, "phase", str_of(a->phase));
    message_put_str(&m, "why", a->why);
    put_env(a, &m);
    put_vars(a, &m);
    put_secrets(a, &m);
    put_sources(a, &m);
    message_put(&m, "saved", message_parse(a, saved));
    message_put_str(&m, "state_dir", str_of(store_dir(s->store)));
    message_put_str(&m, "pipeline_dir", str_of(s->spec.pipeline_dir));
    message_put_str(&m, "file", s->graph->file);
    if (s->spec.stdlib)
        message_put_str(&m, "stdlib", str_of(s->spec.stdlib));
    message = message_map_of(&m);
    value_json(out, &message, false);
    return true;
}
