#include "graph/graph_load.h"

#include "graph/words.h"

#include <string.h>

const char *const graph_load_kept[] = {
    "command", "config", "dir", "env", "when", NULL,
};

static struct str *member_texts(struct members *m, const char *key, size_t *n)
{
    const struct value *list = member_list(m, key);
    struct str *texts = arena_array(m->l->a, struct str, list->list.n);

    *n = list->list.n;
    for (size_t i = 0; i < *n; i++) {
        if (list->list.items[i].kind != VALUE_STRING) {
            m->ok = graph_load_wrong(m->l, key, "a list of strings");
            *n = i;
        } else {
            texts[i] = list->list.items[i].s;
        }
    }
    return texts;
}

static bool step_from(struct graph_loader *l, const struct value *v,
                      struct graph_step *out)
{
    struct members m = members_of(l, v);
    struct str call = member_text(&m, "call");
    struct value command = member_value(&m, "command");
    struct value config = member_value(&m, "config");
    struct str file = member_text(&m, "file");
    struct str kind = member_text(&m, "kind");
    struct str lua = member_text(&m, "lua");
    bool runs = command.kind == VALUE_STRING || command.kind == VALUE_LIST ||
                command.kind == VALUE_EXPR;

    out->place = member_place(&m);
    if (!members_end(&m))
        return false;
    if (runs + (lua.n || file.n) + (kind.n > 0) != 1)
        return graph_load_wrong(l, "step", "one of command, lua, kind");
    if (runs) {
        out->kind = STEP_COMMAND;
        out->command = command;
    } else if (kind.n) {
        out->kind = STEP_STAGE;
        out->stage_kind = kind;
        out->config = config;
    } else {
        out->kind = STEP_LUA;
        out->lua = lua;
        out->file = file;
        out->call = call;
    }
    return true;
}

static struct graph_step *member_steps(struct members *m, const char *key,
                                       size_t *n)
{
    const struct value *list = member_list(m, key);
    struct graph_step *steps = arena_array(m->l->a, struct graph_step,
                                           list->list.n);

    *n = list->list.n;
    for (size_t i = 0; m->ok && i < *n; i++)
        m->ok = step_from(m->l, &list->list.items[i], &steps[i]);
    return steps;
}

static bool hook_from(struct graph_loader *l, const struct value *v,
                      struct graph_hook *out)
{
    struct members m = members_of(l, v);
    unsigned phase;

    if (!graph_load_word(member_text(&m, "phase"), graph_phases, &phase))
        return m.ok && graph_load_wrong(l, "phase", "a phase of a stage");
    out->phase = (enum graph_hook_phase)phase;
    out->steps = member_steps(&m, "steps", &out->n);
    return members_end(&m);
}

static void member_hooks(struct members *m, struct graph_extra *out)
{
    const struct value *list = member_list(m, "hooks");

    out->n_hooks = list->list.n;
    out->hooks = arena_array(m->l->a, struct graph_hook, out->n_hooks);
    for (size_t i = 0; m->ok && i < out->n_hooks; i++)
        m->ok = hook_from(m->l, &list->list.items[i], &out->hooks[i]);
}

/* That it leads to a node is checked when all nodes are there. */
static bool edge_from(const struct value *v, struct graph_edge *out)
{
    static const struct str by_id = {"", 0};
    const struct value *part = v->list.items;
    unsigned reason;

    if (v->kind == VALUE_INT) {
        *out = (struct graph_edge){(uint32_t)v->i, EDGE_NEEDS, by_id};
        return v->i >= 0 && v->i <= UINT32_MAX;
    }
    if (v->kind != VALUE_LIST || v->list.n != 3 ||
        part[0].kind != VALUE_INT || part[0].i < 0 ||
        part[0].i > UINT32_MAX || part[1].kind != VALUE_STRING ||
        part[2].kind != VALUE_STRING ||
        !graph_load_word(part[1].s, graph_reasons, &reason))
        return false;
    *out = (struct graph_edge){(uint32_t)part[0].i,
                               (enum graph_edge_reason)reason, part[2].s};
    return true;
}

