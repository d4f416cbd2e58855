#include "graph/graph.h"

#include "base/buf.h"
#include "base/sha256.h"
#include "graph/json.h"
#include "graph/words.h"

#include <string.h>

const struct graph_node *graph_find(const struct graph *g, struct str id)
{
    for (size_t i = 0; i < g->n_nodes; i++)
        if (str_eq(g->nodes[i].id, id))
            return &g->nodes[i];
    return NULL;
}

/* Kahn's algorithm, with the ready nodes taken in order of declaration as a
 * queue: users of each node stand in one row behind `begin`. */
uint32_t *graph_order(struct arena *a, const struct graph *g)
{
    size_t n = g->n_nodes, edges = 0, done = 0, ready = 0;
    uint32_t *order = arena_array(a, uint32_t, n + 1);
    uint32_t *missing = arena_array(a, uint32_t, n + 1);
    uint32_t *begin = arena_array(a, uint32_t, n + 2);

    for (size_t i = 0; i < n; i++) {
        missing[i] = (uint32_t)g->nodes[i].n_edges;
        edges += g->nodes[i].n_edges;
        for (size_t k = 0; k < g->nodes[i].n_edges; k++)
            begin[g->nodes[i].edges[k].from + 2]++;
    }
    uint32_t *users = arena_array(a, uint32_t, edges + 1);

    for (size_t i = 2; i <= n; i++)
        begin[i] += begin[i - 1];
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < g->nodes[i].n_edges; k++)
            users[begin[g->nodes[i].edges[k].from + 1]++] = (uint32_t)i;
    for (size_t i = 0; i < n; i++)
        if (missing[i] == 0)
            order[ready++] = (uint32_t)i;
    while (done < ready) {
        uint32_t i = order[done++];

        for (uint32_t k = begin[i]; k < begin[i + 1]; k++)
            if (--missing[users[k]] == 0)
                order[ready++] = users[k];
    }
    return ready == n ? order : NULL;
}

void graph_digest(const struct graph *g, char hex[GRAPH_DIGEST_BYTES])
{
    struct buf b = {0};

    graph_json(&b, g);
    sha256_hex(buf_str(&b), hex);
    buf_free(&b);
}

/* ---- canonical JSON ----------------------------------------------------- */

const char *const graph_reasons[] = {
    [EDGE_REFERENCE] = "reference", [EDGE_NEEDS] = "needs",
    [EDGE_APPROVE] = "approve", NULL,
};
const char *const graph_phases[] = {
    [HOOK_BEFORE] = "before", [HOOK_AFTER] = "after",
    [HOOK_FAILURE] = "failure", [HOOK_SUCCESS] = "success",
    [HOOK_ALWAYS] = "always", [HOOK_ABORT] = "abort",
    [HOOK_PROMOTE] = "promote", NULL,
};
const char *const graph_facts[] = {
    [FACT_FILE] = "file", [FACT_GLOB] = "glob", [FACT_GIT] = "git",
    [FACT_ENV] = "env", [FACT_PARAM] = "param", [FACT_TOOL] = "tool", NULL,
};
const char *const graph_secrets[] = {
    [SECRET_ENV] = "env", [SECRET_FILE] = "file", [SECRET_EXEC] = "exec", NULL,
};

static void put_str(yajl_gen g, const char *key, struct str s)
{
    if (s.n == 0)
        return;
    json_key(g, key);
    json_str(g, s);
}

static void put_strs(yajl_gen g, const char *key, const struct str *s, size_t n)
{
    if (n == 0)
        return;
    json_key(g, key);
    yajl_gen_array_open(g);
    for (size_t i = 0; i < n; i++)
        json_str(g, s[i]);
    yajl_gen_array_close(g);
}

static void put_value(yajl_gen g, const char *key, const struct value *v)
{
    if (v->kind == VALUE_NONE)
        return;
    json_key(g, key);
    json_value(g, v, true);
}

static void put_place(yajl_gen g, const struct graph *graph,
                      const struct graph_place *p)
{
    json_key(g, "place");
    yajl_gen_array_open(g);
    if (!str_eq(p->file, graph->file))
        json_str(g, p->file);
    json_int(g, p->line);
    json_int(g, p->col);
    yajl_gen_array_close(g);
}

static void put_step(yajl_gen g, const struct graph *graph,
                     const struct graph_step *s)
{
    yajl_gen_map_open(g);
    switch (s->kind) {
    case STEP_COMMAND:
        put_value(g, "command", &s->command);
        break;
    case STEP_LUA:
        put_str(g, "call", s->call);
        put_str(g, "file", s->file);
        put_str(g, "lua", s->lua);
        break;
    case STEP_STAGE:
        put_value(g, "config", &s->config);
        put_str(g, "kind", s->stage_kind);
        break;
    }
    put_place(g, graph, &s->place);
    yajl_gen_map_close(g);
}

static void put_steps(yajl_gen g, const struct graph *graph, const char *key,
                      const struct graph_step *steps, size_t n)
{
    if (n == 0)
        return;
    json_key(g, key);
    yajl_gen_array_open(g);
    for (size_t i = 0; i < n; i++)
        put_step(g, graph, &steps[i]);
    yajl_gen_array_close(g);
}

static void put_hooks(yajl_gen g, const struct graph *graph,
                      const struct graph_extra *n)
{
    if (n->n_hooks == 0)
        return;
    json_key(g, "hooks");
    yajl_gen_array_open(g);
    for (size_t i = 0; i < n->n_hooks; i++) {
        yajl_gen_map_open(g);
        json_key(g, "phase");
        json_key(g, graph_phases[n->hooks[i].phase]);
        put_steps(g, graph, "steps", n->hooks[i].steps, n->hooks[i].n);
        yajl_gen_map_close(g);
    }
    yajl_gen_array_close(g);
}

