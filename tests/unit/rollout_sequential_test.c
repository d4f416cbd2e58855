#include "runtime/rollout/sequential.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t random_bits(uint64_t *s)
{
    uint64_t z = *s += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int64_t bad_of(uint64_t *s, int64_t n, double rate)
{
    int64_t bad = 0;

    for (int64_t i = 0; i < n; i++)
        bad += (double)(random_bits(s) >> 11) * 0x1p-53 < rate;
    return bad;
}

/* The share of runs in which the canary is called worse, looked at after each
 * of so many measurements. */
static double share_called_worse(double alpha, double stable, double canary,
                                 int64_t n_stable, int64_t n_canary, int looks,
                                 int runs, uint64_t seed)
{
    int called = 0;

    for (int r = 0; r < runs; r++) {
        struct sequential s = {0};

        for (int i = 0; i < looks && !sequential_worse(&s, alpha); i++) {
            struct sequential_counts c = {.stable_n = n_stable,
                                          .canary_n = n_canary};

            c.stable_bad = bad_of(&seed, n_stable, stable);
            c.canary_bad = bad_of(&seed, n_canary, canary);
            sequential_add(&s, &c);
        }
        called += sequential_worse(&s, alpha);
    }
    return (double)called / runs;
}

/* Four standard deviations above what is declared. */
static double bound(double alpha, int runs)
{
    return alpha + 4 * sqrt(alpha * (1 - alpha) / runs);
}

static void an_equal_canary_is_seldom_aborted(void **state)
{
    static const double rates[] = {0.001, 0.01, 0.05, 0.3};
    enum { RUNS = 800 };

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double share = share_called_worse(0.05, rates[i], rates[i], 180, 20,
                                          60, RUNS, 7 + i);

        print_message("# rate %g: %.2f%% false aborts in 60 looks at 5%%\n",
                      rates[i], 100 * share);
        assert_true(share <= bound(0.05, RUNS));
    }
    assert_true(share_called_worse(0.01, 0.02, 0.02, 900, 100, 30, RUNS, 3) <=
                bound(0.01, RUNS));
}

static void a_better_canary_is_seldom_aborted(void **state)
{
    (void)state;
    assert_true(share_called_worse(0.05, 0.05, 0.02, 100, 100, 40, 1000, 5) <=
                bound(0.05, 1000));
}

static void a_worse_canary_is_found_soon(void **state)
{
    (void)state;
    /* 1 % against 20 %, 20 requests a look: three looks are enough. */
    assert_true(share_called_worse(0.01, 0.01, 0.2, 180, 20, 4, 500, 11) > 0.9);
    /* 1 % against 2 %, 1000 requests a look. */
    assert_true(share_called_worse(0.01, 0.01, 0.02, 9000, 1000, 12, 40, 13) >
                0.9);
}

static void once_worse_it_stays_worse(void **state)
{
    struct sequential s = {0};
    struct sequential_counts bad = {100, 0, 100, 60}, good = {100, 60, 100, 0};

    (void)state;
    sequential_add(&s, &bad);
    assert_true(sequential_worse(&s, 0.01));
    assert_true(sequential_p(&s) <= 0.01);
    for (int i = 0; i < 10; i++)
        sequential_add(&s, &good);
    assert_true(sequential_worse(&s, 0.01));
}

static void impossible_counts_teach_nothing(void **state)
{
    static const struct sequential_counts wrong[] = {
        {0, 0, 10, 10}, {10, 0, 0, 0}, {10, 11, 10, 0}, {10, 0, 10, -1}};
    struct sequential s = {0};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        sequential_add(&s, &wrong[i]);
    assert_true(s.log_e == 0 && s.canary_n == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_equal_canary_is_seldom_aborted),
        cmocka_unit_test(a_better_canary_is_seldom_aborted),
        cmocka_unit_test(a_worse_canary_is_found_soon),
        cmocka_unit_test(once_worse_it_stays_worse),
        cmocka_unit_test(impossible_counts_teach_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
