#include "runtime/rollout/rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/rollout_world.h"

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

/* Somebody wrote over it before it took effect. */
static void what_does_not_show_is_told_again(void **state)
{
    struct world *w = world();

    (void)state;
    weight(w, 10, 600000);
    weight(w, 100, 0);
    w->router_forgets = 1;
    say(w, ROLLOUT_START);
    assert_int_equal(w->router.weight, 0);
    pass(w, ROLLOUT_ROUTER_MS);
    assert_int_equal(w->router.weight, 1000);
    assert_int_equal(w->sets, 2);
    assert_int_equal(w->st.phase, ROLLOUT_RUNNING);
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

/* Beside the weight, the router was told of a mirror and a header. */
static struct world *tampered(enum drift_policy policy)
{
    struct world *w = world();

    w->steps[w->spec.n_steps++] =
        (struct canary_step){.kind = CANARY_HEADER, .text = STR("X-A: 1")};
    weight(w, 10, 600000);
    weight(w, 100, 0);
    w->spec.on_drift = policy;
    say(w, ROLLOUT_START);
    assert_int_equal(w->router.header, 0);
    w->router.header = HEADER_CHANGED;
    w->differs = STR("the route of the header 'X-A' is gone");
    pass(w, ROLLOUT_WATCH_MS);
    return w;
}

static void what_else_the_router_was_told_is_watched_too(void **state)
{
    struct world *w = tampered(DRIFT_ABORT);

    (void)state;
    assert_int_equal(w->outcome, OUTCOME_ABORTED);
    assert_string_equal(w->st.reason,
                        "someone else changed the router: the route of the "
                        "header 'X-A' is gone");
    free(w);
    w = tampered(DRIFT_RESTORE);
    assert_int_equal(w->router.header, 0);
    assert_int_equal(w->st.phase, ROLLOUT_RUNNING);
    free(w);
    w = tampered(DRIFT_HOLD);
    assert_true(w->st.held);
    say(w, ROLLOUT_RESUME);
    pass(w, 700000);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_router_that_refuses_aborts),
        cmocka_unit_test(what_does_not_show_is_told_again),
        cmocka_unit_test(a_router_gone_for_good_strands_it),
        cmocka_unit_test(drift_is_handled_as_the_file_says),
        cmocka_unit_test(what_else_the_router_was_told_is_watched_too),
        cmocka_unit_test(a_fight_over_the_weight_ends),
        cmocka_unit_test(a_death_goes_back_to_stable),
        cmocka_unit_test(a_death_sets_no_weight_twice),
        cmocka_unit_test(what_a_death_put_back_is_no_drift),
        cmocka_unit_test(an_interrupted_command_is_not_run_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
