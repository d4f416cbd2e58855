#include "base/buf.h"
#include "runtime/rollout/analysis.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct analysis_spec minutely(void)
{
    return (struct analysis_spec){
        .name = STR("rate"), .every_ms = 60000, .timeout_ms = 60000,
        .errors = ANALYSIS_ERRORS_DEFAULT,
        .consecutive_failures = LIMIT_OFF, .no_data_ms = ANALYSIS_NO_DATA_MS};
}

static void the_table_of_verdicts(void **state)
{
    enum { NO, F, T, BAD };
    static const enum verdict want[4][4] = {
        /* fail:   absent, false, true, broken */
        [NO] = {VERDICT_PASSED, VERDICT_PASSED, VERDICT_FAILED, VERDICT_ERROR},
        [F] = {VERDICT_FAILED, VERDICT_INCONCLUSIVE, VERDICT_FAILED,
               VERDICT_ERROR},
        [T] = {VERDICT_PASSED, VERDICT_PASSED, VERDICT_FAILED, VERDICT_ERROR},
        [BAD] = {VERDICT_ERROR, VERDICT_ERROR, VERDICT_ERROR, VERDICT_ERROR},
    };

    (void)state;
    for (int p = 0; p < 4; p++)
        for (int f = 0; f < 4; f++)
            assert_int_equal(
                verdict_of((enum condition)p, (enum condition)f), want[p][f]);
}

static int32_t integer(const json_t *o, const char *key, int32_t dflt)
{
    const json_t *x = json_object_get(o, key);

    if (json_is_string(x))
        return (int32_t)strtol(json_string_value(x), NULL, 10);
    return json_is_number(x) ? (int32_t)json_number_value(x) : dflt;
}

static struct analysis_spec spec_of(const json_t *metric)
{
    return (struct analysis_spec){
        .every_ms = json_object_get(metric, "interval") ? 60000 : 0,
        .count = integer(metric, "count", 0),
        .failures = integer(metric, "failureLimit", 0),
        .consecutive_failures = LIMIT_OFF,
        .errors = integer(metric, "consecutiveErrorLimit", 4),
        .inconclusive = integer(metric, "inconclusiveLimit", 0),
        .successes = integer(metric, "consecutiveSuccessLimit", 0)};
}

static struct analysis_state state_of(const json_t *result)
{
    const json_t *list = json_object_get(result, "measurements");
    size_t n = json_array_size(list);
    const char *last = json_string_value(
        json_object_get(json_array_get(list, n - 1), "phase"));

    return (struct analysis_state){
        .phase = ANALYSIS_RUNNING,
        .no_data_since = TIME_NEVER,
        .count = integer(result, "count", 0),
        .passed = integer(result, "successful", 0),
        .failed = integer(result, "failed", 0),
        .inconclusive = integer(result, "inconclusive", 0),
        .errors = integer(result, "error", 0),
        .consecutive_passed = integer(result, "consecutiveSuccess", 0),
        .consecutive_errors = integer(result, "consecutiveError", 0),
        .measuring = n && strcmp(last, "Running") == 0,
        .last = n ? VERDICT_PASSED : VERDICT_NONE};
}

static const char *their_name(enum analysis_phase p, bool measured)
{
    static const char *const names[] = {
        [ANALYSIS_RUNNING] = "Running",
        [ANALYSIS_PASSED] = "Successful",
        [ANALYSIS_INCONCLUSIVE] = "Inconclusive",
        [ANALYSIS_ERROR] = "Error",
        [ANALYSIS_FAILED] = "Failed",
    };

    return p == ANALYSIS_RUNNING && !measured ? "Pending" : names[p];
}

/* Against the tables of Argo Rollouts' own tests, where they are at hand. */
static void phases_are_those_of_argo(void **state)
{
    static const char file[] = "shared/cases/rollout/"
                               "analysis_metric_status.json";
    char path[128];
    json_t *table, *c;
    size_t i;

    (void)state;
    snprintf(path, sizeof path, "../%s", file);
    table = json_load_file(path, 0, NULL);
    snprintf(path, sizeof path, "../../%s", file);
    if (!table)
        table = json_load_file(path, 0, NULL);
    json_array_foreach(json_object_get(table, "cases"), i, c) {
        const json_t *args = json_object_get(c, "args");
        const char *want = json_string_value(json_object_get(
            json_array_get(json_object_get(c, "checks"), 0), "expected"));
        struct analysis_spec p = spec_of(json_object_get(args, "metric"));
        struct analysis_state s = state_of(json_object_get(args, "result"));
        const char *got;

        if (!want)
            continue;
        got = their_name(
            analysis_assess(&p, &s, json_is_true(json_object_get(
                                        args, "terminating"))),
            s.last != VERDICT_NONE || s.measuring);
        if (strcmp(got, want) != 0)
            fail_msg("case %zu: %s, not %s", i, got, want);
    }
    json_decref(table);
}

