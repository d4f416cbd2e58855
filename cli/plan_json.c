#include "cli/plan_view.h"

/* A plan for programs: docs/internals/plan.md says the members. */

enum { PLAN_VERSION = 1, MEMBERS_MAX = 16 };

static const char *const actions[] = {
    [ACTION_RUNS] = "run", [ACTION_SKIPPED] = "skip",
    [ACTION_DEPENDS] = "depends",
};

static const char *const kinds[] = {
    [LINE_COMMAND] = "command", [LINE_NOTE] = "note", [LINE_HOOK] = "hook",
    [LINE_LIMIT] = "limit",
};

static struct value object(struct arena *a)
{
    struct value v = {.kind = VALUE_MAP};

    v.map.pairs = arena_array(a, struct value_pair, MEMBERS_MAX);
    return v;
}

static void set(struct value *map, const char *key, struct value v)
{
    map->map.pairs[map->map.n++] = (struct value_pair){str_of(key), v};
}

static struct value list(struct arena *a, size_t n)
{
    return (struct value){.kind = VALUE_LIST,
                          .list = {arena_array(a, struct value, n), n}};
}

static struct value strings(struct arena *a, const struct str *items, size_t n)
{
    struct value v = list(a, n);

    for (size_t i = 0; i < n; i++)
        v.list.items[i] = value_string(items[i]);
    return v;
}

static struct value line_value(struct arena *a, const struct plan_line *l)
{
    struct value v = object(a);

    set(&v, "is", value_string(str_of(kinds[l->kind])));
    if (l->label.n)
        set(&v, "label", value_string(l->label));
    set(&v, "text", value_string(l->text));
    return v;
}

static struct value step_value(struct arena *a, const struct plan_step *s)
{
    struct value v = object(a);

    set(&v, "at_ms", value_int(s->at_ms));
    set(&v, "weight", value_float(s->weight));
    set(&v, "text", value_string(s->text));
    set(&v, "waits", value_bool(s->waits));
    set(&v, "analyses", value_string(s->analyses));
    return v;
}

static struct value timeline_value(struct arena *a,
                                   const struct plan_timeline *t)
{
    struct value v = object(a), steps = list(a, t->n_steps);
    struct value analyses = list(a, t->n_analyses);

    for (size_t i = 0; i < t->n_steps; i++)
        steps.list.items[i] = step_value(a, &t->steps[i]);
    for (size_t i = 0; i < t->n_analyses; i++) {
        struct value x = object(a);

        set(&x, "name", value_string(t->analyses[i].name));
        set(&x, "measure", value_string(t->analyses[i].measure));
        set(&x, "from_ms", value_int(t->analyses[i].from_ms));
        analyses.list.items[i] = x;
    }
    set(&v, "strategy", value_string(t->bluegreen ? STR("bluegreen")
                                                  : STR("canary")));
    set(&v, "steps", steps);
    set(&v, "analyses", analyses);
    set(&v, "total_ms", value_int(t->total_ms));
    set(&v, "within_ms", value_int(t->within_ms));
    set(&v, "waits", value_bool(t->waits));
    return v;
}

static struct value diffs_value(struct arena *a, const struct plan_stage *s)
{
    struct value all = list(a, s->n_diffs);

    for (size_t i = 0; i < s->n_diffs; i++) {
        struct value d = object(a);

        set(&d, "title", value_string(s->diffs[i].title));
        set(&d, "text", value_string(s->diffs[i].text));
        set(&d, "note", value_string(s->diffs[i].note));
        set(&d, "warnings", strings(a, s->diffs[i].warnings,
                                    s->diffs[i].n_warnings));
        all.list.items[i] = d;
    }
    return all;
}

static struct value stage_value(struct arena *a, const struct plan_stage *s)
{
    const struct graph_node *n = s->node;
    struct value v = object(a), lines = list(a, s->n_lines);

    for (size_t i = 0; i < s->n_lines; i++)
        lines.list.items[i] = line_value(a, &s->lines[i]);
    set(&v, "id", value_string(n->id));
    set(&v, "kind", value_string(n->kind));
    set(&v, "action", value_string(str_of(actions[s->action])));
    set(&v, "why", value_string(s->why));
    set(&v, "after", strings(a, s->after, s->n_after));
    set(&v, "effects", strings(a, s->effects, s->n_effects));
    set(&v, "lua_hooks", value_int((int64_t)s->lua_hooks));
    set(&v, "environment", value_string(n->environment));
    set(&v, "does", lines);
    if (s->timeline)
        set(&v, "timeline", timeline_value(a, s->timeline));
    if (s->n_diffs)
        set(&v, "diffs", diffs_value(a, s));
    return v;
}

void plan_json(struct arena *a, struct buf *out, const struct plan_view *v)
{
    struct value top = object(a), effects = object(a);
    struct value stages = list(a, v->n_stages), counts = object(a);

    if (v->n_effects > MEMBERS_MAX)
        effects.map.pairs = arena_array(a, struct value_pair, v->n_effects);
    for (size_t i = 0; i < v->n_effects; i++)
        effects.map.pairs[effects.map.n++] = (struct value_pair){
            v->effects[i].name, value_int((int64_t)v->effects[i].stages)};
    for (size_t i = 0; i < v->n_stages; i++)
        stages.list.items[i] = stage_value(a, &v->stages[i]);
    set(&counts, "run", value_int((int64_t)v->runs));
    set(&counts, "skip", value_int((int64_t)v->skipped));
    set(&counts, "depends", value_int((int64_t)v->depends));
    set(&top, "version", value_int(PLAN_VERSION));
    set(&top, "pipeline", value_string(v->graph->pipeline));
    set(&top, "file", value_string(v->graph->file));
    set(&top, "digest", value_string(str_of(v->digest)));
    set(&top, "counts", counts);
    set(&top, "effects", effects);
    set(&top, "lua_hooks", value_int((int64_t)v->lua_hooks));
    set(&top, "stages", stages);
    value_json(out, &top, false);
    buf_addc(out, '\n');
}
