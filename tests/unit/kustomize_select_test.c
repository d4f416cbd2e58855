#include "runtime/kustomize/fieldpath.h"
#include "runtime/kustomize/labelsel.h"
#include "runtime/kustomize/regex.h"
#include "runtime/kustomize/scope.h"
#include "runtime/yaml/yread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static bool whole(const char *pattern, const char *text)
{
    struct regex r;
    struct err e = {0};
    bool yes = false;

    if (!regex_open(&r, str_of(pattern), REGEX_WHOLE, &e) ||
        !regex_match(&r, str_of(text), &yes, &e))
        fail_msg("%s", e.msg);
    regex_close(&r);
    return yes;
}

static void patterns_match_whole_names(void **state)
{
    (void)state;
    assert_true(whole("", "anything"));
    assert_true(whole("web", "web"));
    assert_false(whole("web", "web-2"));
    assert_true(whole("web.*|api", "api"));
    assert_false(whole("web|api", "api2"));
    assert_true(whole("[a-c]{2,}", "abc"));
    assert_false(whole("a", "a\n"));
}

static void what_re2_lacks_is_refused(void **state)
{
    static const char *const bad[] = {"(?=a)b", "(?<!a)b", "(a)\\1", "a++",
                                      "(?>a)", "(*FAIL)", "[)", "a**",
                                      "\\Kx", "(?R)"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct regex r;
        struct err e = {0};

        if (regex_open(&r, str_of(bad[i]), REGEX_WHOLE, &e))
            fail_msg("'%s' was taken", bad[i]);
        regex_close(&r);
    }
    assert_true(whole("[(?=*+]+", "?="));
    assert_true(whole("\\(\\?=", "(?="));
}

static void a_slow_pattern_is_an_error_not_a_hang(void **state)
{
    struct regex r;
    struct err e = {0};
    char text[64];
    bool yes;

    (void)state;
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = 'b';
    assert_true(regex_open(&r, STR("(a+)+c|(a*)*d"), REGEX_WHOLE, &e));
    assert_false(regex_match(&r, (struct str){text, sizeof(text)}, &yes, &e));
    regex_close(&r);
}

static struct ynode *tree(struct arena *a, const char *text)
{
    struct yread_options o = {.file = "f.yaml"};
    struct err e = {0};
    struct ynode *n;

    if (!yread_first(a, str_of(text), &o, &n, &e))
        fail_msg("%s", e.msg);
    return n;
}

static bool selected(const char *selector, const char *labels)
{
    struct arena a = {0};
    struct labelsel s;
    struct err e = {0};

    if (!labelsel_parse(&a, str_of(selector), &s, &e))
        fail_msg("%s", e.msg);
    bool yes = labelsel_match(&s, tree(&a, labels));

    arena_free(&a);
    return yes;
}

static void label_selectors_need_all_to_hold(void **state)
{
    const char *labels = "{app: web, tier: front, x.io/n: '7'}";

    (void)state;
    assert_true(selected("", labels));
    assert_true(selected("app=web,tier!=back", labels));
    assert_true(selected(" app == web , tier in (front, back) ", labels));
    assert_false(selected("app=web,tier notin (front)", labels));
    assert_true(selected("x.io/n>6,x.io/n<8,!gone", labels));
    assert_true(selected("other!=a,other notin (b)", labels));
    assert_false(selected("other", labels));
}

static void malformed_selectors_are_refused(void **state)
{
    static const char *const bad[] = {"=a", "a=b c", "a in b", "a in (b",
                                      "a,,b", "a>x", "-a=b", "a=b/c", "a b",
                                      "A/b=c", "a="
                                      "0123456789012345678901234567890123456789"
                                      "012345678901234567890123"};
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct labelsel s;
        struct err e = {0};

        if (labelsel_parse(&a, str_of(bad[i]), &s, &e))
            fail_msg("'%s' was taken", bad[i]);
    }
    arena_free(&a);
}

static void paths(const char *path, size_t n, const char *last)
{
    struct arena a = {0};
    struct fieldpath p;
    struct err e = {0};

    assert_true(fieldpath_split(&a, str_of(path), &p, &e));
    assert_int_equal(p.n, n);
    assert_string_equal(arena_dup(&a, p.items[p.n - 1]).s, last);
    arena_free(&a);
}

static void paths_are_cut_at_dots_outside_brackets(void **state)
{
    (void)state;
    paths("a.b.c", 3, "c");
    paths("a.b\\.c", 2, "b.c");
    paths("metadata.annotations.[a.b/c.d]", 3, "a.b/c.d");
    paths("spec.l.[name=a.b].image", 4, "image");
    paths("spec.l.[name=a.b]", 3, "[name=a.b]");
}

static size_t found(const char *text, const char *path, int create)
{
    struct arena a = {0};
    struct fieldpath p;
    struct found_nodes out = {0};
    struct err e = {0};

    assert_true(fieldpath_split(&a, str_of(path), &p, &e));
    bool ok = fieldpath_match(&a, tree(&a, text), &p, create, &out, &e);
    size_t n = ok ? out.n : SIZE_MAX;

    arena_free(&a);
    return n;
}

static void targets_are_found_and_made(void **state)
{
    const char *text = "{l: [{n: web-1, v: a}, {n: web-2, v: b}, {n: api}]}";

    (void)state;
    assert_int_equal(found(text, "l.[n=web].v", -1), 2);
    assert_int_equal(found(text, "l.[n=^api$].v", -1), 0);
    assert_int_equal(found(text, "l.[n=^api$].v", YNODE_SCALAR), 1);
    assert_int_equal(found(text, "l.*.n", -1), 3);
    assert_int_equal(found(text, "l.2.n", -1), 1);
    assert_int_equal(found(text, "l.3.n", -1), SIZE_MAX);
    assert_int_equal(found(text, "l.3.n", YNODE_SCALAR), 1);
    assert_int_equal(found(text, "m.new.deep", YNODE_MAP), 1);
    assert_int_equal(found(text, "l.name", -1), SIZE_MAX);
}

static void scopes_are_known_by_exact_version(void **state)
{
    (void)state;
    assert_int_equal(scope_of(STR("v1"), STR("Namespace")), SCOPE_CLUSTER);
    assert_int_equal(scope_of(STR("apps/v1"), STR("Deployment")),
                     SCOPE_NAMESPACE);
    assert_int_equal(scope_of(STR("example.org/v1"), STR("Namespace")),
                     SCOPE_UNKNOWN);
    assert_int_equal(scope_of(STR("v1"), STR("ServiceProxyOptions")),
                     SCOPE_NAMESPACE);
    assert_int_equal(scope_of(STR("a"), STR("b")), SCOPE_UNKNOWN);
    assert_int_equal(scope_of(STR("z"), STR("b")), SCOPE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_whole_names),
        cmocka_unit_test(what_re2_lacks_is_refused),
        cmocka_unit_test(a_slow_pattern_is_an_error_not_a_hang),
        cmocka_unit_test(label_selectors_need_all_to_hold),
        cmocka_unit_test(malformed_selectors_are_refused),
        cmocka_unit_test(paths_are_cut_at_dots_outside_brackets),
        cmocka_unit_test(targets_are_found_and_made),
        cmocka_unit_test(scopes_are_known_by_exact_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
