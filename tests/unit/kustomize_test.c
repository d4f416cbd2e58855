#include "runtime/kustomize/difference.h"
#include "runtime/kustomize/kustomize.h"
#include "runtime/kustomize/rendered.h"
#include "runtime/kustomize/repourl.h"
#include "runtime/kustomize/vfs_memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CM(name) \
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " name "}\n"

/* What the directory prints, or why it is refused. */
static const char *built(struct arena *a, const char *files, const char *dir)
{
    struct vfs_memory *m = arena_new(a, struct vfs_memory);
    struct kustomize_result r;
    struct err e = {0};
    struct buf b = {0};

    vfs_memory_init(m, a);
    vfs_memory_add_all(m, str_of(files));
    struct kustomize_options o = {.vfs = &m->vfs, .no_remote = true};
    bool ok = kustomize_build(a, &o, str_of(dir), &r, &e) &&
              kustomize_write(&b, &r, &e);
    const char *out = arena_dup(a, ok ? buf_str(&b) : str_of(e.msg)).s;

    buf_free(&b);
    kustomize_free(&r);
    return out;
}

static void builds(const char *files, const char *dir, const char *out)
{
    struct arena a = {0};

    assert_string_equal(built(&a, files, dir), out);
    arena_free(&a);
}

/* The message holds the text. */
static void refuses(const char *files, const char *dir, const char *text)
{
    struct arena a = {0};
    const char *said = built(&a, files, dir);

    if (!strstr(said, text))
        fail_msg("'%s' is not in '%s'", text, said);
    arena_free(&a);
}

static void names_change_with_all_that_call_them(void **state)
{
    (void)state;
    builds("=== k/kustomization.yaml\nresources: [r.yaml]\nnamePrefix: p-\n"
           "=== k/r.yaml\n" CM("c") "---\napiVersion: v1\nkind: Pod\n"
           "metadata: {name: x}\nspec: {volumes: [{configMap: {name: c}}, "
           "{configMap: {name: other}}]}\n", "/k",
           "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: p-c\n---\n"
           "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p-x\nspec:\n"
           "  volumes:\n  - configMap:\n      name: p-c\n  - configMap:\n"
           "      name: other\n");
}

static void a_generated_name_ends_in_the_hash_of_its_data(void **state)
{
    (void)state;
    builds("=== k/kustomization.yaml\nconfigMapGenerator:\n- name: e\n"
           "  envs: [a.env]\n=== k/a.env\nA B=1\n", "/k",
           "apiVersion: v1\ndata:\n  A B: \"1\"\nkind: ConfigMap\nmetadata:\n"
           "  name: e-t6t45fh575\n");
}

static void files_outside_the_root_are_not_read(void **state)
{
    (void)state;
    refuses("=== k/kustomization.yaml\nresources:\n- ../r.yaml\n"
            "=== r.yaml\n" CM("c"), "/k",
            "/k/kustomization.yaml:2:3: '/r.yaml' is outside '/k'");
}

static void a_cycle_of_directories_is_named(void **state)
{
    (void)state;
    refuses("=== a/kustomization.yaml\nresources: [../b]\n"
            "=== b/kustomization.yaml\nresources: [../a]\n", "/a",
            "a cycle");
}

static void a_misspelt_field_is_told_with_the_right_one(void **state)
{
    (void)state;
    refuses("=== k/kustomization.yaml\nresources: []\nnamePrefixx: p\n", "/k",
            "kustomization.yaml:2:1: unknown field 'namePrefixx'; did you "
            "mean 'namePrefix'?");
}

static void a_boolean_for_a_string_is_told_to_be_quoted(void **state)
{
    (void)state;
    refuses("=== k/kustomization.yaml\nnamespace: on\n", "/k",
            "'namespace' takes a string, not a boolean; quote it: \"on\"");
}

static void two_objects_of_one_id_are_told_with_both_places(void **state)
{
    (void)state;
    refuses("=== k/kustomization.yaml\nresources: [r.yaml]\n"
            "=== k/r.yaml\n" CM("c") "---\n" CM("c"), "/k", "r.yaml:5:1:");
}

