#include "runtime/rollout/judging.h"

#include <inttypes.h>
#include <math.h>

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

/* A condition that asks for this very case has chosen what it means. */
static bool asks(const struct expr *x, struct str function)
{
    if (!x)
        return false;
    if (x->kind == EXPR_CALL && str_eq(x->name, function))
        return true;
    for (size_t i = 0; i < x->n; i++)
        if (asks(&x->kids[i], function))
            return true;
    return false;
}

static bool foreseen(const struct judging *j)
{
    const struct value *v = &j->m->result;
    const struct expr *conditions[] = {j->x->pass, j->x->fail};

    for (size_t i = 0; i < 2; i++) {
        const struct expr *x = conditions[i];

        if (v->kind == VALUE_NONE
                ? asks(x, STR("isNil")) || asks(x, STR("default"))
                : asks(x, is_nan(v) || v->list.n ? STR("isNaN") : STR("len")))
            return true;
    }
    return false;
}

static bool has_nothing(const struct judging *j)
{
    enum compare_kind compare = j->x->spec.compare;

    if (compare == COMPARE_JUDGE)
        return false; /* it has its own rules for NaN and missing points */
    return (nothing_in(&j->m->result) && !foreseen(j)) ||
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

static struct str shown(struct judging *j)
{
    return value_show(j->a, &j->m->result);
}

static void say_condition(struct judging *j, const char *how,
                          const struct expr *x)
{
    if (j->why)
        judging_say(j, arena_printf(j->a, STR_FMT ", %s " STR_FMT,
                                    STR_ARG(shown(j)), how,
                                    STR_ARG(expr_show(j->a, x))));
}

static enum verdict by_conditions(struct judging *j)
{
    enum condition pass = evaluate(j, j->x->pass);
    enum condition fail = evaluate(j, j->x->fail);
    enum verdict v = verdict_of(pass, fail);

    if (v == VERDICT_ERROR && j->why)
        judging_say(j, arena_dup(j->a, str_of(j->err.msg)));
    else if (fail == CONDITION_TRUE)
        say_condition(j, "which is", j->x->fail);
    else if (pass == CONDITION_TRUE)
        say_condition(j, "which is", j->x->pass);
    else if (v == VERDICT_FAILED)
        say_condition(j, "which is not", j->x->pass);
    else if (v == VERDICT_INCONCLUSIVE)
        say_condition(j, "neither good nor bad: not", j->x->pass);
    else if (j->why)
        judging_say(j, shown(j));
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
        judging_say(j, STR("a comparison of rates needs rates from 0 to 1 and "
                           "how many requests they are of, or lists [bad, "
                           "all]"));
        return VERDICT_ERROR;
    }
    if (j->why)
        judging_say(j, arena_printf(j->a,
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
        judging_say(j, STR("no data"));
    else if (!nothing_in(v))
        judging_say(j, STR("no data of stable to compare with"));
    else if (j->why)
        judging_say(j, arena_printf(j->a, STR_FMT ", which is no data",
                            STR_ARG(shown(j))));
}

/* ---- all together -------------------------------------------------------- */

static enum verdict judge(struct judging *j, struct measurement_past *past,
                          struct sequential_counts *counts)
{
    enum compare_kind compare = j->x->spec.compare;
    enum verdict v = VERDICT_PASSED;

    if (j->m->error.n) {
        judging_say(j, j->m->error);
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
        return judging_compare(j, past);
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
