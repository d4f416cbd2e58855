#include "../src/fee.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_payment_costs_a_share_and_a_fixed_part(void **state)
{
    int64_t fee;

    (void)state;
    assert_true(fee_of(10000, &fee));
    assert_int_equal(fee, 165);
}

static void a_part_of_a_cent_is_a_cent(void **state)
{
    int64_t fee;

    (void)state;
    assert_true(fee_of(1, &fee));
    assert_int_equal(fee, 26);
}

static void what_cannot_be_paid_is_refused(void **state)
{
    int64_t fee;

    (void)state;
    assert_false(fee_of(0, &fee));
    assert_false(fee_of(-5, &fee));
    assert_false(fee_of(100000001, &fee));
}

int main(void)
{
    const struct CMUnitTest fee[] = {
        cmocka_unit_test(a_payment_costs_a_share_and_a_fixed_part),
        cmocka_unit_test(a_part_of_a_cent_is_a_cent),
        cmocka_unit_test(what_cannot_be_paid_is_refused),
    };

    return cmocka_run_group_tests(fee, NULL, NULL);
}
