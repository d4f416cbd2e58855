#include "base/buf.h"
#include "graph/graph.h"
#include "graph/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static struct arena a;

static int start(void **state)
{
    (void)state;
    a = (struct arena){0};
    return 0;
}

static int finish(void **state)
{
    (void)state;
    arena_free(&a);
    return 0;
}

/* `u` is unknown, `x` is 5. */
static bool known(void *ctx, const struct expr *name, struct value *out,
                  struct err *e)
{
    (void)ctx;
    *out = str_eq(name->name, STR("x")) ? value_int(5)
        : (struct value){.kind = VALUE_UNKNOWN, .s = STR("build image")};
    return str_eq(name->name, STR("x")) || str_eq(name->name, STR("u")) ||
           err_set(e, ERR_INPUT, "no such name");
}

/* Evaluates an expression given as its JSON. */
static struct value eval(const char *json, struct err *e)
{
    struct expr_env env = {.lookup = known};
    struct value v, out = {0};
    struct expr x;

    e->msg[0] = '\0';
    assert_true(value_from_json(&a, str_of(json), &v, e));
    assert_true(expr_from_value(&a, &v, &x, e));
    assert_true(expr_eval(&a, &x, &env, &out, e) || e->msg[0]);
    return out;
}

static void gives(const char *json, const char *shown)
{
    struct err e;
    struct value v = eval(json, &e);

    assert_string_equal(e.msg, "");
    assert_string_equal(arena_dup(&a, value_show(&a, &v)).s, shown);
}

static void fails(const char *json, const char *why)
{
    struct err e;

    eval(json, &e);
    assert_string_equal(e.msg, why);
}

static void arithmetic_keeps_units(void **state)
{
    (void)state;
    gives("[\"binary\",\"+\",[\"lit\",1],[\"lit\",2.5]]", "3.5");
    gives("[\"binary\",\"*\",[\"lit\",{\"$duration\":60000}],[\"lit\",1.5]]",
          "1m30s");
    gives("[\"binary\",\"/\",[\"lit\",10],[\"lit\",4]]", "2.5");
    gives("[\"binary\",\">=\",[\"lit\",0.99],[\"lit\",{\"$percent\":99}]]",
          "true");
    fails("[\"binary\",\"-\",[\"lit\",\"a\"],[\"lit\",1]]",
          "'-' takes two numbers, durations or sizes, not a string and an "
          "int");
    fails("[\"binary\",\"/\",[\"lit\",1],[\"lit\",0]]", "division by zero");
    fails("[\"binary\",\"+\",[\"lit\",9223372036854775807],[\"lit\",1]]",
          "number out of range");
}

static void nan_compares_as_false(void **state)
{
    (void)state;
    gives("[\"binary\",\">=\",[\"call\",\"asFloat\",[\"lit\",\"NaN\"]],"
          "[\"lit\",0]]", "false");
    gives("[\"call\",\"isNaN\",[\"call\",\"asFloat\",[\"lit\",\"NaN\"]]]",
          "true");
}

static void unknowns_stay_unless_they_do_not_matter(void **state)
{
    (void)state;
    gives("[\"binary\",\"+\",[\"var\",\"u\"],[\"lit\",1]]",
          "(known after build image)");
    gives("[\"binary\",\"&&\",[\"var\",\"u\"],[\"lit\",false]]", "false");
    gives("[\"binary\",\"||\",[\"var\",\"u\"],[\"lit\",false]]",
          "(known after build image)");
}

static void words_in_a_command_are_quoted(void **state)
{
    (void)state;
    gives("[\"shell\",[\"lit\",\"echo \"],[\"call\",\"string\","
          "[\"lit\",\"it's; rm -rf /\"]]]",
          "\"echo 'it'\\\\''s; rm -rf /'\"");
    gives("[\"shell\",[\"lit\",\"cp \"],[\"list\",[\"lit\",\"a b\"],"
          "[\"lit\",\"c\"]]]", "\"cp 'a b' c\"");
    gives("[\"text\",[\"lit\",\"v\"],[\"var\",\"x\"]]", "\"v5\"");
}

static void patterns_that_explode_are_stopped(void **state)
{
    (void)state;
    gives("[\"binary\",\"=~\",[\"lit\",\"v1.2\"],[\"lit\",\"^v[0-9]\"]]",
          "true");
    fails("[\"binary\",\"=~\",[\"lit\",\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"],"
          "[\"lit\",\"^(a|aa|a?)+$\"]]",
          "pattern '^(a|aa|a?)+$' takes too long");
}

