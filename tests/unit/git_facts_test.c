#include "runtime/git/remote.h"

#include "runtime/git/repo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/git_remote.h"

/* ---- facts --------------------------------------------------------------- */

static struct repo *open_w(void)
{
    struct repo *r = repo_open(path_in("w/base").s, &env.e);

    if (!r)
        fail_msg("%s", env.e.msg);
    return r;
}

typedef bool (*fact_fn)(struct repo *, struct arena *, struct str *,
                        struct err *);

static const char *fact(struct repo *r, fact_fn f)
{
    struct str s;

    assert_true(f(r, &env.arena, &s, &env.e));
    return arena_dup(&env.arena, s).s;
}

static void test_facts_are_what_git_says(void **state)
{
    struct repo *r = open_w();

    (void)state;
    assert_text(git_says("-C w rev-parse HEAD"), fact(r, repo_sha));
    assert_text(git_says("-C w rev-parse --short HEAD"), fact(r, repo_short));
    assert_string_equal(fact(r, repo_branch), "main");
    assert_string_equal(fact(r, repo_tag), "v1");
    assert_string_equal(fact(r, repo_name), "w");
    git_says("-C w remote add origin git@git.example.com:org/payments.git");
    git_says("-C w tag v1.9; ");
    git_says("-C w tag v1.10");
    assert_string_equal(fact(r, repo_name), "payments");
    assert_string_equal(fact(r, repo_tag), "v1.10");
    git_says("-C w tag -a -m x v0.1");
    assert_string_equal(fact(r, repo_tag), "v0.1");
    git_says("-C w checkout -q --detach");
    assert_string_equal(fact(r, repo_branch), "");
    repo_close(r);
}

static void test_dirty_means_tracked_files(void **state)
{
    struct repo *r = open_w();
    bool dirty;

    (void)state;
    scratch_write(&env.arena, env.dir, "w/untracked", "x");
    assert_true(repo_dirty(r, &dirty, &env.e));
    assert_false(dirty);
    scratch_write(&env.arena, env.dir, "w/README", "other");
    assert_true(repo_dirty(r, &dirty, &env.e));
    assert_true(dirty);
    repo_close(r);
}

static bool changed(struct repo *r, const char *glob, const char *base)
{
    struct str g = str_of(glob);
    bool yes;

    if (!repo_changed(r, &g, 1, str_of(base), &yes, &env.e))
        fail_msg("%s", env.e.msg);
    return yes;
}

static void test_changed_compares_with_the_merge_base(void **state)
{
    struct repo *r;

    (void)state;
    assert_int_equal(SH(&env.arena, "cd %s/w; git checkout -q -b topic;"
                        "echo y >base/new.yaml; git add -A;"
                        "git commit -qm topic; git checkout -q main;"
                        "echo z >README; git commit -qam two;"
                        "git checkout -q topic", env.dir.s), 0);
    r = open_w();
    assert_true(changed(r, "base/**", ""));
    assert_true(changed(r, "*.yaml", "main"));
    assert_false(changed(r, "README", ""));
    scratch_write(&env.arena, env.dir, "w/README", "uncommitted");
    assert_true(changed(r, "README", ""));
    git_says("-C w checkout -qf main");
    assert_true(changed(r, "README", ""));
    assert_false(changed(r, "base", ""));
    repo_close(r);
}

static void test_a_file_is_read_at_another_ref(void **state)
{
    struct repo *r = open_w();
    struct str text;
    bool found;

    (void)state;
    assert_true(repo_read(r, &env.arena, STR("v1"), STR("base/app.yaml"),
                          1000, &text, &found, &env.e));
    assert_true(found);
    assert_text(text, "image: app:1\n");
    assert_true(repo_read(r, &env.arena, STR("nope"), STR("x"), 1000, &text,
                          &found, &env.e));
    assert_false(found);
    assert_false(repo_read(r, &env.arena, STR("v1"), STR("base/app.yaml"), 3,
                           &text, &found, &env.e));
    repo_close(r);
}

static void test_no_repository_and_no_commit_are_told_apart(void **state)
{
    struct repo *r;

    (void)state;
    assert_null(repo_open(path_in("cache").s, &env.e));
    assert_says(&env.e, ERR_INPUT, "is in no git repository");
    git_says("init -q -b trunk fresh");
    r = repo_open(path_in("fresh").s, &env.e);
    assert_non_null(r);
    assert_string_equal(fact(r, repo_sha), "");
    assert_string_equal(fact(r, repo_short), "");
    assert_string_equal(fact(r, repo_branch), "trunk");
    assert_string_equal(fact(r, repo_tag), "");
    assert_true(changed(r, "x", ""));
    repo_close(r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_facts_are_what_git_says),
        TEST(test_dirty_means_tracked_files),
        TEST(test_changed_compares_with_the_merge_base),
        TEST(test_a_file_is_read_at_another_ref),
        TEST(test_no_repository_and_no_commit_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
