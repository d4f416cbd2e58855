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

/* ---- reading and writing ------------------------------------------------- */

static void test_an_object_is_read_or_absent(void **state)
{
    struct k8s_target none = settings;
    struct str object;
    bool found;

    (void)state;
    say(k8s_get(env.k, &env.arena, &settings, &object, &found, &env.e));
    assert_true(found);
    assert_string_equal(member(object, "metadata", "namespace"), "shop");
    none.name = STR("none");
    say(k8s_get(env.k, &env.arena, &none, &object, &found, &env.e));
    assert_false(found);
    none = settings;
    none.kind = STR("configmaps");
    say(k8s_get(env.k, &env.arena, &none, &object, &found, &env.e));
    assert_true(found);
}

static void test_unknown_kinds_and_apis_are_named(void **state)
{
    struct k8s_target t = settings;
    struct str object;
    bool found;

    (void)state;
    t.kind = STR("ConfigMop");
    assert_false(k8s_get(env.k, &env.arena, &t, &object, &found, &env.e));
    assert_says(&env.e, ERR_INPUT, "no kind 'ConfigMop'");
    t.api = STR("nope.example.com/v1");
    assert_false(k8s_get(env.k, &env.arena, &t, &object, &found, &env.e));
    assert_says(&env.e, ERR_INPUT,
                "does not know the API 'nope.example.com/v1'");
    t = settings;
    t.name = STR("../secrets/x");
    say(k8s_get(env.k, &env.arena, &t, &object, &found, &env.e));
    assert_false(found);
}

static struct str patch(const struct k8s_target *t, enum k8s_patch_kind kind,
                        const char *body)
{
    struct k8s_patch p = {.kind = kind, .body = str_of(body)};
    struct str object = STR("");

    say(k8s_patch(env.k, &env.arena, t, &p, &object, &env.e));
    return object;
}

static void test_each_kind_of_patch_does_its_work(void **state)
{
    struct str o;

    (void)state;
    o = patch(&settings, K8S_PATCH_JSON,
              "[{\"op\":\"add\",\"path\":\"/data/b\",\"value\":\"1\"}]");
    assert_string_equal(member(o, "data", "b"), "1");
    o = patch(&settings, K8S_PATCH_MERGE, "{\"data\":{\"b\":null}}");
    assert_string_equal(member(o, "data", "b"), "(none)");
    o = patch(&settings, K8S_PATCH_STRATEGIC, "{\"data\":{\"c\":\"2\"}}");
    assert_string_equal(member(o, "data", "c"), "2");
}

static const char route[] =
    "apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\n"
    "metadata: {name: web}\nspec:\n  http:\n  - route:\n"
    "    - {destination: {host: web, subset: stable}, weight: %d}\n"
    "    - {destination: {host: web, subset: canary}, weight: %d}\n";

static bool apply(const char *manager, int weight, bool force)
{
    struct k8s_patch p = {.kind = K8S_PATCH_APPLY, .force = force,
                          .manager = str_of(manager),
                          .body = arena_printf(&env.arena, route,
                                               100 - weight, weight)};
    struct str object;

    return k8s_patch(env.k, &env.arena, &web, &p, &object, &env.e);
}

static void test_server_side_apply_minds_other_managers(void **state)
{
    (void)state;
    say(apply("pipec", 10, false));
    say(apply("pipec", 20, false));
    assert_false(apply("other", 30, false));
    assert_says(&env.e, ERR_NET, "409 Conflict");
    assert_says(&env.e, ERR_NET, ".spec.http");
    say(apply("other", 30, true));
}

static void test_a_dry_run_changes_nothing(void **state)
{
    struct k8s_patch p = {.kind = K8S_PATCH_MERGE, .dry_run = true,
                          .body = STR("{\"data\":{\"a\":\"dry\"}}")};
    struct str object;
    bool found;

    (void)state;
    say(k8s_patch(env.k, &env.arena, &settings, &p, &object, &env.e));
    assert_string_equal(member(object, "data", "a"), "dry");
    say(k8s_get(env.k, &env.arena, &settings, &object, &found, &env.e));
    assert_string_not_equal(member(object, "data", "a"), "dry");
}

static void test_a_list_comes_over_all_its_pages(void **state)
{
    enum { N = 520 };
    struct k8s_list q = {.labels = STR("many=yes")};
    struct k8s_target t = settings;
    struct str list;

    (void)state;
    for (int i = 0; i < N; i++)
        post(&t, arena_printf(&env.arena, "{\"metadata\":{\"name\":\"m%d\","
                              "\"labels\":{\"many\":\"yes\"}}}", i).s);
    say(k8s_list(env.k, &env.arena, &t, &q, &list, &env.e));
    json_t *j = json_loadb(list.s, list.n, 0, NULL);

    assert_int_equal(json_array_size(json_object_get(j, "items")), N);
    json_decref(j);
    q.all_namespaces = true;
    q.fields = STR("metadata.name=m7");
    say(k8s_list(env.k, &env.arena, &t, &q, &list, &env.e));
    j = json_loadb(list.s, list.n, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(j, "items")), 1);
    json_decref(j);
}

static void test_a_deletion_tells_whether_there_was_something(void **state)
{
    struct k8s_target t = settings;
    bool found;

    (void)state;
    post(&t, "{\"metadata\":{\"name\":\"gone\"}}");
    t.name = STR("gone");
    say(k8s_delete(env.k, &env.arena, &t, &found, &env.e));
    assert_true(found);
    say(k8s_delete(env.k, &env.arena, &t, &found, &env.e));
    assert_false(found);
}