static void functions_check_their_arguments(void **state)
{
    (void)state;
    gives("[\"call\",\"semverCompare\",[\"lit\",\"1.10.0-rc.2\"],"
          "[\"lit\",\"v1.10.0\"]]", "-1");
    gives("[\"call\",\"semverBump\",[\"lit\",\"v1.2.3\"],[\"lit\",\"minor\"]]",
          "\"v1.3.0\"");
    gives("[\"call\",\"split\",[\"lit\",\"a,,b\"],[\"lit\",\",\"]]",
          "[\"a\", \"\", \"b\"]");
    fails("[\"index\",[\"lit\",[]],[\"lit\",0]]",
          "no element 0 in a list of 0");
    fails("[\"call\",\"upper\",[\"lit\",1]]",
          "upper(): takes strings, not an int");
    fails("[\"call\",\"upper\"]", "upper() takes 1 argument, not 0");
}

static void expressions_nested_too_deep_are_refused(void **state)
{
    struct buf b = {0};
    struct value v;
    struct expr x;
    struct err e = {0};

    (void)state;
    for (int i = 0; i < EXPR_DEPTH_MAX + 10; i++)
        buf_adds(&b, "[\"unary\",\"!\",");
    buf_adds(&b, "[\"lit\",true]");
    buf_pad(&b, ']', EXPR_DEPTH_MAX + 10);
    assert_true(value_from_json(&a, buf_str(&b), &v, &e));
    assert_false(expr_from_value(&a, &v, &x, &e));
    buf_free(&b);
}

static const char plan[] =
    "{\"environments\":[],\"facts\":[[\"git\",\"sha\",\"abc\"]],"
    "\"file\":\"x.pipeline\",\"language\":1,\"nodes\":["
    "{\"commands\":[{\"command\":[\"true\"],\"place\":[3,5]}],"
    "\"id\":\"a\",\"kind\":\"run\",\"place\":[2,1]},"
    "{\"config\":{\"wait\":{\"$duration\":5000}},"
    "\"edges\":[0,[0,\"approve\",\"x\"]],\"id\":\"b\",\"kind\":\"run\","
    "\"place\":[4,1],\"retry\":{\"backoff\":5,\"factor\":2.0,\"limit\":3,"
    "\"max\":0},\"when\":{\"$expr\":[\"cond\",[\"output\",\"a\",\"ok\"],"
    "[\"lit\",true],[\"member\",[\"var\",\"git\"],\"dirty\"]]}}],"
    "\"pipeline\":\"p\",\"secrets\":[]}\n";

static void a_plan_that_is_read_writes_the_same_bytes(void **state)
{
    struct graph g;
    struct err e = {0};
    struct buf b = {0};

    (void)state;
    assert_true(graph_load(&a, str_of(plan), &g, &e));
    graph_json(&b, &g);
    assert_string_equal(buf_cstr(&b), plan);
    buf_free(&b);
}

static void plans_of_any_shape_are_refused_in_time(void **state)
{
    static const char *const texts[] = {
        "[]", "{", "{\"language\":1,\"nodes\":{}}",
        "{\"language\":1,\"nodes\":[1,\"a\",{\"$size\":1}]}",
        "{\"language\":1,\"nodes\":[[{\"id\":\"a\",\"kind\":\"run\"}]]}",
        "{\"language\":1,\"nodes\":[1]}",
        "{\"language\":1,\"nodes\":[{\"id\":\"a\",\"kind\":\"run\"},"
        "{\"id\":\"\\u0061\",\"kind\":\"run\"}]}",
        "{\"language\":1,\"nodes\":[{\"id\":\"a\",\"kind\":\"run\"}],"
        "\"file\":\"late\"}",
    };
    struct graph g;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct err e = {0};

        assert_false(graph_load(&a, str_of(texts[i]), &g, &e));
        assert_true(e.msg[0]);
    }
}