static enum analysis_phase after(struct analysis_spec p, const char *verdicts)
{
    struct analysis_state s;
    int64_t now = 0;

    analysis_begin(&p, &s, now);
    for (; *verdicts; verdicts++, now += 60000) {
        enum verdict v = *verdicts == 'p'   ? VERDICT_PASSED
                         : *verdicts == 'f' ? VERDICT_FAILED
                         : *verdicts == 'i' ? VERDICT_INCONCLUSIVE
                         : *verdicts == 'e' ? VERDICT_ERROR
                                            : VERDICT_NO_DATA;
        analysis_count(&p, &s, v, -1, now);
    }
    return s.phase;
}

static void a_limit_is_more_than(void **state)
{
    struct analysis_spec p = minutely();

    (void)state;
    assert_int_equal(after(p, "f"), ANALYSIS_FAILED);
    p.failures = 3;
    assert_int_equal(after(p, "fpfpfp"), ANALYSIS_RUNNING);
    assert_int_equal(after(p, "fpfpfpf"), ANALYSIS_FAILED);
    assert_int_equal(after(p, "i"), ANALYSIS_INCONCLUSIVE);
    assert_int_equal(after(p, "eeee"), ANALYSIS_RUNNING);
    assert_int_equal(after(p, "eeeee"), ANALYSIS_ERROR);
    assert_int_equal(after(p, "eeeepeeee"), ANALYSIS_RUNNING);
}

static void failures_in_a_row_are_counted_apart(void **state)
{
    struct analysis_spec p = minutely();

    (void)state;
    p.failures = LIMIT_OFF;
    p.consecutive_failures = 2;
    assert_int_equal(after(p, "ffpffpffp"), ANALYSIS_RUNNING);
    assert_int_equal(after(p, "ffpfff"), ANALYSIS_FAILED);
    assert_int_equal(after(p, "ffeff"), ANALYSIS_FAILED); /* an error between */
}

static void successes_in_a_row_end_it(void **state)
{
    struct analysis_spec p = minutely();

    (void)state;
    p.failures = 5;
    p.successes = 3;
    assert_int_equal(after(p, "pfpp"), ANALYSIS_RUNNING);
    assert_int_equal(after(p, "pfppp"), ANALYSIS_PASSED);
    p.count = 4;
    assert_int_equal(after(p, "ppfp"), ANALYSIS_INCONCLUSIVE);
    p.failures = LIMIT_OFF;
    assert_int_equal(after(p, "ppfp"), ANALYSIS_FAILED);
}

static void errors_and_no_data_use_up_no_count(void **state)
{
    struct analysis_spec p = minutely();

    (void)state;
    p.count = 2;
    assert_int_equal(after(p, "pen"), ANALYSIS_RUNNING);
    assert_int_equal(after(p, "penp"), ANALYSIS_PASSED);
    p.every_ms = 0;
    p.count = 0;
    assert_int_equal(after(p, "p"), ANALYSIS_PASSED);
}

static void the_rate_is_fixed(void **state)
{
    struct analysis_spec p = minutely();
    struct analysis_state s;

    (void)state;
    p.initial_delay_ms = 20000;
    analysis_begin(&p, &s, 1000);
    assert_int_equal(s.next_at, 21000);
    analysis_count(&p, &s, VERDICT_PASSED, -1, 27000); /* it took 6 s */
    assert_int_equal(s.next_at, 81000);
    analysis_count(&p, &s, VERDICT_PASSED, -1, 210000); /* two were missed */
    assert_int_equal(s.next_at, 261000);
    analysis_count(&p, &s, VERDICT_ERROR, -1, 261000);
    assert_int_equal(s.next_at, 271000); /* soon again, not in a minute */
}

