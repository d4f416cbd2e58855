#include "runtime/rollout/rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A rollout and a world that obeys it: the router does what it is told, unless
 * a test says otherwise. */
struct world {
    struct rollout_spec spec;
    struct canary_step steps[8];
    struct rollout_analysis analyses[3];
    struct rollout_state st;
    struct rollout_actions todo;
    struct rollout_traffic router;
    int64_t now;
    enum verdict verdict; /* of every measurement */
    bool router_refuses, router_silent, router_blind;
    int sets, commands, reverts, measures, finishes, helds;
    uint32_t last_command;
    enum rollout_outcome outcome;
};

static void weight(struct world *w, int32_t percent, int64_t hold_ms)
{
    w->steps[w->spec.n_steps++] = (struct canary_step){
        .kind = CANARY_WEIGHT, .weight = percent * 100, .hold_ms = hold_ms};
}

static struct analysis_spec *analysis(struct world *w, const char *name)
{
    struct analysis_spec *s = &w->analyses[w->spec.n_analyses++].spec;

    *s = (struct analysis_spec){.name = str_of(name), .every_ms = 60000,
                                .timeout_ms = 60000, .errors = 4,
                                .consecutive_failures = LIMIT_OFF,
                                .no_data_ms = ANALYSIS_NO_DATA_MS,
                                .on_inconclusive = REMEDY_HOLD};
    return s;
}

static struct world *world(void)
{
    struct world *w = calloc(1, sizeof *w);

    w->spec = (struct rollout_spec){.steps = w->steps,
                                    .analyses = w->analyses,
                                    .within_ms = ROLLOUT_WITHIN_MS,
                                    .watch_ms = ROLLOUT_WATCH_MS,
                                    .verify_ms = ROLLOUT_ROUTER_MS,
                                    .revert = true};
    w->verdict = VERDICT_PASSED;
    w->router.header = -1;
    w->now = 1000000;
    rollout_begin(&w->st);
    return w;
}

static void send(struct world *w, struct rollout_event ev);

static void obey(struct world *w, struct rollout_action x)
{
    struct rollout_event ev = {.id = x.id, .ok = true, .samples = -1,
                               .analysis = x.analysis};

    switch (x.kind) {
    case ACTION_SET:
        w->sets++;
        if (w->router_silent)
            return;
        ev.kind = ROLLOUT_SET;
        ev.ok = !w->router_refuses;
        ev.text = ev.ok ? STR("") : STR("no such backend");
        if (ev.ok)
            w->router = x.traffic;
        break;
    case ACTION_LOOK:
        if (w->router_silent)
            return;
        ev.kind = ROLLOUT_LOOKED;
        ev.ok = !w->router_blind;
        ev.traffic = w->router;
        break;
    case ACTION_MEASURE:
        w->measures++;
        ev.kind = ROLLOUT_MEASURED;
        ev.verdict = w->verdict;
        break;
    case ACTION_COMMAND:
        w->commands++;
        w->last_command = x.id;
        return;
    case ACTION_REVERT:
        w->reverts++;
        ev.kind = ROLLOUT_REVERTED;
        break;
    case ACTION_FINISH:
        w->finishes++;
        w->outcome = x.outcome;
        return;
    case ACTION_NOTIFY:
        w->helds += x.notice == NOTICE_HELD;
        return;
    case ACTION_CANCEL:
        return;
    }
    send(w, ev);
}

/* Every state on the way survives being saved and loaded. */
static void save_and_load(struct world *w)
{
    struct buf before = {0}, after = {0};
    struct err e = {0};
    struct rollout_state *copy = calloc(1, sizeof *copy);

    rollout_state_json(&w->spec, &w->st, &before);
    if (!rollout_state_load(&w->spec, buf_str(&before), copy, &e))
        fail_msg("%s: %s", e.msg, buf_cstr(&before));
    rollout_state_json(&w->spec, copy, &after);
    assert_string_equal(buf_cstr(&before), buf_cstr(&after));
    w->st = *copy;
    free(copy);
    buf_free(&before);
    buf_free(&after);
}

static void send(struct world *w, struct rollout_event ev)
{
    struct rollout_actions todo;

    rollout_step(&w->spec, &w->st, &ev, w->now, &w->todo);
    save_and_load(w);
    todo = w->todo;
    for (uint32_t i = 0; i < todo.n; i++)
        obey(w, todo.items[i]);
}

static void say(struct world *w, enum rollout_event_kind kind)
{
    send(w, (struct rollout_event){.kind = kind, .text = STR("told to")});
}

/* Lets time pass, tick by tick, as a driver does. */
static void pass(struct world *w, int64_t ms)
{
    int64_t end = w->now + ms;

    while (!rollout_over(&w->st) && w->todo.wake_at <= end) {
        assert_true(w->todo.wake_at > w->now);
        w->now = w->todo.wake_at;
        say(w, ROLLOUT_TICK);
    }
    w->now = end;
}

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

