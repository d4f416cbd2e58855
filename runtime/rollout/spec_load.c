#include "runtime/rollout/load.h"

#include <inttypes.h>

enum { TEXT_MAX = 80 }; /* of a command, in messages */

static bool load_hold(struct load *l, const struct value *v, const char *key,
                      struct canary_step *s)
{
    static const char *const untils[] = {"approved", NULL};
    int approved = -1;

    if (!load_word(l, v, "until", untils, &approved))
        return false;
    s->until_approved = approved == 0;
    return load_ms(l, v, key, &s->hold_ms);
}

static bool load_once(struct load *l, const struct value *v,
                      struct canary_step *s)
{
    struct str name = value_get_str(v, "name", STR(""));

    for (uint32_t i = 0; i < l->out->n_analyses; i++) {
        if (!str_eq(l->out->analyses[i].spec.name, name))
            continue;
        s->analysis = i;
        s->text = name;
        l->out->analyses[i].spec.in_step = true;
        return true;
    }
    return err_set(l->e, ERR_INPUT, STR_FMT ": there is no analysis '" STR_FMT
                   "'", STR_ARG(l->what), STR_ARG(name));
}

static bool load_command(struct load *l, const struct value *v, struct str is,
                         struct canary_step *s)
{
    static const char *const keys[] = {"command", "text", "file", NULL};
    struct str shown = STR("");

    for (int i = 0; keys[i] && !shown.n; i++)
        if (load_member(v, keys[i]))
            shown = value_show(l->a, load_member(v, keys[i]));
    s->text = arena_printf(l->a, STR_FMT "%s" STR_FMT "%s", STR_ARG(is),
                           shown.n ? " " : "",
                           STR_ARG(str_sub(shown, 0, TEXT_MAX)),
                           shown.n > TEXT_MAX ? "..." : "");
    return load_ms(l, v, "timeout", &s->timeout_ms);
}

struct step_kind {
    const char *is;
    enum canary_step_kind kind;
    bool (*load)(struct load *l, const struct value *v, struct canary_step *s);
};

static bool load_weight(struct load *l, const struct value *v,
                        struct canary_step *s)
{
    return load_percent(l, v, "weight", &s->weight) &&
           load_hold(l, v, "hold", s);
}

static bool load_switch(struct load *l, const struct value *v,
                        struct canary_step *s)
{
    (void)l, (void)v;
    s->text = STR("switch");
    s->weight = WEIGHT_FULL;
    return true;
}

static bool load_pause(struct load *l, const struct value *v,
                       struct canary_step *s)
{
    return load_hold(l, v, "for", s);
}

static bool load_keep(struct load *l, const struct value *v,
                      struct canary_step *s)
{
    s->text = STR("keep");
    return load_hold(l, v, "for", s);
}

static bool load_mirror(struct load *l, const struct value *v,
                        struct canary_step *s)
{
    return load_percent(l, v, "share", &s->weight);
}

static bool load_header(struct load *l, const struct value *v,
                        struct canary_step *s)
{
    (void)l;
    s->text = value_get_str(v, "header", STR(""));
    return true;
}

static bool load_run(struct load *l, const struct value *v,
                     struct canary_step *s)
{
    return load_command(l, v, value_get_str(v, "is", STR("")), s);
}

static const struct step_kind step_kinds[] = {
    {"weight", CANARY_WEIGHT, load_weight},
    {"switch", CANARY_WEIGHT, load_switch},
    {"hold", CANARY_HOLD, load_pause},
    {"keep", CANARY_HOLD, load_keep},
    {"analyze", CANARY_ANALYZE, load_once},
    {"mirror", CANARY_MIRROR, load_mirror},
    {"header", CANARY_HEADER, load_header},
    {"run", CANARY_COMMAND, load_run},
    {"lua", CANARY_COMMAND, load_run},
    {"preview", CANARY_COMMAND, load_run},
    {0},
};

static bool load_step(struct load *l, const struct value *v, size_t i,
                      struct canary_step *s)
{
    struct str is = value_get_str(v, "is", STR(""));
    const struct step_kind *k = step_kinds;

    l->what = arena_printf(l->a, "step %zu (" STR_FMT ")", i + 1, STR_ARG(is));
    while (k->is && !str_eq(is, str_of(k->is)))
        k++;
    if (!k->is)
        return err_set(l->e, ERR_INPUT, "step %zu: there is no step '" STR_FMT
                       "'", i + 1, STR_ARG(is));
    *s = (struct canary_step){.kind = k->kind, .config = v};
    return k->load(l, v, s);
}

static bool load_steps(struct load *l, const struct value *v)
{
    const struct value *canary = load_member(v, "canary");
    const struct value *blue = load_member(v, "bluegreen");
    const struct value *steps;

    if (!canary == !blue)
        return err_set(l->e, ERR_INPUT,
                       "a rollout has either 'canary' or 'bluegreen'");
    l->out->bluegreen = blue != NULL;
    steps = load_member(canary ? canary : blue, "steps");
    if (!steps || steps->kind != VALUE_LIST || steps->list.n == 0)
        return err_set(l->e, ERR_INPUT, "a rollout needs a step");
    if (steps->list.n > ROLLOUT_STEPS_MAX)
        return err_set(l->e, ERR_INPUT, "%zu steps, at most %d are possible",
                       steps->list.n, ROLLOUT_STEPS_MAX);
    l->out->n_steps = (uint32_t)steps->list.n;
    l->out->steps = arena_array(l->a, struct canary_step, steps->list.n);
    for (size_t i = 0; i < steps->list.n; i++)
        if (!load_step(l, &steps->list.items[i], i, &l->out->steps[i]))
            return false;
    return true;
}

