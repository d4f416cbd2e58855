#include "compiler/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void places_are_lines_and_characters_of_their_file(void **state)
{
    struct arena a = {0};
    struct source_map m = {.arena = &a};
    struct err e = {0};
    struct source_file *x = source_add(&m, STR("x"), STR("a\n\xC3\xA9" "b\r\n"), &e);
    struct source_file *y = source_add(&m, STR("y"), STR("c"), &e);
    struct source_place at = source_place(&m, x->base + 4);

    (void)state;
    assert_ptr_equal(at.file, x);
    assert_int_equal(at.line, 2);
    assert_int_equal(at.column, 2);
    assert_true(str_eq(at.text, STR("\xC3\xA9" "b")));
    assert_ptr_equal(source_of(&m, x->base + (uint32_t)x->text.n), x);
    assert_ptr_equal(source_of(&m, y->base), y);
    assert_null(source_of(&m, 0));
    assert_null(source_place(&m, 1000).file);
    assert_int_equal(source_line(&m, x, 2), x->base + 2);
    assert_int_equal(source_line(&m, x, 9), x->base + 7);
    assert_true(str_eq(source_text(&m, (struct span){y->base, y->base + 1}),
                       STR("c")));
    arena_free(&a);
}

static void files_have_a_ceiling(void **state)
{
    struct arena a = {0};
    struct source_map m = {.arena = &a};
    struct err e = {0};

    (void)state;
    for (int i = 0; i < SOURCE_FILES_MAX; i++)
        assert_non_null(source_add(&m, STR("x"), STR(""), &e));
    assert_null(source_add(&m, STR("last"), STR(""), &e));
    assert_non_null(strstr(e.msg, "'last'"));
    arena_free(&a);
}

static void diagnostics_are_sorted_and_told_once(void **state)
{
    struct arena a = {0};
    struct diags d = {.arena = &a};

    (void)state;
    diag_add(&d, DIAG_E0201, (struct span){9, 10}, "second");
    diag_add(&d, DIAG_E0201, (struct span){3, 4}, "first");
    diag_add(&d, DIAG_E0201, (struct span){9, 10}, "second");
    diag_sort(&d);
    assert_int_equal(d.n, 2);
    assert_int_equal(d.errors, 2);
    assert_true(str_eq(d.items[0]->message, STR("first")));
    arena_free(&a);
}

static void more_diagnostics_than_are_kept_are_counted(void **state)
{
    struct arena a = {0};
    struct diags d = {.arena = &a};

    (void)state;
    for (uint32_t i = 0; i < DIAG_MAX + 5; i++) {
        struct diag *g = diag_add(&d, DIAG_E0201, (struct span){i, i}, "x");

        diag_help(&d, g, "y");
        diag_also(&d, g, (struct span){1, 2}, "z");
    }
    assert_int_equal(d.n, DIAG_MAX);
    assert_int_equal(d.errors, DIAG_MAX + 5);
    arena_free(&a);
}

static void messages_cannot_upset_a_terminal(void **state)
{
    struct arena a = {0};
    struct diags d = {.arena = &a};
    char text[2 * DIAG_MESSAGE_MAX];

    (void)state;
    struct diag *g = diag_add(&d, DIAG_E0201, (struct span){1, 2}, "%s",
                              "a\x1b[31m\xff\nb");

    assert_true(str_eq(g->message, STR("a\xEF\xBF\xBD[31m\xEF\xBF\xBD"
                                       "\xEF\xBF\xBD" "b")));
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    g = diag_add(&d, DIAG_E0201, (struct span){1, 2}, "%s", text);
    assert_true(g->message.n <= DIAG_MESSAGE_MAX);
    assert_true(str_ends(g->message, STR("…")));
    arena_free(&a);
}

static struct str nearest(const char *word)
{
    struct near near = {.word = str_of(word)};

    near_consider(&near, STR("overlay"));
    near_consider(&near, STR("timeout"));
    near_consider(&near, STR("env"));
    return near.best;
}

static void a_near_name_is_at_most_two_edits_away(void **state)
{
    (void)state;
    assert_true(str_eq(nearest("timeuot"), STR("timeout")));
    assert_true(str_eq(nearest("overlays"), STR("overlay")));
    assert_int_equal(nearest("timer").n, 0);
    /* A short word is near to nearly everything. */
    assert_true(str_eq(nearest("en"), STR("env")));
    assert_int_equal(nearest("e").n, 0);
}

static void codes_are_found_in_either_case(void **state)
{
    (void)state;
    assert_int_equal(diag_find(STR("e0201")), DIAG_E0201);
    assert_int_equal(diag_find(STR("E02")), DIAG_CODES);
    assert_int_equal(diag_find(STR("")), DIAG_CODES);
    assert_string_equal(diag_name(DIAG_E0201), "E0201");
    assert_int_equal(diag_severity(DIAG_E0201), DIAG_ERROR);
}

static void github_commands_escape_what_would_end_them(void **state)
{
    struct arena a = {0};
    struct source_map m = {.arena = &a};
    struct diags d = {.arena = &a};
    struct err e = {0};
    struct buf out = {0};
    struct source_file *f = source_add(&m, STR("a,b:c"), STR("x"), &e);

    (void)state;
    diag_add(&d, DIAG_E0201, (struct span){f->base, f->base + 1}, "100%%");
    diag_render(&d, &m, DIAG_GITHUB, false, &out);
    assert_non_null(strstr(buf_cstr(&out), "file=a%2Cb%3Ac,line=1,"));
    assert_non_null(strstr(buf_cstr(&out), "::100%25\n"));
    buf_free(&out);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_lines_and_characters_of_their_file),
        cmocka_unit_test(files_have_a_ceiling),
        cmocka_unit_test(diagnostics_are_sorted_and_told_once),
        cmocka_unit_test(more_diagnostics_than_are_kept_are_counted),
        cmocka_unit_test(messages_cannot_upset_a_terminal),
        cmocka_unit_test(a_near_name_is_at_most_two_edits_away),
        cmocka_unit_test(codes_are_found_in_either_case),
        cmocka_unit_test(github_commands_escape_what_would_end_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
