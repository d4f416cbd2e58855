#include "runtime/rollout/load.h"

#include "graph/expr.h"

#include <inttypes.h>

#define ALPHA_DEFAULT 0.01

static const char *const remedies[] = {"abort", "hold", "continue", NULL};

static bool load_remedies(struct load *l, const struct value *v,
                          struct analysis_spec *s)
{
    static const char *const events[] = {"failed", "inconclusive", "error",
                                         NULL};
    const struct value *on = load_member(v, "on");

    for (size_t i = 0; on && on->kind == VALUE_LIST && i < on->list.n; i++) {
        const struct value *x = &on->list.items[i];
        int event = 0, remedy = 0;

        if (!load_word(l, x, "event", events, &event) ||
            !load_word(l, x, "remedy", remedies, &remedy))
            return false;
        if (event == 0)
            s->on_failed = (enum remedy)remedy;
        else if (event == 1)
            s->on_inconclusive = (enum remedy)remedy;
        else
            s->on_error = (enum remedy)remedy;
    }
    return true;
}

static bool load_no_data(struct load *l, const struct value *v,
                         struct analysis_spec *s)
{
    static const char *const policies[] = {"hold", "fail", "pass", NULL};
    const struct value *n = load_member(v, "no-data");
    int policy = NO_DATA_HOLD;

    s->no_data_ms = ANALYSIS_NO_DATA_MS;
    if (!n)
        return true;
    if (n->kind == VALUE_STRING) {
        if (!load_word(l, v, "no-data", policies, &policy))
            return false;
    } else if (!load_word(l, n, "policy", policies, &policy)) {
        return false;
    }
    s->no_data = (enum no_data_policy)policy;
    if (policy != NO_DATA_HOLD)
        s->no_data_ms = 0;
    return load_ms(l, n, "for", &s->no_data_ms);
}

static bool load_judge(struct load *l, const struct value *c,
                       struct judge_config *j)
{
    static const char *const directions[] = {"either", "increase", "decrease",
                                             NULL};
    static const char *const nans[] = {"remove", "replace", NULL};
    static const char *const outliers[] = {"keep", "remove", "iqr", "ksigma",
                                           NULL};
    static const char *const effects[] = {"mean-ratio", "cles", NULL};
    int direction = 0, nan = 0, outlier = 0, effect = 0;

    if (!load_word(l, c, "effect", effects, &effect) ||
        !load_word(l, c, "direction", directions, &direction) ||
        !load_word(l, c, "nan", nans, &nan) ||
        !load_word(l, c, "outliers", outliers, &outlier))
        return false;
    *j = judge_defaults((enum judge_effect)effect);
    j->direction = (enum judge_direction)direction;
    j->nan = (enum judge_nan)nan;
    j->outliers = (enum judge_outliers)outlier;
    return load_number(l, c, "tolerance", 0, 1, "0 to 1", &j->tolerance) &&
           load_number(l, c, "confidence", 0.5, 0.9999, "0.5 to 0.9999",
                      &j->confidence) &&
           load_number(l, c, "outlier-factor", 0, 100, "0 to 100",
                      &j->outlier_factor) &&
           load_number(l, c, "allowed-increase", 0, 1e6, "a number",
                      &j->allowed_increase) &&
           load_number(l, c, "allowed-decrease", 0, 1e6, "a number",
                      &j->allowed_decrease) &&
           load_number(l, c, "critical-increase", 0, 1e6, "a number",
                       &j->critical_increase) &&
           load_number(l, c, "critical-decrease", 0, 1e6, "a number",
                       &j->critical_decrease) &&
           load_bool(l, c, "must-have-data", &j->must_have_data) &&
           load_bool(l, c, "critical", &j->critical);
}

static bool load_sequential(struct load *l, const struct value *v,
                            struct rollout_analysis *out)
{
    static const char *const counted[] = {"bad", "good", NULL};
    double alpha = 100 * out->spec.alpha;
    int good = out->counts_good;

    if (!load_word(l, v, "counts", counted, &good) ||
        !load_number(l, v, "alpha", 1e-6, 50, "a percent of at most 50%",
                     &alpha))
        return false;
    out->spec.alpha = alpha / 100;
    out->counts_good = good == 1;
    return true;
}

/* `group "x"`, `groups ["x", "y"]`, or the one that all are in. */
static bool load_groups(struct load *l, const struct value *c,
                        struct rollout_analysis *out)
{
    const struct value *list = load_member(c, "groups");
    struct str *groups;

    if (list && (list->kind != VALUE_LIST || list->list.n == 0 ||
                 list->list.n > ROLLOUT_GROUPS_MAX))
        return load_wrong(l, "groups", "a list of up to 16 names", list);
    out->n_groups = list ? list->list.n : 1;
    out->groups = groups = arena_array(l->a, struct str, out->n_groups);
    groups[0] = value_get_str(c, "group", STR("all"));
    for (size_t i = 0; list && i < list->list.n; i++) {
        if (list->list.items[i].kind != VALUE_STRING)
            return load_wrong(l, "groups", "a list of names", list);
        groups[i] = list->list.items[i].s;
    }
    return true;
}

static bool load_compare(struct load *l, const struct value *v,
                         struct rollout_analysis *out)
{
    enum { RANKS, MEANS, SEQUENTIAL };
    static const char *const judges[] = {"mann-whitney", "mean-inequality",
                                         "sequential", NULL};
    const struct value *c = load_member(v, "compare");
    const struct value *sequential = load_member(v, "sequential");
    int judge = RANKS;