static void a_file_that_is_missing_is_told_at_its_entry(void **state)
{
    (void)state;
    refuses("=== k/kustomization.yaml\nresources:\n- nope.yaml\n", "/k",
            "kustomization.yaml:2:3: no such file");
}

static void urls_of_repositories_are_taken_apart(void **state)
{
    static const struct {
        const char *text, *url, *path, *ref;
    } rows[] = {
        {"https://h.org/o/r//d/e?ref=v1", "https://h.org/o/r", "d/e", "v1"},
        {"https://h.org/o/r.git/d?version=x", "https://h.org/o/r.git", "d",
         "x"},
        {"github.com/o/r/d?ref=m", "https://github.com/o/r", "d", "m"},
        {"git@h.org:o/r//d", "git@h.org:o/r", "d", ""},
        {"ssh://git@github.com/o/r", "git@github.com:o/r", "", ""},
        {"file:///srv/r.git//d", "file:///srv/r.git", "d", ""},
        {"git::https://h.org/o/r", "https://h.org/o/r", "", ""},
        {"https://dev.h.org/o/p/_git/r/d", "https://dev.h.org/o/p/_git/r",
         "d", ""},
    };
    struct arena a = {0};
    struct repourl u;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_true(repourl_parse(&a, str_of(rows[i].text), &u));
        assert_string_equal(u.url.s, rows[i].url);
        assert_string_equal(u.path.s, rows[i].path);
        assert_string_equal(u.ref.s, rows[i].ref);
    }
    assert_false(repourl_parse(&a, STR("../base"), &u));
    assert_false(repourl_parse(&a, STR("base/d"), &u));
    assert_false(repourl_parse(&a, STR("/abs"), &u));
    arena_free(&a);
}

static void a_difference_is_told_by_object_and_field(void **state)
{
    struct arena a = {0};
    struct err e = {0};
    struct buf b = {0};
    struct resmap x, y;
    struct difference_count n;
    struct ynode *old = ynode_map(&a), *new;

    (void)state;
    ynode_set_string(&a, old, "apiVersion", STR("v1"));
    ynode_set_string(&a, old, "kind", STR("ConfigMap"));
    ynode_set_string(&a, ynode_make_map(&a, old, STR("metadata")), "name",
                     STR("c-46f8b28mk5"));
    new = ynode_copy(&a, old);
    ynode_set_string(&a, ynode_get(new, "metadata"), "name",
                     STR("c-8226t8dd99"));
    resmap_init(&x, &a);
    resmap_init(&y, &a);
    assert_true(resmap_append(&x, resource_create(&a, old), &e));
    assert_true(resmap_append(&y, resource_create(&a, new), &e));
    assert_true(difference_write(&a, &x, &y, false, &b, &n, &e));
    assert_string_equal(buf_cstr(&b),
                        "~ ConfigMap.v1/c-8226t8dd99\n    metadata.name: "
                        "\"c-46f8b28mk5\" -> \"c-8226t8dd99\"\n");
    assert_int_equal(n.changed, 1);
    buf_free(&b);
    resmap_free(&x);
    resmap_free(&y);
    arena_free(&a);
}

static void renders(struct rendered *c, const char *files, const char *has,
                    size_t builds)
{
    struct vfs_memory *m = arena_new(c->a, struct vfs_memory);
    struct kustomize_options o = {.no_remote = true};
    struct warnings w;
    struct err e = {0};
    struct str text;

    vfs_memory_init(m, c->a);
    vfs_memory_add_all(m, str_of(files));
    o.vfs = &m->vfs;
    assert_true(rendered_text(c, &o, STR("/k"), &text, &w, &e));
    assert_true(str_search(text, str_of(has)) < text.n);
    assert_int_equal(c->builds, builds);
}

static void an_unchanged_tree_is_not_rendered_twice(void **state)
{
    static const char tree[] = "=== k/kustomization.yaml\nresources: [r.yaml]\n"
                               "namePrefix: p-\n=== k/r.yaml\n" CM("c");
    struct arena a = {0};
    struct rendered c = {.a = &a};

    (void)state;
    renders(&c, tree, "p-c", 1);
    renders(&c, tree, "p-c", 1);
    renders(&c, "=== k/kustomization.yaml\nresources: [r.yaml]\n"
                "namePrefix: p-\n=== k/r.yaml\n" CM("d"), "p-d", 2);
    renders(&c, tree, "p-c", 2);
    arena_free(&a);
}

