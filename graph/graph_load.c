/* Reading a saved plan. What it holds was checked when it was compiled, but
 * the file may come from anywhere: every shape is checked again. */
#include "graph/graph.h"

#include "graph/json.h"
#include "graph/words.h"

#include <string.h>

enum { NODES_FEW = 64 };

struct load {
    struct arena *a;
    struct graph *g;
    struct str json;
    size_t cap; /* of the graph's nodes */
    struct err *e;
};

static bool wrong(struct load *l, const char *what, const char *wanted)
{
    return err_set(l->e, ERR_INPUT, "'%s' is not %s", what, wanted);
}

static const struct value *list_at(const struct value *v, const char *key)
{
    static const struct value empty = {.kind = VALUE_LIST};
    const struct value *m = value_get(v, str_of(key));

    if (!m)
        return &empty;
    return m->kind == VALUE_LIST ? m : NULL;
}

static bool word(struct str s, const char *const *words, unsigned *out)
{
    for (*out = 0; words[*out]; ++*out)
        if (str_eq(s, str_of(words[*out])))
            return true;
    return false;
}

static bool strs_at(struct load *l, const struct value *v, const char *key,
                    struct str **out, size_t *n)
{
    const struct value *list = list_at(v, key);

    if (!list)
        return wrong(l, key, "a list");
    *n = list->list.n;
    *out = arena_array(l->a, struct str, *n);
    for (size_t i = 0; i < *n; i++) {
        if (list->list.items[i].kind != VALUE_STRING)
            return wrong(l, key, "a list of strings");
        (*out)[i] = list->list.items[i].s;
    }
    return true;
}

static bool place_at(struct load *l, const struct value *v,
                     struct graph_place *out)
{
    const struct value *p = list_at(v, "place");
    size_t n = p ? p->list.n : 0, at = n == 3;

    out->file = l->g->file;
    if (n == 0 && p)
        return true;
    if ((n != 2 && n != 3) || p->list.items[at].kind != VALUE_INT ||
        p->list.items[at + 1].kind != VALUE_INT ||
        (at && p->list.items[0].kind != VALUE_STRING))
        return wrong(l, "place", "[file, line, column]");
    if (at)
        out->file = p->list.items[0].s;
    out->line = (uint32_t)p->list.items[at].i;
    out->col = (uint32_t)p->list.items[at + 1].i;
    return true;
}

/* Nodes come from a stream: what they hold is copied. */
static struct value value_at(struct load *l, const struct value *v,
                             const char *key)
{
    const struct value *m = value_get(v, str_of(key));

    return m ? value_copy_shape(l->a, m) : (struct value){.kind = VALUE_NONE};
}

static bool step_from(struct load *l, const struct value *v,
                      struct graph_step *out)
{
    out->command = value_at(l, v, "command");
    out->config = value_at(l, v, "config");
    out->lua = value_get_str(v, "lua", STR(""));
    out->file = value_get_str(v, "file", STR(""));
    out->call = value_get_str(v, "call", STR(""));
    out->stage_kind = value_get_str(v, "kind", STR(""));
    bool command = out->command.kind == VALUE_STRING ||
                   out->command.kind == VALUE_LIST ||
                   out->command.kind == VALUE_EXPR;
    bool lua = out->lua.n || out->file.n;

    if (command + lua + (out->stage_kind.n > 0) != 1)
        return wrong(l, "step", "one of command, lua, kind");
    out->kind = command ? STEP_COMMAND : lua ? STEP_LUA : STEP_STAGE;
    return place_at(l, v, &out->place);
}

static bool steps_at(struct load *l, const struct value *v, const char *key,
                     struct graph_step **out, size_t *n)
{
    const struct value *list = list_at(v, key);

    if (!list)
        return wrong(l, key, "a list");
    *n = list->list.n;
    *out = arena_array(l->a, struct graph_step, *n);
    for (size_t i = 0; i < *n; i++)
        if (!step_from(l, &list->list.items[i], &(*out)[i]))
            return false;
    return true;
}

static bool hooks_at(struct load *l, const struct value *v,
                     struct graph_node *out)
{
    const struct value *list = list_at(v, "hooks");
    unsigned phase;

    if (!list)
        return wrong(l, "hooks", "a list");
    out->n_hooks = list->list.n;
    out->hooks = arena_array(l->a, struct graph_hook, out->n_hooks);
    for (size_t i = 0; i < out->n_hooks; i++) {
        const struct value *h = &list->list.items[i];

        if (!word(value_get_str(h, "phase", STR("")), graph_phases, &phase))
            return wrong(l, "phase", "a phase of a stage");
        out->hooks[i].phase = (enum graph_hook_phase)phase;
        if (!steps_at(l, h, "steps", &out->hooks[i].steps, &out->hooks[i].n))
            return false;
    }
    return true;
}

static bool wrong_edge(struct load *l)
{
    return wrong(l, "edges", "a list of [from, reason, text]");
}

