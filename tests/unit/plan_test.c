#include "runtime/sched/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "tests/support/plan_fixture.h"

static void what_waits_for_nothing_starts_up_to_the_jobs(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 4, "ad,bd,cd");

    struct plan *p = make(&f, 2, false);

    assert_string_equal(starts(p), "ab");
    end(p, 'a', PLAN_END_PASSED);
    assert_string_equal(starts(p), "c");
    end(p, 'b', PLAN_END_PASSED);
    assert_string_equal(starts(p), "");
    end(p, 'c', PLAN_END_PASSED);
    assert_string_equal(starts(p), "d");
    assert_false(plan_over(p));
    end(p, 'd', PLAN_END_PASSED);
    assert_true(plan_over(p));
    assert_false(plan_failed(p));
    plan_destroy(p);
}

static void the_longest_way_goes_first(void **state)
{
    struct fixture f;
    int64_t ms[4] = {10, 10, 10, 5000};

    (void)state;
    set_up(&f, 4, "bd"); /* a and c alone; b before the long d */

    struct plan_spec spec = {.graph = &f.g, .jobs = 1, .weight_ms = ms};
    struct plan *p = plan_create(&spec);

    assert_string_equal(starts(p), "b");
    end(p, 'b', PLAN_END_PASSED);
    assert_string_equal(starts(p), "d");
    end(p, 'd', PLAN_END_PASSED);
    assert_string_equal(starts(p), "a");
    plan_destroy(p);
}

static void a_failure_skips_what_comes_after_and_says_the_chain(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 5, "ab,bc,de");

    struct plan *p = make(&f, 4, true);

    assert_string_equal(starts(p), "ad");
    end(p, 'a', PLAN_END_FAILED);
    assert_int_equal(plan_settled(p), 1);
    assert_int_equal(plan_settled(p), 2);
    assert_int_equal(plan_settled(p), PLAN_NONE);
    expect_why(p, 'b', "a failed: exit code 1");
    expect_why(p, 'c', "b skipped: a failed: exit code 1");
    end(p, 'd', PLAN_END_PASSED);
    assert_string_equal(starts(p), "e");
    end(p, 'e', PLAN_END_PASSED);
    assert_true(plan_over(p) && plan_failed(p));
    plan_destroy(p);
}

static void without_keep_going_nothing_starts_after_a_failure(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 5, "ab,cd");

    struct plan *p = make(&f, 2, false);

    assert_string_equal(starts(p), "ac");
    end(p, 'a', PLAN_END_FAILED);
    assert_string_equal(starts(p), "");
    end(p, 'c', PLAN_END_PASSED);
    assert_string_equal(starts(p), "");
    assert_true(plan_over(p));
    assert_int_equal(plan_state(p, 1), PLAN_SKIPPED);
    assert_int_equal(plan_state(p, 3), PLAN_CANCELLED);
    expect_why(p, 'e', "a failed: exit code 1");
    plan_destroy(p);
}

static void an_optional_failure_holds_up_only_who_uses_its_output(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 3, "ab,a>c");
    f.nodes[0].optional = true;

    struct plan *p = make(&f, 2, false);

    starts(p);
    end(p, 'a', PLAN_END_FAILED);
    assert_int_equal(plan_state(p, 2), PLAN_SKIPPED);
    assert_string_equal(starts(p), "b");
    end(p, 'b', PLAN_END_PASSED);
    assert_true(plan_over(p));
    assert_false(plan_failed(p));
    plan_destroy(p);
}

static void retries_back_off_until_the_ceiling_and_then_fail(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 2, "ab");
    f.nodes[0].extra->retry = (struct graph_retry){3, 5000, 2, 12000};

    struct plan *p = make(&f, 1, false);
    const int64_t want[] = {5000, 10000, 12000};

    for (int i = 0; i < 3; i++) {
        assert_string_equal(starts(p), "a");
        assert_int_equal(plan_attempt(p, 0), i + 1);
        end(p, 'a', PLAN_END_FAILED);
        assert_int_equal(plan_state(p, 0), PLAN_BACKOFF);
        assert_int_equal(plan_backoff_ms(p, 0), want[i]);
        assert_false(plan_over(p));
        plan_again(p, 0);
    }
    starts(p);
    end(p, 'a', PLAN_END_FAILED);
    assert_int_equal(plan_state(p, 0), PLAN_FAILED);
    assert_true(plan_over(p));
    plan_destroy(p);
}

