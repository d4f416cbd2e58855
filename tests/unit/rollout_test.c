#include "runtime/rollout/rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/rollout_world.h"

static void a_good_canary_is_promoted(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 300000);
    weight(w, 50, 300000);
    weight(w, 100, 0);
    analysis(w, "rate");
    say(w, ROLLOUT_START);
    assert_int_equal(w->router.weight, 1000);
    pass(w, 299999);
    assert_int_equal(w->router.weight, 1000);
    pass(w, 1);
    assert_int_equal(w->router.weight, 5000);
    pass(w, 300000);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    assert_int_equal(w->router.weight, WEIGHT_FULL);
    assert_int_equal(w->sets, 3);
    assert_int_equal(w->reverts, 0);
    free(w);
}

static void a_bad_canary_goes_back_before_git_does(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 600000);
    weight(w, 100, 0);
    analysis(w, "rate")->failures = 2;
    say(w, ROLLOUT_START);
    w->verdict = VERDICT_FAILED;
    pass(w, 60000);
    pass(w, 60000);
    assert_int_equal(w->st.phase, ROLLOUT_RUNNING);
    pass(w, 60000);
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    assert_int_equal(w->router.weight, 0);
    assert_int_equal(w->reverts, 1);
    assert_string_equal(
        w->st.reason,
        "analysis 'rate' failed 3 times, more than the 2 allowed");
    free(w);
}

static void the_weight_does_not_rise_on_a_failed_measurement(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 60000);
    weight(w, 100, 0);
    analysis(w, "rate")->failures = 5;
    say(w, ROLLOUT_START);
    w->verdict = VERDICT_FAILED;
    pass(w, 120000);
    assert_int_equal(w->router.weight, 1000);
    w->verdict = VERDICT_PASSED;
    pass(w, 60000);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    free(w);
}

static void no_data_holds_and_then_aborts(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 60000);
    weight(w, 100, 0);
    analysis(w, "rate");
    w->verdict = VERDICT_NO_DATA;
    say(w, ROLLOUT_START);
    pass(w, ANALYSIS_NO_DATA_MS - 1);
    assert_int_equal(w->st.phase, ROLLOUT_RUNNING);
    assert_int_equal(w->router.weight, 1000);
    pass(w, 1);
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    assert_string_equal(w->st.reason, "analysis 'rate' had no data for 10m");
    free(w);
}

static void inconclusive_holds_until_somebody_resumes(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 60000);
    weight(w, 100, 0);
    analysis(w, "rate");
    w->verdict = VERDICT_INCONCLUSIVE;
    say(w, ROLLOUT_START);
    assert_true(w->st.held);
    assert_int_equal(w->helds, 1);
    w->verdict = VERDICT_PASSED;
    pass(w, 600000);
    assert_int_equal(w->router.weight, 1000);
    assert_int_equal(w->helds, 1);
    say(w, ROLLOUT_RESUME);
    pass(w, 1);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    free(w);
}

static void a_step_waits_for_approval(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 60000);
    w->steps[0].until_approved = true;
    weight(w, 100, 0);
    say(w, ROLLOUT_START);
    say(w, ROLLOUT_APPROVED); /* too early: asks for nothing yet */
    pass(w, 3600000);
    assert_int_equal(w->router.weight, 1000);
    say(w, ROLLOUT_APPROVED);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    free(w);
}

static void promote_leaves_the_step_at_once(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 60000);
    weight(w, 50, 60000);
    weight(w, 100, 0);
    w->verdict = VERDICT_NO_DATA;
    analysis(w, "rate");
    say(w, ROLLOUT_START);
    say(w, ROLLOUT_PROMOTE);
    assert_int_equal(w->router.weight, 5000);
    say(w, ROLLOUT_PROMOTE_FULL);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    free(w);
}

static void an_abort_by_hand_says_why(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 60000);
    say(w, ROLLOUT_START);
    say(w, ROLLOUT_ABORT);
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    assert_string_equal(w->st.reason, "told to");
    assert_int_equal(w->router.weight, 0);
    free(w);
}

static void a_command_runs_once_and_its_failure_aborts(void **state)
{
    struct world *w = world();

    (void)state;
    w->steps[w->spec.n_steps++] =
        (struct canary_step){.kind = CANARY_COMMAND, .text = STR("smoke")};
    weight(w, 100, 0);
    say(w, ROLLOUT_START);
    assert_int_equal(w->commands, 1);
    pass(w, 1000);
    send(w, (struct rollout_event){.kind = ROLLOUT_COMMAND_DONE,
                                   .id = w->last_command,
                                   .text = STR("exit 1")});
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    assert_string_equal(w->st.reason, "'smoke' failed: exit 1");
    assert_int_equal(w->sets, 0); /* the router was never touched */
    assert_int_equal(w->reverts, 1);
    free(w);
}

static void the_whole_has_a_deadline(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 0);
    w->steps[w->spec.n_steps++] = (struct canary_step){.kind = CANARY_HOLD};
    w->spec.within_ms = 3600000;
    say(w, ROLLOUT_START);
    say(w, ROLLOUT_PAUSE);
    pass(w, 3599999);
    assert_int_equal(w->st.phase, ROLLOUT_RUNNING);
    pass(w, 1);
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    assert_string_equal(w->st.reason, "not done within 1h");
    free(w);
}