    out->judge = judge_defaults(JUDGE_MEAN_RATIO);
    out->group_weight = -1;
    out->spec.alpha = ALPHA_DEFAULT;
    if (!c && !sequential)
        return true;
    if (c) {
        if (!load_groups(l, c, out) ||
            !load_word(l, c, "judge", judges, &judge) ||
            !load_number(l, c, "weight", 0, 100, "0 to 100",
                         &out->group_weight) ||
            !load_sequential(l, c, out) || !load_judge(l, c, &out->judge))
            return false;
    }
    if (sequential && !load_sequential(l, sequential, out))
        return false;
    if (judge == MEANS)
        out->judge.method = JUDGE_MEAN_INEQUALITY;
    out->spec.compare = judge == SEQUENTIAL || sequential ? COMPARE_SEQUENTIAL
                                                          : COMPARE_JUDGE;
    return true;
}

static bool load_condition(struct load *l, const struct value *v,
                           const char *key, const struct expr **out)
{
    const struct value *m = load_member(v, key);
    struct expr *literal;

    if (!m)
        return true;
    if (m->kind == VALUE_EXPR) {
        *out = m->expr;
        return true;
    }
    if (m->kind != VALUE_BOOL)
        return load_wrong(l, key, "a condition", m);
    literal = arena_new(l->a, struct expr);
    literal->kind = EXPR_LITERAL;
    literal->lit = *m;
    *out = literal;
    return true;
}

/* Limits that could never be met, as Argo's validation has them. */
static bool check_limits(struct load *l, const struct analysis_spec *s)
{
    if (s->count > 1 && s->every_ms == 0)
        return err_set(l->e, ERR_INPUT,
                       STR_FMT ": count=%" PRId32 " needs every=",
                       STR_ARG(l->what), s->count);
    if (s->count > 0 && s->failures > s->count)
        return err_set(l->e, ERR_INPUT,
                       STR_FMT ": failures=%" PRId32 " can't be reached by "
                       "count=%" PRId32,
                       STR_ARG(l->what), s->failures, s->count);
    if (s->count > 0 && s->inconclusive > s->count)
        return err_set(l->e, ERR_INPUT,
                       STR_FMT ": inconclusive=%" PRId32 " can't be reached by "
                       "count=%" PRId32,
                       STR_ARG(l->what), s->inconclusive, s->count);
    if (s->count > 0 && s->successes > s->count)
        return err_set(l->e, ERR_INPUT,
                       STR_FMT ": successes=%" PRId32 " can't be reached by "
                       "count=%" PRId32,
                       STR_ARG(l->what), s->successes, s->count);
    return true;
}

static bool load_settings(struct load *l, const struct value *v,
                          struct analysis_spec *s)
{
    const struct value *samples = load_member(v, "samples");
    int32_t samples_min = 0;

    s->timeout_ms = ANALYSIS_TIMEOUT_MS;
    s->errors = ANALYSIS_ERRORS_DEFAULT;
    s->consecutive_failures = LIMIT_OFF;
    s->on_inconclusive = REMEDY_HOLD;
    if (!load_limit(l, v, "consecutive-failures", &s->consecutive_failures))
        return false;
    /* A limit in a row means nothing beside the one that allows none. */
    s->failures = s->consecutive_failures == LIMIT_OFF ? 0 : LIMIT_OFF;
    if (samples && !load_count(l, samples, "min", &samples_min))
        return false;
    s->samples_min = samples_min;
    return load_ms(l, v, "every", &s->every_ms) &&
           load_ms(l, v, "initial-delay", &s->initial_delay_ms) &&
           load_ms(l, v, "within", &s->within_ms) &&
           load_ms(l, v, "timeout", &s->timeout_ms) &&
           load_count(l, v, "count", &s->count) &&
           load_limit(l, v, "failures", &s->failures) &&
           load_limit(l, v, "errors", &s->errors) &&
           load_limit(l, v, "inconclusive", &s->inconclusive) &&
           load_count(l, v, "successes", &s->successes) &&
           load_bool(l, v, "dry-run", &s->dry_run) &&
           load_bool(l, v, "once", &s->in_step) && load_no_data(l, v, s) &&
           load_remedies(l, v, s) && check_limits(l, s);
}

static bool load_analysis(struct load *l, const struct value *v,
                          struct rollout_analysis *out)
{
    out->config = v;
    out->spec.name = value_get_str(v, "name", STR("analysis"));
    l->what = arena_printf(l->a, "analysis '" STR_FMT "'",
                           STR_ARG(out->spec.name));
    if (!load_settings(l, v, &out->spec) || !load_compare(l, v, out) ||
        !load_condition(l, v, "pass", &out->pass) ||
        !load_condition(l, v, "fail", &out->fail))
        return false;
    if (out->spec.timeout_ms == 0)
        out->spec.timeout_ms = ANALYSIS_TIMEOUT_MS;
    for (const struct rollout_analysis *x = l->out->analyses; x < out; x++)
        if (str_eq(x->spec.name, out->spec.name))
            return err_set(l->e, ERR_INPUT, "two analyses are named '" STR_FMT
                           "'", STR_ARG(out->spec.name));
    return true;
}

bool load_analyses(struct load *l, const struct value *v)
{
    const struct value *list = load_member(v, "analyze");

    if (!list)
        return true;
    if (list->kind != VALUE_LIST)
        return load_wrong(l, "analyze", "a list", list);
    if (list->list.n > ROLLOUT_ANALYSES_MAX)
        return err_set(l->e, ERR_INPUT, "%zu analyses, at most %d are possible",
                       list->list.n, ROLLOUT_ANALYSES_MAX);
    l->out->analyses =
        arena_array(l->a, struct rollout_analysis, ROLLOUT_ANALYSES_MAX);
    for (size_t i = 0; i < list->list.n; i++, l->out->n_analyses++)
        if (!load_analysis(l, &list->list.items[i], &l->out->analyses[i]))
            return false;
    return true;
}
