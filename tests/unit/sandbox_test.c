#include "runtime/lua/sandbox.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct sandbox *create(size_t memory_max, bool ordered)
{
    struct err e = {0};
    struct sandbox_spec spec = {.memory_max = memory_max, .ordered = ordered};
    struct sandbox *s = sandbox_create(&spec, &e);
    assert_non_null(s);
    return s;
}

static bool run(struct sandbox *s, const char *text, struct err *e)
{
    return sandbox_load(s, str_of(text), "ci/test.lua", e) &&
           sandbox_call(s, 0, 1, e);
}

static void check_result(const char *text, const char *want)
{
    struct err e = {0};
    struct sandbox *s = create(0, true);
    if (!run(s, text, &e))
        fail_msg("%s: %s", text, e.msg);
    assert_string_equal(lua_tostring(sandbox_state(s), -1), want);
    sandbox_destroy(s);
}

static void check_error(const char *text, const char *want)
{
    struct err e = {0};
    struct sandbox *s = create(0, false);
    assert_false(run(s, text, &e));
    if (!strstr(e.msg, want))
        fail_msg("'%s' is not in '%s'", want, e.msg);
    sandbox_destroy(s);
}

static void an_error_names_file_and_line(void **state)
{
    (void)state;
    check_error("local x\n\nreturn x.y", "ci/test.lua:3: ");
    check_error("error { message = 'own words' }", "own words");
    check_error("local = 1", "ci/test.lua:1: ");
    check_error("error(setmetatable({}, {}))", "a nil value, not a text");
}

static void the_outside_is_out_of_reach(void **state)
{
    (void)state;
    check_error("os.exit(1)", "no 'os' here");
    check_error("io.open('/etc/passwd')", "no 'io' here");
    check_error("load('return 1')()", "no 'load' here");
    check_error("return getmetatable('').__index", "unknown name");
    check_error("string.dump(print)", "no 'print' here");
    check_error("require 'x'", "no 'require' here");
    check_error("setmetatable(_G, {})", "protected metatable");
}

static void a_finalizer_is_refused(void **state)
{
    (void)state;
    check_error("setmetatable({}, { __gc = function() end })", "__gc");
}

static void bytecode_is_refused(void **state)
{
    (void)state;
    struct err e = {0};
    struct sandbox *s = create(0, false);
    assert_false(sandbox_load(s, STR("\x1bLua\x54"), "x.lua", &e));
    assert_non_null(strstr(e.msg, "binary"));
    sandbox_destroy(s);
}

static void memory_has_a_ceiling(void **state)
{
    (void)state;
    struct err e = {0};
    struct sandbox *s = create(4 << 20, false);
    assert_false(run(s, "return ('x'):rep(1 << 30)", &e));
    assert_non_null(strstr(e.msg, "4 MiB of memory are not enough"));
    assert_false(run(s, "local t = {} while true do t[#t + 1] = {} end", &e));
    assert_true(run(s, "return 1", &e));
    sandbox_destroy(s);
}

/* Each must end within twice its limit. */
static const char *const endless[] = {
    "while true do end",
    "while true do pcall(error) end",
    "while true do pcall(function() while true do end end) end",
    "local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end})"
    " while true do pcall(function() return t[1] end) end",
    "local function f() local x <close> = setmetatable({}, { __close = f }) "
    "while true do end end f()",
    NULL,
};

static void a_deadline_cannot_be_caught(void **state)
{
    (void)state;
    for (size_t i = 0; endless[i]; i++) {
        struct err e = {0};
        struct sandbox *s = create(0, false);
        int64_t start = clock_monotonic_ms();
        assert_true(sandbox_arm(s, SANDBOX_WALL, 100, &e));
        assert_false(run(s, endless[i], &e));
        assert_int_equal(e.kind, ERR_TIMEOUT);
        assert_true(clock_monotonic_ms() - start < 2000);
        sandbox_destroy(s);
    }
}

static void a_new_deadline_gives_new_time(void **state)
{
    (void)state;
    struct err e = {0};
    struct sandbox *s = create(0, false);
    assert_true(sandbox_arm(s, SANDBOX_CPU, 20, &e));
    assert_false(run(s, "while true do end", &e));
    assert_true(sandbox_arm(s, SANDBOX_CPU, 10000, &e));
    assert_true(run(s, "local n = 0 for i = 1, 100000 do n = n + i end", &e));
    sandbox_destroy(s);
}

static void an_instruction_budget_is_exact(void **state)
{
    (void)state;
    struct err e = {0};
    struct sandbox *s = create(0, false);
    sandbox_budget(s, 100000);
    assert_true(run(s, "for i = 1, 10000 do end", &e));
    assert_false(run(s, "for i = 1, 1000000 do end", &e));
    assert_int_equal(e.kind, ERR_TIMEOUT);
    assert_non_null(strstr(e.msg, "instruction budget"));
    sandbox_destroy(s);
}

static void states_share_nothing(void **state)
{
    (void)state;
    struct err e = {0};
    struct sandbox *a = create(0, false), *b = create(0, false);
    assert_true(run(a, "shared = 1 string.upper = nil", &e));
    assert_true(run(b, "return string.upper(tostring(rawget(_G, 'shared')))",
                    &e));
    assert_string_equal(lua_tostring(sandbox_state(b), -1), "NIL");
    sandbox_destroy(a);
    sandbox_destroy(b);
}

static void ordered_pairs_go_by_key(void **state)
{
    (void)state;
    check_result("local s = '' for k, v in pairs { zeta = 1, alpha = 2, 7, 8, "
                 "[2.5] = 3 } do s = s .. k .. '=' .. v .. ' ' end return s",
                 "1=7 2=8 2.5=3 alpha=2 zeta=1 ");
    check_result("for k in pairs({}) do return 'no' end return 'yes'", "yes");
}

static void the_trace_names_the_callers(void **state)
{
    (void)state;
    struct err e = {0};
    struct sandbox *s = create(0, false);
    assert_false(run(s, "local function inner() error('x') end\n"
                        "local function outer() inner() end\nouter()", &e));
    struct str trace = sandbox_trace(s);
    assert_true(str_search(trace, STR("ci/test.lua:1")) < trace.n);
    assert_true(str_search(trace, STR("ci/test.lua:3")) < trace.n);
    sandbox_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_names_file_and_line),
        cmocka_unit_test(the_outside_is_out_of_reach),
        cmocka_unit_test(a_finalizer_is_refused),
        cmocka_unit_test(bytecode_is_refused),
        cmocka_unit_test(memory_has_a_ceiling),
        cmocka_unit_test(a_deadline_cannot_be_caught),
        cmocka_unit_test(a_new_deadline_gives_new_time),
        cmocka_unit_test(an_instruction_budget_is_exact),
        cmocka_unit_test(states_share_nothing),
        cmocka_unit_test(ordered_pairs_go_by_key),
        cmocka_unit_test(the_trace_names_the_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