static void a_lock_lets_one_run_at_a_time(void **state)
{
    static struct str x[] = {{"x", 1}}, xy[] = {{"x", 1}, {"y", 1}};
    struct fixture f;
    struct str lock;
    uint32_t holder;

    (void)state;
    set_up(&f, 4, "");
    f.extras[0].locks = x, f.extras[0].n_locks = 1;
    f.extras[1].locks = xy, f.extras[1].n_locks = 2;
    f.extras[2].locks = xy + 1, f.extras[2].n_locks = 1;

    struct plan *p = make(&f, 4, false);

    assert_string_equal(starts(p), "acd");
    assert_true(plan_locked(p, 1, &lock, &holder));
    assert_true(str_eq(lock, STR("x")) && holder == 0);
    end(p, 'a', PLAN_END_PASSED);
    assert_string_equal(starts(p), "");
    assert_true(plan_locked(p, 1, &lock, &holder));
    assert_true(str_eq(lock, STR("y")) && holder == 2);
    end(p, 'c', PLAN_END_FAILED);
    end(p, 'd', PLAN_END_PASSED);
    assert_true(plan_over(p));
    plan_destroy(p);
}

static void who_waits_for_people_takes_no_job(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 3, "");

    struct plan *p = make(&f, 1, false);

    assert_string_equal(starts(p), "a");
    plan_idle(p, 0, true);
    assert_string_equal(starts(p), "b");
    plan_idle(p, 0, false);
    end(p, 'b', PLAN_END_PASSED);
    assert_string_equal(starts(p), "");
    plan_idle(p, 0, true);
    end(p, 'a', PLAN_END_PASSED);
    assert_string_equal(starts(p), "c");
    plan_destroy(p);
}

static void stopping_cancels_what_waits_and_gives_up_retries(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 4, "ab");
    f.nodes[2].extra->retry.limit = 5;

    struct plan *p = make(&f, 2, false);

    assert_string_equal(starts(p), "ac");
    end(p, 'c', PLAN_END_FAILED);
    assert_int_equal(plan_state(p, 2), PLAN_BACKOFF);
    plan_stop(p, STR("interrupted"));
    assert_int_equal(plan_state(p, 1), PLAN_CANCELLED);
    assert_int_equal(plan_state(p, 2), PLAN_FAILED);
    expect_why(p, 'b', "interrupted");
    expect_why(p, 'c', "exit code 1");
    assert_false(plan_over(p));
    end(p, 'a', PLAN_END_CANCELLED);
    assert_true(plan_over(p));
    plan_destroy(p);
}

static void a_skipped_stage_skips_those_after_it(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 2, "ab");

    struct plan *p = make(&f, 2, false);

    starts(p);
    plan_ended(p, 0, PLAN_END_SKIPPED, STR("git.branch == \"main\" is false"));
    assert_int_equal(plan_state(p, 1), PLAN_SKIPPED);
    expect_why(p, 'b', "a skipped: git.branch == \"main\" is false");
    assert_false(plan_failed(p));
    plan_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_for_nothing_starts_up_to_the_jobs),
        cmocka_unit_test(the_longest_way_goes_first),
        cmocka_unit_test(a_failure_skips_what_comes_after_and_says_the_chain),
        cmocka_unit_test(without_keep_going_nothing_starts_after_a_failure),
        cmocka_unit_test(an_optional_failure_holds_up_only_who_uses_its_output),
        cmocka_unit_test(retries_back_off_until_the_ceiling_and_then_fail),
        cmocka_unit_test(a_lock_lets_one_run_at_a_time),
        cmocka_unit_test(who_waits_for_people_takes_no_job),
        cmocka_unit_test(stopping_cancels_what_waits_and_gives_up_retries),
        cmocka_unit_test(a_skipped_stage_skips_those_after_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