/* That they lead to nodes is checked when all nodes are there. */
static bool edges_at(struct load *l, const struct value *v,
                     struct graph_node *out)
{
    const struct value *list = list_at(v, "edges");
    unsigned reason;

    if (!list)
        return wrong(l, "edges", "a list");
    out->n_edges = list->list.n;
    out->edges = arena_array(l->a, struct graph_edge, out->n_edges);
    for (size_t i = 0; i < out->n_edges; i++) {
        const struct value *x = &list->list.items[i];
        const struct value *part = x->list.items;

        if (x->kind != VALUE_LIST || x->list.n != 3 ||
            part[0].kind != VALUE_INT || part[0].i < 0 ||
            part[0].i > UINT32_MAX || part[1].kind != VALUE_STRING ||
            part[2].kind != VALUE_STRING ||
            !word(part[1].s, graph_reasons, &reason))
            return wrong_edge(l);
        out->edges[i] = (struct graph_edge){
            .from = (uint32_t)part[0].i,
            .reason = (enum graph_edge_reason)reason,
            .text = part[2].s,
        };
    }
    return true;
}

static bool env_at(struct load *l, const struct value *v,
                   struct graph_node *out)
{
    const struct value *env = value_get(v, STR("env"));

    if (!env)
        return true;
    if (env->kind != VALUE_MAP)
        return wrong(l, "env", "a map");
    out->n_env = env->map.n;
    out->env = arena_array(l->a, struct graph_env, out->n_env);
    for (size_t i = 0; i < out->n_env; i++)
        out->env[i] = (struct graph_env){
            env->map.pairs[i].key,
            value_copy_shape(l->a, &env->map.pairs[i].value)};
    return true;
}

static void retry_at(const struct value *v, struct graph_node *out)
{
    const struct value *r = value_get(v, STR("retry"));
    const struct value *factor = value_get(r, STR("factor"));

    out->retry.limit = value_get_int(r, "limit", 0);
    out->retry.backoff_ms = value_get_int(r, "backoff", 0);
    out->retry.max_ms = value_get_int(r, "max", 0);
    out->retry.factor = 1;
    if (factor)
        value_number(factor, &out->retry.factor);
}

static bool in_node(struct load *l, const struct graph_node *n)
{
    return err_wrap(l->e, "stage '" STR_FMT "'", STR_ARG(n->id));
}

static bool node_from(struct load *l, const struct value *v,
                      struct graph_node *out)
{
    out->id = value_get_str(v, "id", STR(""));
    out->kind = value_get_str(v, "kind", STR(""));
    out->name = value_get_str(v, "name", out->id);
    out->key = value_get_str(v, "key", STR(""));
    out->environment = value_get_str(v, "environment", STR(""));
    out->container = value_get_str(v, "container", STR(""));
    out->source = value_get_str(v, "source", STR(""));
    out->when_text = value_get_str(v, "when_text", STR(""));
    out->worker = value_get_bool(v, "worker", false);
    out->optional = value_get_bool(v, "optional", false);
    out->timeout_ms = value_get_int(v, "timeout", 0);
    out->config = value_at(l, v, "config");
    if (out->config.kind == VALUE_NONE)
        out->config = (struct value){.kind = VALUE_MAP};
    out->dir = value_at(l, v, "dir");
    out->when = value_at(l, v, "when");
    if (out->when.kind == VALUE_NONE)
        out->when = value_bool(true);
    if (out->when.kind != VALUE_BOOL && out->when.kind != VALUE_EXPR)
        return wrong(l, "when", "a bool or an expression");
    if (out->id.n == 0 || out->kind.n == 0)
        return wrong(l, "node", "one with id and kind");
    retry_at(v, out);
    return (place_at(l, v, &out->place) && edges_at(l, v, out) &&
            steps_at(l, v, "commands", &out->commands, &out->n_commands) &&
            hooks_at(l, v, out) && env_at(l, v, out) &&
            strs_at(l, v, "effects", &out->effects, &out->n_effects) &&
            strs_at(l, v, "inputs", &out->inputs, &out->n_inputs) &&
            strs_at(l, v, "outputs", &out->outputs, &out->n_outputs) &&
            strs_at(l, v, "locks", &out->locks, &out->n_locks)) ||
           in_node(l, out);
}

static bool facts_from(struct load *l, const struct value *list)
{
    unsigned kind;

    if (!list)
        return wrong(l, "facts", "a list");
    l->g->n_facts = list->list.n;
    l->g->facts = arena_array(l->a, struct graph_fact, l->g->n_facts);
    for (size_t i = 0; i < l->g->n_facts; i++) {
        const struct value *x = &list->list.items[i];
        const struct value *part = x->list.items;

        if (x->kind != VALUE_LIST || x->list.n != 3 ||
            part[0].kind != VALUE_STRING || part[1].kind != VALUE_STRING ||
            part[2].kind != VALUE_STRING ||
            !word(part[0].s, graph_facts, &kind))
            return wrong(l, "facts", "a list of [kind, name, value]");
        l->g->facts[i] = (struct graph_fact){(enum graph_fact_kind)kind,
                                             part[1].s, part[2].s};
    }
    return true;
}

