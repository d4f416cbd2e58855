#ifndef RUNTIME_ROLLOUT_JUDGE_H
#define RUNTIME_ROLLOUT_JUDGE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* Is the canary's series different from the stable version's? The judge of
 * Kayenta (NetflixACAJudge): NaN, outliers, Mann-Whitney's confidence interval
 * of the shift between the two, effect size, class; and the score over many
 * metrics. Or by the means alone (MeanInequalityClassifier). Pure; arrays are
 * borrowed, scratch memory comes from an arena. */

enum { JUDGE_POINTS_MAX = 5000 }; /* a side; the latest are kept */

enum judge_direction { JUDGE_EITHER, JUDGE_INCREASE, JUDGE_DECREASE };
enum judge_nan { JUDGE_NAN_REMOVE, JUDGE_NAN_ZERO };
enum judge_effect { JUDGE_MEAN_RATIO, JUDGE_CLES };
enum judge_method { JUDGE_MANN_WHITNEY, JUDGE_MEAN_INEQUALITY };
enum judge_outliers {
    JUDGE_OUTLIERS_KEEP,
    JUDGE_OUTLIERS_WIDE,   /* outliers_iqr(), wide */
    JUDGE_OUTLIERS_IQR,    /* outliers_iqr() */
    JUDGE_OUTLIERS_KSIGMA, /* outliers_ksigma() */
};

enum judge_class {
    JUDGE_PASS,
    JUDGE_HIGH,
    JUDGE_LOW,
    JUDGE_NODATA,
    JUDGE_NODATA_FAIL, /* no data, and the metric must have some */
    JUDGE_ERROR,       /* the statistic does not exist */
};

struct judge_config {
    enum judge_method method;
    enum judge_direction direction; /* the bad one */
    enum judge_nan nan;
    enum judge_outliers outliers;
    double outlier_factor; /* of the interquartile range, or of the standard
                              deviation */
    double confidence;     /* of the interval: 0.98 */
    double tolerance;      /* of the estimate, that is no difference: 0.25 */
    enum judge_effect effect;
    double allowed_increase, allowed_decrease;   /* of the effect: no harm */
    double critical_increase, critical_decrease; /* beyond it: critical */
    bool critical, must_have_data;
};

/* The defaults above; 1.0 for effects of MEAN_RATIO, 0.5 for CLES. */
struct judge_config judge_defaults(enum judge_effect effect);

struct judge_series {
    const double *v; /* may hold NaN */
    size_t n;
};

struct judge_interval {
    double low, high; /* of the shift canary - stable */
    double estimate;  /* Hodges-Lehmann */
};

struct judge_result {
    enum judge_class class;
    bool critical; /* the difference is a critical one */
    struct judge_interval interval; /* NaN where no test was made; of
                                       MEAN_INEQUALITY the estimate alone */
    double effect;                  /* NaN where it does not exist */
    size_t stable_n, canary_n;      /* after cleaning */
};

/* The whole of it. */
struct judge_result judge_compare(struct arena *a, struct judge_series stable,
                                  struct judge_series canary,
                                  const struct judge_config *c);
const char *judge_class_name(enum judge_class c);

/* ---- its parts -------------------------------------------------------- */

/* Mann-Whitney's interval as R's wilcox.test(canary, stable, conf.int=TRUE,
 * exact=FALSE) computes it. False where it does not exist: a side is empty,
 * or all values are the same. */
bool mann_whitney(struct arena *a, struct judge_series stable,
                  struct judge_series canary, double confidence,
                  struct judge_interval *out);
/* The standardised statistic of x - mu against y, less quantile z: what the
 * interval is a root of. */
double mann_whitney_diff(struct arena *a, double mu, double z,
                         struct judge_series x, struct judge_series y);
/* The quantile of the standard normal distribution; p in (0, 1). */
double normal_quantile(double p);
/* R's type 7; p in percent. NaN where there is no value. */
double percentile_r7(struct arena *a, struct judge_series x, double p);
/* x without NaN, or with 0 in its place. */
struct judge_series nan_cleaned(struct arena *a, struct judge_series x,
                                enum judge_nan how);
/* x without the values further from the quartiles than factor times their
 * distance; wide: and beyond the 1st or 99th percentile. */
struct judge_series outliers_iqr(struct arena *a, struct judge_series x,
                                 double factor, bool wide);
/* x without the values further from the mean than k standard deviations (of
 * the population). */
struct judge_series outliers_ksigma(struct arena *a, struct judge_series x,
                                    double k);
/* NaN where there is no value. */
double series_mean(struct judge_series x);
/* mean(canary) / mean(stable); NaN where either mean is 0 or has no value. */
double mean_ratio(struct judge_series stable, struct judge_series canary);
/* P(canary > stable) + P(equal) / 2, over all pairs. */
double cles(struct arena *a, struct judge_series stable,
            struct judge_series canary);

/* ---- many metrics ------------------------------------------------------ */

struct judge_metric {
    enum judge_class class;
    const struct str *groups;
    size_t n_groups;
    bool critical, muted;
};

struct judge_group {
    struct str name;
    double weight; /* of 100 */
};

/* 0 to 100, two decimals: the share of metrics that pass in each group (no
 * data left out), by the groups' weights; groups without one share what is
 * left. 0 where a critical metric does not pass, or half have no data. */
double judge_score(struct arena *a, const struct judge_metric *m, size_t n,
                   const struct judge_group *weights, size_t n_weights);

enum judge_verdict { JUDGE_SCORE_PASS, JUDGE_SCORE_MARGINAL, JUDGE_SCORE_FAIL };
/* At least pass, at least marginal, or less. */
enum judge_verdict judge_verdict(double score, double pass, double marginal);

#endif
