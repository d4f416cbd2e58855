#include "base/glob.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static bool match(const char *pattern, const char *path)
{
    return glob_match(str_of(pattern), str_of(path));
}

static void a_star_stays_within_a_name(void **state)
{
    (void)state;
    assert_true(match("src/*.c", "src/a.c"));
    assert_false(match("src/*.c", "src/x/a.c"));
    assert_false(match("src/*.c", "a.c"));
    assert_true(match("./src//a.[ch]", "src/a.h"));
    assert_false(match("*", ".hidden"));
    assert_false(match("src", "src/a.c"));
    assert_false(match("src/a.c/b", "src/a.c"));
}

static void two_stars_are_any_number_of_folders(void **state)
{
    (void)state;
    assert_true(match("**", "a/b/c"));
    assert_true(match("**/*.c", "a.c"));
    assert_true(match("**/*.c", "x/y/a.c"));
    assert_true(match("src/**/t/*.c", "src/t/a.c"));
    assert_true(match("src/**/t/*.c", "src/t/u/t/a.c"));
    assert_false(match("src/**/t/*.c", "src/t/u/a.c"));
    assert_true(match("a/**/b/**/c", "a/x/b/y/z/c"));
    assert_false(match("**/*.c", ".hidden/a.c"));
}

static void a_pattern_of_many_stars_ends(void **state)
{
    struct buf p = {0}, s = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        buf_adds(&p, "**/a/");
        buf_adds(&s, "a/a/");
    }
    buf_adds(&p, "b");
    buf_adds(&s, "c");
    assert_false(glob_match(buf_str(&p), buf_str(&s)));
    buf_free(&p);
    buf_free(&s);
}

static void files_are_listed_in_order(void **state)
{
    struct arena a = {0};
    struct err e = {0};
    struct str *files;
    size_t n;
    char dir[] = "/tmp/pipec-glob-XXXXXX", sh[300];

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(sh, sizeof sh, "cd %s && mkdir -p s/b/.git s/.pipec && "
             "touch s/z.c s/a.c s/b/c.c s/b/d.h s/b/.git/x.c s/.pipec/y.c o.c",
             dir);
    assert_int_equal(system(sh), 0);
    assert_true(glob_list(&a, dir, STR("s/**/*.c"), &files, &n, &e));
    assert_int_equal(n, 3);
    assert_string_equal(files[0].s, "s/a.c");
    assert_string_equal(files[1].s, "s/b/c.c");
    assert_string_equal(files[2].s, "s/z.c");
    assert_true(glob_list(&a, dir, STR("no/such/**"), &files, &n, &e));
    assert_int_equal(n, 0);
    snprintf(sh, sizeof sh, "rm -rf %s", dir);
    assert_int_equal(system(sh), 0);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_star_stays_within_a_name),
        cmocka_unit_test(two_stars_are_any_number_of_folders),
        cmocka_unit_test(a_pattern_of_many_stars_ends),
        cmocka_unit_test(files_are_listed_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