/* A background analysis begins with the step that it names, or with the first
 * that brings the canary traffic: before, there is nothing to measure. */
static bool place_analyses(struct load *l)
{
    uint32_t first = 0;

    while (first + 1 < l->out->n_steps &&
           (l->out->steps[first].kind != CANARY_WEIGHT ||
            l->out->steps[first].weight == 0))
        first++;
    for (uint32_t i = 0; i < l->out->n_analyses; i++) {
        struct rollout_analysis *x = &l->out->analyses[i];
        int32_t from = (int32_t)first + 1;

        l->what = arena_printf(l->a, "analysis '" STR_FMT "'",
                               STR_ARG(x->spec.name));
        if (!load_count(l, x->config, "from", &from))
            return false;
        if (from < 1 || from > (int32_t)l->out->n_steps)
            return err_set(l->e, ERR_INPUT, STR_FMT ": from=%" PRId32
                           ", but the steps are 1 to %" PRIu32,
                           STR_ARG(l->what), from, l->out->n_steps);
        x->spec.from = (uint32_t)from - 1;
        if (x->spec.in_step && x->spec.count == 0 && x->spec.successes == 0)
            x->spec.count = 1;
    }
    return true;
}

static bool load_weights(struct load *l, const struct value *s)
{
    const struct value *w = load_member(s, "weights");
    struct rollout_spec *p = l->out;
    double sum = 0;

    l->what = STR("score");
    if (!w)
        return true;
    if (w->kind != VALUE_MAP || w->map.n > ROLLOUT_GROUPS_MAX)
        return load_wrong(l, "weights", "up to 16 groups and numbers", w);
    p->score_weights = arena_array(l->a, struct judge_group, w->map.n);
    for (size_t i = 0; i < w->map.n; i++) {
        struct judge_group *g = &p->score_weights[p->n_score_weights++];

        g->name = w->map.pairs[i].key;
        if (!value_number(&w->map.pairs[i].value, &g->weight) || g->weight < 0)
            return load_wrong(l, "weights", "numbers of 0 to 100", w);
        sum += g->weight;
    }
    return sum <= 100 || load_wrong(l, "weights", "at most 100 together", w);
}

static bool load_score(struct load *l, const struct value *v)
{
    const struct value *s = load_member(v, "score");
    struct rollout_spec *p = l->out;

    p->score_pass = p->score_marginal = -1;
    if (!s)
        return true;
    if (!load_weights(l, s))
        return false;
    if (!load_member(s, "pass"))
        return err_set(l->e, ERR_INPUT, "'score' needs pass=");
    if (!load_number(l, s, "pass", 0, 100, "0 to 100", &p->score_pass))
        return false;
    p->score_marginal = p->score_pass;
    if (!load_number(l, s, "marginal", 0, 100, "0 to 100",
                     &p->score_marginal))
        return false;
    return p->score_marginal <= p->score_pass ||
           err_set(l->e, ERR_INPUT, "'score': marginal=%g is above pass=%g",
                   p->score_marginal, p->score_pass);
}

static bool load_policies(struct load *l, const struct value *v)
{
    static const char *const drifts[] = {"abort", "restore", "hold", NULL};
    static const char *const crashes[] = {"abort", "resume", NULL};
    int drift = DRIFT_ABORT, crash = CRASH_ABORT;

    l->out->within_ms = ROLLOUT_WITHIN_MS;
    l->out->watch_ms = ROLLOUT_WATCH_MS;
    l->out->verify_ms = ROLLOUT_ROUTER_MS;
    l->out->revert = true;
    if (!load_word(l, v, "drift", drifts, &drift) ||
        !load_word(l, v, "crash", crashes, &crash) || !load_score(l, v))
        return false;
    l->out->on_drift = (enum drift_policy)drift;
    l->out->on_crash = (enum crash_policy)crash;
    return load_ms(l, v, "within", &l->out->within_ms) &&
           load_ms(l, v, "watch", &l->out->watch_ms) &&
           load_ms(l, v, "verify", &l->out->verify_ms) &&
           load_bool(l, v, "revert", &l->out->revert);
}

bool rollout_spec_load(struct arena *a, const struct value *v,
                       struct rollout_spec *out, struct err *e)
{
    struct load l = {.a = a, .out = out, .what = STR("rollout"), .e = e};

    *out = (struct rollout_spec){0};
    if (v->kind != VALUE_MAP)
        return err_set(e, ERR_INPUT, "a rollout's config has to be an object");
    return load_policies(&l, v) && load_analyses(&l, v) && load_steps(&l, v) &&
           place_analyses(&l);
}

bool rollout_spec_from_json(struct arena *a, struct str json,
                            struct rollout_spec *out, struct err *e)
{
    struct value *v = arena_new(a, struct value);

    return value_from_json(a, json, v, e) && rollout_spec_load(a, v, out, e);
}
