#include "runtime/sched/freeze.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 2026-11-20 is a Friday. */
static bool holds(const char *from, const char *until, int day, int hour)
{
    struct tm now = {.tm_year = 126, .tm_mon = 10, .tm_mday = day,
                     .tm_wday = (5 + day - 20 + 70) % 7, .tm_hour = hour};

    return freeze_holds(str_of(from), str_of(until), &now);
}

static void a_weekly_freeze_reaches_over_the_weekend(void **state)
{
    (void)state;
    assert_false(holds("Fri 16:00", "Mon 08:00", 20, 15));
    assert_true(holds("Fri 16:00", "Mon 08:00", 20, 16));
    assert_true(holds("Fri 16:00", "Mon 08:00", 22, 3));
    assert_true(holds("Fri 16:00", "Mon 08:00", 23, 7));
    assert_false(holds("Fri 16:00", "Mon 08:00", 23, 8));
    assert_false(holds("Tue 09:00", "Tue 10:00", 20, 9));
    assert_true(holds("Fri 16:00", "", 22, 23));
    assert_false(holds("Fri 16:00", "", 23, 0));
}

static void a_dated_freeze_holds_once(void **state)
{
    (void)state;
    assert_true(holds("2026-11-20 00:00", "2026-11-21 12:00", 21, 11));
    assert_false(holds("2026-11-20 00:00", "2026-11-21 12:00", 21, 12));
    assert_false(holds("2026-11-20 00:00", "2026-11-21 12:00", 19, 23));
    assert_true(holds("2026-11-20 00:00", "", 29, 0));
}

static void the_zone_counts(void **state)
{
    struct value_pair pairs[] = {
        {STR("from"), value_string(STR("Fri 16:00"))},
        {STR("until"), value_string(STR("Mon 08:00"))},
        {STR("zone"), value_string(STR("Europe/Berlin"))},
    };
    struct value freeze = {.kind = VALUE_MAP, .map = {pairs, 3}};
    struct value list = {.kind = VALUE_LIST, .list = {&freeze, 1}};
    struct value_pair config_pair = {STR("freeze"), list};
    struct value config = {.kind = VALUE_MAP, .map = {&config_pair, 1}};
    struct err e = {0};
    int64_t friday = 1795190400000; /* 2026-11-20T16:00:00Z */

    (void)state;
    assert_false(freeze_check(&config, friday - 3600 * 1000, &e));
    assert_string_equal(e.msg, "frozen until Mon 08:00 Europe/Berlin");
    assert_true(freeze_check(&config, friday - 3601 * 1000, &e));
    pairs[2].value = value_string(STR("Mars/Olympus"));
    assert_false(freeze_check(&config, friday, &e));
    assert_non_null(strstr(e.msg, "Mars/Olympus"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_weekly_freeze_reaches_over_the_weekend),
        cmocka_unit_test(a_dated_freeze_holds_once),
        cmocka_unit_test(the_zone_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
