#include "runtime/proc/mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Feeds text in pieces of n bytes. */
static void feed(const struct mask *m, const char *text, size_t n,
                 struct buf *out)
{
    struct mask_stream st = {0};
    struct str rest = str_of(text);

    buf_clear(out);
    while (rest.n) {
        mask_feed(m, &st, str_sub(rest, 0, n), false, out);
        rest = str_skip(rest, n);
    }
    mask_feed(m, &st, (struct str){"", 0}, true, out);
    buf_free(&st.held);
}

static void expect(const struct mask *m, const char *text, const char *want)
{
    struct buf out = {0};

    for (size_t n = 1; n <= strlen(text); n++) {
        feed(m, text, n, &out);
        assert_string_equal(buf_cstr(&out), want);
    }
    buf_free(&out);
}

static void a_secret_is_replaced_wherever_the_pieces_are_cut(void **state)
{
    struct mask *m = mask_create();

    (void)state;
    mask_add(m, STR("hunter2"));
    expect(m, "pass=hunter2;hunter hunter22 hunte",
           "pass=***;hunter ***2 hunte");
    expect(m, "hunter2hunter2", "******");
    expect(m, "huntehunter2", "hunte***");
    mask_destroy(m);
}

static void overlapping_secrets_leave_nothing_between_them(void **state)
{
    struct mask *m = mask_create();

    (void)state;
    mask_add(m, STR("abcdef"));
    mask_add(m, STR("defghi"));
    expect(m, "xabcdefghiy", "x***y");
    expect(m, "xabcdefgh", "x***gh");
    mask_destroy(m);
}

static void the_longer_of_two_secrets_wins(void **state)
{
    struct mask *m = mask_create();

    (void)state;
    mask_add(m, STR("token"));
    mask_add(m, STR("token-of-prod"));
    expect(m, "a token b token-of-prod c token-of", "a *** b *** c ***-of");
    mask_destroy(m);
}

static void encoded_forms_are_found(void **state)
{
    struct mask *m = mask_create();

    (void)state;
    mask_add(m, STR("p@ss w\"rd?>"));
    expect(m, "cEBzcyB3InJkPz4=", "***=");          /* alone */
    expect(m, "dTpwQHNzIHcicmQ/Pg==", "dTp***==");  /* after u: */
    expect(m, "eHBAc3MgdyJyZD8-", "eH***");         /* after x, URL */
    expect(m, "?p=p%40ss%20w%22rd%3F%3E&", "?p=***&");
    expect(m, "?p=p%40ss+w%22rd%3f%3e&", "?p=***&");
    expect(m, "7040737320772272643f3e", "***");
    expect(m, "{\"p\":\"p@ss w\\\"rd?>\"}", "{\"p\":\"***\"}");
    mask_destroy(m);
}

static void each_line_of_a_key_is_a_secret_but_not_its_braces(void **state)
{
    struct mask *m = mask_create();

    (void)state;
    mask_add(m, STR("{\n  \"key\": \"abc\"\n}\n"));
    expect(m, "{\nkeep\n\"key\": \"abc\"\n}", "{\nkeep\n***\n}");
    mask_destroy(m);
}

static void a_short_secret_is_masked_too(void **state)
{
    struct mask *m = mask_create();

    (void)state;
    mask_add(m, STR("7"));
    mask_add(m, STR(""));
    expect(m, "77 a7", "****** a***");
    mask_destroy(m);
}

static void endless_repetition_is_held_in_bounded_memory(void **state)
{
    struct mask *m = mask_create();
    struct mask_stream st = {0};
    struct buf out = {0};
    char block[4096];

    (void)state;
    mask_add(m, STR("aaaaaaaa"));
    memset(block, 'a', sizeof block);
    for (int i = 0; i < 1000; i++) {
        mask_feed(m, &st, (struct str){block, sizeof block}, false, &out);
        assert_true(st.held.n < 64);
    }
    assert_string_equal(buf_cstr(&out), "***");
    buf_free(&st.held);
    buf_free(&out);
    mask_destroy(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_replaced_wherever_the_pieces_are_cut),
        cmocka_unit_test(overlapping_secrets_leave_nothing_between_them),
        cmocka_unit_test(the_longer_of_two_secrets_wins),
        cmocka_unit_test(encoded_forms_are_found),
        cmocka_unit_test(each_line_of_a_key_is_a_secret_but_not_its_braces),
        cmocka_unit_test(a_short_secret_is_masked_too),
        cmocka_unit_test(endless_repetition_is_held_in_bounded_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