static void member_edges(struct members *m, struct graph_node *out)
{
    const struct value *list = member_list(m, "edges");

    out->n_edges = list->list.n;
    out->edges = arena_array(m->l->a, struct graph_edge, out->n_edges);
    for (size_t i = 0; m->ok && i < out->n_edges; i++)
        m->ok = edge_from(&list->list.items[i], &out->edges[i]) ||
                graph_load_wrong(m->l, "edges", "a list of stages");
}

static void member_env(struct members *m, struct graph_extra *out)
{
    const struct value *env = member(m, "env");

    if (!env)
        return;
    if (env->kind != VALUE_MAP) {
        m->ok = graph_load_wrong(m->l, "env", "a map");
        return;
    }
    out->n_env = env->map.n;
    out->env = arena_array(m->l->a, struct graph_env, out->n_env);
    for (size_t i = 0; i < out->n_env; i++)
        out->env[i] = (struct graph_env){env->map.pairs[i].key,
                                         env->map.pairs[i].value};
}

static void member_retry(struct members *m, struct graph_retry *out)
{
    const struct value *v = member(m, "retry"), *factor;

    out->factor = 1;
    if (!v)
        return;
    struct members r = members_of(m->l, v);

    out->backoff_ms = member_int(&r, "backoff");
    factor = member(&r, "factor");
    if (factor && !value_number(factor, &out->factor))
        r.ok = graph_load_wrong(m->l, "factor", "a number");
    out->limit = member_int(&r, "limit");
    out->max_ms = member_int(&r, "max");
    m->ok &= members_end(&r);
}

static bool check(struct graph_loader *l, struct graph_node *out)
{
    if (out->config.kind == VALUE_NONE)
        out->config = (struct value){.kind = VALUE_MAP};
    if (out->name.n == 0)
        out->name = out->id;
    if (out->when.kind == VALUE_NONE)
        out->when = value_bool(true);
    if (out->when.kind != VALUE_BOOL && out->when.kind != VALUE_EXPR)
        return graph_load_wrong(l, "when", "a bool or an expression");
    if (out->id.n == 0 || out->kind.n == 0)
        return graph_load_wrong(l, "node", "one with id and kind");
    return true;
}

static void keep_extra(struct graph_loader *l, const struct graph_extra *x,
                       struct graph_node *out)
{
    bool none = !x->when_text.n && !x->n_hooks && !x->retry.limit &&
                !x->n_env && x->dir.kind == VALUE_NONE && !x->container.n &&
                !x->n_inputs && !x->n_outputs && !x->n_locks && !x->source.n;

    out->extra = none ? l->extra : NULL;
    if (out->extra)
        return;
    out->extra = arena_new(l->a, struct graph_extra);
    *out->extra = *x;
    if (none)
        l->extra = out->extra;
}

bool graph_load_node(struct graph_loader *l, const struct value *v,
                     struct graph_node *out)
{
    struct members m = members_of(l, v);
    struct graph_extra x = {0};

    out->commands = member_steps(&m, "commands", &out->n_commands);
    out->config = member_value(&m, "config");
    x.container = member_text(&m, "container");
    x.dir = member_value(&m, "dir");
    member_edges(&m, out);
    out->effects = member_texts(&m, "effects", &out->n_effects);
    member_env(&m, &x);
    out->environment = member_text(&m, "environment");
    member_hooks(&m, &x);
    out->id = member_text(&m, "id");
    x.inputs = member_texts(&m, "inputs", &x.n_inputs);
    out->key = member_text(&m, "key");
    out->kind = member_text(&m, "kind");
    x.locks = member_texts(&m, "locks", &x.n_locks);
    out->name = member_text(&m, "name");
    out->optional = member_flag(&m, "optional");
    x.outputs = member_texts(&m, "outputs", &x.n_outputs);
    out->place = member_place(&m);
    member_retry(&m, &x.retry);
    x.source = member_text(&m, "source");
    out->timeout_ms = member_int(&m, "timeout");
    out->when = member_value(&m, "when");
    x.when_text = member_text(&m, "when_text");
    out->worker = member_flag(&m, "worker");
    keep_extra(l, &x, out);
    return (members_end(&m) && check(l, out)) ||
           err_wrap(l->e, "stage '" STR_FMT "'", STR_ARG(out->id));
}
