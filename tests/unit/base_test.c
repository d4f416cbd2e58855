#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void strings_are_cut_and_compared_by_bytes(void **state)
{
    struct str rest, head = str_cut(STR("a=b=c"), '=', &rest);

    (void)state;
    assert_true(str_eq(head, STR("a")));
    assert_true(str_eq(rest, STR("b=c")));
    head = str_cut(rest, ';', &rest);
    assert_true(str_eq(head, STR("b=c")));
    assert_int_equal(rest.n, 0);
    assert_true(str_cmp(STR("ab"), STR("abc")) < 0);
    assert_true(str_starts(STR("abc"), STR("")));
    assert_false(str_ends(STR("c"), STR("bc")));
    assert_int_equal(str_search(STR("hello"), STR("llo")), 2);
    assert_int_equal(str_search(STR("hello"), STR("x")), 5);
    assert_true(str_eq(str_trim(STR(" \t a b\r\n")), STR("a b")));
}

static void numbers_are_read_whole_or_not_at_all(void **state)
{
    int64_t i;
    double d;

    (void)state;
    assert_true(str_int(STR("-42"), &i));
    assert_int_equal(i, -42);
    assert_false(str_int(STR("42x"), &i));
    assert_false(str_int(STR("+1"), &i));
    assert_false(str_int(STR(""), &i));
    assert_false(str_int(STR("-"), &i));
    assert_false(str_int(STR(" 1"), &i));
    assert_false(str_int(STR("9223372036854775808"), &i));
    assert_false(str_int(STR("-9223372036854775809"), &i));
    assert_true(str_int(STR("-9223372036854775808"), &i));
    assert_true(i == INT64_MIN);
    assert_true(str_int(STR("9223372036854775807"), &i));
    assert_true(i == INT64_MAX);
    assert_true(str_double(STR("1e3"), &d));
    assert_true(d == 1000);
    assert_false(str_double(STR("nan"), &d));
    assert_false(str_double(STR("0x10"), &d));
}

static void distance_is_given_up_beyond_its_limit(void **state)
{
    (void)state;
    assert_int_equal(str_distance(STR("rollout"), STR("rolout"), 2), 1);
    assert_int_equal(str_distance(STR("build"), STR("commit"), 2), 3);
    assert_int_equal(str_distance(STR("rnu"), STR("run"), 2), 1);
    assert_int_equal(str_distance(STR("rnuxy"), STR("runyx"), 2), 2);
    assert_int_equal(str_distance(STR(""), STR("ab"), 2), 2);
}

static void malformed_utf8_is_told_from_well_formed(void **state)
{
    (void)state;
    assert_int_equal(str_utf8(STR("\xC3\xBC")), 2);
    assert_int_equal(str_utf8(STR("\xF0\x9F\x98\x80")), 4);
    assert_int_equal(str_utf8(STR("\xC0\xAF")), 0);     /* overlong */
    assert_int_equal(str_utf8(STR("\xED\xA0\x80")), 0); /* surrogate */
    assert_int_equal(str_utf8(STR("\xE2\x82")), 0);     /* cut short */
}

static void an_arena_gives_zeroed_aligned_memory(void **state)
{
    struct arena a = {0};
    struct { int *items; size_t n, cap; } v = {0};

    (void)state;
    /* From small blocks to those that are mapped. */
    for (size_t i = 0; i < 50000; i++) {
        char *c = arena_array(&a, char, 1 + i % 7);
        int64_t *p = arena_new(&a, int64_t);

        assert_int_equal(*c, 0);
        assert_int_equal((uintptr_t)p % alignof(int64_t), 0);
        assert_int_equal(*p, 0);
        *p = -1;
        memset(c, -1, 1 + i % 7);
        assert_non_null(arena_array(&a, int64_t, 0));
        arena_push(&a, &v, (int)i);
    }
    char *large = arena_array(&a, char, 3 << 20);

    assert_int_equal(large[(3 << 20) - 1], 0);
    for (size_t i = 0; i < v.n; i++)
        assert_int_equal(v.items[i], i);
    assert_string_equal(arena_printf(&a, "%s-%d", "x", 7).s, "x-7");
    assert_string_equal(arena_join(&a, STR("a"), (struct str){0}, STR("bc")).s,
                        "abc");
    arena_free(&a);
}

static void a_buffer_stops_at_its_ceiling_and_says_so(void **state)
{
    struct buf b = {.max = 5};

    (void)state;
    buf_adds(&b, "abc");
    assert_false(b.overflow);
    buf_addf(&b, "%d", 12345);
    assert_true(b.overflow);
    assert_string_equal(buf_cstr(&b), "abc12");
    buf_clear(&b);
    assert_int_equal(buf_str(&b).n, 0);
    buf_free(&b);
}

