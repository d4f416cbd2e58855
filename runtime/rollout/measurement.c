#include "runtime/rollout/measurement.h"

#include "base/die.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What one measurement is judged with. */
struct judging {
    struct arena *a;
    const struct rollout_spec *p;
    const struct rollout_analysis *x;
    const struct measurement *m;
    const struct expr_env *outer;
    struct str *why; /* NULL: nobody reads it */
    struct err err;  /* of a broken condition */
};

void measurement_past_free(struct measurement_past *past)
{
    free(past->stable);
    free(past->canary);
    *past = (struct measurement_past){0};
}

/* ---- is there anything? -------------------------------------------------- */

static bool is_nan(const struct value *v)
{
    return v->kind == VALUE_FLOAT && isnan(v->d);
}

static bool nothing_in(const struct value *v)
{
    if (v->kind == VALUE_NONE || is_nan(v))
        return true;
    if (v->kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < v->list.n; i++)
        if (nothing_in(&v->list.items[i]))
            return true;
    return v->list.n == 0;
}

static bool has_nothing(const struct judging *j)
{
    enum compare_kind compare = j->x->spec.compare;

    if (compare == COMPARE_JUDGE)
        return false; /* it has its own rules for NaN and missing points */
    return nothing_in(&j->m->result) ||
           (compare == COMPARE_SEQUENTIAL && nothing_in(&j->m->stable));
}

/* ---- conditions ---------------------------------------------------------- */

static bool lookup(void *ctx, const struct expr *name, struct value *out,
                   struct err *e)
{
    const struct judging *j = ctx;

    if (name->kind == EXPR_VAR && str_eq(name->name, STR("result"))) {
        *out = j->m->result;
        return true;
    }
    if (name->kind == EXPR_VAR && str_eq(name->name, STR("stable"))) {
        *out = j->m->stable;
        return true;
    }
    if (j->outer && j->outer->lookup)
        return j->outer->lookup(j->outer->ctx, name, out, e);
    return err_set(e, ERR_INPUT, "'" STR_FMT "' is not known to a condition",
                   STR_ARG(name->name));
}

static enum condition evaluate(struct judging *j, const struct expr *x)
{
    struct expr_env env = {.lookup = lookup, .ctx = j};
    struct value v;

    if (!x)
        return CONDITION_ABSENT;
    if (!expr_eval(j->a, x, &env, &v, &j->err))
        return CONDITION_BROKEN;
    if (v.kind != VALUE_BOOL) {
        err_set(&j->err, ERR_INPUT, "a condition has to be true or false");
        return CONDITION_BROKEN;
    }
    return v.b ? CONDITION_TRUE : CONDITION_FALSE;
}

static void say(struct judging *j, struct str why)
{
    if (j->why)
        *j->why = why;
}

static struct str shown(struct judging *j)
{
    return value_show(j->a, &j->m->result);
}

static void say_condition(struct judging *j, const char *how,
                          const struct expr *x)
{
    if (j->why)
        say(j, arena_printf(j->a, STR_FMT ", %s " STR_FMT, STR_ARG(shown(j)),
                            how, STR_ARG(expr_show(j->a, x))));
}

static enum verdict by_conditions(struct judging *j)
{
    enum condition pass = evaluate(j, j->x->pass);
    enum condition fail = evaluate(j, j->x->fail);
    enum verdict v = verdict_of(pass, fail);

    if (v == VERDICT_ERROR && j->why)
        say(j, arena_dup(j->a, str_of(j->err.msg)));
    else if (fail == CONDITION_TRUE)
        say_condition(j, "which is", j->x->fail);
    else if (pass == CONDITION_TRUE)
        say_condition(j, "which is", j->x->pass);
    else if (v == VERDICT_FAILED)
        say_condition(j, "which is not", j->x->pass);
    else if (v == VERDICT_INCONCLUSIVE)
        say_condition(j, "neither good nor bad: not", j->x->pass);
    else if (j->why)
        say(j, shown(j));
    return v;
}

/* ---- the judge ----------------------------------------------------------- */

static void add_point(double **v, size_t *n, double d)
{
    if (!*v)
        *v = malloc(JUDGE_POINTS_MAX * sizeof **v);
    if (!*v)
        die_oom();
    if (*n == JUDGE_POINTS_MAX) {
        memmove(*v, *v + 1, (JUDGE_POINTS_MAX - 1) * sizeof **v);
        --*n;
    }
    (*v)[(*n)++] = d;
}

