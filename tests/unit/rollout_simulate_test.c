#include "runtime/rollout/simulate.h"

#include "base/clock.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PASS_099                                                              \
    "\"pass\":{\"$expr\":[\"binary\",\">=\",[\"var\",\"result\"],"            \
    "[\"lit\",0.99]]}"

static const char canary[] =
    "{\"canary\":{\"steps\":[{\"is\":\"weight\",\"weight\":10,\"hold\":300000},"
    "{\"is\":\"weight\",\"weight\":50,\"hold\":300000},"
    "{\"is\":\"weight\",\"weight\":100}]},"
    "\"analyze\":[{\"name\":\"success-rate\",\"every\":60000,\"failures\":2,"
    PASS_099 "}]}";

static struct simulate_input input(struct arena *a, struct rollout_spec *spec,
                                   const char *json)
{
    struct err e = {0};

    if (!rollout_spec_from_json(a, str_of(json), spec, &e))
        fail_msg("%s", e.msg);
    return (struct simulate_input){.spec = spec,
                                   .model = simulate_model_default(),
                                   .seed = 1};
}

static struct simulate_outcome run(struct arena *a, struct simulate_input in,
                                   const char *series,
                                   struct simulate_notes *notes)
{
    struct simulate_outcome out;
    struct simulate_set set;
    struct err e = {0};

    if (series && !simulate_series_json(a, str_of(series), &set, &e))
        fail_msg("%s", e.msg);
    if (series)
        in.series = &set;
    if (!simulate_run(a, &in, &out, notes, &e))
        fail_msg("%s", e.msg);
    return out;
}

static void a_good_series_promotes(void **state)
{
    struct arena a = {0};
    struct rollout_spec spec;
    struct simulate_input in = input(&a, &spec, canary);
    struct simulate_outcome o =
        run(&a, in, "{\"success-rate\":[{\"t\":\"0s\",\"value\":0.998}]}", NULL);

    (void)state;
    assert_int_equal(o.outcome, OUTCOME_PROMOTED);
    assert_int_equal(o.took_ms, 600000);
    assert_int_equal(o.measurements, 11);
    assert_true(fabs(o.exposed - 100 * (300 * .1 + 300 * .5)) < 1e-6);
    assert_true(o.detect_ms < 0);
    arena_free(&a);
}

static void a_series_that_turns_bad_aborts(void **state)
{
    struct arena a = {0};
    struct rollout_spec spec;
    struct simulate_input in = input(&a, &spec, canary);
    struct simulate_notes notes = {0};
    struct simulate_outcome o =
        run(&a, in,
            "{\"success-rate\":[{\"t\":\"0s\",\"value\":1},"
            "{\"t\":\"2m\",\"value\":0.9}]}",
            &notes);
    bool told = false;

    (void)state;
    assert_int_equal(o.outcome, OUTCOME_ABORTED);
    assert_int_equal(o.took_ms, 240000); /* the third bad one, at 4m */
    assert_string_equal(o.reason, "analysis 'success-rate' failed 3 times, "
                                  "more than the 2 allowed");
    for (size_t i = 0; i < notes.n; i++)
        told |= notes.items[i].kind == NOTE_MEASUREMENT &&
                str_eq(notes.items[i].text,
                       STR("0.9, which is not result >= 0.99"));
    assert_true(told);
    arena_free(&a);
}

static void nothing_and_nan_never_pass(void **state)
{
    static const char *const series[] = {
        "{\"success-rate\":[null]}",
        "{\"success-rate\":[\"NaN\"]}",
        "{\"success-rate\":[[]]}",
        "{\"success-rate\":[[1, \"NaN\"]]}",
        "{\"success-rate\":[]}",
        "{}",
    };
    struct arena a = {0};
    struct rollout_spec spec;
    struct simulate_input in = input(&a, &spec, canary);

    (void)state;
    for (size_t i = 0; i < sizeof series / sizeof *series; i++) {
        struct simulate_outcome o = run(&a, in, series[i], NULL);

        assert_int_equal(o.outcome, OUTCOME_ABORTED);
        assert_int_equal(o.peak, 1000);
        assert_string_equal(
            o.reason, "analysis 'success-rate' had no data for 10m");
    }
    arena_free(&a);
}