static void a_plan_that_cannot_be_is_refused(void **state)
{
    struct graph g;
    struct err e = {0};

    (void)state;
    assert_false(graph_load(&a, STR(
        "{\"language\":1,\"nodes\":[{\"edges\":[1],\"id\":\"a\","
        "\"kind\":\"run\"},{\"edges\":[[0,\"needs\",\"group\"]],"
        "\"id\":\"b\",\"kind\":\"run\"}]}"), &g, &e));
    assert_string_equal(e.msg, "the stages need one another in a circle");
    assert_false(graph_load(&a, STR(
        "{\"language\":1,\"nodes\":[{\"edges\":[7],\"id\":\"a\","
        "\"kind\":\"run\"}]}"), &g, &e));
    assert_string_equal(e.msg, "stage 'a': 'edges' leads to no stage");
    assert_false(graph_load(&a, STR(
        "{\"language\":1,\"nodes\":[{\"edges\":[-1],\"id\":\"a\","
        "\"kind\":\"run\"}]}"), &g, &e));
    assert_string_equal(strstr(e.msg, "stage"), "stage 'a': 'edges' is not a "
                                                "list of stages");
    assert_false(graph_load(&a, STR(
        "{\"language\":1,\"nodes\":[{\"id\":\"a\",\"kind\":\"run\","
        "\"worked\":true}]}"), &g, &e));
    assert_string_equal(strstr(e.msg, "stage"),
                        "stage 'a': there is no 'worked' at that place");
    assert_false(graph_load(&a, STR(
        "{\"language\":1,\"nodes\":[{\"id\":\"a\",\"kind\":\"run\","
        "\"worker\":1}]}"), &g, &e));
    assert_string_equal(strstr(e.msg, "stage"),
                        "stage 'a': 'worker' is not true or false");
}

static void a_schema_says_what_a_kind_takes(void **state)
{
    struct schema_set set = {0};
    struct err e = {0};

    (void)state;
    assert_true(schema_add_json(&a, &set, STR(
        "{\"family\":\"kind\",\"name\":\"rollout\",\"fields\":{"
        "\"canary\":{\"sequence\":true,\"fields\":{\"weight\":{\"args\":["
        "{\"name\":\"weight\",\"type\":\"percent\"}]}}},"
        "\"within\":{\"type\":\"duration\"}},"
        "\"outputs\":{\"weight\":{\"type\":\"percent\"}},\"runs\":true}"), &e));
    const struct schema_entry *x = schema_find(&set, STR("kind"),
                                               STR("rollout"));
    assert_non_null(x);
    assert_true(x->runs);
    assert_true(schema_field(&x->body, STR("canary"))->body.sequence);
    assert_int_equal(schema_field(&x->body, STR("within"))->type->kind,
                     TYPE_DURATION);
    assert_null(schema_field(&x->body, STR("nope")));
    assert_false(schema_add_json(&a, &set, STR(
        "{\"name\":\"x\",\"fields\":{\"f\":{\"type\":\"lst(int)\"}}}"), &e));
    assert_string_equal(e.msg,
        "kind 'x': field 'f': 'lst(...)' is not a type");
    map_free(&set.entries);
}

/* own -> staging's rollout -> shared -> production's rollout; early is before
 * both, and of no environment. */
static void a_rollout_takes_back_what_is_its_own(void **state)
{
    struct str push = STR("git push"), traffic = STR("traffic");
    static struct graph_edge edges[] = {{.from = 0}, {.from = 1}, {.from = 2},
                                        {.from = 3}};
    struct graph_node n[] = {
        {.id = STR("early"), .effects = &push, .n_effects = 1},
        {.id = STR("own"), .effects = &push, .n_effects = 1,
         .environment = STR("staging"), .edges = &edges[0], .n_edges = 1},
        {.id = STR("first"), .effects = &traffic, .n_effects = 1,
         .environment = STR("staging"), .edges = &edges[1], .n_edges = 1},
        {.id = STR("shared"), .effects = &push, .n_effects = 1,
         .edges = &edges[2], .n_edges = 1},
        {.id = STR("second"), .effects = &traffic, .n_effects = 1,
         .environment = STR("production"), .edges = &edges[3], .n_edges = 1},
    };
    struct graph g = {.nodes = n, .n_nodes = 5};
    bool *staging = graph_commits(&a, &g, 2), *production;

    (void)state;
    assert_true(staging[0] && staging[1] && !staging[3]);
    production = graph_commits(&a, &g, 4);
    assert_true(!production[0] && !production[1] && production[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
        T(arithmetic_keeps_units),
        T(nan_compares_as_false),
        T(unknowns_stay_unless_they_do_not_matter),
        T(words_in_a_command_are_quoted),
        T(patterns_that_explode_are_stopped),
        T(functions_check_their_arguments),
        T(expressions_nested_too_deep_are_refused),
        T(a_plan_that_is_read_writes_the_same_bytes),
        T(a_plan_that_cannot_be_is_refused),
        T(plans_of_any_shape_are_refused_in_time),
        T(a_schema_says_what_a_kind_takes),
        T(a_rollout_takes_back_what_is_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