static void add_points(double **v, size_t *n, const struct value *x)
{
    double d = NAN;

    if (x->kind == VALUE_LIST) {
        for (size_t i = 0; i < x->list.n; i++)
            add_points(v, n, &x->list.items[i]);
        return;
    }
    if (!value_number(x, &d))
        d = NAN;
    add_point(v, n, d);
}

static enum verdict by_class(const struct judge_result *r)
{
    switch (r->class) {
    case JUDGE_PASS:
        return VERDICT_PASSED;
    case JUDGE_HIGH:
    case JUDGE_LOW:
    case JUDGE_NODATA_FAIL:
        return VERDICT_FAILED;
    case JUDGE_NODATA:
        return VERDICT_NO_DATA;
    case JUDGE_ERROR:
        break;
    }
    return VERDICT_ERROR;
}

/* One of those that are measured beside x has not been yet, or half of all had
 * no data: no score to go by. */
static bool score_waits(const struct rollout_spec *p,
                        const struct rollout_analysis *x,
                        const struct measurement_past *past)
{
    uint32_t judged = 0, none = 0;

    for (uint32_t i = 0; i < p->n_analyses; i++) {
        const struct analysis_spec *s = &p->analyses[i].spec;

        if (!past[i].judged && s->compare == COMPARE_JUDGE && !s->in_step &&
            !s->dry_run && s->from <= x->spec.from)
            return true;
        judged += past[i].judged;
        none += past[i].judged && past[i].latest.class == JUDGE_NODATA;
    }
    return 2 * none >= judged;
}

/* Of all that is judged, where the rollout goes by the score. */
static enum verdict by_score(struct judging *j,
                             const struct measurement_past *past)
{
    const struct rollout_spec *p = j->p;
    double score = measurement_score(p, past);

    if (score_waits(p, j->x, past))
        return VERDICT_NO_DATA;
    if (j->why)
        say(j, arena_printf(j->a, STR_FMT "; score %g", STR_ARG(*j->why),
                            score));
    switch (judge_verdict(score, p->score_pass, p->score_marginal)) {
    case JUDGE_SCORE_PASS:
        return VERDICT_PASSED;
    case JUDGE_SCORE_MARGINAL:
        return VERDICT_INCONCLUSIVE;
    case JUDGE_SCORE_FAIL:
        break;
    }
    return VERDICT_FAILED;
}

static void say_judged(struct judging *j, const struct judge_result *r)
{
    struct str shift = STR("");

    if (!isnan(r->interval.estimate))
        shift = arena_printf(j->a, "shift %.4g (%.4g to %.4g), ",
                             r->interval.estimate, r->interval.low,
                             r->interval.high);
    say(j, arena_printf(j->a,
                        "%s against stable: " STR_FMT "effect %.4g, of %zu and "
                        "%zu points",
                        judge_class_name(r->class), STR_ARG(shift), r->effect,
                        r->canary_n, r->stable_n));
}

static enum verdict by_judge(struct judging *j, struct measurement_past *all)
{
    struct measurement_past *past = all ? &all[j->x - j->p->analyses] : NULL;

    struct judge_series stable, canary;
    struct judge_result r;
    enum verdict v;

    if (!past)
        BUG("a comparison without its past");
    add_points(&past->stable, &past->n_stable, &j->m->stable);
    add_points(&past->canary, &past->n_canary, &j->m->result);
    stable = (struct judge_series){past->stable, past->n_stable};
    canary = (struct judge_series){past->canary, past->n_canary};
    r = judge_compare(j->a, stable, canary, &j->x->judge);
    past->latest = r;
    past->judged = true;
    if (j->why)
        say_judged(j, &r);
    if (j->x->judge.nan == JUDGE_NAN_REMOVE && r.class == JUDGE_PASS &&
        (r.stable_n < JUDGE_POINTS_MIN || r.canary_n < JUDGE_POINTS_MIN))
        return VERDICT_NO_DATA;
    v = by_class(&r);
    if (j->p->score_pass >= 0 && (v == VERDICT_PASSED || v == VERDICT_FAILED))
        return by_score(j, all);
    return v;
}

/* ---- two proportions ----------------------------------------------------- */

/* Counts of a rate and its samples, or of a list [bad, all]. */
static bool counts_of(const struct rollout_analysis *x, const struct value *v,
                      int64_t samples, int64_t *n, int64_t *bad)
{
    double rate, all;

    if (v->kind == VALUE_LIST && v->list.n == 2 &&
        value_number(&v->list.items[0], &rate) &&
        value_number(&v->list.items[1], &all)) {
        samples = (int64_t)llround(all);
        rate = all > 0 ? rate / all : 0;
    } else if (!value_number(v, &rate)) {
        return false;
    }
    if (samples < 0 || !(rate >= 0 && rate <= 1))
        return false;
    if (x->counts_good)
        rate = 1 - rate;
    *n = samples;
    *bad = llround(rate * (double)samples);
    return true;
}

