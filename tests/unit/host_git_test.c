#include "tests/support/server.h"
#include "tests/support/worker.h"

/* ctx.git in a worker, on a bare repository of its own. */
static struct {
    struct arena arena;
    struct str dir;
} env;

static int setup(void **state)
{
    (void)state;
    env.dir = scratch_make(&env.arena);
    setenv("HOME", env.dir.s, 1);
    assert_int_equal(SH(&env.arena, "cd %s; git init -q --bare -b main up.git;"
                        "git init -q -b main w; cd w; git config user.name T;"
                        "git config user.email t@x; mkdir o; printf "
                        "'resources: []\nimages:\n- name: app # keep\n"
                        "  newTag: \"1\"\n' >o/kustomization.yaml;"
                        "git add -A; git commit -qm one;"
                        "git push -q ../up.git main", env.dir.s), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_remove(&env.arena, env.dir);
    arena_free(&env.arena);
    return 0;
}

/* A stage whose hook commits app:2 and says what came of it; `done` is what
 * earlier attempts recorded. */
static const char *start(const char *done)
{
    const char *d = env.dir.s;

    return arena_printf(
        &env.arena,
        "{\"t\":\"start\",\"attempt\":1,\"phase\":\"run\",\"env\":{},"
        "\"state_dir\":\"%s/state\",\"pipeline_dir\":\"%s\",\"vars\":{},"
        "\"done\":[%s],\"node\":{\"id\":\"a\",\"name\":\"a\",\"kind\":"
        "\"run\",\"config\":{},\"commands\":[],\"hooks\":[{\"phase\":"
        "\"before\",\"steps\":[{\"lua\":\"local r = ctx.git.commit { url = "
        "'%s/up.git', branch = 'main', message = 'deploy app:2', edits = { { "
        "kind = 'set-image', path = 'o', name = 'app', ref = 'app:2' }, { "
        "kind = 'set-image', path = 'o', name = 'app', ref = 'app:3' } } } "
        "for _, k in ipairs { 'changed', 'sha', 'before' } do "
        "ctx.event(k, { value = r[k] }) end\",\"place\":[1,1]}]}]}}",
        d, d, done, d).s;
}

static const char *git_says(const char *arguments)
{
    return sh_output(&env.arena, arena_printf(
        &env.arena, "git -C %s/up.git %s", env.dir.s, arguments).s).s;
}

static const char *output(struct session *s, size_t n)
{
    return text(json_object_get(said(s, "event", n), "data"), "value");
}

static void a_push_is_told_before_and_after(void **state)
{
    struct session s = {0};
    const char *before = git_says("rev-parse main");

    (void)state;
    work(&s, start(""));
    if (!passed(&s))
        fail_msg("%s", text(said(&s, "done", 0), "error"));
    json_t *intent = said(&s, "intent", 0);

    assert_string_equal(text(intent, "effect"), "push");
    assert_string_equal(
        text(json_object_get(intent, "data"), "sha"), output(&s, 1));
    assert_string_equal(text(said(&s, "effect", 0), "state"), "done");
    assert_true(json_is_true(json_object_get(json_object_get(
        said(&s, "event", 0), "data"), "value")));
    assert_string_equal(output(&s, 1), git_says("rev-parse main"));
    assert_string_equal(output(&s, 2), before);
    assert_non_null(strstr(git_says("show main:o/kustomization.yaml"),
                           "- name: app # keep\n  newTag: \"3\""));
    finish(&s);
}

static void a_push_whose_answer_was_lost_is_found_again(void **state)
{
    struct session first = {.on = "intent", .hang_up = true};
    struct session second = {0};

    (void)state;
    work(&first, start(""));
    json_t *intent = said(&first, "intent", 0);
    const char *sha = text(json_object_get(intent, "data"), "sha");

    assert_string_equal(sha, git_says("rev-parse main"));
    json_object_set_new(intent, "state", json_string("intended"));
    char *done = json_dumps(intent, 0);

    work(&second, start(done));
    if (!passed(&second))
        fail_msg("%s", text(said(&second, "done", 0), "error"));
    assert_null(said(&second, "intent", 0));
    assert_true(json_is_true(json_object_get(json_object_get(
        said(&second, "event", 0), "data"), "value")));
    assert_string_equal(output(&second, 1), sha);
    assert_string_equal(git_says("rev-list --count main"), "2");
    free(done);
    json_decref(first.said);
    finish(&second);
}

static void a_push_that_never_left_is_made_anew(void **state)
{
    struct session s = {0};
    const char *key = arena_printf(&env.arena, "%s/up.git main deploy app:2",
                                   env.dir.s).s;

    (void)state;
    work(&s, start(arena_printf(
        &env.arena, "{\"effect\":\"push\",\"key\":\"%s\",\"state\":"
        "\"intended\",\"data\":{\"sha\":"
        "\"1234567890123456789012345678901234567890\"}}", key).s));
    assert_true(passed(&s));
    assert_string_equal(text(said(&s, "intent", 0), "key"), key);
    assert_string_equal(git_says("rev-list --count main"), "2");
    finish(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_push_is_told_before_and_after),
        TEST(a_push_whose_answer_was_lost_is_found_again),
        TEST(a_push_that_never_left_is_made_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