static void errors_in_a_row_abort(void **state)
{
    struct arena a = {0};
    struct rollout_spec spec;
    struct simulate_input in = input(&a, &spec, canary);
    struct simulate_outcome o =
        run(&a, in, "{\"success-rate\":[{\"error\":\"refused\"}]}", NULL);

    (void)state;
    assert_int_equal(o.outcome, OUTCOME_ABORTED);
    assert_int_equal(o.took_ms, 40000); /* five, ten seconds apart */
    arena_free(&a);
}

static void csv_is_read_as_json_is(void **state)
{
    struct arena a = {0};
    struct rollout_spec spec;
    struct simulate_input in = input(&a, &spec, canary);
    struct simulate_set set;
    struct simulate_outcome o;
    struct err e = {0};

    (void)state;
    assert_true(simulate_series_csv(
        &a, STR("t,success-rate,success-rate.samples\n0,0.99,500\n"
                "1m,error: 503,\n130, 0.5 ,10\n150s,,\n"),
        &set, &e));
    assert_int_equal(set.n, 1);
    assert_int_equal(set.items[0].n, 4);
    assert_int_equal(set.items[0].points[2].at, 130000);
    assert_int_equal(set.items[0].points[0].m.samples, 500);
    assert_true(str_eq(set.items[0].points[1].m.error, STR("503")));
    assert_int_equal(set.items[0].points[3].m.result.kind, VALUE_NONE);
    in.series = &set;
    assert_true(simulate_run(&a, &in, &o, NULL, &e));
    assert_int_equal(o.outcome, OUTCOME_ABORTED);
    assert_false(simulate_series_csv(&a, STR("t,x\nlater,1\n"), &set, &e));
    assert_string_equal(e.msg, "line 2: 'later' is not a time");
    arena_free(&a);
}

static struct simulate_summary many(struct arena *a, const char *json,
                                    double errors, uint64_t runs)
{
    struct rollout_spec spec;
    struct simulate_input in = input(a, &spec, json);
    struct simulate_summary s;
    struct err e = {0};

    in.modelled = true;
    in.model.canary.errors = errors;
    if (!simulate_many(&in, runs, &s, &e))
        fail_msg("%s", e.msg);
    return s;
}

static void a_model_tells_good_from_bad(void **state)
{
    struct arena a = {0};
    struct simulate_summary good = many(&a, canary, 0.001, 300);
    struct simulate_summary bad = many(&a, canary, 0.2, 300);

    (void)state;
    assert_true(good.promoted > 290 && !good.worse);
    assert_int_equal(bad.aborted, 300);
    assert_true(bad.worse && bad.detect_ms.n == 300);
    assert_true(bad.detect_ms.mean == 120000);
    assert_true(bad.exposed.mean < good.exposed.mean);
    assert_true(bad.exposed_bad.mean > 200 && bad.exposed_bad.mean < 260);
    arena_free(&a);
}

static void the_same_seed_gives_the_same_runs(void **state)
{
    struct arena a = {0};
    struct simulate_summary x = many(&a, canary, 0.008, 200);
    struct simulate_summary y = many(&a, canary, 0.008, 200);

    (void)state;
    assert_int_equal(x.promoted, y.promoted);
    assert_true(x.exposed.mean == y.exposed.mean);
    assert_true(x.promoted > 0 && x.aborted > 0);
    arena_free(&a);
}

static const char sequential[] =
    "{\"canary\":{\"steps\":[{\"is\":\"weight\",\"weight\":10,"
    "\"hold\":1800000},{\"is\":\"weight\",\"weight\":100}]},"
    "\"analyze\":[{\"name\":\"errors\",\"every\":30000,"
    "\"compare\":{\"judge\":\"sequential\",\"alpha\":5}}]}";

