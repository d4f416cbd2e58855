#include "runtime/lua/planner.h"
#include "runtime/lua/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct probe_spec spec = {.base_dir = "."};

static const char terraform[] =
    "local kind = pipec.kind 'terraform' {\n"
    "  doc = 'Plans and applies a Terraform directory.',\n"
    "  args = { { 'dir', 'path', doc = 'root module' } },\n"
    "  fields = { var = { 'map(string)', doc = 'input variables' },\n"
    "             auto_apply = { 'bool', default = false },\n"
    "             wait = { 'duration', default = '1m30s' } },\n"
    "  outputs = { changes = 'int' },\n"
    "  effects = { 'exec', 'network' },\n"
    "}\n"
    "function kind.plan(stage)\n"
    "  return 'terraform plan in ' .. stage.dir .. ', ' ..\n"
    "         pipec.duration(stage.wait)\n"
    "end\n"
    "function kind.run(stage, ctx) end\n"
    "return kind\n";

static void every_stdlib_schema_can_be_read(void **state)
{
    (void)state;
    struct arena a = {0};
    struct schema_set set = {0};
    struct err e = {0};
    if (!probe_family(&a, &spec, &set, STR(""), &e))
        fail_msg("%s", e.msg);
    assert_true(map_count(&set.entries) > 20);
    const struct schema_entry *run = schema_find(&set, STR("kind"),
                                                 STR("run"));
    assert_non_null(run);
    assert_string_equal(run->commands.s, "run");
    assert_false(run->runs);
    map_free(&set.entries);
    arena_free(&a);
}

static void one_schema_is_found_by_name(void **state)
{
    (void)state;
    struct arena a = {0};
    struct schema_set set = {0};
    struct err e = {0};
    assert_true(probe_stdlib(&a, &spec, &set, STR("router"), STR("haproxy"),
                             &e));
    assert_false(probe_stdlib(&a, &spec, &set, STR("router"), STR("hapoxy"),
                              &e));
    assert_int_equal(e.kind, ERR_NONE);
    map_free(&set.entries);
    arena_free(&a);
}

static void a_users_file_is_asked_for_its_schema(void **state)
{
    (void)state;
    struct arena a = {0};
    struct schema_set set = {0};
    struct err e = {0};
    if (!probe_file(&a, &spec, &set, "ci/terraform.lua", str_of(terraform),
                    &e))
        fail_msg("%s", e.msg);
    const struct schema_entry *t = schema_find(&set, STR("kind"),
                                               STR("terraform"));
    assert_non_null(t);
    assert_true(t->runs && t->plans);
    assert_int_equal(t->n_effects, 2);
    assert_string_equal(t->source.s, "ci/terraform.lua");
    const struct schema_field *wait = schema_field(&t->body, STR("wait"));
    assert_int_equal(wait->dflt->kind, VALUE_DURATION);
    assert_int_equal(wait->dflt->i, 90000);
    map_free(&set.entries);
    arena_free(&a);
}

static void bounds_and_choices_are_read(void **state)
{
    (void)state;
    struct arena a = {0};
    struct schema_set set = {0};
    struct err e = {0};
    if (!probe_file(&a, &spec, &set, "ci/x.lua", STR(
            "local k = pipec.kind 'a' { doc = 'x',\n"
            "  args = { { 'n', 'int', min = 1 } }, one = { { 'f', 'g' } },\n"
            "  fields = { f = { 'duration', min = '1s', max = '1h' },\n"
            "             g = { 'string', needs = 'f' } } }\n"
            "function k.run() end\n"), &e))
        fail_msg("%s", e.msg);
    const struct schema_body *b =
        &schema_find(&set, STR("kind"), STR("a"))->body;
    const struct schema_range *r = schema_field(b, STR("f"))->range;
    assert_true(r->min == 1000 && r->max == 3600000);
    assert_true(b->args[0].range->min == 1 && isinf(b->args[0].range->max));
    assert_true(str_eq(schema_field(b, STR("g"))->needs, STR("f")));
    assert_int_equal(b->n_choices, 1);
    assert_true(b->choices[0].one);
    assert_true(str_eq(b->choices[0].names[1], STR("g")));
    map_free(&set.entries);
    arena_free(&a);
}