static void a_map_keeps_the_order_of_insertion(void **state)
{
    struct arena a = {0};
    struct map m = {0};
    int one = 1, two = 2;

    (void)state;
    map_set(&a, &m, STR("z"), &one);
    map_set(&a, &m, STR("a"), &two);
    map_set(&a, &m, STR("z"), &two);
    assert_ptr_equal(map_get(&m, STR("z")), &two);
    assert_null(map_get(&m, STR("y")));
    assert_true(str_eq(map_key(map_first(&m)), STR("z")));
    assert_true(str_eq(map_key(map_next(map_first(&m))), STR("a")));
    assert_int_equal(map_count(&m), 2);
    map_free(&m);
    arena_free(&a);
}

static void a_reserved_map_holds_more_than_was_said(void **state)
{
    struct arena a = {0};
    struct map m = {0};

    (void)state;
    map_reserve(&m, 1000);
    for (uintptr_t i = 1; i <= 3000; i++)
        map_add(&a, &m, arena_printf(&a, "%zu", (size_t)i), (void *)i);
    for (uintptr_t i = 1; i <= 3000; i++)
        assert_ptr_equal(map_get(&m, arena_printf(&a, "%zu", (size_t)i)),
                         (void *)i);
    assert_null(map_get(&m, STR("3001")));
    assert_int_equal(map_count(&m), 3000);
    map_free(&m);
    arena_free(&a);
}

static void files_are_written_whole_and_read_bounded(void **state)
{
    struct arena a = {0};
    struct err e = {0};
    char dir[] = "/tmp/base_test.XXXXXX";
    struct str text;

    (void)state;
    assert_non_null(mkdtemp(dir));
    struct str deep = arena_printf(&a, "%s/a/b", dir);
    struct str path = file_join(&a, deep, STR("f"));

    assert_true(file_mkdirs(deep.s, 0755, &e));
    assert_true(file_mkdirs(deep.s, 0755, &e));
    assert_true(file_write(path.s, STR("hello"), 0644, &e));
    assert_true(file_read(&a, path.s, 5, &text, &e));
    assert_true(str_eq(text, STR("hello")));
    assert_false(file_read(&a, path.s, 4, &text, &e));
    assert_int_equal(e.kind, ERR_INPUT);
    assert_false(file_read(&a, deep.s, 100, &text, &e));
    assert_false(file_read(&a, "/no/such", 100, &text, &e));
    assert_int_equal(e.kind, ERR_IO);
    assert_true(str_eq(file_dir(STR("/a/b")), STR("/a")));
    assert_true(str_eq(file_dir(STR("b")), STR(".")));
    static const char *const clean[][2] = {
        {"", "."},         {".", "."},         {"/", "/"},
        {"a//b/./c/", "a/b/c"},                {"./a", "a"},
        {"a/../b", "b"},   {"a/..", "."},      {"../../q", "../../q"},
        {"/..", "/"},      {"/../a/../b", "/b"}, {"a/../../b", "../b"},
        {"..a/...", "..a/..."},
    };

    for (size_t i = 0; i < sizeof(clean) / sizeof(*clean); i++)
        assert_string_equal(file_clean(&a, str_of(clean[i][0])).s,
                            clean[i][1]);
    assert_true(str_eq(file_base(STR("/a/b")), STR("b")));
    unlink(path.s);
    rmdir(deep.s);
    rmdir(arena_printf(&a, "%s/a", dir).s);
    rmdir(dir);
    arena_free(&a);
}

static void context_goes_before_the_message(void **state)
{
    struct err e = {0};

    (void)state;
    assert_false(err_set(&e, ERR_NET, "no route"));
    assert_false(err_wrap(&e, "push to '%s'", "origin"));
    assert_string_equal(e.msg, "push to 'origin': no route");
    assert_int_equal(e.kind, ERR_NET);
}

static void times_are_written_for_people_and_machines(void **state)
{
    static const struct { int64_t ms; const char *text; } cases[] = {
        {0, "0ms"}, {850, "850ms"}, {1500, "1.5s"}, {12000, "12s"},
        {330000, "5m30s"}, {3900000, "1h05m"}, {183600000, "2d3h"},
    };
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(clock_duration(&a, cases[i].ms).s, cases[i].text);
    assert_string_equal(clock_rfc3339(&a, 1700000000123).s,
                        "2023-11-14T22:13:20.123Z");
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_cut_and_compared_by_bytes),
        cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(distance_is_given_up_beyond_its_limit),
        cmocka_unit_test(malformed_utf8_is_told_from_well_formed),
        cmocka_unit_test(an_arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(a_buffer_stops_at_its_ceiling_and_says_so),
        cmocka_unit_test(a_map_keeps_the_order_of_insertion),
        cmocka_unit_test(a_reserved_map_holds_more_than_was_said),
        cmocka_unit_test(files_are_written_whole_and_read_bounded),
        cmocka_unit_test(context_goes_before_the_message),
        cmocka_unit_test(times_are_written_for_people_and_machines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