static void put_edge(yajl_gen g, const struct graph_edge *e)
{
    if (e->reason == EDGE_NEEDS && e->text.n == 0) {
        json_int(g, e->from);
        return;
    }
    yajl_gen_array_open(g);
    json_int(g, e->from);
    json_key(g, graph_reasons[e->reason]);
    json_str(g, e->text);
    yajl_gen_array_close(g);
}

static void put_edges(yajl_gen g, const struct graph_node *n)
{
    if (n->n_edges == 0)
        return;
    json_key(g, "edges");
    yajl_gen_array_open(g);
    for (size_t i = 0; i < n->n_edges; i++)
        put_edge(g, &n->edges[i]);
    yajl_gen_array_close(g);
}

static void put_env(yajl_gen g, const struct graph_extra *n)
{
    if (n->n_env == 0)
        return;
    json_key(g, "env");
    yajl_gen_map_open(g);
    for (size_t i = 0; i < n->n_env; i++) {
        json_str(g, n->env[i].name);
        json_value(g, &n->env[i].value, true);
    }
    yajl_gen_map_close(g);
}

static void put_retry(yajl_gen g, const struct graph_retry *r)
{
    if (r->limit == 0)
        return;
    json_key(g, "retry");
    yajl_gen_map_open(g);
    json_key(g, "backoff");
    json_int(g, r->backoff_ms);
    json_key(g, "factor");
    json_double(g, r->factor);
    json_key(g, "limit");
    json_int(g, r->limit);
    json_key(g, "max");
    json_int(g, r->max_ms);
    yajl_gen_map_close(g);
}

static void put_flag(yajl_gen g, const char *key, bool on)
{
    if (!on)
        return;
    json_key(g, key);
    yajl_gen_bool(g, 1);
}

static void put_node(yajl_gen g, const struct graph *graph,
                     const struct graph_node *n)
{
    const struct graph_extra *x = n->extra;

    yajl_gen_map_open(g);
    put_steps(g, graph, "commands", n->commands, n->n_commands);
    if (n->config.kind == VALUE_MAP && n->config.map.n)
        put_value(g, "config", &n->config);
    put_str(g, "container", x->container);
    put_value(g, "dir", &x->dir);
    put_edges(g, n);
    put_strs(g, "effects", n->effects, n->n_effects);
    put_env(g, x);
    put_str(g, "environment", n->environment);
    put_hooks(g, graph, x);
    put_str(g, "id", n->id);
    put_strs(g, "inputs", x->inputs, x->n_inputs);
    put_str(g, "key", n->key);
    put_str(g, "kind", n->kind);
    put_strs(g, "locks", x->locks, x->n_locks);
    if (!str_eq(n->name, n->id))
        put_str(g, "name", n->name);
    put_flag(g, "optional", n->optional);
    put_strs(g, "outputs", x->outputs, x->n_outputs);
    put_place(g, graph, &n->place);
    put_retry(g, &x->retry);
    put_str(g, "source", x->source);
    if (n->timeout_ms) {
        json_key(g, "timeout");
        json_int(g, n->timeout_ms);
    }
    if (n->when.kind != VALUE_BOOL || !n->when.b)
        put_value(g, "when", &n->when);
    put_str(g, "when_text", x->when_text);
    put_flag(g, "worker", n->worker);
    yajl_gen_map_close(g);
}

static void put_facts(yajl_gen g, const struct graph *graph)
{
    json_key(g, "facts");
    yajl_gen_array_open(g);
    for (size_t i = 0; i < graph->n_facts; i++) {
        yajl_gen_array_open(g);
        json_key(g, graph_facts[graph->facts[i].kind]);
        json_str(g, graph->facts[i].name);
        json_str(g, graph->facts[i].value);
        yajl_gen_array_close(g);
    }
    yajl_gen_array_close(g);
}

static void put_secrets(yajl_gen g, const struct graph *graph)
{
    json_key(g, "secrets");
    yajl_gen_array_open(g);
    for (size_t i = 0; i < graph->n_secrets; i++) {
        yajl_gen_map_open(g);
        json_key(g, "from");
        json_key(g, graph_secrets[graph->secrets[i].from]);
        put_str(g, "name", graph->secrets[i].name);
        put_place(g, graph, &graph->secrets[i].place);
        put_str(g, "ref", graph->secrets[i].ref);
        yajl_gen_map_close(g);
    }
    yajl_gen_array_close(g);
}

static void put_environments(yajl_gen g, const struct graph *graph)
{
    json_key(g, "environments");
    yajl_gen_array_open(g);
    for (size_t i = 0; i < graph->n_environments; i++) {
        yajl_gen_map_open(g);
        put_value(g, "config", &graph->environments[i].config);
        put_str(g, "name", graph->environments[i].name);
        yajl_gen_map_close(g);
    }
    yajl_gen_array_close(g);
}

void graph_json(struct buf *out, const struct graph *graph)
{
    yajl_gen g = json_open(out);

    yajl_gen_map_open(g);
    put_environments(g, graph);
    put_facts(g, graph);
    put_str(g, "file", graph->file);
    json_key(g, "language");
    json_int(g, 1);
    json_key(g, "nodes");
    yajl_gen_array_open(g);
    for (size_t i = 0; i < graph->n_nodes; i++)
        put_node(g, graph, &graph->nodes[i]);
    yajl_gen_array_close(g);
    put_str(g, "pipeline", graph->pipeline);
    put_secrets(g, graph);
    yajl_gen_map_close(g);
    json_close(g);
    buf_addc(out, '\n');
}
