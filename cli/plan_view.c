#include "cli/plan_view.h"

#include <stdlib.h>

static struct str edge_text(struct arena *a, const struct graph *g,
                            const struct graph_edge *e)
{
    struct str id = g->nodes[e->from].id;

    switch (e->reason) {
    case EDGE_NEEDS:
        break;
    case EDGE_REFERENCE:
        return arena_printf(a, STR_FMT " (" STR_FMT ")", STR_ARG(id),
                            STR_ARG(e->text));
    case EDGE_APPROVE:
        return arena_printf(a, STR_FMT " (approval)", STR_ARG(id));
    }
    return id;
}

static void add_after(struct arena *a, const struct graph *g,
                      struct plan_stage *s)
{
    const struct graph_node *n = s->node;

    s->after = arena_array(a, struct str, n->n_edges);
    for (size_t i = 0; i < n->n_edges; i++) {
        bool again = i && n->edges[i].from == n->edges[i - 1].from;

        if (!again)
            s->after[s->n_after++] = edge_text(a, g, &n->edges[i]);
    }
}

void plan_add_effect(struct arena *a, struct plan_stage *s, struct str effect)
{
    struct str *more = arena_array(a, struct str, s->n_effects + 1);
    size_t at = 0;

    for (size_t i = 0; i < s->n_effects; i++) {
        if (str_eq(s->effects[i], effect))
            return;
        at += str_cmp(s->effects[i], effect) < 0;
    }
    for (size_t i = 0; i < s->n_effects; i++)
        more[i + (i >= at)] = s->effects[i];
    more[at] = effect;
    s->effects = more;
    s->n_effects++;
}

static size_t lua_hooks(const struct graph_node *n)
{
    size_t count = 0;

    for (size_t i = 0; i < n->extra->n_hooks; i++)
        for (size_t k = 0; k < n->extra->hooks[i].n; k++)
            count += n->extra->hooks[i].steps[k].kind == STEP_LUA;
    return count;
}

static void count_effect(struct arena *a, struct plan_view *v, struct str name)
{
    size_t i = 0;

    while (i < v->n_effects && !str_eq(v->effects[i].name, name))
        i++;
    if (i == v->n_effects) {
        struct plan_effect *more = arena_array(a, struct plan_effect, i + 1);

        for (size_t k = 0; k < i; k++)
            more[k] = v->effects[k];
        more[i].name = name;
        v->effects = more;
        v->n_effects++;
    }
    v->effects[i].stages++;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct plan_effect *)a)->name,
                   ((const struct plan_effect *)b)->name);
}

static void count(struct arena *a, struct plan_view *v)
{
    for (size_t i = 0; i < v->n_stages; i++) {
        const struct plan_stage *s = &v->stages[i];

        v->runs += s->action == ACTION_RUNS;
        v->skipped += s->action == ACTION_SKIPPED;
        v->depends += s->action == ACTION_DEPENDS;
        if (s->action == ACTION_SKIPPED)
            continue;
        v->lua_hooks += s->lua_hooks;
        for (size_t k = 0; k < s->n_effects; k++)
            count_effect(a, v, s->effects[k]);
        if (s->timeline && s->timeline->total_ms > v->rollouts_ms)
            v->rollouts_ms = s->timeline->total_ms;
    }
    if (v->n_effects)
        qsort(v->effects, v->n_effects, sizeof(*v->effects), by_name);
}

static const struct value *environment_of(const struct graph *g,
                                          const struct graph_node *n)
{
    for (size_t i = 0; n->environment.n && i < g->n_environments; i++)
        if (str_eq(g->environments[i].name, n->environment))
            return &g->environments[i].config;
    return NULL;
}

/* Of a rollout that nothing tells the version of, that; else empty. */
static struct str unnamed_note(struct arena *a, const struct graph *g,
                               uint32_t node)
{
    const bool *commits = graph_commits(a, g, node);
    const bool *builds = graph_builds(a, g, node);

    if (value_get(&g->nodes[node].config, STR("version")))
        return STR("");
    for (size_t i = 0; i < g->n_nodes; i++)
        if (commits[i] || builds[i])
            return STR("");
    return STR("no commit, build or version= names what is rolled out: once "
               "rolled back, it is not refused");
}

static void describe(struct arena *a, const struct graph *g, size_t node,
                     const struct plan_sources *from, struct plan_stage *s)
{
    const struct str *words = NULL;
    size_t n = 0;

    if (from->words)
        words = from->words(from->ctx, node, &n);
    s->timeline = plan_timeline(a, &s->node->config);
    s->effects = s->node->effects;
    s->n_effects = s->node->n_effects;
    s->lua_hooks = lua_hooks(s->node);
    if (s->timeline) {
        struct str *note = arena_new(a, struct str);

        *note = unnamed_note(a, g, (uint32_t)node);
        words = note;
        n = note->n > 0;
    }
    plan_lines(a, s->node, environment_of(g, s->node), words, n, s);
    add_after(a, g, s);
    if (from->diffs && s->action != ACTION_SKIPPED)
        from->diffs(from->ctx, a, s->node, s);
}

struct plan_view plan_view(struct arena *a, const struct graph *g,
                           const struct plan_sources *from)
{
    uint32_t *order = graph_order(a, g);
    struct plan_stage *all = arena_array(a, struct plan_stage, g->n_nodes);
    struct plan_view v = {.graph = g, .n_stages = g->n_nodes};

    graph_digest(g, v.digest);
    for (size_t i = 0; i < g->n_nodes; i++)
        all[i].node = &g->nodes[i];
    plan_reasons(a, g, order, all);
    v.stages = arena_array(a, struct plan_stage, g->n_nodes);
    for (size_t i = 0; i < g->n_nodes; i++) {
        describe(a, g, order[i], from, &all[order[i]]);
        v.stages[i] = all[order[i]];
    }
    count(a, &v);
    return v;
}

bool plan_changes(const struct plan_view *v)
{
    for (size_t i = 0; i < v->n_effects; i++)
        if (!str_eq(v->effects[i].name, STR("exec")))
            return true;
    return false;
}
