#include "runtime/git/remote.h"

#include "runtime/git/repo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/git_remote.h"

/* ---- commits ------------------------------------------------------------- */

static void test_one_edit_is_one_commit_of_one_path(void **state)
{
    struct remote_commit c = prepare(env.remote, set_image("image: app:2\n"));

    (void)state;
    assert_false(c.unchanged);
    assert_int_equal(c.path_count, 1);
    assert_text(c.paths[0], "base/app.yaml");
    assert_text(git_says("-C up.git rev-parse main"),
                arena_dup(&env.arena, c.parent).s);
    assert_int_equal(push(env.remote, c), REMOTE_PUSHED);
    assert_text(git_says("-C up.git rev-parse main"),
                arena_dup(&env.arena, c.sha).s);
    assert_text(git_says("-C up.git log -1 --format='%an %ae %at %s'"),
                "Bot b@x 1700000000 deploy app:2");
    assert_text(git_says("-C up.git show --stat=200 --format= main | head -1"),
                "base/app.yaml | 2 +-");
    assert_text(git_says("-C up.git show main:base/app.yaml"),
                "image: app:2");
    assert_text(git_says("-C up.git fsck --strict --no-dangling 2>&1"), "");
}

static void test_what_changes_nothing_makes_no_commit(void **state)
{
    struct remote_commit c = prepare(env.remote, set_image("image: app:1\n"));

    (void)state;
    assert_true(c.unchanged);
    assert_true(str_eq(c.sha, remote_head(env.remote)));
    assert_int_equal(push(env.remote, c), REMOTE_PUSHED);
    assert_text(git_says("-C up.git rev-list --count main"), "1");
}

static void test_a_removed_file_takes_its_empty_folder_along(void **state)
{
    struct remote_commit c = prepare(env.remote, (struct remote_edit){
        .path = STR("base/old/gone.yaml"), .remove = true});

    (void)state;
    assert_int_equal(push(env.remote, c), REMOTE_PUSHED);
    assert_text(git_says("-C up.git ls-tree -r -t --name-only main | xargs"),
                "README base base/app.yaml run.sh");
    c = prepare(env.remote, (struct remote_edit){
        .path = STR("no/such"), .remove = true});
    assert_true(c.unchanged);
}

static void test_a_new_file_may_be_executable_and_an_old_one_stays_so(
    void **state)
{
    struct remote_edit edits[] = {
        {.path = STR("run.sh"), .text = STR("#!/bin/sh\ntrue\n")},
        {.path = STR("bin/new.sh"), .text = STR("x"), .executable = true},
        {.path = STR("a/b/c/d"), .text = STR("deep")}};
    struct remote_commit c;

    (void)state;
    assert_true(remote_prepare(env.remote, &env.arena, edits, 3, &message, &c,
                               &env.e));
    assert_int_equal(push(env.remote, c), REMOTE_PUSHED);
    assert_text(git_says("-C up.git ls-tree -r main | cut -c1-6 | xargs"),
                "100644 100644 100644 100644 100755 100755");
    assert_text(git_says("-C up.git fsck --strict --no-dangling 2>&1"), "");
}

static void test_paths_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {"", "/etc/passwd", "../x", "a/../b",
                                      "a//b", "a/", ".git/config",
                                      "a/.GIT/x", "README/x", "base", NULL};
    struct remote_commit c;

    (void)state;
    for (const char *const *p = bad; *p; p++) {
        struct remote_edit edit = {.path = str_of(*p), .text = STR("x")};
        memset(&env.e, 0, sizeof(env.e));
        assert_false(remote_prepare(env.remote, &env.arena, &edit, 1,
                                    &message, &c, &env.e));
        assert_int_equal(env.e.kind, ERR_INPUT);
    }
}

static void test_of_two_edits_of_one_path_the_later_counts(void **state)
{
    struct remote_edit twice[] = {set_image("a\n"), set_image("b\n")};
    struct remote_commit c;

    (void)state;
    assert_true(remote_prepare(env.remote, &env.arena, twice, 2, &message, &c,
                               &env.e));
    assert_int_equal(c.path_count, 1);
    assert_int_equal(push(env.remote, c), REMOTE_PUSHED);
    assert_text(git_says("-C up.git show main:base/app.yaml"), "b");
}

