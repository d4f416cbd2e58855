#include "compiler/literal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void number_is(const char *text, enum ast_kind kind, int64_t integer,
                      double real)
{
    struct literal v;
    const char *why;
    bool range;

    if (!literal_number(str_of(text), &v, &why, &range))
        fail_msg("'%s' is refused: %s", text, why);
    assert_int_equal(v.kind, kind);
    if (kind == AST_FLOAT || kind == AST_PERCENT)
        assert_true(v.real == real);
    else if (v.integer != integer)
        fail_msg("'%s' is %jd", text, (intmax_t)v.integer);
}

static void refused(const char *text, bool want_range)
{
    struct literal v;
    const char *why;
    bool range;

    if (literal_number(str_of(text), &v, &why, &range))
        fail_msg("'%s' is accepted", text);
    assert_int_equal(range, want_range);
    assert_true(want_range || why[0]);
}

static void numbers_are_whole_octal_or_real(void **state)
{
    (void)state;
    number_is("0", AST_INT, 0, 0);
    number_is("1_000", AST_INT, 1000, 0);
    number_is("9223372036854775807", AST_INT, INT64_MAX, 0);
    number_is("0755", AST_INT, 0755, 0);
    number_is("0.99", AST_FLOAT, 0, 0.99);
    number_is("1e3", AST_FLOAT, 0, 1000);
    number_is("2.5e-1", AST_FLOAT, 0, 0.25);
    number_is("99.5%", AST_PERCENT, 0, 99.5);
    refused("9223372036854775808", true);
    refused("1e400", true);
    refused("0777777777777777777777777", true);
    refused("08", false);
    refused("1__0", false);
    refused("1_", false);
    refused("1.2.3", false);
}

static void durations_are_milliseconds(void **state)
{
    (void)state;
    number_is("500ms", AST_DURATION, 500, 0);
    number_is("30s", AST_DURATION, 30000, 0);
    number_is("1h30m", AST_DURATION, 5400000, 0);
    number_is("2d3h4m5s6ms", AST_DURATION, 183845006, 0);
    number_is("1.5h", AST_DURATION, 5400000, 0);
    number_is("555.2d", AST_DURATION, 47969280000, 0);
    refused("30m1h", false);
    refused("1m1m", false);
    refused("1.5h30m", false);
    refused("0.0001s", false);
    refused("1h30", false);
    refused("5minutes", false);
    refused("5m%", false);
    refused("106751991168d", true);
    refused("106751991167d99h", true);
}

static void sizes_are_bytes(void **state)
{
    (void)state;
    number_is("512B", AST_SIZE, 512, 0);
    number_is("64k", AST_SIZE, 64000, 0);
    number_is("256Mi", AST_SIZE, 268435456, 0);
    number_is("1GB", AST_SIZE, 1000000000, 0);
    number_is("1.5GiB", AST_SIZE, 1610612736, 0);
    refused("1.1Ki", false);
    refused("1XB", false);
    refused("9999999T", true);
}

static struct str quoted(struct arena *a, struct diags *d, const char *text)
{
    return literal_quoted(a, str_of(text), 10, d);
}

static void escapes_are_resolved_and_unknown_ones_told(void **state)
{
    struct arena a = {0};
    struct diags d = {.arena = &a};

    (void)state;
    assert_true(str_eq(quoted(&a, &d, "a\\n\\t\\\"\\\\("), STR("a\n\t\"\\(")));
    assert_true(str_eq(quoted(&a, &d, "\\u{41}\\u{e9}\\u{20ac}\\u{1F680}"),
                       STR("A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x80")));
    assert_int_equal(d.errors, 0);
    assert_true(str_eq(quoted(&a, &d, "\\d\\u{D800}\\u{0}"),
                       STR("\\d\\u{D800}\\u{0}")));
    assert_int_equal(d.errors, 3);
    assert_int_equal(d.items[0]->span.start, 10);
    assert_int_equal(d.items[0]->span.end, 12);
    arena_free(&a);
}

static void here_documents_lose_their_indentation(void **state)
{
    struct arena a = {0};

    (void)state;
    assert_true(str_eq(literal_heredoc(&a, STR("  a\n\n    b \r\n"), 2, true,
                                       false),
                       STR("a\n\n  b \n")));
    /* The part after an interpolation goes on in the middle of a line. */
    assert_true(str_eq(literal_heredoc(&a, STR("  c\n  d"), 2, false, false),
                       STR("  c\nd")));
    assert_true(str_eq(literal_heredoc(&a, STR("x\\\\(y) \\n\\\\"), 0, true,
                                       false),
                       STR("x\\(y) \\n\\\\")));
    assert_true(str_eq(literal_heredoc(&a, STR("x\\\\(y)"), 0, true, true),
                       STR("x\\\\(y)")));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_whole_octal_or_real),
        cmocka_unit_test(durations_are_milliseconds),
        cmocka_unit_test(sizes_are_bytes),
        cmocka_unit_test(escapes_are_resolved_and_unknown_ones_told),
        cmocka_unit_test(here_documents_lose_their_indentation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
