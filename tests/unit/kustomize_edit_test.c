#include "runtime/kustomize/edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void same(struct arena *a, bool ok, struct str out, struct err *e,
                 const char *want)
{
    if (!ok)
        fail_msg("%s", e->msg);
    assert_string_equal(arena_dup(a, out).s, want);
    arena_free(a);
}

static void image(const char *text, const char *name, const char *ref,
                  const char *want)
{
    struct arena a = {0};
    struct err e = {0};
    struct str out = {0};
    bool ok = kustomize_edit_set_image(&a, str_of(text), str_of(name),
                                       str_of(ref), &out, &e);

    same(&a, ok, out, &e, want);
}

static void a_tag_changes_and_comments_stay(void **state)
{
    (void)state;
    image("# top\nimages:\n- name: web # the web\n  newTag: \"1.0\" # old\n\n"
          "# end\n", "web", ":1.10",
          "# top\nimages:\n- name: web # the web\n  newTag: \"1.10\" # old\n\n"
          "# end\n");
}

static void a_digest_takes_the_place_of_a_tag(void **state)
{
    (void)state;
    image("images:\n  - newTag: a\n    name: web\n  - name: api\n", "web",
          "@sha256:ff",
          "images:\n  - name: web\n    digest: sha256:ff\n  - name: api\n");
}

static void a_port_is_no_tag(void **state)
{
    (void)state;
    image("", "app", "reg:5000/app",
          "images:\n- name: app\n  newName: reg:5000/app\n");
    image("namespace: x\n", "app", "reg:5000/app:2",
          "namespace: x\nimages:\n- name: app\n  newName: reg:5000/app\n"
          "  newTag: \"2\"\n");
}

static void brackets_become_a_block_where_they_change(void **state)
{
    (void)state;
    image("resources: [a, b] # keep\nimages: [{name: web, newTag: a}]\n",
          "web", ":b",
          "resources: [a, b] # keep\nimages:\n- name: web\n  newTag: b\n");
}

static void the_same_again_changes_nothing(void **state)
{
    const char *text = "images:\n- name: web\n  newTag: '1'\n";

    (void)state;
    image(text, "web", ":1", text);
}

static void what_is_no_image_is_refused(void **state)
{
    static const char *const refs[] = {"", "a b", ":", "@", "a\"b"};
    struct arena a = {0};
    struct str out;

    (void)state;
    for (size_t i = 0; i < sizeof(refs) / sizeof(*refs); i++) {
        struct err e = {0};

        assert_false(kustomize_edit_set_image(&a, STR(""), STR("web"),
                                              str_of(refs[i]), &out, &e));
        assert_non_null(strstr(e.msg, "is no image"));
    }
    arena_free(&a);
}

static void entry(const char *text, bool add, const char *name,
                  const char *want)
{
    struct arena a = {0};
    struct err e = {0};
    struct str out = {0};
    bool ok = add ? kustomize_edit_add_entry(&a, str_of(text), "resources",
                                             str_of(name), &out, &e)
                  : kustomize_edit_remove_entry(&a, str_of(text), "resources",
                                                str_of(name), &out, &e);

    same(&a, ok, out, &e, want);
}

static void resources_come_and_go(void **state)
{
    (void)state;
    entry("resources:\n  - a.yaml\n  # - b.yaml\n\nnamespace: x\n", true,
          "../c", "resources:\n  - a.yaml\n  - ../c\n  # - b.yaml\n\n"
                  "namespace: x\n");
    entry("resources:\n- a\n- b # two\n- c\n", false, "b",
          "resources:\n- a\n- c\n");
    entry("resources:\n- a\nnamespace: x\n", false, "a", "namespace: x\n");
    entry("resources: []\n", true, "a", "resources:\n- a\n");
    entry("resources:\n- a\n", true, "a", "resources:\n- a\n");
}