static void no_data_waits_then_does_what_was_chosen(void **state)
{
    struct analysis_spec p = minutely();
    struct analysis_state s;

    (void)state;
    p.no_data_ms = 120000;
    p.failures = 1;
    assert_int_equal(after(p, "pn"), ANALYSIS_RUNNING);
    p.no_data = NO_DATA_FAIL;
    assert_int_equal(after(p, "pnnnn"), ANALYSIS_FAILED); /* at 2m and 3m */
    assert_int_equal(after(p, "pnnn"), ANALYSIS_RUNNING);
    p.no_data = NO_DATA_PASS;
    assert_int_equal(after(p, "nnnnnn"), ANALYSIS_RUNNING);

    p.no_data = NO_DATA_HOLD;
    analysis_begin(&p, &s, 0);
    analysis_count(&p, &s, VERDICT_NO_DATA, -1, 0);
    assert_false(analysis_allows(&p, &s, 1));
    assert_true(analysis_wake(&p, &s) <= 120000);
    analysis_tick(&p, &s, 119999);
    assert_int_equal(s.phase, ANALYSIS_RUNNING);
    analysis_tick(&p, &s, 120000);
    assert_int_equal(s.phase, ANALYSIS_ERROR);
    assert_int_equal(s.cause, CAUSE_NO_DATA);
}

static void ten_requests_decide_nothing(void **state)
{
    struct analysis_spec p = minutely();
    struct analysis_state s;

    (void)state;
    p.samples_min = 50;
    analysis_begin(&p, &s, 0);
    analysis_count(&p, &s, VERDICT_FAILED, 10, 0);
    analysis_count(&p, &s, VERDICT_FAILED, -1, 1); /* unknown is not enough */
    assert_int_equal(s.phase, ANALYSIS_RUNNING);
    assert_int_equal(s.failed, 0);
    analysis_count(&p, &s, VERDICT_FAILED, 50, 2);
    assert_int_equal(s.phase, ANALYSIS_FAILED);
}

static void a_hung_measurement_is_an_error(void **state)
{
    struct analysis_spec p = minutely();
    struct analysis_state s;

    (void)state;
    p.errors = 0;
    p.timeout_ms = 30000;
    analysis_begin(&p, &s, 0);
    s.measuring = 1;
    assert_int_equal(analysis_wake(&p, &s), 30000);
    analysis_tick(&p, &s, 30000);
    assert_int_equal(s.phase, ANALYSIS_ERROR);
}

static void a_deadline_without_verdict_is_an_error(void **state)
{
    struct analysis_spec p = minutely();
    struct analysis_state s;
    struct buf why = {0};

    (void)state;
    p.within_ms = 90000;
    analysis_begin(&p, &s, 0);
    analysis_count(&p, &s, VERDICT_PASSED, -1, 0);
    analysis_tick(&p, &s, 90000);
    assert_int_equal(s.phase, ANALYSIS_ERROR);
    analysis_explain(&p, &s, &why);
    assert_string_equal(buf_cstr(&why), "came to no verdict within 1m30s");
    buf_free(&why);
}

static void the_worst_comes_first(void **state)
{
    (void)state;
    assert_int_equal(analysis_worse(ANALYSIS_ERROR, ANALYSIS_FAILED),
                     ANALYSIS_FAILED);
    assert_int_equal(analysis_worse(ANALYSIS_ERROR, ANALYSIS_INCONCLUSIVE),
                     ANALYSIS_ERROR);
    assert_int_equal(analysis_worse(ANALYSIS_PASSED, ANALYSIS_RUNNING),
                     ANALYSIS_RUNNING);
}

static void a_dry_run_is_in_nobodys_way(void **state)
{
    struct analysis_spec p = minutely();
    struct analysis_state s;

    (void)state;
    p.dry_run = true;
    analysis_begin(&p, &s, 0);
    assert_true(analysis_allows(&p, &s, 0));
    analysis_count(&p, &s, VERDICT_FAILED, -1, 0);
    assert_int_equal(s.phase, ANALYSIS_FAILED);
    assert_int_equal(analysis_remedy(&p, &s), REMEDY_CONTINUE);
    assert_true(analysis_allows(&p, &s, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_verdicts),
        cmocka_unit_test(phases_are_those_of_argo),
        cmocka_unit_test(a_limit_is_more_than),
        cmocka_unit_test(failures_in_a_row_are_counted_apart),
        cmocka_unit_test(successes_in_a_row_end_it),
        cmocka_unit_test(errors_and_no_data_use_up_no_count),
        cmocka_unit_test(the_rate_is_fixed),
        cmocka_unit_test(no_data_waits_then_does_what_was_chosen),
        cmocka_unit_test(ten_requests_decide_nothing),
        cmocka_unit_test(a_hung_measurement_is_an_error),
        cmocka_unit_test(a_deadline_without_verdict_is_an_error),
        cmocka_unit_test(the_worst_comes_first),
        cmocka_unit_test(a_dry_run_is_in_nobodys_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
