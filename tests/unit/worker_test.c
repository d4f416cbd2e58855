#include "tests/support/worker.h"

#define HOOK(phase, lua)                                                   \
    "{\"phase\":\"" phase "\",\"steps\":[{\"lua\":\"" lua                  \
    "\",\"place\":[7,3]}]}"

static void commands_run_between_hooks(void **state)
{
    (void)state;
    struct session s = {0};
    work(&s, START("{\"id\":\"a\",\"name\":\"a\",\"kind\":\"run\","
                   "\"config\":{},\"commands\":[{\"command\":\"true\"},"
                   "{\"command\":[\"true\"]}],\"hooks\":["
                   HOOK("before", "ctx.log('one ' .. ctx.env.WHO)") ","
                   HOOK("success", "ctx.log('three')") ","
                   HOOK("after", "ctx.log('two')") ","
                   HOOK("failure", "ctx.log('never')") ","
                   HOOK("always", "ctx.log('four')") "]}"));
    assert_true(passed(&s));
    assert_string_equal(text(said(&s, "log", 0), "text"), "one me");
    assert_string_equal(text(said(&s, "log", 1), "text"), "two");
    assert_string_equal(text(said(&s, "log", 2), "text"), "three");
    assert_string_equal(text(said(&s, "log", 3), "text"), "four");
    assert_null(said(&s, "log", 4));
    finish(&s);
}

static void a_failed_command_reaches_the_failure_hook(void **state)
{
    (void)state;
    struct session s = {0};
    work(&s, START("{\"id\":\"a\",\"name\":\"a\",\"kind\":\"run\","
                   "\"commands\":[{\"command\":\"exit 3\"},"
                   "{\"command\":\"touch /tmp/never\"}],\"hooks\":["
                   HOOK("failure", "ctx.log(stage.name, stage.error)") ","
                   HOOK("failure", "ctx.log(stage.error)") "]}"));
    assert_false(passed(&s));
    assert_string_equal(text(said(&s, "done", 0), "error"),
                        "'exit 3': exit code 3");
    assert_string_equal(text(said(&s, "log", 1), "text"),
                        "'exit 3': exit code 3");
    finish(&s);
}

static void a_hook_that_breaks_is_named_by_its_place(void **state)
{
    (void)state;
    struct session s = {0};
    work(&s, START("{\"id\":\"a\",\"name\":\"a\",\"kind\":\"run\","
                   "\"commands\":[],\"hooks\":["
                   HOOK("after", "local x = nil; return x.y") "]}"));
    assert_false(passed(&s));
    assert_string_equal(text(said(&s, "done", 0), "cause"), "pipeline:7");
    finish(&s);
}

static void the_hosts_functions_do_what_they_say(void **state)
{
    (void)state;
    struct session s = {0};
    work(&s, START("{\"id\":\"a\",\"name\":\"a\",\"kind\":\"run\","
                   "\"commands\":[],\"hooks\":["
                   HOOK("before",
                        "local r = ctx.exec { 'sh', '-c', 'echo out; exit 2', "
                        "ok = { 0, 2 }, quiet = true } "
                        "ctx.log('%d %s', r.code, r.out) "
                        "ctx.log(ctx.sh('cat; echo $X', { stdin = 'in', "
                        "env = { X = 7 }, quiet = true }).out) "
                        "ctx.log(ctx.json.encode(ctx.json.decode("
                        "'{\\\"b\\\":[],\\\"a\\\":1.5,\\\"c\\\":null}'))) "
                        "ctx.log(select(2, pcall(ctx.exec, { 'no-such' }))) "
                        "ctx.log(select(2, pcall(ctx.exec, { 'sleep', '9', "
                        "timeout = '50ms' }))) "
                        "ctx.log(ctx.re.find('a-12', '([a-z])-([0-9]+)')[2]) "
                        "ctx.log(ctx.uri('a b/c')) "
                        "ctx.fs.write('/tmp/pipec-t/x/y', 'hello') "
                        "ctx.log(ctx.fs.read('/tmp/pipec-t/x/y', "
                        "{ first = 4 })) "
                        "ctx.event('n', { value = 3 })") "]}"));
    if (!passed(&s))
        fail_msg("%s", text(said(&s, "done", 0), "error"));
    static const char *const want[] = {
        "2 out\n", "in7\n", "{\"a\":1.5,\"b\":[]}", "'no-such' is not in PATH",
        "'sleep 9' took longer than 50ms", "12", "a%20b%2Fc", "hell", NULL,
    };
    for (size_t i = 0; want[i]; i++) {
        const char *got = text(said(&s, "log", i), "text");
        if (!strstr(got, want[i]))
            fail_msg("'%s' is not in '%s'", want[i], got);
    }
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(said(&s, "event", 0), "data"), "value")), 3);
    finish(&s);
}

static void an_effect_waits_for_its_intent(void **state)
{
    (void)state;
    struct session s = {0};
    work(&s, START("{\"id\":\"a\",\"name\":\"a\",\"kind\":\"run\","
                   "\"commands\":[],\"hooks\":["
                   HOOK("before",
                        "local r = ctx.effect('http', 'k', { a = 1 }, "
                        "function(again) ctx.log(tostring(again)) "
                        "return { sha = 'x' } end, { back = true }) "
                        "ctx.log(r.sha)") "]}"));
    assert_true(passed(&s));
    json_t *intent = said(&s, "intent", 0);
    assert_string_equal(text(intent, "effect"), "http");
    assert_true(json_is_true(json_object_get(json_object_get(intent, "undo"),
                                             "back")));
    assert_string_equal(text(said(&s, "effect", 0), "state"), "done");
    assert_string_equal(text(said(&s, "log", 1), "text"), "x");
    finish(&s);
}

