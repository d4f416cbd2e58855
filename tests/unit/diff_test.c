#include "base/diff.h"


#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void differs_as(const char *old, const char *new, const char *want)
{
    struct buf out = {0};

    diff_unified(&out, STR("a"), STR("b"), str_of(old), str_of(new), 1);
    assert_string_equal(buf_cstr(&out), want);
    buf_free(&out);
}

static void a_change_is_shown_with_its_context(void **state)
{
    (void)state;
    differs_as("1\n2\n3\n4\n5\n", "1\n2\nx\n4\n5\n",
               "--- a\n+++ b\n@@ -2,3 +2,3 @@\n 2\n-3\n+x\n 4\n");
    differs_as("same\n", "same\n", "");
}

static void ends_of_texts_are_changes_too(void **state)
{
    (void)state;
    differs_as("", "x\n", "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
    differs_as("x\n", "", "--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n");
    differs_as("x", "x\n",
               "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n"
               "+x\n");
}

static void near_changes_share_a_hunk_and_far_ones_do_not(void **state)
{
    (void)state;
    differs_as("a\n1\n2\nb\n", "x\n1\n2\ny\n",
               "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-a\n+x\n 1\n 2\n-b\n+y\n");
    differs_as("a\n1\n2\n3\nb\n", "x\n1\n2\n3\ny\n",
               "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-a\n+x\n 1\n"
               "@@ -4,2 +4,2 @@\n 3\n-b\n+y\n");
}

/* A deterministic text of n lines of few kinds. */
static void random_text(struct buf *b, uint32_t *seed, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        *seed = *seed * 1664525 + 1013904223;
        buf_addf(b, "%u\n", *seed >> 29);
    }
}

/* Applies a diff without context: what it keeps and adds must be the new text,
 * what it keeps and removes the old. */
static void check_sides(struct str diff, struct str old, struct str new)
{
    struct buf sides[2] = {{0}, {0}};
    struct str line;

    str_cut(diff, '\n', &diff);
    str_cut(diff, '\n', &diff);
    str_cut(diff, '\n', &diff);
    while (diff.n) {
        line = str_cut(diff, '\n', &diff);
        for (int i = 0; i < 2; i++)
            if (line.s[0] != "+-"[i]) {
                buf_add(&sides[i], str_skip(line, 1));
                buf_addc(&sides[i], '\n');
            }
    }
    assert_true(str_eq(buf_str(&sides[0]), old));
    assert_true(str_eq(buf_str(&sides[1]), new));
    buf_free(&sides[0]);
    buf_free(&sides[1]);
}

static void every_diff_leads_from_one_text_to_the_other(void **state)
{
    uint32_t seed = 7;

    (void)state;
    for (size_t i = 0; i < 300; i++) {
        struct buf old = {0}, new = {0}, out = {0};

        random_text(&old, &seed, i % 17);
        random_text(&new, &seed, i % 13);
        diff_unified(&out, STR("a"), STR("b"), buf_str(&old), buf_str(&new),
                     100);
        if (!str_eq(buf_str(&old), buf_str(&new)))
            check_sides(buf_str(&out), buf_str(&old), buf_str(&new));
        buf_free(&old);
        buf_free(&new);
        buf_free(&out);
    }
}

static void texts_with_nothing_in_common_take_bounded_time(void **state)
{
    struct buf old = {0}, new = {0}, out = {0};

    (void)state;
    for (int i = 0; i < 20000; i++) {
        buf_addf(&old, "a%d\n", i);
        buf_addf(&new, "b%d\n", i);
    }
    diff_unified(&out, STR("a"), STR("b"), buf_str(&old), buf_str(&new), 3);
    check_sides(buf_str(&out), buf_str(&old), buf_str(&new));
    buf_free(&old);
    buf_free(&new);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_shown_with_its_context),
        cmocka_unit_test(ends_of_texts_are_changes_too),
        cmocka_unit_test(near_changes_share_a_hunk_and_far_ones_do_not),
        cmocka_unit_test(every_diff_leads_from_one_text_to_the_other),
        cmocka_unit_test(texts_with_nothing_in_common_take_bounded_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
