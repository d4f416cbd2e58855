#include "base/buf.h"
#include "runtime/yaml/ykey.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/yscalar.h"
#include "runtime/yaml/ywrite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct yread_options manifest = {.file = "f.yaml"};

/* What one document prints as; the error's message where it cannot. */
static const char *printed(struct arena *a, const char *text)
{
    struct ynode *n;
    struct err e = {0};
    struct buf b = {0};
    struct yread_options o = manifest;

    o.duplicates = YDUP_KEEP;
    if (!yread_first(a, str_of(text), &o, &n, &e) ||
        !ywrite_yaml(&b, n, &e)) {
        buf_free(&b);
        return arena_dup(a, str_of(e.msg)).s;
    }
    const char *out = arena_dup(a, buf_str(&b)).s;

    buf_free(&b);
    return out;
}

static void prints(const char *in, const char *out)
{
    struct arena a = {0};

    assert_string_equal(printed(&a, in), out);
    arena_free(&a);
}

static void keys_are_sorted_naturally(void **state)
{
    (void)state;
    prints("{ab: 1, a10: 1, a9: 1, a01: 1, a1: 1, a_b: 1, a: 1, B: 1, é: 1}",
           "B: 1\na: 1\na_b: 1\na1: 1\na01: 1\na9: 1\na10: 1\nab: 1\né: 1\n");
}

static void strings_are_quoted_only_where_a_reader_would_err(void **state)
{
    (void)state;
    prints("[y, 'true', '1', '1:30', 'a: b', ' a', '', '~', '<<', \"\\t\"]",
           "- \"y\"\n- \"true\"\n- \"1\"\n- \"1:30\"\n- 'a: b'\n- ' a'\n"
           "- \"\"\n- \"~\"\n- <<\n- \"\\t\"\n");
}

static void numbers_take_their_one_form(void **state)
{
    (void)state;
    prints("[0777, 0x1F, 1_000, 1.0, 1e3, 1e20, 1.50, 1e-7, "
           "18446744073709551615, 18446744073709551616, 1234567.5, -0.0]",
           "- 511\n- 31\n- 1000\n- 1\n- 1000\n- 1e+20\n- 1.5\n- 1e-07\n"
           "- 18446744073709551615\n- 1.8446744073709552e+19\n"
           "- 1.2345675e+06\n- 0\n");
}

static void text_with_newlines_becomes_a_block(void **state)
{
    (void)state;
    prints("{a: \"x\\ny\", b: \"x\\n\", c: \"x\\n\\n\", d: \" x\\n\"}",
           "a: |-\n  x\n  y\nb: |\n  x\nc: |+\n  x\n\nd: |2\n   x\n");
}

static void lists_stand_under_their_key(void **state)
{
    (void)state;
    prints("{a: [1, [2, 3], {b: 4, c: []}], d: {}}",
           "a:\n- 1\n- - 2\n  - 3\n- b: 4\n  c: []\nd: {}\n");
}

static void long_text_is_folded_past_column_80(void **state)
{
    (void)state;
    prints("a: aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff "
           "ggggggggg hhhhhhhhh iiiiiiiii jjjjjjjjj",
           "a: aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff "
           "ggggggggg hhhhhhhhh\n  iiiiiiiii jjjjjjjjj\n");
}

static void aliases_and_merge_keys_are_copied_out(void **state)
{
    (void)state;
    prints("a: &x {b: 1, c: 2}\nd: *x\ne: {<<: *x, c: 3}\n",
           "a:\n  b: 1\n  c: 2\nd:\n  b: 1\n  c: 2\ne:\n  b: 1\n  c: 3\n");
}

static void a_duplicate_key_is_named_with_both_lines(void **state)
{
    (void)state;
    prints("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: key 'a' is here twice, first "
                                 "on line 1; remove one");
}

static void anchors_cannot_explode(void **state)
{
    struct arena a = {0};
    struct buf b = {0};

    (void)state;
    buf_adds(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++)
        buf_addf(&b, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    assert_non_null(strstr(printed(&a, buf_cstr(&b)), "too large"));
    buf_free(&b);
    arena_free(&a);
}

static void an_alias_inside_its_own_anchor_is_refused(void **state)
{
    (void)state;
    prints("a: &a [*a]", "f.yaml:1:8: alias '*a' has no anchor '&a' before it "
                         "in this document");
}

static void words_of_yaml_1_1_are_booleans_there_only(void **state)
{
    (void)state;
    assert_int_equal(yscalar_resolve(STR("on"), YDIALECT_11), YTAG_BOOL);
    assert_int_equal(yscalar_resolve(STR("on"), YDIALECT_12), YTAG_STR);
    assert_int_equal(yscalar_resolve(STR("2001-1-1"), YDIALECT_12), YTAG_TIME);
    assert_int_equal(yscalar_resolve(STR("2001-2-30"), YDIALECT_12), YTAG_STR);
    assert_int_equal(yscalar_resolve(STR("0o17"), YDIALECT_12), YTAG_INT);
    assert_int_equal(yscalar_resolve(STR("08"), YDIALECT_12), YTAG_FLOAT);
}

static void documents_are_split_at_their_lines(void **state)
{
    struct arena a = {0};
    struct yread_docs docs = {0};
    struct err e = {0};

    (void)state;
    assert_true(yread_all(&a, STR("# head\n---\na: 1\r\n--- # two\n\n---\nb:"
                                  " 2\n---"), &manifest, &docs, &e));
    assert_int_equal(docs.n, 2);
    assert_int_equal(docs.items[1]->line, 7);
    assert_false(yread_all(&a, STR("a: 1\n---x\nb: 2\n"), &manifest, &docs,
                           &e));
    assert_non_null(strstr(e.msg, "f.yaml:2:1:"));
    arena_free(&a);
}

static void json_is_escaped_as_go_does(void **state)
{
    struct arena a = {0};
    struct ynode *n;
    struct err e = {0};
    struct buf b = {0};

    (void)state;
    assert_true(yread_first(&a, STR("{b: '<a>', a: \"\\u2028\\x01\\n\"}"),
                            &manifest, &n, &e));
    assert_true(ywrite_json(&b, n, &e));
    assert_string_equal(buf_cstr(&b),
                        "{\"a\":\"\\u2028\\u0001\\n\",\"b\":\"\\u003ca"
                        "\\u003e\"}");
    buf_free(&b);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_sorted_naturally),
        cmocka_unit_test(strings_are_quoted_only_where_a_reader_would_err),
        cmocka_unit_test(numbers_take_their_one_form),
        cmocka_unit_test(text_with_newlines_becomes_a_block),
        cmocka_unit_test(lists_stand_under_their_key),
        cmocka_unit_test(long_text_is_folded_past_column_80),
        cmocka_unit_test(aliases_and_merge_keys_are_copied_out),
        cmocka_unit_test(a_duplicate_key_is_named_with_both_lines),
        cmocka_unit_test(anchors_cannot_explode),
        cmocka_unit_test(an_alias_inside_its_own_anchor_is_refused),
        cmocka_unit_test(words_of_yaml_1_1_are_booleans_there_only),
        cmocka_unit_test(documents_are_split_at_their_lines),
        cmocka_unit_test(json_is_escaped_as_go_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
