#include "runtime/kustomize/patch_json.h"
#include "runtime/kustomize/patch_merge.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/ywrite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

struct run {
    struct arena a;
    struct err e;
    struct buf out;
    struct warnings w;
    struct schema_set schema;
};

static struct ynode *tree(struct run *r, const char *text)
{
    struct yread_options o = {.file = "f.yaml", .duplicates = YDUP_KEEP};
    struct ynode *n;

    if (!yread_first(&r->a, str_of(text), &o, &n, &r->e))
        fail_msg("%s", r->e.msg);
    return n;
}

/* spec: and below, of a Deployment unless head says otherwise. */
static struct ynode *object(struct run *r, const char *head, const char *spec)
{
    struct str text = arena_printf(&r->a, "%s\nmetadata: {name: x}\nspec:\n%s",
                                   head, spec);

    return tree(r, text.s);
}

static const char deployment[] = "apiVersion: apps/v1\nkind: Deployment";
static const char pod[] = "apiVersion: v1\nkind: Pod";
static const char service[] = "apiVersion: v1\nkind: Service";
static const char custom[] = "apiVersion: example.org/v1\nkind: Thing";

static void check(struct run *r, const struct ynode *n, const char *want)
{
    if (!ywrite_yaml(&r->out, ynode_get(n, "spec"), &r->e))
        fail_msg("%s", r->e.msg);
    assert_string_equal(buf_cstr(&r->out), want);
    buf_free(&r->out);
    arena_free(&r->a);
}

static void merged(const char *head, const char *spec, const char *patch,
                   const char *want)
{
    struct run r = {0};
    struct ynode *n = object(&r, head, spec);

    r.w.a = &r.a;
    if (!patch_merge(&r.a, &r.schema, &n, object(&r, head, patch), &r.w, &r.e))
        fail_msg("%s", r.e.msg);
    check(&r, n, want);
}

static void elements_of_the_patch_come_first(void **state)
{
    (void)state;
    merged(pod, "  containers: [{name: a, image: i}, {name: b, image: j}]",
           "  containers: [{name: q, image: k}, {name: b, tty: true}]",
           "containers:\n- image: k\n  name: q\n- image: j\n  name: b\n"
           "  tty: true\n- image: i\n  name: a\n");
}

static void a_null_takes_a_field_and_nothing_takes_an_empty_list(void **state)
{
    (void)state;
    merged(pod, "  hostname: h\n  containers: [{name: a, image: i}]",
           "  hostname: null\n  containers: [{name: a, image: null}]",
           "containers:\n- name: a\n");
    merged(pod, "  containers: [{name: a}]", "  containers: []",
           "containers:\n- name: a\n");
    merged(pod, "  tolerations: [{key: a}]", "  tolerations: []",
           "tolerations: []\n");
}

static void lists_of_unknown_kinds_are_replaced(void **state)
{
    (void)state;
    merged(custom, "  containers: [{name: a}, {name: b}]",
           "  containers: [{name: b, image: i}]",
           "containers:\n- image: i\n  name: b\n");
}

static void an_element_without_its_key_empties_the_list(void **state)
{
    struct run r = {0};
    struct ynode *n = object(&r, pod, "  containers: [{name: a}]");

    (void)state;
    r.w.a = &r.a;
    assert_true(patch_merge(&r.a, &r.schema, &n,
                            object(&r, pod, "  containers: [{image: q}]"),
                            &r.w, &r.e));
    assert_int_equal(r.w.n, 1);
    assert_true(str_starts(r.w.items[0], STR("f.yaml:5:")));
    check(&r, n, "containers: []\n");
}

static void a_protocol_on_one_side_only_loses_the_patch(void **state)
{
    struct run r = {0};
    struct ynode *n = object(&r, service, "  ports: [{port: 80, name: a}]");

    (void)state;
    r.w.a = &r.a;
    assert_true(patch_merge(
        &r.a, &r.schema, &n,
        object(&r, service, "  ports: [{port: 80, protocol: TCP, name: b}]"),
        &r.w, &r.e));
    assert_int_equal(r.w.n, 1);
    check(&r, n, "ports:\n- name: a\n  port: 80\n");
}

static void directives_delete_and_replace(void **state)
{
    (void)state;
    merged(deployment, "  selector: {matchLabels: {a: b}}\n  paused: true",
           "  selector: {$patch: replace, matchExpressions: []}",
           "paused: true\nselector:\n  matchExpressions: []\n");
    merged(deployment, "  selector: {a: b}\n  paused: true",
           "  selector: {$patch: delete}", "paused: true\n");
    merged(pod, "  containers: [{name: a}, {name: b}]",
           "  containers: [{name: a, $patch: delete}]",
           "containers:\n- name: b\n");
}

static void refused(const char *spec, const char *patch, const char *why)
{
    struct run r = {0};
    struct ynode *n = object(&r, pod, spec);

    assert_false(patch_merge(&r.a, &r.schema, &n, object(&r, pod, patch),
                             NULL, &r.e));
    if (!strstr(r.e.msg, why))
        fail_msg("%s", r.e.msg);
    arena_free(&r.a);
}

static void what_does_not_fit_is_told_with_its_place(void **state)
{
    (void)state;
    refused("  hostname: h", "  hostname: [a]", "f.yaml:5:13: the patch has");
    refused("  affinity: {a: b}", "  affinity: {$patch: zap}",
            "unknown patch strategy 'zap'");
}