static void an_effect_that_is_done_is_not_done_again(void **state)
{
    (void)state;
    struct session s = {0};
    work(&s, "{\"t\":\"start\",\"phase\":\"run\",\"env\":{},\"done\":["
             "{\"effect\":\"http\",\"key\":\"k\",\"state\":\"done\","
             "\"data\":{\"sha\":\"old\"}}],\"node\":{\"id\":\"a\","
             "\"kind\":\"run\",\"commands\":[],\"hooks\":["
             HOOK("before", "local r = ctx.effect('http', 'k', nil, "
                            "function() error('again!') end) "
                            "ctx.event('sha', r)") "]}}");
    assert_true(passed(&s));
    assert_null(said(&s, "intent", 0));
    assert_string_equal(text(json_object_get(said(&s, "event", 0), "data"),
                             "sha"), "old");
    finish(&s);
}

static void a_cancellation_ends_what_waits_and_runs_the_hooks(void **state)
{
    (void)state;
    struct session s = {
        .on = "log", .send = "{\"t\":\"cancel\",\"reason\":\"interrupted\"}"};
    work(&s, START("{\"id\":\"a\",\"name\":\"a\",\"kind\":\"run\","
                   "\"commands\":[{\"command\":\"sleep 30\"}],\"hooks\":["
                   HOOK("before", "ctx.log('x')") ","
                   HOOK("always", "ctx.sh('true') ctx.log('cleaned')") "]}"));
    assert_false(passed(&s));
    assert_non_null(strstr(text(said(&s, "done", 0), "error"),
                           "cancelled: interrupted"));
    assert_string_equal(text(said(&s, "log", 1), "text"), "cleaned");
    finish(&s);
}

static void a_closed_socket_ends_it(void **state)
{
    (void)state;
    struct session s = {.on = "log", .hang_up = true};
    work(&s, START("{\"id\":\"a\",\"name\":\"a\",\"kind\":\"run\","
                   "\"commands\":[{\"command\":\"sleep 30\"}],\"hooks\":["
                   HOOK("before", "ctx.log('x')") "]}"));
    assert_null(said(&s, "done", 0));
    finish(&s);
}

static void approve_waits_for_an_answer(void **state)
{
    (void)state;
    struct session s = {
        .on = "wait",
        .send = "{\"t\":\"steer\",\"action\":\"approve\",\"by\":\"ann\"}"};
    work(&s, START("{\"id\":\"a\",\"name\":\"go\",\"kind\":\"approve\","
                   "\"config\":{\"within\":60000}}"));
    assert_true(passed(&s));
    assert_string_equal(text(said(&s, "output", 0), "value"), "ann");
    finish(&s);
}

static void approve_gives_up_in_time(void **state)
{
    (void)state;
    struct session s = {0};
    work(&s, START("{\"id\":\"a\",\"name\":\"go\",\"kind\":\"approve\","
                   "\"config\":{\"within\":30}}"));
    assert_string_equal(text(said(&s, "done", 0), "error"),
                        "nobody approved within 30ms");
    finish(&s);
}

#define STAY "\"stay\":true,"
#define WITH_HOOK(dir, lua)                                                \
    "{\"id\":\"a\",\"name\":\"a\",\"kind\":\"run\",\"dir\":\"" dir "\","     \
    "\"commands\":[{\"command\":\"true\"}],\"hooks\":["                   \
    HOOK("before", lua) "]}"

static void a_worker_may_stay_for_a_stage_that_finds_it_as_new(void **state)
{
    (void)state;
    struct session s = {.on = "done", .send = START(WITH_HOOK(
        "", "ctx.log('%s %s', pcall(function() return seen end), "
        "ctx.fs.exists('../tmp'))"))};
    work(&s, START_WITH(STAY, WITH_HOOK("/", "seen = 1; string.x = 2")));
    assert_true(json_is_true(json_object_get(said(&s, "done", 0), "stays")));
    assert_string_equal(text(said(&s, "log", 0), "text"), "false true");
    assert_true(passed(&s));
    assert_non_null(said(&s, "done", 1));
    assert_null(json_object_get(said(&s, "done", 1), "stays"));
    finish(&s);
}

static void a_worker_whose_stage_left_something_behind_ends(void **state)
{
    (void)state;
    static const char *const hooks[] = {
        START_WITH(STAY, WITH_HOOK("", "ctx.sh('sleep 30 >/dev/null 2>&1 &')")),
        START_WITH(STAY, WITH_HOOK("", "error('it fails')")),
        START_WITH(STAY, WITH_HOOK("", "local s = ('x'):rep(2e7)")),
    };
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
        struct session s = {0};
        work(&s, hooks[i]);
        assert_non_null(said(&s, "done", 0));
        assert_null(json_object_get(said(&s, "done", 0), "stays"));
        finish(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_run_between_hooks),
        cmocka_unit_test(a_failed_command_reaches_the_failure_hook),
        cmocka_unit_test(a_hook_that_breaks_is_named_by_its_place),
        cmocka_unit_test(the_hosts_functions_do_what_they_say),
        cmocka_unit_test(an_effect_waits_for_its_intent),
        cmocka_unit_test(an_effect_that_is_done_is_not_done_again),
        cmocka_unit_test(a_cancellation_ends_what_waits_and_runs_the_hooks),
        cmocka_unit_test(a_closed_socket_ends_it),
        cmocka_unit_test(approve_waits_for_an_answer),
        cmocka_unit_test(a_worker_may_stay_for_a_stage_that_finds_it_as_new),
        cmocka_unit_test(a_worker_whose_stage_left_something_behind_ends),
        cmocka_unit_test(approve_gives_up_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