static enum verdict by_counts(struct judging *j, struct sequential_counts *c)
{
    if (!counts_of(j->x, &j->m->result, j->m->samples, &c->canary_n,
                   &c->canary_bad) ||
        !counts_of(j->x, &j->m->stable, j->m->stable_samples, &c->stable_n,
                   &c->stable_bad)) {
        say(j, STR("a comparison of rates needs rates from 0 to 1 and how "
                   "many requests they are of, or lists [bad, all]"));
        return VERDICT_ERROR;
    }
    if (j->why)
        say(j, arena_printf(j->a,
                            "%" PRId64 " of %" PRId64 " requests bad, %" PRId64
                            " of %" PRId64 " on stable",
                            c->canary_bad, c->canary_n, c->stable_bad,
                            c->stable_n));
    return VERDICT_PASSED;
}

static void say_nothing(struct judging *j)
{
    const struct value *v = &j->m->result;

    if (v->kind == VALUE_NONE)
        say(j, STR("no data"));
    else if (!nothing_in(v))
        say(j, STR("no data of stable to compare with"));
    else if (j->why)
        say(j, arena_printf(j->a, STR_FMT ", which is no data",
                            STR_ARG(shown(j))));
}

/* ---- all together -------------------------------------------------------- */

static enum verdict judge(struct judging *j, struct measurement_past *past,
                          struct sequential_counts *counts)
{
    enum compare_kind compare = j->x->spec.compare;
    enum verdict v = VERDICT_PASSED;

    if (j->m->error.n) {
        say(j, j->m->error);
        return VERDICT_ERROR;
    }
    if (has_nothing(j)) {
        say_nothing(j);
        return VERDICT_NO_DATA;
    }
    if (j->x->pass || j->x->fail || compare == COMPARE_NONE)
        v = by_conditions(j);
    if (v != VERDICT_PASSED)
        return v;
    if (compare == COMPARE_JUDGE)
        return by_judge(j, past);
    return compare == COMPARE_SEQUENTIAL ? by_counts(j, counts) : v;
}

void measurement_judge(struct arena *a, const struct rollout_spec *p,
                       uint32_t analysis, const struct measurement *m,
                       struct measurement_past *past,
                       const struct expr_env *outer, struct rollout_event *ev,
                       struct str *why)
{
    struct judging j = {.a = a, .p = p, .x = &p->analyses[analysis], .m = m,
                        .outer = outer, .why = why};

    ev->kind = ROLLOUT_MEASURED;
    ev->analysis = analysis;
    ev->samples = m->samples;
    ev->counts = (struct sequential_counts){0};
    ev->verdict = judge(&j, past, &ev->counts);
    if (why && ev->verdict != VERDICT_ERROR && m->samples >= 0 &&
        m->samples < j.x->spec.samples_min)
        *why = arena_printf(a, "%" PRId64 " samples, fewer than %" PRId64,
                            m->samples, j.x->spec.samples_min);
}

double measurement_score(const struct rollout_spec *p,
                         const struct measurement_past *past)
{
    struct arena a = {0};
    struct judge_metric m[ROLLOUT_ANALYSES_MAX];
    struct judge_group weights[ROLLOUT_ANALYSES_MAX];
    size_t n = 0, n_weights = 0, n_unweighted = 0;
    double score = -1, sum = 0;

    for (uint32_t i = 0; i < p->n_analyses; i++) {
        const struct rollout_analysis *x = &p->analyses[i];

        if (!past[i].judged)
            continue;
        m[n++] = (struct judge_metric){.class = past[i].latest.class,
                                       .groups = &x->group,
                                       .n_groups = 1,
                                       .critical = x->judge.critical,
                                       .muted = x->spec.dry_run};
        n_unweighted += x->group_weight < 0;
        if (x->group_weight < 0)
            continue;
        weights[n_weights++] = (struct judge_group){x->group, x->group_weight};
        sum += x->group_weight;
    }
    if (n > 0)
        score = judge_score(&a, m, n, weights, n_weights);
    if (!n_unweighted && sum > 0 && sum < 100) /* the rest is not judged yet */
        score *= 100 / sum;
    arena_free(&a);
    return score;
}
