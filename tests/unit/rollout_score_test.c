#include "runtime/rollout/judge.h"
#include "runtime/rollout/measurement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/judge_tables.h"

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

static double score_of(const char *json, struct measurement_past *past)
{
    struct arena a = {0};
    struct rollout_spec p;
    struct err e = {0};
    double score = -1;

    if (!rollout_spec_from_json(&a, str_of(json), &p, &e))
        fail_msg("%s", e.msg);
    score = measurement_score(&p, past);
    arena_free(&a);
    return score;
}

#define ROLLOUT(score, one, two, three)                                    \
    "{\"canary\":{\"steps\":[{\"is\":\"weight\",\"weight\":100}]},"         \
    score "\"analyze\":["                                                  \
    "{\"name\":\"a\",\"compare\":{" one "}},"                              \
    "{\"name\":\"b\",\"compare\":{" two "}},"                              \
    "{\"name\":\"c\",\"compare\":{" three "}}]}"

static void groups_have_the_weights_that_were_given(void **state)
{
    struct measurement_past past[3] = {
        {.judged = true, .latest.class = JUDGE_PASS},
        {.judged = true, .latest.class = JUDGE_HIGH},
        {.judged = true, .latest.class = JUDGE_LOW},
    };

    (void)state;
    assert_true(score_of(ROLLOUT("", "", "", ""), past) == 33.33);
    assert_true(score_of(ROLLOUT("", "\"group\":\"x\"", "\"group\":\"y\"", ""),
                         past) == 33.33);
    assert_true(score_of(ROLLOUT("", "\"group\":\"x\",\"weight\":80", "", ""),
                         past) == 80);
    assert_true(score_of(ROLLOUT("\"score\":{\"pass\":50,\"weights\":"
                                 "{\"x\":60,\"y\":40}},",
                                 "\"groups\":[\"x\",\"y\"]",
                                 "\"group\":\"y\"", "\"group\":\"y\""),
                         past) == 73.33);
    past[1].judged = past[2].judged = false;
    assert_true(score_of(ROLLOUT("", "\"group\":\"x\",\"weight\":80",
                                 "\"group\":\"y\",\"weight\":20",
                                 "\"group\":\"y\",\"weight\":20"), past) ==
                100);
}

static void weights_of_groups_are_read_strictly(void **state)
{
    static const char *const bad[] = {
        ROLLOUT("\"score\":{\"pass\":50,\"weights\":{\"x\":60,\"y\":41}},",
                "", "", ""),
        ROLLOUT("\"score\":{\"pass\":50,\"weights\":{\"x\":-1}},", "", "", ""),
        ROLLOUT("\"score\":{\"pass\":50,\"weights\":[1]},", "", "", ""),
        ROLLOUT("", "\"groups\":\"x\"", "", ""),
        ROLLOUT("", "\"groups\":[]", "", ""),
        ROLLOUT("", "\"groups\":[1]", "", ""),
    };
    struct rollout_spec p;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct arena a = {0};
        struct err e = {0};

        assert_false(rollout_spec_from_json(&a, str_of(bad[i]), &p, &e));
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_kayenta),
        cmocka_unit_test(a_critical_metric_makes_the_score_nothing),
        cmocka_unit_test(groups_have_the_weights_that_were_given),
        cmocka_unit_test(weights_of_groups_are_read_strictly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