static void a_router_that_refuses_aborts(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 60000);
    w->router_refuses = true;
    say(w, ROLLOUT_START);
    pass(w, 10000);
    assert_int_equal(w->st.phase, ROLLOUT_LEAVING);
    assert_string_equal(w->st.reason, "the router did not take a canary weight "
                                      "of 10%: no such backend");
    w->router_refuses = false;
    pass(w, 60000);
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    free(w);
}

static void a_router_gone_for_good_strands_it(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 6000000);
    say(w, ROLLOUT_START);
    w->router_silent = true;
    pass(w, 2 * ROLLOUT_STRANDED_MS + 600000);
    assert_int_equal(w->outcome, OUTCOME_STRANDED);
    assert_int_equal(w->reverts, 1);
    assert_int_equal(w->finishes, 1);
    free(w);
}

static struct world *drifting(enum drift_policy policy)
{
    struct world *w = world();

    weight(w, 10, 600000);
    weight(w, 100, 0);
    w->spec.on_drift = policy;
    say(w, ROLLOUT_START);
    w->router.weight = 3000;
    pass(w, ROLLOUT_WATCH_MS);
    return w;
}

static void drift_is_handled_as_the_file_says(void **state)
{
    struct world *w = drifting(DRIFT_ABORT);

    (void)state;
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    assert_int_equal(w->router.weight, 0);
    free(w);
    w = drifting(DRIFT_RESTORE);
    assert_int_equal(w->router.weight, 1000);
    assert_int_equal(w->st.phase, ROLLOUT_RUNNING);
    free(w);
    w = drifting(DRIFT_HOLD);
    assert_true(w->st.held);
    assert_int_equal(w->router.weight, 3000);
    pass(w, 700000);
    assert_int_equal(w->router.weight, 3000);
    say(w, ROLLOUT_RESUME);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    free(w);
}

static void a_fight_over_the_weight_ends(void **state)
{
    struct world *w = drifting(DRIFT_RESTORE);

    (void)state;
    for (int i = 0; i < 5; i++) {
        w->router.weight = 3000;
        pass(w, ROLLOUT_WATCH_MS);
    }
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
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

static void a_death_goes_back_to_stable(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 600000);
    say(w, ROLLOUT_START);
    say(w, ROLLOUT_CRASHED);
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    assert_int_equal(w->router.weight, 0);
    assert_string_equal(w->st.reason, "the process that ran it died");
    free(w);
}

static void a_death_sets_no_weight_twice(void **state)
{
    struct world *w = world();
    struct rollout_event ev = {.kind = ROLLOUT_START};

    (void)state;
    weight(w, 10, 600000);
    weight(w, 100, 0);
    w->spec.on_crash = CRASH_RESUME;
    rollout_step(&w->spec, &w->st, &ev, w->now, &w->todo);
    w->router.weight = 1000; /* done, and dead before it was told */
    say(w, ROLLOUT_CRASHED);
    assert_int_equal(w->sets, 0);
    assert_int_equal(w->st.at, AT_HOLD);
    pass(w, 600000);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    assert_int_equal(w->sets, 1);
    free(w);
}

static struct world *dead_at_rest(int32_t weight_found)
{
    struct world *w = world();

    weight(w, 10, 600000);
    weight(w, 100, 0);
    w->spec.on_crash = CRASH_RESUME;
    say(w, ROLLOUT_START);
    pass(w, 500000);
    w->router.weight = weight_found;
    say(w, ROLLOUT_CRASHED);
    return w;
}

static void what_a_death_put_back_is_no_drift(void **state)
{
    struct world *w = dead_at_rest(0);

    (void)state;
    assert_int_equal(w->router.weight, 1000);
    assert_int_equal(w->sets, 2);
    pass(w, 599999); /* the hold is held anew */
    assert_int_equal(w->router.weight, 1000);
    pass(w, 1);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    free(w);

    w = dead_at_rest(1000);
    assert_int_equal(w->sets, 1);
    pass(w, 100000);
    assert_int_equal(w->outcome, OUTCOME_PROMOTED);
    free(w);

    w = dead_at_rest(4000);
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    free(w);
}

static void an_interrupted_command_is_not_run_again(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 0);
    w->steps[w->spec.n_steps++] =
        (struct canary_step){.kind = CANARY_COMMAND, .text = STR("migrate")};
    w->spec.on_crash = CRASH_RESUME;
    say(w, ROLLOUT_START);
    say(w, ROLLOUT_CRASHED);
    assert_int_equal(w->commands, 1);
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
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
        cmocka_unit_test(a_router_that_refuses_aborts),
        cmocka_unit_test(a_router_gone_for_good_strands_it),
        cmocka_unit_test(drift_is_handled_as_the_file_says),
        cmocka_unit_test(a_fight_over_the_weight_ends),
        cmocka_unit_test(the_whole_has_a_deadline),
        cmocka_unit_test(a_death_goes_back_to_stable),
        cmocka_unit_test(a_death_sets_no_weight_twice),
        cmocka_unit_test(what_a_death_put_back_is_no_drift),
        cmocka_unit_test(an_interrupted_command_is_not_run_again),
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