static void retry_starts_over_from_stable(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 60000);
    weight(w, 50, 60000);
    analysis(w, "rate")->on_failed = REMEDY_HOLD;
    say(w, ROLLOUT_START);
    pass(w, 60000);
    w->verdict = VERDICT_FAILED;
    pass(w, 60000);
    assert_true(w->st.held);
    w->verdict = VERDICT_PASSED;
    say(w, ROLLOUT_RETRY);
    assert_int_equal(w->router.weight, 1000);
    assert_int_equal(w->st.step, 0);
    pass(w, 120000);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    assert_int_equal(w->router.weight, WEIGHT_FULL);
    free(w);
}

static void an_analysis_in_a_step_guards_what_follows(void **state)
{
    struct world *w = world();
    struct analysis_spec *s = analysis(w, "smoke");

    (void)state;
    s->in_step = true;
    s->count = 3;
    s->every_ms = 1000;
    w->steps[w->spec.n_steps++] = (struct canary_step){.kind = CANARY_ANALYZE};
    weight(w, 100, 0);
    say(w, ROLLOUT_START);
    pass(w, 1999);
    assert_int_equal(w->sets, 0);
    pass(w, 1);
    assert_int_equal(w->measures, 3);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    free(w);
}

static void a_clock_that_goes_back_stands_still(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 60000);
    say(w, ROLLOUT_START);
    w->now -= 3600000;
    say(w, ROLLOUT_TICK);
    assert_true(w->st.now > w->now);
    assert_int_equal(w->st.hold_until - w->st.now, 60000);
    free(w);
}

static void a_damaged_state_is_refused(void **state)
{
    static const char *const bad[] = {
        "", "{}", "[]", "{\"form\":2}", "{\"form\":2,\"steps\":1}",
    };
    struct world *w = world();
    struct buf json = {0};
    struct err e;
    char *at;

    (void)state;
    weight(w, 10, 60000);
    say(w, ROLLOUT_START);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(rollout_state_load(&w->spec, str_of(bad[i]), &w->st, &e));
    say(w, ROLLOUT_START);
    rollout_state_json(&w->spec, &w->st, &json);
    at = strstr(buf_cstr(&json), "\"phase\":");
    assert_non_null(at);
    at[8] = '9';
    assert_false(rollout_state_load(&w->spec, buf_str(&json), &w->st, &e));
    buf_free(&json);
    free(w);
}

static void a_rollback_brings_back_and_reverts_and_nothing_else(void **state)
{
    struct world *w = world();
    struct rollout_event ev = {.kind = ROLLOUT_BACK, .text = STR("by ann")};

    (void)state;
    weight(w, 100, 60000);
    analysis(w, "ok");
    w->router.weight = WEIGHT_FULL;
    send(w, ev);
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    assert_int_equal(w->router.weight, 0);
    assert_int_equal(w->sets, 1);
    assert_int_equal(w->reverts, 1);
    assert_int_equal(w->measures, 0);
    assert_string_equal(w->st.reason, "by ann");
    free(w);
}

static bool blamed_after(enum verdict v, bool by_hand)
{
    struct world *w = world();
    struct rollout_event stop = {.kind = ROLLOUT_ABORT, .blame = by_hand,
                                 .text = STR("stop")};
    bool blamed;

    weight(w, 10, 6000000);
    analysis(w, "ok")->errors = 0;
    w->verdict = v;
    say(w, ROLLOUT_START);
    send(w, stop);
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    blamed = w->st.blamed;
    free(w);
    return blamed;
}

static void only_the_version_itself_is_blamed(void **state)
{
    (void)state;
    assert_true(blamed_after(VERDICT_FAILED, false));
    assert_false(blamed_after(VERDICT_ERROR, false));
    assert_true(blamed_after(VERDICT_PASSED, true));
    assert_false(blamed_after(VERDICT_PASSED, false)); /* interrupted */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_canary_is_promoted),
        cmocka_unit_test(a_bad_canary_goes_back_before_git_does),
        cmocka_unit_test(the_weight_does_not_rise_on_a_failed_measurement),
        cmocka_unit_test(no_data_holds_and_then_aborts),
        cmocka_unit_test(inconclusive_holds_until_somebody_resumes),
        cmocka_unit_test(a_step_waits_for_approval),
        cmocka_unit_test(promote_leaves_the_step_at_once),
        cmocka_unit_test(an_abort_by_hand_says_why),
        cmocka_unit_test(a_command_runs_once_and_its_failure_aborts),
        cmocka_unit_test(the_whole_has_a_deadline),
        cmocka_unit_test(retry_starts_over_from_stable),
        cmocka_unit_test(an_analysis_in_a_step_guards_what_follows),
        cmocka_unit_test(a_clock_that_goes_back_stands_still),
        cmocka_unit_test(a_damaged_state_is_refused),
        cmocka_unit_test(
            a_rollback_brings_back_and_reverts_and_nothing_else),
        cmocka_unit_test(only_the_version_itself_is_blamed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
