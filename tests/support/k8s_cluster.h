#ifndef TESTS_SUPPORT_K8S_CLUSTER_H
#define TESTS_SUPPORT_K8S_CLUSTER_H

/* To be included after <cmocka.h>. */
#include "runtime/k8s/k8s.h"
#include "base/buf.h"
#include "base/clock.h"
#include "runtime/k8s/access.h"
#include "tests/support/says.h"
#include "tests/support/server.h"

#include <jansson.h>
#include <pthread.h>
#include <stddef.h>

/* A real kube-apiserver with its etcd. */
static struct {
    struct arena arena;
    struct str dir;
    pid_t server;
    struct k8s *k;
    struct err e;
} env;

static const struct k8s_target namespace_shop = {
    .api = {"v1", 2}, .kind = {"Namespace", 9}, .name = {"shop", 4}};
static const struct k8s_target settings = {
    .api = {"v1", 2}, .kind = {"ConfigMap", 9}, .name = {"settings", 8}};
static const struct k8s_target web = {
    .api = {"networking.istio.io/v1beta1", 27},
    .kind = {"VirtualService", 14}, .name = {"web", 3}};

static const char definition[] =
    "{\"apiVersion\":\"apiextensions.k8s.io/v1\","
    "\"kind\":\"CustomResourceDefinition\",\"metadata\":{\"name\":"
    "\"virtualservices.networking.istio.io\"},\"spec\":{\"group\":"
    "\"networking.istio.io\",\"scope\":\"Namespaced\",\"names\":{\"plural\":"
    "\"virtualservices\",\"singular\":\"virtualservice\",\"kind\":"
    "\"VirtualService\",\"listKind\":\"VirtualServiceList\"},\"versions\":[{"
    "\"name\":\"v1beta1\",\"served\":true,\"storage\":true,\"schema\":{"
    "\"openAPIV3Schema\":{\"type\":\"object\","
    "\"x-kubernetes-preserve-unknown-fields\":true}}}]}}";

static inline struct str in(const char *name)
{
    return file_join(&env.arena, env.dir, str_of(name));
}

static inline void say(bool ok)
{
    if (!ok)
        fail_msg("%s", env.e.msg);
}

static inline struct k8s *open_as(const char *context)
{
    struct k8s_spec spec = {.kubeconfig = in("kubeconfig"),
                            .context = str_of(context)};

    memset(&env.e, 0, sizeof(env.e));
    struct k8s *k = k8s_open(&spec, &env.e);

    say(k != NULL);
    return k;
}

static inline struct str post(const struct k8s_target *t, const char *text)
{
    struct str made = STR("");

    say(k8s_create(env.k, &env.arena, t, str_of(text), &made, &env.e));
    return made;
}

static inline int setup(void **state)
{
    struct k8s_target crd = {.api = STR("apiextensions.k8s.io/v1"),
                             .kind = STR("CustomResourceDefinition")};

    (void)state;
    env.dir = scratch_make(&env.arena);
    env.server = server_start(arena_printf(
        &env.arena, "exec tests/support/kube-apiserver %s", env.dir.s).s);
    for (int i = 0; i < 20 * 60 * 10 && access(in("ready").s, F_OK) != 0 &&
         waitpid(env.server, NULL, WNOHANG) == 0; i++)
        pause_ms(100);
    assert_int_equal(access(in("ready").s, F_OK), 0);
    env.k = open_as("");
    post(&namespace_shop, "{\"metadata\":{\"name\":\"shop\"}}");
    post(&settings, "{\"metadata\":{\"name\":\"settings\"},\"data\":"
         "{\"a\":\"0\"}}");
    post(&crd, definition);
    for (int i = 0; i < 100; i++, pause_ms(50)) {
        struct str list;
        if (k8s_list(env.k, &env.arena, &web, NULL, &list, &env.e))
            break;
    }
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    k8s_close(env.k);
    server_stop(env.server);
    scratch_remove(&env.arena, env.dir);
    arena_free(&env.arena);
    return 0;
}

static inline int clear_error(void **state)
{
    (void)state;
    memset(&env.e, 0, sizeof(env.e));
    return 0;
}

/* "data.a" of an object's text. */
static inline const char *member(struct str object, const char *outer,
                          const char *inner)
{
    json_t *j = json_loadb(object.s, object.n, 0, NULL);
    const char *s = json_string_value(
        json_object_get(json_object_get(j, outer), inner));

    s = s ? arena_dup(&env.arena, str_of(s)).s : "(none)";
    json_decref(j);
    return s;
}

#endif
