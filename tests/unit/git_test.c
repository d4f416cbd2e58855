#include "runtime/git/remote.h"
#include "runtime/git/repo.h"

#include "tests/support/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* A bare repository "up.git" with base/app.yaml, base/old/gone.yaml and
 * README, a clone cache, and git itself as the judge. */
static struct {
    struct arena arena;
    struct str dir;
    struct remote *remote;
    struct err e;
} env;

static struct str path_in(const char *name)
{
    return file_join(&env.arena, env.dir, str_of(name));
}

static struct str git_says(const char *fmt_args)
{
    return sh_output(&env.arena, arena_printf(&env.arena, "cd %s; git %s",
                                              env.dir.s, fmt_args).s);
}

static struct remote *open_remote(const char *cache)
{
    struct remote_spec spec = {.url = path_in("up.git"),
                               .branch = STR("main"),
                               .cache_dir = path_in(cache)};
    struct remote *r = remote_open(&spec, &env.e);

    if (!r)
        fail_msg("%s", env.e.msg);
    return r;
}

static int setup(void **state)
{
    struct arena *a = &env.arena;

    (void)state;
    memset(&env, 0, sizeof(env));
    env.dir = scratch_make(a);
    setenv("HOME", env.dir.s, 1);
    assert_int_equal(SH(a, "cd %s; git init -q --bare -b main up.git;"
                        "git init -q -b main w; cd w;"
                        "git config user.name T; git config user.email t@x;"
                        "mkdir -p base/old; echo 'image: app:1' >base/app.yaml;"
                        "echo x >base/old/gone.yaml; echo hi >README;"
                        "echo '#!/bin/sh' >run.sh; chmod +x run.sh;"
                        "git add -A; git commit -qm one; git tag v1;"
                        "git push -q ../up.git main v1", env.dir.s), 0);
    env.remote = open_remote("cache");
    assert_true(remote_fetch(env.remote, &env.e));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remote_close(env.remote);
    scratch_remove(&env.arena, env.dir);
    arena_free(&env.arena);
    return 0;
}

static const struct remote_message message = {
    .text = {"deploy app:2", 12}, .name = {"Bot", 3}, .email = {"b@x", 3},
    .at_s = 1700000000};

static void assert_text(struct str got, const char *want)
{
    assert_string_equal(arena_dup(&env.arena, got).s, want);
}

static void assert_says(enum err_kind kind, const char *part)
{
    if (!strstr(env.e.msg, part))
        fail_msg("'%s' does not say '%s'", env.e.msg, part);
    assert_int_equal(env.e.kind, kind);
}

static struct remote_commit prepare(struct remote *r,
                                    struct remote_edit edit)
{
    struct remote_commit c;

    if (!remote_prepare(r, &env.arena, &edit, 1, &message, &c, &env.e))
        fail_msg("%s", env.e.msg);
    return c;
}

static enum remote_pushed push(struct remote *r, struct remote_commit c)
{
    enum remote_pushed result;

    if (!remote_push(r, &c, &result, &env.e))
        fail_msg("%s", env.e.msg);
    return result;
}

static struct remote_edit set_image(const char *text)
{
    return (struct remote_edit){.path = STR("base/app.yaml"),
                                .text = str_of(text)};
}

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

/* ---- a branch that moves ------------------------------------------------- */

static void someone_else_pushes(const char *file)
{
    assert_int_equal(SH(&env.arena, "cd %s/w; git pull -q ../up.git main;"
                        "echo other >>%s; git add -A; git commit -qm other;"
                        "git push -q ../up.git main", env.dir.s, file), 0);
}

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
    assert_says(ERR_NET, "moved at each of 2 tries");
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
    assert_says(ERR_INPUT, "'base/app.yaml' was changed again");
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
    assert_says(ERR_INPUT, "is not in the cache");
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
    assert_says(ERR_INPUT, "has no branch, tag or commit 'nope'");
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
    assert_says(ERR_INPUT, "is in no git repository");
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
        TEST(test_one_edit_is_one_commit_of_one_path),
        TEST(test_what_changes_nothing_makes_no_commit),
        TEST(test_a_removed_file_takes_its_empty_folder_along),
        TEST(test_a_new_file_may_be_executable_and_an_old_one_stays_so),
        TEST(test_paths_that_are_none_are_refused),
        TEST(test_of_two_edits_of_one_path_the_later_counts),
        TEST(test_an_empty_repository_gets_its_first_commit),
        TEST(test_files_and_folders_are_read_at_the_head),
        TEST(test_a_moved_branch_is_seen_and_nothing_is_lost),
        TEST(test_publishing_wins_in_the_end),
        TEST(test_publishing_gives_up_after_its_tries),
        TEST(test_a_second_process_learns_whether_a_push_arrived),
        TEST(test_a_crowded_cache_is_made_anew_when_nobody_uses_it),
        TEST(test_a_revert_takes_back_one_commit_and_no_other),
        TEST(test_a_revert_of_what_changed_again_names_the_path),
        TEST(test_a_tree_is_written_at_a_branch_tag_or_commit),
        TEST(test_submodules_come_along),
        TEST(test_facts_are_what_git_says),
        TEST(test_dirty_means_tracked_files),
        TEST(test_changed_compares_with_the_merge_base),
        TEST(test_a_file_is_read_at_another_ref),
        TEST(test_no_repository_and_no_commit_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
