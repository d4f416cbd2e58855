#include "runtime/oci/oci.h"

#include "tests/support/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/says.h"

/* A folder "src" with a program, a page, a link and an empty folder; skopeo
 * and tar are the judges. */
static struct {
    struct arena arena;
    struct str dir;
    struct err e;
} env;

static int setup(void **state)
{
    struct arena *a = &env.arena;

    (void)state;
    memset(&env, 0, sizeof(env));
    env.dir = scratch_make(a);
    assert_int_equal(SH(a, "cd %s; mkdir -p src/web/empty; umask 077;"
                        "printf '#!/bin/sh\n' >src/server; "
                        "chmod 700 src/server; echo page >src/web/p\xc3\xa9.html;"
                        "ln -s ../server src/web/run", env.dir.s), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_remove(&env.arena, env.dir);
    arena_free(&env.arena);
    return 0;
}

static struct str in(const char *name)
{
    return file_join(&env.arena, env.dir, str_of(name));
}

static void assert_sh(const char *command, const char *want)
{
    assert_text(sh_output(&env.arena, arena_printf(&env.arena, "cd %s; %s",
                                                   env.dir.s, command).s),
                want);
}

static struct str build(struct oci_image image, const char *layout)
{
    struct str digest;

    if (!oci_build(&env.arena, &image, in(layout).s, &digest, &env.e))
        fail_msg("%s", env.e.msg);
    return digest;
}

static struct oci_image image_of(const struct oci_copy *copies, size_t n)
{
    static const struct str entrypoint[] = {{"/bin/server", 11}};
    static const struct str cmd[] = {{"-v", 2}};
    static const struct str environment[] = {{"A=1", 3}, {"B=2", 3}};
    static const struct str ports[] = {{"8080/tcp", 8}};
    static const struct oci_pair labels[] = {{{"team", 4}, {"x", 1}}};

    return (struct oci_image){
        .copies = copies, .copy_count = n, .entrypoint = entrypoint,
        .entrypoint_count = 1, .cmd = cmd, .cmd_count = 1,
        .env = environment, .env_count = 2, .ports = ports, .port_count = 1,
        .labels = labels, .label_count = 1, .user = STR("65532"),
        .workdir = STR("/web"), .ref = STR("1.2"),
        .architecture = STR("amd64")};
}

static struct oci_image sample(void)
{
    struct oci_copy *c = arena_array(&env.arena, struct oci_copy, 3);

    c[0] = (struct oci_copy){.from = in("src/server"), .to = STR("/bin/")};
    c[1] = (struct oci_copy){.from = in("src/web"), .to = STR("/web")};
    c[2] = (struct oci_copy){.text = STR("hello\n"), .to = STR("/etc/motd"),
                             .mode = 0600};
    return image_of(c, 3);
}

static const char list_layer[] =
    "for d in $(skopeo inspect --raw oci:%s | jq -r '.layers[].digest'); do "
    "TZ=UTC tar tvzf %s/blobs/sha256/${d#sha256:} --numeric-owner "
    "--quoting-style=literal | awk '{print $1, $2, $4, $6 $7 $8}'; done";

static void test_skopeo_reads_what_was_built(void **state)
{
    struct str digest = build(sample(), "out");

    (void)state;
    assert_sh("skopeo inspect --format '{{.Digest}} {{.Architecture}} "
              "{{.Os}}' oci:out:1.2",
              arena_printf(&env.arena, STR_FMT " amd64 linux",
                           STR_ARG(digest)).s);
    assert_sh("skopeo inspect --config oci:out:1.2 | jq -cS .config",
              "{\"Cmd\":[\"-v\"],\"Entrypoint\":[\"/bin/server\"],"
              "\"Env\":[\"A=1\",\"B=2\"],\"ExposedPorts\":{\"8080/tcp\":{}},"
              "\"Labels\":{\"team\":\"x\"},\"User\":\"65532\","
              "\"WorkingDir\":\"/web\"}");
    assert_sh("skopeo inspect --config oci:out:1.2 | jq -r .created",
              "1970-01-01T00:00:00Z");
    assert_int_equal(SH(&env.arena, "cd %s; skopeo copy -q oci:out:1.2 "
                        "dir:copy && test -s copy/manifest.json",
                        env.dir.s), 0);
}

static void test_a_layer_holds_sorted_files_of_nobody_and_no_time(
    void **state)
{
    (void)state;
    build(sample(), "out");
    assert_sh(arena_printf(&env.arena, list_layer, "out:1.2", "out").s,
              "drwxr-xr-x 0/0 1970-01-01 bin/\n"
              "-rwxr-xr-x 0/0 1970-01-01 bin/server\n"
              "drwxr-xr-x 0/0 1970-01-01 etc/\n"
              "-rw------- 0/0 1970-01-01 etc/motd\n"
              "drwxr-xr-x 0/0 1970-01-01 web/\n"
              "drwxr-xr-x 0/0 1970-01-01 web/empty/\n"
              "-rw-r--r-- 0/0 1970-01-01 web/p\xc3\xa9.html\n"
              "lrwxrwxrwx 0/0 1970-01-01 web/run->../server");
    assert_sh("d=$(skopeo inspect --raw oci:out:1.2 | jq -r "
              ".layers[0].digest); gzip -dc out/blobs/sha256/${d#sha256:} | "
              "sha256sum | cut -c1-64 >a; skopeo inspect --config oci:out:1.2 "
              "| jq -r '.rootfs.diff_ids[0]' | cut -c8- | diff a - && echo ok",
              "ok");
}

static void test_the_same_files_make_the_same_digest(void **state)
{
    struct str first = build(sample(), "one");

    (void)state;
    SH(&env.arena, "cd %s; cp -r src s2; rm -r src; sleep 1; mkdir src; "
       "cp -r s2/web src/; cp s2/server src/; touch src/server",
       env.dir.s);
    assert_text(build(sample(), "two"), first.s);
    assert_sh("diff -r one two && echo same", "same");
    SH(&env.arena, "echo >>%s/src/server", env.dir.s);
    assert_false(str_eq(build(sample(), "two"), first));
    assert_sh("jq '.manifests | length' two/index.json", "1");
}

static void test_a_replaced_image_leaves_no_blobs(void **state)
{
    struct oci_image other = sample();

    (void)state;
    build(sample(), "out");
    other.ref = STR("other");
    other.user = STR("1");
    build(other, "out");
    assert_sh("ls out/blobs/sha256 | wc -l", "5");
    SH(&env.arena, "echo >>%s/src/server", env.dir.s);
    build(other, "out");
    assert_sh("ls out/blobs/sha256 | wc -l", "6");
    build(sample(), "out");
    assert_sh("ls out/blobs/sha256 | wc -l", "5");
    assert_sh("skopeo inspect --format '{{.Os}}' oci:out:1.2; skopeo inspect "
              "--format '{{.Os}}' oci:out:other", "linux\nlinux");
}

static void test_of_two_copies_to_one_path_the_last_stays(void **state)
{
    struct oci_copy c[] = {
        {.text = STR("a"), .to = STR("/x/f")},
        {.text = STR("bb"), .to = STR("/x//./f"), .mode = 0755}};

    (void)state;
    build(image_of(c, 2), "out");
    assert_sh(arena_printf(&env.arena, list_layer, "out:1.2", "out").s,
              "drwxr-xr-x 0/0 1970-01-01 x/\n"
              "-rwxr-xr-x 0/0 1970-01-01 x/f");
}

static void test_a_base_is_kept_and_built_upon(void **state)
{
    struct oci_copy c = {.text = STR("top\n"), .to = STR("/web/top/t")};
    static const struct str changed[] = {{"B=3", 3}};
    static const struct str run[] = {{"/run", 4}};
    struct oci_image top = {.copies = &c, .copy_count = 1, .base = in("base"),
                            .env = changed, .env_count = 1,
                            .entrypoint = run, .entrypoint_count = 1,
                            .architecture = STR("amd64")};

    (void)state;
    build(sample(), "base");
    build(top, "out");
    assert_sh("skopeo inspect --config oci:out:latest | jq -cS '.config, "
              "(.rootfs.diff_ids | length)'",
              "{\"Entrypoint\":[\"/run\"],\"Env\":[\"A=1\",\"B=3\"],"
              "\"ExposedPorts\":{\"8080/tcp\":{}},\"Labels\":{\"team\":"
              "\"x\"},\"User\":\"65532\",\"WorkingDir\":\"/web\"}\n2");
    assert_sh(arena_printf(&env.arena, "%s | tail -n1",
                           arena_printf(&env.arena, list_layer, "out:latest",
                                        "out").s).s,
              "-rw-r--r-- 0/0 1970-01-01 web/top/t");
    assert_int_equal(SH(&env.arena, "cd %s; skopeo copy -q oci:out:latest "
                        "dir:copy", env.dir.s), 0);
}

static void test_a_damaged_base_is_refused(void **state)
{
    struct oci_image top = {.base = in("base"),
                            .architecture = STR("amd64")};
    struct str digest;

    (void)state;
    build(sample(), "base");
    SH(&env.arena, "cd %s; d=$(skopeo inspect --raw oci:base:1.2 | jq -r "
       ".layers[0].digest); printf x >>base/blobs/sha256/${d#sha256:}",
       env.dir.s);
    assert_false(oci_build(&env.arena, &top, in("out").s, &digest, &env.e));
    assert_non_null(strstr(env.e.msg, "is not what its name says"));
    top.architecture = STR("riscv64");
    assert_false(oci_build(&env.arena, &top, in("out").s, &digest, &env.e));
    assert_non_null(strstr(env.e.msg, "no image for linux/riscv64"));
}

static void test_what_cannot_be_copied_is_told(void **state)
{
    const struct {
        struct oci_copy copy;
        const char *says;
    } bad[] = {
        {{.from = STR("/no/such"), .to = STR("/x")}, "'/no/such': it does "
                                                     "not exist"},
        {{.from = STR("/dev/null"), .to = STR("/x")}, "no file, folder or"},
        {{.text = STR("x"), .to = STR("x")}, "no absolute path"},
        {{.text = STR("x"), .to = STR("/a/../b")}, "cannot be a path"},
        {{.text = STR("x"), .to = STR("/a/.wh.b")}, "cannot be a path"},
        {{.text = STR("x"), .to = STR("/")}, "root"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct oci_image image = image_of(&bad[i].copy, 1);
        struct str digest;
        memset(&env.e, 0, sizeof(env.e));
        assert_false(oci_build(&env.arena, &image, in("out").s, &digest,
                               &env.e));
        if (!strstr(env.e.msg, bad[i].says))
            fail_msg("'%s' does not say '%s'", env.e.msg, bad[i].says);
    }
    assert_sh("ls -A out/blobs/sha256 2>/dev/null | wc -l", "0");
    struct oci_copy clash[] = {{.text = STR("x"), .to = STR("/a")},
                               {.text = STR("x"), .to = STR("/a/b")}};
    struct oci_image image = image_of(clash, 2);
    struct str digest;

    assert_false(oci_build(&env.arena, &image, in("out").s, &digest, &env.e));
    assert_non_null(strstr(env.e.msg, "at once"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_skopeo_reads_what_was_built),
        TEST(test_a_layer_holds_sorted_files_of_nobody_and_no_time),
        TEST(test_the_same_files_make_the_same_digest),
        TEST(test_a_replaced_image_leaves_no_blobs),
        TEST(test_of_two_copies_to_one_path_the_last_stays),
        TEST(test_a_base_is_kept_and_built_upon),
        TEST(test_a_damaged_base_is_refused),
        TEST(test_what_cannot_be_copied_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