static void test_an_empty_repository_gets_its_first_commit(void **state)
{
    struct remote_spec spec = {.url = path_in("new.git"),
                               .cache_dir = path_in("cache")};

    (void)state;
    SH(&env.arena, "git init -q --bare -b main %s/new.git", env.dir.s);
    struct remote *r = remote_open(&spec, &env.e);

    assert_non_null(r);
    assert_true(remote_fetch(r, &env.e));
    assert_text(remote_branch(r), "main");
    assert_text(remote_head(r), "");
    struct remote_commit c = prepare(r, set_image("first\n"));

    assert_text(c.parent, "");
    assert_int_equal(push(r, c), REMOTE_PUSHED);
    assert_text(git_says("-C new.git show main:base/app.yaml"), "first");
    remote_close(r);
}

/* ---- reading ------------------------------------------------------------- */

static void test_files_and_folders_are_read_at_the_head(void **state)
{
    struct remote_entry *entries;
    struct str text;
    bool found;
    size_t n;

    (void)state;
    assert_true(remote_read(env.remote, &env.arena, STR("base/app.yaml"),
                            &text, &found, &env.e));
    assert_true(found);
    assert_text(text, "image: app:1\n");
    assert_true(remote_read(env.remote, &env.arena, STR("base/none"), &text,
                            &found, &env.e));
    assert_false(found);
    assert_true(remote_list(env.remote, &env.arena, STR("base/"), &entries,
                            &n, &env.e));
    assert_int_equal(n, 2);
    assert_text(entries[0].name, "app.yaml");
    assert_text(entries[1].name, "old/");
}

/* ---- taking back --------------------------------------------------------- */

static void test_a_revert_takes_back_one_commit_and_no_other(void **state)
{
    struct remote_commit back,
        c = prepare(env.remote, set_image("image: app:2\n"));

    (void)state;
    assert_int_equal(push(env.remote, c), REMOTE_PUSHED);
    someone_else_pushes("README");
    assert_true(remote_fetch(env.remote, &env.e));
    assert_true(remote_prepare_revert(env.remote, &env.arena, c.sha, &message,
                                      &back, &env.e));
    assert_int_equal(back.path_count, 1);
    assert_int_equal(push(env.remote, back), REMOTE_PUSHED);
    assert_text(git_says("-C up.git show main:base/app.yaml"),
                "image: app:1");
    assert_text(git_says("-C up.git show main:README | xargs"), "hi other");
    assert_true(remote_prepare_revert(env.remote, &env.arena, c.sha, &message,
                                      &back, &env.e));
    assert_true(back.unchanged);
}

static void test_a_revert_of_what_changed_again_names_the_path(void **state)
{
    struct remote_commit c = prepare(env.remote, set_image("image: app:2\n"));

    (void)state;
    assert_int_equal(push(env.remote, c), REMOTE_PUSHED);
    someone_else_pushes("base/app.yaml");
    assert_true(remote_fetch(env.remote, &env.e));
    assert_false(remote_prepare_revert(env.remote, &env.arena, c.sha,
                                       &message, &c, &env.e));
    assert_says(&env.e, ERR_INPUT, "'base/app.yaml' was changed again");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_edit_is_one_commit_of_one_path),
        TEST(test_what_changes_nothing_makes_no_commit),
        TEST(test_a_removed_file_takes_its_empty_folder_along),
        TEST(test_a_new_file_may_be_executable_and_an_old_one_stays_so),
        TEST(test_paths_that_are_none_are_refused),
        TEST(test_of_two_edits_of_one_path_the_later_counts),
        TEST(test_an_empty_repository_gets_its_first_commit),
        TEST(test_files_and_folders_are_read_at_the_head),
        TEST(test_a_revert_takes_back_one_commit_and_no_other),
        TEST(test_a_revert_of_what_changed_again_names_the_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
