#include "runtime/k8s/k8s.h"

#include "base/buf.h"
#include "base/clock.h"
#include "runtime/k8s/access.h"

#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/k8s_cluster.h"

/* ---- being let in -------------------------------------------------------- */

static bool gets_in(const struct k8s_spec *spec)
{
    struct k8s_target t = settings;
    struct str object;
    bool found;

    memset(&env.e, 0, sizeof(env.e));
    t.namespace = STR("shop");
    struct k8s *k = k8s_open(spec, &env.e);
    bool ok = k && k8s_get(k, &env.arena, &t, &object, &found, &env.e);

    k8s_close(k);
    return ok && found;
}

static void test_contexts_choose_user_and_namespace(void **state)
{
    struct k8s_spec spec = {.kubeconfig = in("kubeconfig")};
    struct k8s *k = open_as("token");

    (void)state;
    assert_text(k8s_namespace(k), "default");
    k8s_close(k);
    assert_text(k8s_namespace(env.k), "shop");
    spec.context = STR("token");
    say(gets_in(&spec));
    spec.context = STR("viewer");
    assert_false(gets_in(&spec));
    assert_says(&env.e, ERR_NET, "403 Forbidden");
    spec.context = STR("stranger");
    assert_false(gets_in(&spec));
    assert_says(&env.e, ERR_NET, "401 Unauthorized");
    assert_null(strstr(env.e.msg, "nonsense"));
    spec.context = STR("nobody");
    assert_false(gets_in(&spec));
    assert_says(&env.e, ERR_INPUT, "no context 'nobody'");
}

static struct k8s_spec config_with_user(const char *name, const char *user)
{
    struct str url;

    say(file_read(&env.arena, in("url").s, 1000, &url, &env.e));
    scratch_write(&env.arena, env.dir, name, arena_printf(
        &env.arena, "current-context: c\ncontexts:\n- name: c\n  context: "
        "{cluster: k, user: u}\nclusters:\n- name: k\n  cluster: {server: "
        "'" STR_FMT "', certificate-authority: ca.crt}\nusers:\n- name: u\n"
        "  user:\n    %s\n", STR_ARG(str_trim(url)), user).s);
    return (struct k8s_spec){.kubeconfig = in(name)};
}

static void write_plugin(const char *text)
{
    scratch_write(&env.arena, env.dir, "plugin", text);
    SH(&env.arena, "chmod +x %s/plugin", env.dir.s);
}

static void test_an_exec_plugin_gives_a_token(void **state)
{
    struct k8s_spec spec = config_with_user(
        "exec.yaml", "exec: {apiVersion: client.authentication.k8s.io/v1beta1,"
        " command: ./plugin, args: [a b], env: [{name: T, value: "
        "admintoken}]}");

    (void)state;
    write_plugin("#!/bin/sh\n[ \"$1\" = 'a b' ] || exit 3\n"
                 "case $KUBERNETES_EXEC_INFO in *ExecCredential*) ;; *) "
                 "exit 4 ;; esac\n"
                 "echo \"{\\\"status\\\":{\\\"token\\\":\\\"$T\\\"}}\"\n");
    say(gets_in(&spec));
    write_plugin("#!/bin/sh\nexit 7\n");
    assert_false(gets_in(&spec));
    assert_says(&env.e, ERR_INPUT, "plugin");
    assert_says(&env.e, ERR_INPUT, "ended with status 7");
    write_plugin("#!/bin/sh\necho '{}'\n");
    assert_false(gets_in(&spec));
    assert_says(&env.e, ERR_INPUT, "neither a token nor a certificate");
}

static void test_a_token_file_is_read_again_after_a_401(void **state)
{
    struct k8s_spec spec = config_with_user("file.yaml", "tokenFile: token");
    struct k8s_target t = settings;
    struct str object;
    bool found;

    (void)state;
    t.namespace = STR("shop");
    scratch_write(&env.arena, env.dir, "token", "stale\n");
    struct k8s *k = k8s_open(&spec, &env.e);

    say(k != NULL);
    scratch_write(&env.arena, env.dir, "token", "admintoken\n");
    say(k8s_get(k, &env.arena, &t, &object, &found, &env.e));
    assert_true(found);
    k8s_close(k);
}

static void test_a_pod_uses_its_service_account(void **state)
{
    struct k8s_spec spec = {.account = in("account")};
    struct str url, port;

    (void)state;
    say(file_read(&env.arena, in("url").s, 1000, &url, &env.e));
    port = str_skip(str_trim(url), STR("https://127.0.0.1:").n);
    setenv("HOME", env.dir.s, 1);
    unsetenv("KUBECONFIG");
    assert_false(gets_in(&spec));
    assert_says(&env.e, ERR_INPUT, "this is no pod of a cluster");
    setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
    setenv("KUBERNETES_SERVICE_PORT", arena_dup(&env.arena, port).s, 1);
    SH(&env.arena, "cd %s; mkdir account; cp ca.crt account; printf "
       "admintoken >account/token; printf shop >account/namespace",
       env.dir.s);
    say(gets_in(&spec));
    setenv("KUBECONFIG", arena_printf(&env.arena, "/none:%s",
                                      in("kubeconfig").s).s, 1);
    spec = (struct k8s_spec){.context = STR("token")};
    say(gets_in(&spec));
    unsetenv("KUBECONFIG");
    unsetenv("KUBERNETES_SERVICE_HOST");
}

static void test_a_configuration_that_lacks_something_says_what(void **state)
{
    struct k8s_spec spec = config_with_user("odd.yaml", "auth-provider: {}");

    (void)state;
    assert_false(gets_in(&spec));
    assert_says(&env.e, ERR_INPUT, "'auth-provider' cannot be used here");
    scratch_write(&env.arena, env.dir, "odd.yaml", "current-context: c\n");
    assert_false(gets_in(&spec));
    assert_says(&env.e, ERR_INPUT, "no context 'c'");
    scratch_write(&env.arena, env.dir, "odd.yaml", "a: [\n");
    assert_false(gets_in(&spec));
    assert_int_equal(env.e.kind, ERR_INPUT);
    scratch_write(&env.arena, env.dir, "odd.yaml", "");
    assert_false(gets_in(&spec));
}

static void test_base64_is_decoded_strictly(void **state)
{
    struct str out;

    (void)state;
    assert_true(access_base64(&env.arena, STR("aGVsbG8="), &out));
    assert_text(out, "hello");
    assert_true(access_base64(&env.arena, STR("aGVs\n bG8h\n"), &out));
    assert_text(out, "hello!");
    assert_false(access_base64(&env.arena, STR("aGVsbG8"), &out));
    assert_false(access_base64(&env.arena, STR("a*Vs"), &out));
}

#define TEST(f) cmocka_unit_test_setup(f, clear_error)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_contexts_choose_user_and_namespace),
        TEST(test_an_exec_plugin_gives_a_token),
        TEST(test_a_token_file_is_read_again_after_a_401),
        TEST(test_a_pod_uses_its_service_account),
        TEST(test_a_configuration_that_lacks_something_says_what),
        TEST(test_base64_is_decoded_strictly),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