static void a_custom_schema_takes_the_place_of_the_built_in(void **state)
{
    struct run r = {0};
    struct ynode *doc = tree(&r,
        "definitions:\n  t:\n    x-kubernetes-group-version-kind:\n"
        "    - {group: example.org, version: v1, kind: Thing}\n"
        "    properties: {spec: {$ref: '#/definitions/s'}}\n"
        "  s: {properties: {l: {type: array, items: {type: object},"
        " x-kubernetes-patch-strategy: merge,"
        " x-kubernetes-patch-merge-key: id}}}\n");

    (void)state;
    assert_true(schema_set_init(&r.schema, doc, &r.e));
    struct ynode *n = object(&r, custom, "  l: [{id: a, x: 1}, {id: b}]");

    assert_true(patch_merge(&r.a, &r.schema, &n,
                            object(&r, custom, "  l: [{id: a, y: 2}]"), NULL,
                            &r.e));
    check(&r, n, "l:\n- id: a\n  x: 1\n  \"y\": 2\n- id: b\n");
}

static void long_irregular_lists_are_refused(void **state)
{
    struct run r = {0};
    struct ynode *n = object(&r, pod, "  containers: [{image: a}]");
    struct ynode *patch = object(&r, pod, "  containers: [{image: a}]");
    struct ynode *list = ynode_find(patch, "spec", "containers", NULL);

    (void)state;
    for (size_t i = 0; i < 10 * 1000; i++)
        ynode_push(&r.a, list, ynode_copy(&r.a, list->seq.items[0]));
    assert_false(patch_merge(&r.a, &r.schema, &n, patch, NULL, &r.e));
    arena_free(&r.a);
}

/* ---- JSON patches ---- */

static bool apply(struct run *r, struct ynode **n, const char *patch)
{
    struct json_patch p;

    return json_patch_read(&r->a, str_of(patch), "p.yaml", 1, &p, &r->e) &&
           json_patch_apply(&r->a, &p, n, &r->e);
}

static void patched(const char *spec, const char *patch, const char *want)
{
    struct run r = {0};
    struct ynode *n = object(&r, custom, spec);

    if (!apply(&r, &n, patch))
        fail_msg("%s", r.e.msg);
    check(&r, n, want);
}

static void operations_do_what_the_rfc_says(void **state)
{
    (void)state;
    patched("  l: [a, b]", "- {op: add, path: /spec/l/0, value: f}\n"
                           "- {op: add, path: /spec/l/-, value: l}\n"
                           "- {op: remove, path: /spec/l/1}\n",
            "l:\n- f\n- b\n- l\n");
    patched("  a: {x: 1}", "- {op: copy, from: /spec/a, path: /spec/b}\n"
                           "- {op: move, from: /spec/b, path: /spec/c~1d~0e}",
            "a:\n  x: 1\nc/d~e:\n  x: 1\n");
    patched("  a: 1", "[{\"op\": \"test\", \"path\": \"/spec/a\", \"value\": "
                      "1.0}, {\"op\": \"remove\", \"path\": \"/spec/a\"}]",
            "{}\n");
}

static void habits_beyond_the_rfc_are_kept(void **state)
{
    (void)state;
    patched("  a: 12345678901234567",
            "- {op: replace, path: /spec/b, value: y}",
            "a: 12345678901234568\nb: true\n");
    patched("  l: [a, b]", "- {op: replace, path: /spec/l/-1, value: c}",
            "l:\n- a\n- c\n");
}

static void not_patched(const char *patch, const char *why)
{
    struct run r = {0};
    struct ynode *n = object(&r, custom, "  l: [a]\n  s: x");

    assert_false(apply(&r, &n, patch));
    if (!strstr(r.e.msg, why))
        fail_msg("%s", r.e.msg);
    arena_free(&r.a);
}

static void failures_name_operation_and_place(void **state)
{
    (void)state;
    not_patched("- {op: add, path: /spec/z/y, value: 1}", "p.yaml:1:3: 'add'");
    not_patched("- {op: add, path: /spec/l/9, value: 1}", "no such place");
    not_patched("- {op: remove, path: /spec/z}", "no such field");
    not_patched("- {op: test, path: /spec/s, value: y}", "another value");
    not_patched("- {op: zap, path: /spec/s}", "unknown operation");
    not_patched("- {op: add, path: /spec/s/x, value: 1}", "no such path");
    not_patched("a: b", "not a JSON patch");
    not_patched("[{\"op\": }]", "p.yaml:1:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_of_the_patch_come_first),
        cmocka_unit_test(a_null_takes_a_field_and_nothing_takes_an_empty_list),
        cmocka_unit_test(lists_of_unknown_kinds_are_replaced),
        cmocka_unit_test(an_element_without_its_key_empties_the_list),
        cmocka_unit_test(a_protocol_on_one_side_only_loses_the_patch),
        cmocka_unit_test(directives_delete_and_replace),
        cmocka_unit_test(what_does_not_fit_is_told_with_its_place),
        cmocka_unit_test(a_custom_schema_takes_the_place_of_the_built_in),
        cmocka_unit_test(long_irregular_lists_are_refused),
        cmocka_unit_test(operations_do_what_the_rfc_says),
        cmocka_unit_test(habits_beyond_the_rfc_are_kept),
        cmocka_unit_test(failures_name_operation_and_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
