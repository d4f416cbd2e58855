#include "runtime/rollout/judge.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct judge_series series(struct arena *a, const json_t *list)
{
    double *v = arena_array(a, double, json_array_size(list) + 1);
    size_t i;
    json_t *x;

    json_array_foreach(list, i, x)
        v[i] = json_is_number(x) ? json_number_value(x) : NAN;
    return (struct judge_series){v, json_array_size(list)};
}

/* The cases of a table, NULL where the folder is not there. */
static json_t *cases(const char *name, json_t **file)
{
    char path[256];

    snprintf(path, sizeof path, "../shared/cases/rollout/%s.json", name);
    *file = json_load_file(path, 0, NULL);
    if (!*file) {
        snprintf(path, sizeof path, "../../shared/cases/rollout/%s.json", name);
        *file = json_load_file(path, 0, NULL);
    }
    return json_object_get(*file, "cases");
}

static double number(const json_t *o, const char *key, double dflt)
{
    const json_t *x = json_object_get(o, key);

    return json_is_number(x) ? json_number_value(x) : dflt;
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

#define EACH(name)                                                         \
    json_t *file, *list = cases(name, &file), *c;                          \
    size_t i;                                                              \
    json_array_foreach(list, i, c)

static void near(double got, const json_t *expect, const char *key)
{
    const json_t *e = json_object_get(expect, key);
    double want = number(e, "value", NAN), tol = number(e, "tolerance", 1e-6);

    if (!(fabs(got - want) <= tol))
        fail_msg("%s: %.17g, not %.17g", key, got, want);
}

static void intervals_are_those_of_r(void **state)
{
    static const double x[] = {10, 20, 30, 40}, y[] = {1, 2, 3, 4};
    struct arena a = {0};
    struct judge_interval v;

    (void)state;
    assert_true(mann_whitney(&a, (struct judge_series){y, 4},
                             (struct judge_series){x, 4}, 0.95, &v));
    assert_true(fabs(v.low - 6) < 1e-4 && fabs(v.high - 39) < 1e-4);
    EACH("kayenta_mannwhitney") {
        const json_t *e = json_object_get(c, "expect");

        assert_true(mann_whitney(
            &a, series(&a, json_object_get(c, "control")),
            series(&a, json_object_get(c, "experiment")),
            number(c, "confidenceLevel", 0.95), &v));
        near(v.low, e, "ci_low");
        near(v.high, e, "ci_high");
        near(v.estimate, e, "estimate");
    }
    json_decref(file);
    arena_free(&a);
}

static void the_statistic_is_that_of_r(void **state)
{
    struct arena a = {0};

    (void)state;
    EACH("kayenta_wilcoxon_diff") {
        double got = mann_whitney_diff(
            &a, number(c, "mu", 0), number(c, "quantile", 0),
            series(&a, json_object_get(c, "x")),
            series(&a, json_object_get(c, "y")));

        assert_true(fabs(got - number(c, "expect", NAN)) <=
                    number(c, "tolerance", 1e-6));
    }
    json_decref(file);
    arena_free(&a);
}

static void percentiles_are_type_7(void **state)
{
    static const double v[] = {3, 1, 2, 4};
    struct arena a = {0};

    (void)state;
    assert_true(percentile_r7(&a, (struct judge_series){v, 4}, 50) == 2.5);
    assert_true(percentile_r7(&a, (struct judge_series){v, 4}, 100) == 4);
    assert_true(isnan(percentile_r7(&a, (struct judge_series){v, 0}, 50)));
    EACH("kayenta_percentile_r7")
        assert_true(fabs(percentile_r7(&a,
                                       series(&a, json_object_get(c, "data")),
                                       number(c, "p", 0)) -
                         number(c, "expect", NAN)) <=
                    number(c, "tolerance", 1e-6));
    json_decref(file);
    arena_free(&a);
}

static void outliers_are_taken_out(void **state)
{
    static const double v[] = {1, 2, 3, 2, 1, 2, 900, 2, 3, 1};
    struct arena a = {0};

    (void)state;
    assert_int_equal(outliers_iqr(&a, (struct judge_series){v, 10}, 3).n, 9);
    EACH("kayenta_detector_transform") {
        struct judge_series got, want;

        if (strcmp(text(c, "op"), "removeOutliers") != 0 ||
            strcmp(text(c, "detector"), "IQRDetector") != 0)
            continue;
        got = outliers_iqr(&a, series(&a, json_object_get(c, "data")),
                           number(json_object_get(c, "config"), "factor", 3));
        want = series(&a, json_object_get(c, "expect"));
        assert_int_equal(got.n, want.n);
        assert_memory_equal(got.v, want.v, want.n * sizeof *want.v);
    }
    json_decref(file);
    arena_free(&a);
}

static void effects_have_their_sizes(void **state)
{
    struct arena a = {0};

    (void)state;
    EACH("kayenta_effect_size") {
        struct judge_series s = series(&a, json_object_get(c, "control"));
        struct judge_series x = series(&a, json_object_get(c, "experiment"));
        double got = strcmp(text(c, "measure"), "cles") == 0
                         ? cles(&a, s, x) : mean_ratio(s, x);

        assert_true(fabs(got - number(c, "expect", NAN)) <= 1e-9);
    }
    json_decref(file);
    arena_free(&a);
}

static struct judge_config config_of(const json_t *c)
{
    const json_t *j = json_object_get(c, "config");
    const json_t *t = json_object_get(j, "effectSizeThresholds");
    const json_t *k = json_object_get(j, "criticalThresholds");
    bool is_cles = strcmp(text(j, "effectSizeMeasure"), "cles") == 0;
    struct judge_config x =
        judge_defaults(is_cles ? JUDGE_CLES : JUDGE_MEAN_RATIO);
    const char *direction = text(c, "direction");

    x.tolerance = number(j, "tolerance", 0.25);
    x.confidence = number(j, "confLevel", 0.95);
    if (t) {
        x.allowed_decrease = json_number_value(json_array_get(t, 0));
        x.allowed_increase = json_number_value(json_array_get(t, 1));
    }
    if (k) {
        x.critical_decrease = json_number_value(json_array_get(k, 0));
        x.critical_increase = json_number_value(json_array_get(k, 1));
    }
    x.direction = strcmp(direction, "Increase") == 0   ? JUDGE_INCREASE
                  : strcmp(direction, "Decrease") == 0 ? JUDGE_DECREASE
                                                       : JUDGE_EITHER;
    x.nan = strcmp(text(c, "nanStrategy"), "Replace") == 0 ? JUDGE_NAN_ZERO
                                                           : JUDGE_NAN_REMOVE;
    x.critical = json_is_true(json_object_get(c, "critical"));
    x.must_have_data = json_is_true(json_object_get(c, "mustHaveData"));
    return x;
}

static enum judge_class class_named(const char *name)
{
    return strcmp(name, "High") == 0             ? JUDGE_HIGH
           : strcmp(name, "Low") == 0            ? JUDGE_LOW
           : strcmp(name, "Nodata") == 0         ? JUDGE_NODATA
           : strcmp(name, "NodataFailMetric") == 0 ? JUDGE_NODATA_FAIL
                                                   : JUDGE_PASS;
}

static void metrics_are_classified_as_kayenta_does(void **state)
{
    struct arena a = {0};

    (void)state;
    EACH("kayenta_classifier") {
        struct judge_config config = config_of(c);
        const json_t *e = json_object_get(c, "expect");
        struct judge_result r;

        if (strcmp(text(c, "classifier"), "MannWhitneyClassifier") != 0)
            continue;
        r = judge_compare(&a, series(&a, json_object_get(c, "control")),
                          series(&a, json_object_get(c, "experiment")),
                          &config);
        if (r.class != class_named(text(e, "classification")))
            fail_msg("%s: %s", text(c, "source"), judge_class_name(r.class));
        if (json_object_get(e, "critical"))
            assert_true(r.critical ==
                        json_is_true(json_object_get(e, "critical")));
    }
    json_decref(file);
    arena_free(&a);
}

static void a_worse_canary_is_seen_and_an_equal_one_is_not(void **state)
{
    struct judge_config config = judge_defaults(JUDGE_MEAN_RATIO);
    double stable[60], same[60], worse[60];
    struct arena a = {0};

    (void)state;
    for (int i = 0; i < 60; i++) {
        stable[i] = 100 + (i * 7 % 11);
        same[i] = 100 + (i * 5 % 11);
        worse[i] = 150 + (i * 5 % 11);
    }
    assert_int_equal(judge_compare(&a, (struct judge_series){stable, 60},
                                   (struct judge_series){same, 60}, &config)
                         .class,
                     JUDGE_PASS);
    assert_int_equal(judge_compare(&a, (struct judge_series){stable, 60},
                                   (struct judge_series){worse, 60}, &config)
                         .class,
                     JUDGE_HIGH);
    config.direction = JUDGE_DECREASE;
    assert_int_equal(judge_compare(&a, (struct judge_series){stable, 60},
                                   (struct judge_series){worse, 60}, &config)
                         .class,
                     JUDGE_PASS);
    arena_free(&a);
}

static void nan_is_no_data_and_never_a_pass(void **state)
{
    static const double nan_only[] = {NAN, NAN}, fine[] = {1, 2, 3};
    struct judge_config config = judge_defaults(JUDGE_MEAN_RATIO);
    struct arena a = {0};

    (void)state;
    assert_int_equal(judge_compare(&a, (struct judge_series){fine, 3},
                                   (struct judge_series){nan_only, 2}, &config)
                         .class,
                     JUDGE_NODATA);
    config.must_have_data = true;
    assert_int_equal(judge_compare(&a, (struct judge_series){fine, 3},
                                   (struct judge_series){nan_only, 2}, &config)
                         .class,
                     JUDGE_NODATA_FAIL);
    arena_free(&a);
}

static void scores_are_those_of_kayenta(void **state)
{
    struct arena a = {0};

    (void)state;
    EACH("kayenta_scorer") {
        const json_t *metrics = json_object_get(c, "metrics"), *x;
        json_t *weights = json_object_get(c, "groupWeights"), *w;
        struct judge_metric m[16];
        struct judge_group g[16];
        size_t n = json_array_size(metrics), k, n_weights = 0;
        const char *key;
        double want = number(json_object_get(c, "expect"), "summaryScore", -1);

        json_array_foreach(metrics, k, x) {
            const json_t *names = json_object_get(x, "groups");
            struct str *groups = arena_array(&a, struct str, 16);

            m[k] = (struct judge_metric){
                .class = class_named(text(x, "classification")),
                .groups = groups,
                .n_groups = json_array_size(names),
                .critical = json_is_true(json_object_get(x, "critical")),
                .muted = json_is_true(json_object_get(x, "muted"))};
            for (size_t j = 0; j < m[k].n_groups; j++)
                groups[j] =
                    str_of(json_string_value(json_array_get(names, j)));
        }
        json_object_foreach(weights, key, w)
            g[n_weights++] =
                (struct judge_group){str_of(key), json_number_value(w)};
        assert_true(fabs(judge_score(&a, m, n, g, n_weights) - want) < 0.005);
    }
    json_decref(file);
    arena_free(&a);
}

static void a_critical_metric_makes_the_score_nothing(void **state)
{
    struct str group = STR("g");
    struct judge_metric m[] = {
        {.class = JUDGE_PASS, .groups = &group, .n_groups = 1},
        {.class = JUDGE_HIGH, .groups = &group, .n_groups = 1},
    };
    struct arena a = {0};

    (void)state;
    assert_true(judge_score(&a, m, 2, NULL, 0) == 50);
    m[1].critical = true;
    assert_true(judge_score(&a, m, 2, NULL, 0) == 0);
    m[1].muted = true;
    assert_true(judge_score(&a, m, 2, NULL, 0) == 100);
    assert_int_equal(judge_verdict(75, 75, 50), JUDGE_SCORE_PASS);
    assert_int_equal(judge_verdict(50, 75, 50), JUDGE_SCORE_MARGINAL);
    assert_int_equal(judge_verdict(49.9, 75, 50), JUDGE_SCORE_FAIL);
    arena_free(&a);
}

static void quantiles_are_those_of_the_normal_distribution(void **state)
{
    (void)state;
    assert_true(fabs(normal_quantile(0.975) - 1.959963984540054) < 1e-14);
    assert_true(fabs(normal_quantile(0.01) + 2.3263478740408408) < 1e-14);
    assert_true(fabs(normal_quantile(1e-20) + 9.262340089798408) < 1e-12);
    assert_true(normal_quantile(0.5) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_r),
        cmocka_unit_test(the_statistic_is_that_of_r),
        cmocka_unit_test(percentiles_are_type_7),
        cmocka_unit_test(outliers_are_taken_out),
        cmocka_unit_test(effects_have_their_sizes),
        cmocka_unit_test(metrics_are_classified_as_kayenta_does),
        cmocka_unit_test(a_worse_canary_is_seen_and_an_equal_one_is_not),
        cmocka_unit_test(nan_is_no_data_and_never_a_pass),
        cmocka_unit_test(scores_are_those_of_kayenta),
        cmocka_unit_test(a_critical_metric_makes_the_score_nothing),
        cmocka_unit_test(quantiles_are_those_of_the_normal_distribution),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