/* As another process would: nothing in memory. */
static void another_renders(const char *folder, const char *files,
                            const char *has, size_t builds)
{
    struct arena a = {0};
    struct rendered c = {.a = &a, .folder = folder};

    renders(&c, files, has, builds);
    arena_free(&a);
}

static size_t count_kept(const char *folder, char *path, size_t n)
{
    DIR *d = opendir(folder);
    size_t count = 0;

    for (struct dirent *f; d && (f = readdir(d));) {
        if (f->d_name[0] == '.')
            continue;
        snprintf(path, n, "%s/%s", folder, f->d_name);
        count++;
    }
    if (d)
        closedir(d);
    return count;
}

static void a_rendering_is_kept_for_other_processes(void **state)
{
    static const char tree[] = "=== k/kustomization.yaml\nresources: [r.yaml]\n"
                               "namePrefix: p-\n=== k/r.yaml\n" CM("c");
    static const char other[] = "=== k/kustomization.yaml\nresources: [r.yaml]\n"
                                "namePrefix: p-\n=== k/r.yaml\n" CM("d");
    char top[] = "/tmp/pipec-rendered-XXXXXX", folder[64], path[512];
    struct stat st;

    (void)state;
    assert_non_null(mkdtemp(top));
    snprintf(folder, sizeof(folder), "%s/rendered", top);
    another_renders(folder, tree, "p-c", 1);
    assert_int_equal(count_kept(folder, path, sizeof(path)), 1);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    another_renders(folder, tree, "p-c", 0);
    another_renders(folder, other, "p-d", 1); /* takes the other's place */
    another_renders(folder, other, "p-d", 0);
    assert_int_equal(count_kept(folder, path, sizeof(path)), 1);

    assert_int_equal(chmod(path, 0620), 0); /* somebody else's, perhaps */
    another_renders(folder, other, "p-d", 1);
    another_renders(folder, other, "p-d", 0);

    assert_int_equal(truncate(path, st.st_size - 1), 0); /* torn */
    another_renders(folder, other, "p-d", 1);
    assert_int_equal(truncate(path, 0), 0);
    another_renders(folder, other, "p-d", 1);

    int fd = open(path, O_WRONLY); /* a byte changed */

    assert_int_equal(pwrite(fd, "X", 1, st.st_size - 2), 1);
    close(fd);
    another_renders(folder, other, "p-d", 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(rmdir(top), 0);
}

static void a_rendering_with_a_secret_is_kept_nowhere(void **state)
{
    static const char tree[] = "=== k/kustomization.yaml\nsecretGenerator:\n"
                               "- {name: s, literals: [a=b]}\n";
    char top[] = "/tmp/pipec-rendered-XXXXXX", folder[64], path[512];

    (void)state;
    assert_non_null(mkdtemp(top));
    snprintf(folder, sizeof(folder), "%s/rendered", top);
    another_renders(folder, tree, "kind: Secret", 1);
    another_renders(folder, tree, "kind: Secret", 1);
    assert_int_equal(count_kept(folder, path, sizeof(path)), 0);
    rmdir(folder);
    assert_int_equal(rmdir(top), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_change_with_all_that_call_them),
        cmocka_unit_test(a_generated_name_ends_in_the_hash_of_its_data),
        cmocka_unit_test(files_outside_the_root_are_not_read),
        cmocka_unit_test(a_cycle_of_directories_is_named),
        cmocka_unit_test(a_misspelt_field_is_told_with_the_right_one),
        cmocka_unit_test(a_boolean_for_a_string_is_told_to_be_quoted),
        cmocka_unit_test(two_objects_of_one_id_are_told_with_both_places),
        cmocka_unit_test(a_file_that_is_missing_is_told_at_its_entry),
        cmocka_unit_test(urls_of_repositories_are_taken_apart),
        cmocka_unit_test(a_difference_is_told_by_object_and_field),
        cmocka_unit_test(an_unchanged_tree_is_not_rendered_twice),
        cmocka_unit_test(a_rendering_is_kept_for_other_processes),
        cmocka_unit_test(a_rendering_with_a_secret_is_kept_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