static bool secrets_from(struct load *l, const struct value *list)
{
    unsigned from;

    if (!list)
        return wrong(l, "secrets", "a list");
    l->g->n_secrets = list->list.n;
    l->g->secrets = arena_array(l->a, struct graph_secret, l->g->n_secrets);
    for (size_t i = 0; i < l->g->n_secrets; i++) {
        const struct value *x = &list->list.items[i];
        struct graph_secret *s = &l->g->secrets[i];

        if (!word(value_get_str(x, "from", STR("")), graph_secrets, &from))
            return wrong(l, "from", "env, file or exec");
        s->from = (enum graph_secret_from)from;
        s->name = value_get_str(x, "name", STR(""));
        s->ref = value_get_str(x, "ref", STR(""));
        if (!place_at(l, x, &s->place))
            return false;
    }
    return true;
}

static bool environments_from(struct load *l, const struct value *list)
{
    if (!list)
        return wrong(l, "environments", "a list");
    l->g->n_environments = list->list.n;
    l->g->environments = arena_array(l->a, struct graph_environment,
                                     l->g->n_environments);
    for (size_t i = 0; i < l->g->n_environments; i++) {
        const struct value *x = &list->list.items[i];

        l->g->environments[i].name = value_get_str(x, "name", STR(""));
        l->g->environments[i].config = value_at(l, x, "config");
    }
    return true;
}

/* Room for the node of that id and those after it: how many there will be is
 * told by how far in the text so many were. */
static void grow(struct load *l, struct str id)
{
    size_t n = l->g->n_nodes, at = (size_t)(id.s - l->json.s);
    struct graph_node *old = l->g->nodes;

    l->cap = n < NODES_FEW || at / n == 0 || at > l->json.n
                 ? 2 * n + NODES_FEW
                 : n + n / 8 + (l->json.n - at) / (at / n);
    l->g->nodes = arena_array(l->a, struct graph_node, l->cap);
    if (n)
        memcpy(l->g->nodes, old, n * sizeof(*old));
}

static bool take_node(void *ctx, const struct value *before,
                      const struct value *v)
{
    struct load *l = ctx;
    struct graph *g = l->g;

    if (g->n_nodes == l->cap)
        grow(l, value_get_str(v, "id", STR("")));
    if (g->n_nodes == 0) /* their places need it: the first of the names */
        g->file = value_get_str(before, "file", STR(""));
    return node_from(l, v, &g->nodes[g->n_nodes++]);
}

/* Ids are unique, and edges lead to nodes. */
static bool check_nodes(struct load *l)
{
    const struct graph *g = l->g;
    size_t size = 16;

    while (size < 2 * g->n_nodes)
        size *= 2;
    /* By hash, open addressing: the node's index + 1. */
    uint32_t *ids = arena_array(l->a, uint32_t, size);

    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *n = &g->nodes[i];
        size_t at = str_hash(n->id) & (size - 1);

        for (; ids[at]; at = (at + 1) & (size - 1))
            if (str_eq(g->nodes[ids[at] - 1].id, n->id))
                return err_set(l->e, ERR_INPUT, "stage '" STR_FMT "' is there "
                               "twice", STR_ARG(n->id));
        ids[at] = (uint32_t)i + 1;
        for (size_t k = 0; k < n->n_edges; k++)
            if (n->edges[k].from >= g->n_nodes)
                return wrong_edge(l) || in_node(l, n);
    }
    return true;
}

bool graph_load(struct arena *a, struct str json, struct graph *out,
                struct err *e)
{
    struct load l = {.a = a, .g = out, .json = json, .e = e};
    struct json_stream nodes = {STR("nodes"), take_node, &l};
    const struct value *list;
    struct value v;

    *out = (struct graph){0};
    if (!json_read_stream(a, json, &nodes, &v, e))
        return err_wrap(e, "not a saved plan");
    if (value_get_int(&v, "language", 0) != 1)
        return err_set(e, ERR_INPUT, "not a saved plan of language 1");
    list = list_at(&v, "nodes");
    if (!list || list->list.n)
        return wrong(&l, "nodes", "a list of stages");
    if (!str_eq(out->file, value_get_str(&v, "file", STR(""))) && out->n_nodes)
        return err_set(e, ERR_INPUT, "'file' has to stand before 'nodes'");
    out->file = value_get_str(&v, "file", STR(""));
    out->pipeline = value_get_str(&v, "pipeline", STR(""));
    if (!facts_from(&l, list_at(&v, "facts")) ||
        !secrets_from(&l, list_at(&v, "secrets")) ||
        !environments_from(&l, list_at(&v, "environments")) ||
        !check_nodes(&l))
        return false;
    return graph_order(a, out) ||
           err_set(e, ERR_INPUT, "the stages need one another in a circle");
}
