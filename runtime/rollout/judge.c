#include "runtime/rollout/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct judge_config judge_defaults(enum judge_effect effect)
{
    double none = effect == JUDGE_CLES ? 0.5 : 1.0;

    return (struct judge_config){
        .outlier_factor = 3.0,
        .confidence = 0.98,
        .tolerance = 0.25,
        .effect = effect,
        .allowed_increase = none,
        .allowed_decrease = none,
        .critical_increase = none,
        .critical_decrease = none,
    };
}

const char *judge_class_name(enum judge_class c)
{
    static const char *const names[] = {
        [JUDGE_PASS] = "pass",
        [JUDGE_HIGH] = "high",
        [JUDGE_LOW] = "low",
        [JUDGE_NODATA] = "no data",
        [JUDGE_NODATA_FAIL] = "no data, which it has to have",
        [JUDGE_ERROR] = "error",
    };

    return names[c];
}

double mean_ratio(struct judge_series stable, struct judge_series canary)
{
    double s = series_mean(stable), c = series_mean(canary);

    return s == 0 || c == 0 ? NAN : c / s;
}

static struct judge_series clean(struct arena *a, struct judge_series x,
                                 const struct judge_config *c)
{
    if (x.n > JUDGE_POINTS_MAX) {
        x.v += x.n - JUDGE_POINTS_MAX;
        x.n = JUDGE_POINTS_MAX;
    }
    x = nan_cleaned(a, x, c->nan);
    switch (c->outliers) {
    case JUDGE_OUTLIERS_KEEP:
        break;
    case JUDGE_OUTLIERS_WIDE:
    case JUDGE_OUTLIERS_IQR:
        return outliers_iqr(a, x, c->outlier_factor,
                            c->outliers == JUDGE_OUTLIERS_WIDE);
    case JUDGE_OUTLIERS_KSIGMA:
        return outliers_ksigma(a, x, c->outlier_factor);
    }
    return x;
}

static bool constant(struct judge_series x)
{
    for (size_t i = 1; i < x.n; i++)
        if (x.v[i] != x.v[0])
            return false;
    return true;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static bool same_values(struct arena *a, struct judge_series x,
                        struct judge_series y)
{
    double *v = arena_array(a, double, x.n + 1);
    double *w = arena_array(a, double, x.n + 1);

    if (x.n != y.n)
        return false;
    memcpy(v, x.v, x.n * sizeof *v);
    memcpy(w, y.v, x.n * sizeof *w);
    qsort(v, x.n, sizeof *v, by_value);
    qsort(w, x.n, sizeof *w, by_value);
    for (size_t i = 0; i < x.n; i++)
        if (v[i] != w[i])
            return false;
    return true;
}

static enum judge_class no_data(const struct judge_config *c)
{
    if (c->nan == JUDGE_NAN_ZERO)
        return JUDGE_PASS;
    return c->must_have_data && !c->critical ? JUDGE_NODATA_FAIL
                                             : JUDGE_NODATA;
}

static enum judge_class classify(const struct judge_config *c,
                                 const struct judge_interval *i, double effect,
                                 double increase, double decrease)
{
    double none = c->tolerance * fabs(i->estimate);

    if (c->direction != JUDGE_DECREASE && i->low > none &&
        (isnan(effect) || effect >= increase))
        return JUDGE_HIGH;
    if (c->direction != JUDGE_INCREASE && i->high < -none &&
        (isnan(effect) || effect <= decrease))
        return JUDGE_LOW;
    return JUDGE_PASS;
}

/* Two constants that differ: the shift is known, there is nothing to test. */
static bool interval_of(struct arena *a, struct judge_series stable,
                        struct judge_series canary, double confidence,
                        struct judge_interval *out)
{
    if (constant(stable) && constant(canary)) {
        out->low = out->high = out->estimate = canary.v[0] - stable.v[0];
        return true;
    }
    return mann_whitney(a, stable, canary, confidence, out);
}

/* How large the difference is makes no difference to this one. */
static void by_means(struct judge_series stable, struct judge_series canary,
                     const struct judge_config *c, struct judge_result *r)
{
    double s = series_mean(stable), x = series_mean(canary);

    r->interval.estimate = x - s;
    if (c->direction != JUDGE_DECREASE && x > s)
        r->class = JUDGE_HIGH;
    else if (c->direction != JUDGE_INCREASE && x < s)
        r->class = JUDGE_LOW;
    r->critical = c->critical && r->class != JUDGE_PASS;
}

static void by_ranks(struct arena *a, struct judge_series stable,
                     struct judge_series canary, const struct judge_config *c,
                     struct judge_result *r)
{
    if (!interval_of(a, stable, canary, c->confidence, &r->interval)) {
        r->class = JUDGE_ERROR;
        return;
    }
    r->class = classify(c, &r->interval, r->effect, c->allowed_increase,
                        c->allowed_decrease);
    r->critical = c->critical && r->class != JUDGE_PASS &&
                  classify(c, &r->interval, r->effect, c->critical_increase,
                           c->critical_decrease) != JUDGE_PASS;
}

struct judge_result judge_compare(struct arena *a, struct judge_series stable,
                                  struct judge_series canary,
                                  const struct judge_config *c)
{
    struct judge_result r = {.interval = {NAN, NAN, NAN},
                             .effect = c->effect == JUDGE_CLES ? 0.5 : 1};

    stable = clean(a, stable, c);
    canary = clean(a, canary, c);
    r.stable_n = stable.n;
    r.canary_n = canary.n;
    if (stable.n == 0 || canary.n == 0) {
        r.class = no_data(c);
        r.critical = c->critical && r.class != JUDGE_PASS;
        return r;
    }
    if (same_values(a, stable, canary) ||
        (constant(stable) && constant(canary) && stable.v[0] == canary.v[0]))
        return r;

    r.effect = c->effect == JUDGE_CLES ? cles(a, stable, canary)
                                       : mean_ratio(stable, canary);
    if (c->method == JUDGE_MEAN_INEQUALITY)
        by_means(stable, canary, c, &r);
    else
        by_ranks(a, stable, canary, c, &r);
    return r;
}