static void hashes_in_block_texts_are_text(void **state)
{
    (void)state;
    entry("patches:\n- patch: |\n    a: b\n    # text\nresources:\n- a\n",
          true, "b",
          "patches:\n- patch: |\n    a: b\n    # text\nresources:\n- a\n"
          "- b\n");
    image("images:\nconfigMapGenerator:\n- name: c\n  literals:\n  - |\n"
          "    k=v\n    # text\n# end\n", "web", ":1",
          "images:\n- name: web\n  newTag: \"1\"\nconfigMapGenerator:\n"
          "- name: c\n  literals:\n  - |\n    k=v\n    # text\n# end\n");
}

static void field(const char *text, const char *name, const char *value,
                  const char *want)
{
    struct arena a = {0};
    struct err e = {0};
    struct str out = {0};
    bool ok = kustomize_edit_set_field(&a, str_of(text), name, str_of(value),
                                       &out, &e);

    same(&a, ok, out, &e, want);
}

static void words_of_old_yaml_are_quoted(void **state)
{
    (void)state;
    field("namespace: shop # here\n", "namespace", "y",
          "namespace: \"y\" # here\n");
    field("resources: [a]\n", "namePrefix", "123",
          "resources: [a]\nnamePrefix: \"123\"\n");
    field("namespace: a\nnameSuffix: -b\n", "namespace", "",
          "nameSuffix: -b\n");
}

static void replicas_are_numbers(void **state)
{
    struct arena a = {0};
    struct err e = {0};
    struct str out = {0};
    bool ok = kustomize_edit_set_replicas(
        &a, STR("replicas:\n- count: 1\n  name: web\n"), STR("web"), 12, &out,
        &e);

    (void)state;
    same(&a, ok, out, &e, "replicas:\n- count: 12\n  name: web\n");
    ok = kustomize_edit_set_replicas(&a, STR("{}"), STR("web"), 3, &out, &e);
    same(&a, ok, out, &e, "replicas:\n- name: web\n  count: 3\n");
}

static void label(const char *text, bool selectors, const char *want)
{
    struct arena a = {0};
    struct err e = {0};
    struct str out = {0};
    bool ok = kustomize_edit_set_label(&a, str_of(text), STR("app.io/name"),
                                       STR("shop"), selectors, false, &out,
                                       &e);

    same(&a, ok, out, &e, want);
}

static void a_label_goes_where_it_is_or_where_it_belongs(void **state)
{
    (void)state;
    label("", false, "labels:\n- pairs:\n    app.io/name: shop\n");
    label("commonLabels: {app.io/name: x}\n", false,
          "commonLabels:\n  app.io/name: shop\n");
    label("labels:\n- includeSelectors: true\n  pairs:\n    a: b\n", true,
          "labels:\n- includeSelectors: true\n  pairs:\n    a: b\n"
          "    app.io/name: shop\n");
}

static void a_label_that_is_there_cannot_be_added(void **state)
{
    struct arena a = {0};
    struct err e = {0};
    struct str out;

    (void)state;
    assert_false(kustomize_edit_set_label(&a, STR("commonLabels: {a: b}\n"),
                                          STR("a"), STR("c"), false, true,
                                          &out, &e));
    assert_false(kustomize_edit_set_annotation(
        &a, STR("commonAnnotations: {a: b}\n"), STR("a"), STR("c"), true, &out,
        &e));
    assert_false(kustomize_edit_add_entry(&a, STR("resources: x\n"),
                                          "resources", STR("c"), &out, &e));
    assert_false(kustomize_edit_set_field(&a, STR("a: [\n"), "namespace",
                                          STR("c"), &out, &e));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_changes_and_comments_stay),
        cmocka_unit_test(a_digest_takes_the_place_of_a_tag),
        cmocka_unit_test(a_port_is_no_tag),
        cmocka_unit_test(brackets_become_a_block_where_they_change),
        cmocka_unit_test(the_same_again_changes_nothing),
        cmocka_unit_test(what_is_no_image_is_refused),
        cmocka_unit_test(resources_come_and_go),
        cmocka_unit_test(hashes_in_block_texts_are_text),
        cmocka_unit_test(words_of_old_yaml_are_quoted),
        cmocka_unit_test(replicas_are_numbers),
        cmocka_unit_test(a_label_goes_where_it_is_or_where_it_belongs),
        cmocka_unit_test(a_label_that_is_there_cannot_be_added),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
