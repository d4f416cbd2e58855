#include "runtime/rollout/judge.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/judge_tables.h"

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

static struct judge_series without_outliers(struct arena *a, const json_t *c)
{
    struct judge_series x = series(a, json_object_get(c, "data"));
    const json_t *config = json_object_get(c, "config");

    if (strcmp(text(c, "op"), "removeNaNs") == 0)
        return nan_cleaned(a, x, JUDGE_NAN_REMOVE);
    if (strcmp(text(c, "op"), "replaceNaNs") == 0)
        return nan_cleaned(a, x, JUDGE_NAN_ZERO);
    if (strcmp(text(c, "detector"), "KSigmaDetector") == 0)
        return outliers_ksigma(a, x, number(config, "k", 3));
    return outliers_iqr(a, x, number(config, "factor", 1.5),
                        json_is_true(json_object_get(config,
                                                     "reduceSensitivity")));
}

/* Of a table's `detect`: what is no outlier. */
static struct judge_series not_marked(struct arena *a, const json_t *c)
{
    struct judge_series x = series(a, json_object_get(c, "data"));
    const json_t *marks = json_object_get(c, "expect");
    double *kept = arena_array(a, double, x.n + 1);
    size_t n = 0;

    if (strcmp(text(c, "op"), "detect") != 0)
        return series(a, marks);
    for (size_t i = 0; i < x.n; i++)
        if (json_is_false(json_array_get(marks, i)))
            kept[n++] = x.v[i];
    return (struct judge_series){kept, n};
}

static void outliers_are_taken_out(void **state)
{
    static const double v[] = {1, 2, 3, 2, 1, 2, 900, 2, 3, 1};
    static const double tail[] = {1, 2, 3, 4, 100};
    struct arena a = {0};

    (void)state;
    assert_int_equal(outliers_iqr(&a, (struct judge_series){v, 10}, 3, true).n,
                     9);
    assert_int_equal(outliers_ksigma(&a, (struct judge_series){v, 10}, 2).n, 9);
    assert_int_equal(outliers_ksigma(&a, (struct judge_series){v, 10}, 3).n,
                     10);
    assert_int_equal(outliers_ksigma(&a, (struct judge_series){v, 0}, 3).n, 0);
    assert_int_equal(outliers_iqr(&a, (struct judge_series){tail, 5}, 1.5,
                                  false).n, 4);
    EACH("kayenta_detector_transform") {
        struct judge_series got = without_outliers(&a, c);
        struct judge_series want = not_marked(&a, c);

        if (got.n != want.n ||
            memcmp(got.v, want.v, want.n * sizeof *want.v) != 0)
            fail_msg("%s: %zu are left", text(c, "source"), got.n);
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

        double want = number(c, "expect", NAN);

        assert_true(isnan(want) ? isnan(got) : fabs(got - want) <= 1e-9);
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

static void metrics_are_classified_as_kayenta_does(void **state)
{
    struct arena a = {0};

    (void)state;
    EACH("kayenta_classifier") {
        struct judge_config config = config_of(c);
        const json_t *e = json_object_get(c, "expect");
        struct judge_result r;

        if (strcmp(text(c, "classifier"), "MeanInequalityClassifier") == 0)
            config.method = JUDGE_MEAN_INEQUALITY;
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

static void means_alone_are_compared_where_that_is_asked_for(void **state)
{
    static const double a_bit[] = {1, 2, 3, 4, 5.01}, even[] = {1, 2, 3, 4, 5};
    struct judge_config config = judge_defaults(JUDGE_MEAN_RATIO);
    struct judge_series s = {even, 5}, x = {a_bit, 5};
    struct arena a = {0};

    (void)state;
    assert_int_equal(judge_compare(&a, s, x, &config).class, JUDGE_PASS);
    config.method = JUDGE_MEAN_INEQUALITY;
    assert_int_equal(judge_compare(&a, s, x, &config).class, JUDGE_HIGH);
    assert_int_equal(judge_compare(&a, x, s, &config).class, JUDGE_LOW);
    assert_int_equal(judge_compare(&a, s, s, &config).class, JUDGE_PASS);
    config.critical = true;
    assert_true(judge_compare(&a, s, x, &config).critical);
    config.direction = JUDGE_DECREASE;
    assert_int_equal(judge_compare(&a, s, x, &config).class, JUDGE_PASS);
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
        cmocka_unit_test(means_alone_are_compared_where_that_is_asked_for),
        cmocka_unit_test(nan_is_no_data_and_never_a_pass),
        cmocka_unit_test(quantiles_are_those_of_the_normal_distribution),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