static void the_sequential_test_keeps_its_promise(void **state)
{
    struct arena a = {0};
    struct simulate_summary same = many(&a, sequential, 0.001, 400);
    struct simulate_summary worse = many(&a, sequential, 0.02, 100);

    (void)state;
    assert_true(same.aborted <= 20 + 18); /* 5 % and four deviations */
    assert_int_equal(worse.aborted, 100);
    assert_true(worse.detect_ms.p95 <= 120000);
    arena_free(&a);
}

static void the_judge_compares_whole_series(void **state)
{
    static const char json[] =
        "{\"canary\":{\"steps\":[{\"is\":\"weight\",\"weight\":10,"
        "\"hold\":60000},{\"is\":\"weight\",\"weight\":100}]},"
        "\"analyze\":[{\"name\":\"latency\",\"every\":10000,"
        "\"compare\":{\"judge\":\"mann-whitney\",\"direction\":\"increase\"}}]}";
    struct arena a = {0};
    struct rollout_spec spec;
    struct simulate_input in = input(&a, &spec, json);

    (void)state;
    assert_int_equal(
        run(&a, in,
            "{\"latency\":[{\"value\":[101,99,103,98,100],"
            "\"stable\":[100,102,99,97,103]}]}", NULL).outcome,
        OUTCOME_PROMOTED);
    assert_int_equal(
        run(&a, in,
            "{\"latency\":[{\"value\":[201,199,203,198,200],"
            "\"stable\":[100,102,99,97,103]}]}", NULL).outcome,
        OUTCOME_ABORTED);
    arena_free(&a);
}

static void it_is_fast(void **state)
{
    struct arena a = {0};
    int64_t begin = clock_monotonic_ms();
    struct simulate_summary s = many(&a, canary, 0.004, 4000);
    int64_t ms = clock_monotonic_ms() - begin;

    (void)state;
    print_message("# %lu measurements in %ld ms\n",
                  (unsigned long)s.measurements, (long)ms);
    assert_true(s.measurements > 20000);
    assert_true(ms < 10000); /* the real bound is measured by make bench */
    arena_free(&a);
}

static void the_model_is_set_by_text(void **state)
{
    struct simulate_model m = simulate_model_default();
    struct err e = {0};

    (void)state;
    assert_true(simulate_model_set(&m, STR("errors"), STR("5%"), &e));
    assert_true(m.canary.errors == 0.05);
    assert_true(simulate_model_set(&m, STR("outage"), STR("1m30s..2m"), &e));
    assert_true(m.outage_from_ms == 90000 && m.outage_until_ms == 120000);
    assert_true(simulate_model_set(&m, STR("latency"), STR("250ms"), &e));
    assert_true(m.canary.latency_ms == 250);
    assert_true(simulate_model_set(&m, STR("approve"), STR("never"), &e));
    assert_false(simulate_model_set(&m, STR("errors"), STR("120%"), &e));
    assert_false(simulate_model_set(&m, STR("colour"), STR("red"), &e));
}

static void a_wrong_config_is_refused_by_name(void **state)
{
    static const char *const wrong[][2] = {
        {"{}", "a rollout has either 'canary' or 'bluegreen'"},
        {"{\"canary\":{\"steps\":[]}}", "a rollout needs a step"},
        {"{\"canary\":{\"steps\":[{\"is\":\"wait\"}]}}",
         "step 1: there is no step 'wait'"},
        {"{\"canary\":{\"steps\":[{\"is\":\"analyze\",\"name\":\"x\"}]}}",
         "step 1 (analyze): there is no analysis 'x'"},
        {"{\"canary\":{\"steps\":[{\"is\":\"weight\",\"weight\":120}]}}",
         "step 1 (weight): 'weight' has to be 0% to 100%, not 120"},
        {"{\"canary\":{\"steps\":[{\"is\":\"switch\"}]},\"analyze\":[{"
         "\"name\":\"x\",\"count\":2,\"every\":1000,\"failures\":3}]}",
         "analysis 'x': failures=3 can't be reached by count=2"},
        {"{\"canary\":{\"steps\":[{\"is\":\"switch\"}]},\"analyze\":[{"
         "\"name\":\"x\",\"no-data\":\"ignore\"}]}",
         "analysis 'x': 'no-data' has to be hold or fail or pass, not "
         "\"ignore\""},
    };
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct rollout_spec spec;
        struct err e = {0};

        assert_false(
            rollout_spec_from_json(&a, str_of(wrong[i][0]), &spec, &e));
        assert_string_equal(e.msg, wrong[i][1]);
    }
    arena_free(&a);
}

