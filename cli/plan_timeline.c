#include "cli/plan_view.h"

#include "base/clock.h"

/* A rollout's config (docs/internals/rollout.md) as times and weights. */

struct clock_hand {
    struct arena *a;
    struct plan_timeline *t;
    int64_t now_ms;
    double weight;
};

static int64_t ms_of(const struct value *map, const char *key)
{
    return value_get_int(map, key, 0);
}

static bool symbol_is(const struct value *map, const char *key,
                      const char *word)
{
    return str_eq(value_get_str(map, key, STR("")), str_of(word));
}

static struct str percent(struct arena *a, const struct value *map,
                          const char *key)
{
    const struct value *v = value_get(map, str_of(key));

    return v ? plan_show(a, v) : STR("?");
}

static struct str held(struct arena *a, struct str text, int64_t hold_ms,
                       bool waits)
{
    if (hold_ms)
        text = arena_printf(a, STR_FMT "%shold " STR_FMT, STR_ARG(text),
                            text.n ? ", " : "",
                            STR_ARG(clock_duration(a, hold_ms)));
    if (waits)
        text = arena_printf(a, STR_FMT "%shold until approved", STR_ARG(text),
                            text.n ? ", " : "");
    return text;
}

static struct str step_text(struct arena *a, const struct value *v,
                            struct str is)
{
    const struct value *command = value_get(v, STR("command"));

    if (str_eq(is, STR("weight")))
        return arena_printf(a, "weight " STR_FMT,
                            STR_ARG(percent(a, v, "weight")));
    if (str_eq(is, STR("mirror")))
        return arena_printf(a, "mirror " STR_FMT,
                            STR_ARG(percent(a, v, "share")));
    if (str_eq(is, STR("header")))
        return arena_printf(a, "to the new version: " STR_FMT,
                            STR_ARG(percent(a, v, "header")));
    if (str_eq(is, STR("analyze")))
        return arena_printf(a, "analyze " STR_FMT ", go on when it passes",
                            STR_ARG(percent(a, v, "name")));
    if (str_eq(is, STR("switch")))
        return STR("switch all traffic");
    if (str_eq(is, STR("keep")))
        return STR("keep the old version");
    if (command)
        return arena_printf(a, STR_FMT ": " STR_FMT, STR_ARG(is),
                            STR_ARG(plan_show(a, command)));
    return str_eq(is, STR("hold")) ? STR("") : is;
}

static void add_step(struct clock_hand *h, const struct value *v)
{
    struct str is = value_get_str(v, "is", STR("?"));
    const struct value *weight = value_get(v, STR("weight"));
    int64_t hold = ms_of(v, "hold") + ms_of(v, "for");
    bool waits = symbol_is(v, "until", "approved") ||
                 (str_eq(is, STR("hold")) && hold == 0);
    struct plan_step *s = &h->t->steps[h->t->n_steps++];

    if (weight && weight->kind == VALUE_PERCENT)
        h->weight = weight->d;
    if (str_eq(is, STR("switch")))
        h->weight = 100;
    *s = (struct plan_step){.at_ms = h->now_ms, .weight = h->weight,
                            .waits = waits};
    s->text = held(h->a, step_text(h->a, v, is), hold, waits);
    h->now_ms += hold;
    h->t->waits |= waits;
}

static struct str measure_of(struct arena *a, const struct value *v)
{
    const struct value *p = value_get(v, STR("provider"));
    struct str by = STR("?");
    int64_t every = ms_of(v, "every"), count = ms_of(v, "count");

    if (p && p->kind == VALUE_LIST && p->list.n)
        by = value_get_str(&p->list.items[0], "is", by);
    if (every)
        by = arena_printf(a, STR_FMT " every " STR_FMT, STR_ARG(by),
                          STR_ARG(clock_duration(a, every)));
    if (count)
        by = arena_printf(a, STR_FMT ", %lld times", STR_ARG(by),
                          (long long)count);
    return by;
}

/* The steps an analysis measures in: from its first to the end, or, with
 * count=, until that many have been taken. */
static void mark_steps(struct arena *a, struct plan_timeline *t,
                       struct str name, size_t from, int64_t until_ms)
{
    for (size_t i = from; i < t->n_steps; i++) {
        struct plan_step *s = &t->steps[i];
        int64_t end = i + 1 < t->n_steps ? t->steps[i + 1].at_ms : t->total_ms;

        if (s->at_ms < until_ms && (end > s->at_ms || s->waits))
            s->analyses = arena_printf(a, STR_FMT "%s" STR_FMT,
                                       STR_ARG(s->analyses),
                                       s->analyses.n ? ", " : "",
                                       STR_ARG(name));
    }
}

/* A step runs it, so that it does not measure in the background. */
static bool asked_for(const struct value *steps, const struct value *analysis)
{
    for (size_t i = 0; i < steps->list.n; i++)
        if (symbol_is(&steps->list.items[i], "is", "analyze") &&
            str_eq(value_get_str(&steps->list.items[i], "name", STR("")),
                   value_get_str(analysis, "name", STR("?"))))
            return true;
    return value_get_bool(analysis, "once", false);
}

/* From 1: the first that brings the new version traffic. */
static int64_t first_traffic(const struct plan_timeline *t)
{
    for (size_t i = 0; i < t->n_steps; i++)
        if (t->steps[i].weight > 0)
            return (int64_t)i + 1;
    return 1;
}

static void add_analysis(struct arena *a, struct plan_timeline *t,
                         const struct value *steps, const struct value *v)
{
    struct plan_analysis *x = &t->analyses[t->n_analyses++];
    int64_t from = value_get_int(v, "from", first_traffic(t));
    int64_t every = ms_of(v, "every"), count = ms_of(v, "count");
    size_t step = from > 0 ? (size_t)from - 1 : 0;

    x->name = value_get_str(v, "name", STR("?"));
    x->measure = measure_of(a, v);
    if (step < t->n_steps)
        x->from_ms = t->steps[step].at_ms + ms_of(v, "initial-delay");
    if (!asked_for(steps, v))
        mark_steps(a, t, x->name, step,
                   count ? x->from_ms + count * every : INT64_MAX);
}

struct plan_timeline *plan_timeline(struct arena *a,
                                    const struct value *config)
{
    const struct value *way = value_get(config, STR("canary"));
    const struct value *blue = value_get(config, STR("bluegreen"));
    const struct value *steps = value_get(way ? way : blue, STR("steps"));
    const struct value *analyses = value_get(config, STR("analyze"));

    if (!steps || steps->kind != VALUE_LIST)
        return NULL;
    struct plan_timeline *t = arena_new(a, struct plan_timeline);
    struct clock_hand h = {.a = a, .t = t};

    t->bluegreen = !way;
    t->within_ms = ms_of(config, "within");
    t->steps = arena_array(a, struct plan_step, steps->list.n);
    for (size_t i = 0; i < steps->list.n; i++)
        add_step(&h, &steps->list.items[i]);
    t->total_ms = h.now_ms;
    size_t n = analyses && analyses->kind == VALUE_LIST ? analyses->list.n : 0;

    t->analyses = arena_array(a, struct plan_analysis, n);
    for (size_t i = 0; i < n; i++)
        add_analysis(a, t, steps, &analyses->list.items[i]);
    return t;
}
