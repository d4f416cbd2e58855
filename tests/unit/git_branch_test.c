#include "runtime/git/remote.h"

#include "runtime/git/repo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/git_remote.h"

/* ---- a branch that moves ------------------------------------------------- */

static void test_a_moved_branch_is_seen_and_nothing_is_lost(void **state)
{
    struct remote_commit c = prepare(env.remote, set_image("image: app:2\n"));
    bool in;

    (void)state;
    someone_else_pushes("README");
    assert_int_equal(push(env.remote, c), REMOTE_MOVED);
    assert_text(git_says("-C up.git log --format=%s | head -1"), "other");
    assert_true(remote_contains(env.remote, c.sha, &in, &env.e));
    assert_false(in);
    c = prepare(env.remote, set_image("image: app:2\n"));
    assert_int_equal(push(env.remote, c), REMOTE_PUSHED);
    assert_text(git_says("-C up.git log --format=%s | xargs"),
                "deploy app:2 other one");
}

struct race {
    unsigned made, told, rivals;
};

static bool race_make(void *ctx, struct remote *r, struct remote_commit *out,
                      struct err *e)
{
    struct race *race = ctx;
    struct remote_edit edit = set_image("image: app:2\n");

    race->made++;
    return remote_prepare(r, &env.arena, &edit, 1, &message, out, e);
}

static bool race_intent(void *ctx, const struct remote_commit *c,
                        struct err *e)
{
    struct race *race = ctx;

    (void)e;
    assert_int_equal(c->sha.n, 40);
    race->told++;
    if (race->rivals) {
        race->rivals--;
        someone_else_pushes("README");
    }
    return true;
}

static void test_publishing_wins_in_the_end(void **state)
{
    struct race race = {.rivals = 2};
    struct remote_publish p = {.make = race_make, .on_intent = race_intent,
                               .ctx = &race};
    struct remote_commit c;

    (void)state;
    assert_true(remote_publish(env.remote, &p, &c, &env.e));
    assert_int_equal(race.made, 3);
    assert_int_equal(race.told, 3);
    assert_text(git_says("-C up.git log --format=%s | xargs"),
                "deploy app:2 other other one");
    race = (struct race){0};
    assert_true(remote_publish(env.remote, &p, &c, &env.e));
    assert_true(c.unchanged);
    assert_int_equal(race.told, 0);
}

static void test_publishing_gives_up_after_its_tries(void **state)
{
    struct race race = {.rivals = 9};
    struct remote_publish p = {.make = race_make, .on_intent = race_intent,
                               .ctx = &race, .tries = 2};
    struct remote_commit c;

    (void)state;
    assert_false(remote_publish(env.remote, &p, &c, &env.e));
    assert_says(&env.e, ERR_NET, "moved at each of 2 tries");
}

static void test_a_second_process_learns_whether_a_push_arrived(void **state)
{
    struct remote_commit c = prepare(env.remote, set_image("image: app:2\n"));
    struct remote *again = open_remote("other-cache");
    bool in;

    (void)state;
    assert_true(remote_fetch(again, &env.e));
    assert_true(remote_contains(again, c.sha, &in, &env.e));
    assert_false(in);
    assert_int_equal(push(env.remote, c), REMOTE_PUSHED);
    someone_else_pushes("README");
    assert_true(remote_fetch(again, &env.e));
    assert_true(remote_contains(again, c.sha, &in, &env.e));
    assert_true(in);
    remote_close(again);
}

static void test_a_crowded_cache_is_made_anew_when_nobody_uses_it(
    void **state)
{
    struct remote_spec spec = {.url = path_in("up.git"),
                               .branch = STR("main"),
                               .cache_dir = path_in("crowd")};
    struct str sha;
    bool found;

    (void)state;
    remote_close(remote_open(&spec, &env.e));
    SH(&env.arena, "cd %s/crowd/*.git/objects/pack; for i in $(seq 150); do "
       "touch pack-$i.pack; done", env.dir.s);
    struct remote *user = remote_open(&spec, &env.e);

    assert_non_null(user);
    assert_text(git_says("version >/dev/null; ls crowd/*.git/objects/pack "
                         "| wc -l"), "0");
    SH(&env.arena, "cd %s/crowd/*.git/objects/pack; for i in $(seq 150); do "
       "touch pack-$i.pack; done", env.dir.s);
    struct remote *other = remote_open(&spec, &env.e);

    assert_text(git_says("version >/dev/null; ls crowd/*.git/objects/pack "
                         "| wc -l"), "150");
    assert_true(remote_fetch(other, &env.e));
    assert_true(remote_read(other, &env.arena, STR("README"), &sha, &found,
                            &env.e));
    assert_true(found);
    remote_close(other);
    remote_close(user);
}

/* ---- whole trees --------------------------------------------------------- */

static bool export_ref(const char *ref, bool offline, const char *to,
                       struct str *sha)
{
    struct remote_tree_spec spec = {.url = path_in("up.git"),
                                    .ref = str_of(ref),
                                    .cache_dir = path_in("trees"),
                                    .submodules = true, .offline = offline};

    memset(&env.e, 0, sizeof(env.e));
    return remote_export(&spec, &env.arena, path_in(to).s, sha, &env.e);
}

static void test_a_tree_is_written_at_a_branch_tag_or_commit(void **state)
{
    struct str sha, first;

    (void)state;
    assert_false(export_ref("v1", true, "t0", &sha));
    assert_says(&env.e, ERR_INPUT, "is not in the cache");
    assert_true(export_ref("v1", false, "t1", &first));
    someone_else_pushes("base/app.yaml");
    assert_true(export_ref("", false, "t2", &sha));
    assert_true(export_ref("main", true, "t3", &sha) ||
                export_ref("main", false, "t3", &sha));
    assert_true(export_ref(first.s, true, "t4", &sha));
    assert_true(str_eq(first, sha));
    assert_int_equal(SH(&env.arena, "cd %s; diff -r t1 t4 && diff -r t2 t3 && "
                        "! diff -rq t1 t2 && test -x t1/run.sh",
                        env.dir.s), 0);
    assert_false(export_ref("nope", false, "t5", &sha));
    assert_says(&env.e, ERR_INPUT, "has no branch, tag or commit 'nope'");
}

static void test_submodules_come_along(void **state)
{
    struct str sha;

    (void)state;
    assert_int_equal(SH(&env.arena, "cd %s; git init -q --bare lib.git;"
                        "git -C w push -q ../lib.git main; cd w;"
                        "git -c protocol.file.allow=always submodule --quiet "
                        "add -b main ../lib.git vendor/lib;"
                        "git config -f .gitmodules submodule.vendor/lib.url "
                        "../lib.git; git add -A; git commit -qm sub;"
                        "git push -q ../up.git main", env.dir.s), 0);
    if (!export_ref("main", false, "t1", &sha))
        fail_msg("%s", env.e.msg);
    assert_int_equal(SH(&env.arena, "grep -q app:1 "
                        "%s/t1/vendor/lib/base/app.yaml", env.dir.s), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_moved_branch_is_seen_and_nothing_is_lost),
        TEST(test_publishing_wins_in_the_end),
        TEST(test_publishing_gives_up_after_its_tries),
        TEST(test_a_second_process_learns_whether_a_push_arrived),
        TEST(test_a_crowded_cache_is_made_anew_when_nobody_uses_it),
        TEST(test_a_tree_is_written_at_a_branch_tag_or_commit),
        TEST(test_submodules_come_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