static void a_config_says_all_there_is_to_say(void **state)
{
    static const char json[] =
        "{\"bluegreen\":{\"steps\":[{\"is\":\"preview\"},"
        "{\"is\":\"analyze\",\"mode\":\"once\",\"name\":\"smoke\"},"
        "{\"is\":\"switch\"},{\"is\":\"keep\",\"for\":{\"$duration\":600000}}]},"
        "\"within\":7200000,\"drift\":\"restore\",\"crash\":\"resume\","
        "\"analyze\":[{\"name\":\"smoke\",\"successes\":2,\"every\":1000},"
        "{\"name\":\"rate\",\"sequential\":{\"alpha\":5,\"counts\":\"good\"}},"
        "{\"name\":\"errors\",\"every\":1000,\"consecutive-failures\":2,"
        "\"samples\":{\"min\":50},\"no-data\":{\"policy\":\"fail\",\"for\":5000},"
        "\"on\":[{\"event\":\"failed\",\"remedy\":\"hold\"}]}]}";
    struct arena a = {0};
    struct rollout_spec p;
    struct err e = {0};

    (void)state;
    assert_true(rollout_spec_from_json(&a, str_of(json), &p, &e));
    assert_true(p.bluegreen && p.n_steps == 4);
    assert_int_equal(p.steps[3].hold_ms, 600000);
    assert_int_equal(p.steps[2].weight, WEIGHT_FULL);
    assert_int_equal(p.on_drift, DRIFT_RESTORE);
    assert_int_equal(p.on_crash, CRASH_RESUME);
    assert_true(p.analyses[0].spec.in_step);
    assert_int_equal(p.analyses[1].spec.compare, COMPARE_SEQUENTIAL);
    assert_true(p.analyses[1].spec.alpha == 0.05 && p.analyses[1].counts_good);
    assert_int_equal(p.analyses[2].spec.from, 2); /* with the traffic */
    assert_int_equal(p.analyses[2].spec.failures, LIMIT_OFF);
    assert_int_equal(p.analyses[2].spec.samples_min, 50);
    assert_int_equal(p.analyses[2].spec.no_data, NO_DATA_FAIL);
    assert_int_equal(p.analyses[2].spec.on_failed, REMEDY_HOLD);
    assert_int_equal(p.analyses[2].spec.on_inconclusive, REMEDY_HOLD);
    assert_int_equal(p.analyses[0].spec.failures, 0);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_series_promotes),
        cmocka_unit_test(a_series_that_turns_bad_aborts),
        cmocka_unit_test(nothing_and_nan_never_pass),
        cmocka_unit_test(errors_in_a_row_abort),
        cmocka_unit_test(csv_is_read_as_json_is),
        cmocka_unit_test(a_model_tells_good_from_bad),
        cmocka_unit_test(the_same_seed_gives_the_same_runs),
        cmocka_unit_test(the_sequential_test_keeps_its_promise),
        cmocka_unit_test(the_judge_compares_whole_series),
        cmocka_unit_test(it_is_fast),
        cmocka_unit_test(the_model_is_set_by_text),
        cmocka_unit_test(a_wrong_config_is_refused_by_name),
        cmocka_unit_test(a_config_says_all_there_is_to_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
