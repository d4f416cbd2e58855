#include "runtime/rollout/judging.h"

#include "base/die.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void measurement_past_free(struct measurement_past *past)
{
    free(past->stable);
    free(past->canary);
    *past = (struct measurement_past){0};
}

void judging_say(struct judging *j, struct str why)
{
    if (j->why)
        *j->why = why;
}

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
        judging_say(j, arena_printf(j->a, STR_FMT "; score %g",
                                    STR_ARG(*j->why), score));
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

    if (isnan(r->interval.low) && !isnan(r->interval.estimate))
        shift = arena_printf(j->a, "shift of the mean %.4g, ",
                             r->interval.estimate);
    else if (!isnan(r->interval.estimate))
        shift = arena_printf(j->a, "shift %.4g (%.4g to %.4g), ",
                             r->interval.estimate, r->interval.low,
                             r->interval.high);
    judging_say(j, arena_printf(j->a,
                        "%s against stable: " STR_FMT "effect %.4g, of %zu and "
                        "%zu points",
                        judge_class_name(r->class), STR_ARG(shift), r->effect,
                        r->canary_n, r->stable_n));
}

enum verdict judging_compare(struct judging *j, struct measurement_past *all)
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

/* The weights that the judged groups were given, each group once. */
struct weights {
    struct judge_group items[ROLLOUT_ANALYSES_MAX * ROLLOUT_GROUPS_MAX];
    size_t n;
    double sum;
    bool some_without;
};

static void add_weight(struct weights *w, const struct rollout_spec *p,
                       struct str group, double weight)
{
    for (size_t i = 0; i < w->n; i++)
        if (str_eq(w->items[i].name, group))
            return;
    for (size_t i = 0; i < p->n_score_weights && weight < 0; i++)
        if (str_eq(p->score_weights[i].name, group))
            weight = p->score_weights[i].weight;
    if (weight < 0) {
        w->some_without = true;
        return;
    }
    w->items[w->n++] = (struct judge_group){group, weight};
    w->sum += weight;
}

double measurement_score(const struct rollout_spec *p,
                         const struct measurement_past *past)
{
    struct arena a = {0};
    struct judge_metric m[ROLLOUT_ANALYSES_MAX];
    struct weights w = {.n = 0};
    size_t n = 0;
    double score = -1;

    for (uint32_t i = 0; i < p->n_analyses; i++) {
        const struct rollout_analysis *x = &p->analyses[i];

        if (!past[i].judged)
            continue;
        m[n++] = (struct judge_metric){.class = past[i].latest.class,
                                       .groups = x->groups,
                                       .n_groups = x->n_groups,
                                       .critical = x->judge.critical,
                                       .muted = x->spec.dry_run};
        for (size_t j = 0; j < x->n_groups; j++)
            add_weight(&w, p, x->groups[j], x->group_weight);
    }
    if (n > 0)
        score = judge_score(&a, m, n, w.items, w.n);
    if (!w.some_without && w.sum > 0 && w.sum < 100)
        score *= 100 / w.sum; /* the rest is not judged yet */
    arena_free(&a);
    return score;
}