static const struct {
    const char *text, *want;
} wrong[] = {
    {"local x = nil\nreturn x.y", "ci/x.lua:2: "},
    {"pipec.kind 'a' { doc = 'x', fields = { f = { typ = 'int' } } }",
     "ci/x.lua:1: kind 'a', field 'f': unknown key 'typ'"},
    {"local k = pipec.kind 'a' { doc = 'x' }", "it has no function 'run'"},
    {"local k = pipec.kind 'a' { doc = 'x' }\nfunction k.rum() end",
     "a function 'rum', which nobody calls"},
    {"return {}", "declares nothing"},
    {"while true do end", "time limit"},
    {"local t = {} while true do t[#t + 1] = ('x'):rep(1000) end",
     "memory are not enough"},
    {"ctx.exec { 'true' }", "unknown name 'ctx'"},
    {"os.execute('true')", "no 'os' here"},
    {"local k = pipec.kind 'a' { doc = 'x', fields = { name = { 'int' } } }",
     "hides the stage's own"},
    {"pipec.kind 'a' { doc = 'x', fields = { f = { 'int', needs = 'g' } } }",
     "there is no field 'g'"},
    {"pipec.kind 'a' { doc = 'x', fields = {}, one = { { 'g' } } }",
     "there is no field 'g'"},
    {"pipec.kind 'a' { doc = 'x', fields = { f = { 'int', min = 'no' } } }",
     "a bound is no number"},
    {NULL, NULL},
};

static void what_is_wrong_is_said_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; wrong[i].text; i++) {
        struct arena a = {0};
        struct schema_set set = {0};
        struct err e = {0};
        assert_false(probe_file(&a, &spec, &set, "ci/x.lua",
                                str_of(wrong[i].text), &e));
        if (!strstr(e.msg, wrong[i].want))
            fail_msg("'%s' is not in '%s'", wrong[i].want, e.msg);
        map_free(&set.entries);
        arena_free(&a);
    }
}

static struct value config(struct arena *a, const char *json)
{
    struct err e = {0};
    struct value v = {0};
    if (!value_from_json(a, str_of(json), &v, &e))
        fail_msg("%s", e.msg);
    return v;
}

static void plan_texts_say_what_is_not_known_yet(void **state)
{
    (void)state;
    struct arena a = {0};
    struct err e = {0};
    char path[] = "/tmp/pipec-probe-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, terraform, sizeof terraform - 1),
                     sizeof terraform - 1);
    close(fd);
    struct graph_node nodes[] = {
        {.id = STR("lint"), .name = STR("lint"), .kind = STR("run"),
         .config = config(&a, "{\"run\":[\"ruff .\",[\"echo\",\"a b\"]]}")},
        {.id = STR("image"), .name = STR("image"), .kind = STR("build"),
         .config = config(&a, "{\"dockerfile\":\"Dockerfile\",\"context\":"
                              "\".\",\"tag\":[{\"$expr\":[\"text\","
                              "[\"lit\",\"r:\"],[\"output\",\"v\",\"n\"]]}]}")},
        {.id = STR("infra"), .name = STR("infra"), .kind = STR("terraform"),
         .config = config(&a, "{\"dir\":{\"$secret\":\"d\"},\"wait\":"
                              "{\"$duration\":60000}}")},
        {.id = STR("odd"), .name = STR("odd"), .kind = STR("terraform"),
         .config = config(&a, "{}")},
    };
    struct graph g = {.nodes = nodes, .n_nodes = 4};
    const char *sources[] = {path};
    struct planner_spec p = {.sources = sources, .n_sources = 1};
    struct planner_text out[4];
    if (!planner_ask(&a, &p, &g, out, &e))
        fail_msg("%s", e.msg);
    assert_int_equal(out[0].n, 2);
    assert_string_equal(out[0].lines[1].s, "echo 'a b'");
    assert_string_equal(out[1].lines[1].s, "tag r:(known after v)");
    assert_string_equal(out[2].lines[0].s,
                        "terraform plan in (secret d), 1m");
    assert_true(out[3].error.n > 0);
    unlink(path);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stdlib_schema_can_be_read),
        cmocka_unit_test(one_schema_is_found_by_name),
        cmocka_unit_test(a_users_file_is_asked_for_its_schema),
        cmocka_unit_test(bounds_and_choices_are_read),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(plan_texts_say_what_is_not_known_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