/* ---- at the same time ---------------------------------------------------- */

static bool add_one(void *ctx, struct arena *a, struct str object,
                    struct str *out, struct err *e)
{
    json_t *j = json_loadb(object.s, object.n, 0, NULL);
    json_t *data = json_object_get(j, "data");
    const char *old = json_string_value(json_object_get(data, "n"));
    char *text;

    (void)ctx, (void)e;
    json_object_set_new(data, "n", json_sprintf("%d", old ? atoi(old) + 1
                                                         : 1));
    text = json_dumps(j, 0);
    *out = arena_dup(a, str_of(text));
    free(text);
    json_decref(j);
    return true;
}

static void *add_ten(void *ctx)
{
    struct arena a = {0};
    struct err e = {0};
    struct str object;
    bool ok = true;

    for (int i = 0; ok && i < 10; i++)
        ok = k8s_update(ctx, &a, &settings, add_one, NULL, &object, &e);
    arena_free(&a);
    return ok ? NULL : ctx;
}

static void test_updates_at_the_same_time_all_arrive(void **state)
{
    struct k8s *other = open_as("token");
    struct k8s_spec spec = {.kubeconfig = in("kubeconfig"),
                            .context = STR("token"),
                            .namespace = STR("shop")};
    struct k8s *mine = k8s_open(&spec, &env.e);
    pthread_t thread;
    struct str object;
    void *failed;
    bool found;

    (void)state;
    k8s_close(other);
    assert_int_equal(pthread_create(&thread, NULL, add_ten, mine), 0);
    assert_null(add_ten(env.k));
    pthread_join(thread, &failed);
    assert_null(failed);
    say(k8s_get(env.k, &env.arena, &settings, &object, &found, &env.e));
    assert_string_equal(member(object, "data", "n"), "20");
    k8s_close(mine);
}

struct seen {
    unsigned n, want;
    struct buf types;
};

static bool note(void *ctx, struct str type, struct str object)
{
    struct seen *s = ctx;

    assert_string_equal(member(object, "metadata", "name"), "watched");
    assert_non_null(strstr(object.s, "\"kind\":\"ConfigMap\""));
    buf_add(&s->types, str_sub(type, 0, 1));
    return ++s->n < s->want;
}

static void *change_watched(void *ctx)
{
    struct k8s *k = ctx;
    struct arena a = {0};
    struct err e = {0};
    struct k8s_target t = settings;
    struct k8s_patch p = {.kind = K8S_PATCH_MERGE,
                          .body = STR("{\"data\":{\"x\":\"y\"}}")};
    struct str object;
    bool found;

    t.name = STR("watched");
    t.namespace = STR("shop");
    pause_ms(500);
    k8s_patch(k, &a, &t, &p, &object, &e);
    pause_ms(200);
    k8s_delete(k, &a, &t, &found, &e);
    arena_free(&a);
    return NULL;
}

static void test_a_watch_tells_what_was_and_what_comes(void **state)
{
    struct k8s_target t = settings;
    struct seen seen = {.want = 3};
    struct k8s *other = open_as("token");
    pthread_t thread;

    (void)state;
    post(&t, "{\"metadata\":{\"name\":\"watched\"}}");
    t.name = STR("watched");
    assert_int_equal(pthread_create(&thread, NULL, change_watched, other), 0);
    say(k8s_watch(env.k, &t, NULL, 20000, note, &seen, &env.e));
    pthread_join(thread, NULL);
    assert_text(buf_str(&seen.types), "AMD");
    buf_free(&seen.types);
    k8s_close(other);
}

static void test_a_watch_ends_at_its_time_limit(void **state)
{
    struct k8s_target t = settings;
    struct seen seen = {.want = 99};
    int64_t t0 = clock_monotonic_ms();

    (void)state;
    t.name = STR("never");
    assert_false(k8s_watch(env.k, &t, NULL, 700, note, &seen, &env.e));
    assert_says(&env.e, ERR_TIMEOUT, "did not come to what is waited for");
    assert_in_range(clock_monotonic_ms() - t0, 690, 5000);
}

static void test_any_other_path_can_be_asked(void **state)
{
    struct str answer;
    long status;

    (void)state;
    say(k8s_raw(env.k, &env.arena, STR("GET"), STR("/version"),
                (struct str){0}, STR(""), &status, &answer, &env.e));
    assert_int_equal(status, 200);
    assert_non_null(strstr(answer.s, "v1.20.2"));
}

#define TEST(f) cmocka_unit_test_setup(f, clear_error)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_object_is_read_or_absent),
        TEST(test_unknown_kinds_and_apis_are_named),
        TEST(test_each_kind_of_patch_does_its_work),
        TEST(test_server_side_apply_minds_other_managers),
        TEST(test_a_dry_run_changes_nothing),
        TEST(test_a_list_comes_over_all_its_pages),
        TEST(test_a_deletion_tells_whether_there_was_something),
        TEST(test_updates_at_the_same_time_all_arrive),
        TEST(test_a_watch_tells_what_was_and_what_comes),
        TEST(test_a_watch_ends_at_its_time_limit),
        TEST(test_any_other_path_can_be_asked),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
