#include "runtime/k8s/client.h"

#include "base/die.h"

#include <string.h>

enum { PAGE = 500, PAGES_MAX = 10 * 1000, CONFLICT_MS = 50 };

#define TYPE_JSON STR("application/json")

static bool needs_name(const struct k8s_target *t, struct err *e)
{
    return t->name.n || err_set(e, ERR_INPUT, "a '" STR_FMT "' needs a name",
                                STR_ARG(t->kind));
}

bool k8s_get(struct k8s *k, struct arena *a, const struct k8s_target *t,
             struct str *object, bool *found, struct err *e)
{
    struct k8s_request q = {0};
    struct http_response r;

    *object = STR("");
    *found = false;
    if (!needs_name(t, e) || !client_path(k, a, t, false, &q.path, e) ||
        !client_send(k, a, &q, &r, e))
        return false;
    if (r.status == 404)
        return true;
    if (r.status != 200)
        return client_fail(k, a, &r, e);
    *object = r.body;
    *found = true;
    return true;
}

/* ---- lists --------------------------------------------------------------- */

static struct str page_path(struct arena *a, struct str path,
                            const struct k8s_list *q, struct str next)
{
    struct buf b = {0};

    buf_add(&b, path);
    client_query(&b, "labelSelector", q->labels);
    client_query(&b, "fieldSelector", q->fields);
    client_query(&b, "limit", arena_printf(a, "%d", PAGE));
    client_query(&b, "continue", next);
    struct str out = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return out;
}

/* Adds a page to the whole; *next is empty after the last one. */
static void join_page(struct arena *a, json_t **whole, json_t *page,
                      struct str *next)
{
    const char *more = json_string_value(json_object_get(
        json_object_get(page, "metadata"), "continue"));

    *next = more ? arena_dup(a, str_of(more)) : STR("");
    if (!*whole) {
        *whole = json_incref(page);
        return;
    }
    json_array_extend(json_object_get(*whole, "items"),
                      json_object_get(page, "items"));
    json_object_set(*whole, "metadata", json_object_get(page, "metadata"));
}

/* A place the server has forgotten (410) means: from the start. */
static json_t *list_all(struct k8s *k, struct arena *a, struct str path,
                        const struct k8s_list *q, struct err *e)
{
    json_t *whole = NULL;
    struct str next = STR("");
    struct http_response r;

    for (int i = 0; i < PAGES_MAX; i++) {
        struct k8s_request page = {.path = page_path(a, path, q, next)};
        if (!client_send(k, a, &page, &r, e))
            break;
        if (r.status == 410 && next.n) {
            json_decref(whole);
            whole = NULL;
            next = STR("");
            continue;
        }
        json_t *j = r.status == 200 ? client_json(k, r.body, e) : NULL;
        if (r.status != 200)
            client_fail(k, a, &r, e);
        if (!j)
            break;
        join_page(a, &whole, j, &next);
        json_decref(j);
        if (!next.n)
            return whole;
    }
    if (next.n && !e->msg[0])
        err_set(e, ERR_NET, "the list has more than %d pages", PAGES_MAX);
    json_decref(whole);
    return NULL;
}

bool k8s_list(struct k8s *k, struct arena *a, const struct k8s_target *t,
              const struct k8s_list *q, struct str *list, struct err *e)
{
    const struct k8s_list none = {0};
    struct k8s_target all = *t;
    struct str path;

    all.name = STR("");
    q = q ? q : &none;
    if (!client_path(k, a, &all, q->all_namespaces, &path, e))
        return false;
    json_t *j = list_all(k, a, path, q, e);

    if (!j)
        return false;
    *list = client_dump(a, j);
    json_decref(j);
    return true;
}

/* ---- writing ------------------------------------------------------------- */

bool k8s_create(struct k8s *k, struct arena *a, const struct k8s_target *t,
                struct str object, struct str *made, struct err *e)
{
    struct k8s_target all = *t;
    struct k8s_request q = {.method = STR("POST"), .body = object,
                            .content_type = TYPE_JSON};
    struct http_response r;

    all.name = STR("");
    if (!client_path(k, a, &all, false, &q.path, e) ||
        !client_expect(k, a, &q, &r, e))
        return false;
    *made = r.body;
    return true;
}

static struct str patch_type(enum k8s_patch_kind kind)
{
    switch (kind) {
    case K8S_PATCH_JSON:
        return STR("application/json-patch+json");
    case K8S_PATCH_MERGE:
        return STR("application/merge-patch+json");
    case K8S_PATCH_STRATEGIC:
        return STR("application/strategic-merge-patch+json");
    case K8S_PATCH_APPLY:
        return STR("application/apply-patch+yaml");
    }
    BUG("patch kind %d", (int)kind);
}

bool k8s_patch(struct k8s *k, struct arena *a, const struct k8s_target *t,
               const struct k8s_patch *p, struct str *object, struct err *e)
{
    struct k8s_request q = {.method = STR("PATCH"), .body = p->body,
                            .content_type = patch_type(p->kind)};
    struct http_response r;
    struct buf path = {0};

    if (!needs_name(t, e) || !client_path(k, a, t, false, &q.path, e))
        return false;
    buf_add(&path, q.path);
    client_query(&path, "fieldManager",
                 p->manager.n ? p->manager : STR("pipec"));
    client_query(&path, "force",
                 p->force && p->kind == K8S_PATCH_APPLY ? STR("true")
                                                        : STR(""));
    client_query(&path, "dryRun", p->dry_run ? STR("All") : STR(""));
    q.path = arena_dup(a, buf_str(&path));
    buf_free(&path);
    if (!client_expect(k, a, &q, &r, e))
        return false;
    *object = r.body;
    return true;
}

bool k8s_update(struct k8s *k, struct arena *a, const struct k8s_target *t,
                k8s_change_fn change, void *ctx, struct str *object,
                struct err *e)
{
    struct k8s_request q = {.method = STR("PUT"), .content_type = TYPE_JSON};
    struct http_response r;
    bool found;

    if (!needs_name(t, e) || !client_path(k, a, t, false, &q.path, e))
        return false;
    for (int i = 0; i < K8S_CONFLICT_TRIES; i++) {
        q.body = (struct str){0};
        if (i)
            client_wait((int64_t)CONFLICT_MS << i);
        if (!k8s_get(k, a, t, object, &found, e))
            return false;
        if (!found)
            return err_set(e, ERR_INPUT, "there is no '" STR_FMT "' '" STR_FMT
                           "'", STR_ARG(t->kind), STR_ARG(t->name));
        if (!change(ctx, a, *object, &q.body, e))
            return false;
        if (!q.body.n)
            return true;
        if (!client_send(k, a, &q, &r, e))
            return false;
        if (r.status == 409)
            continue;
        *object = r.body;
        return (r.status >= 200 && r.status < 300) || client_fail(k, a, &r, e);
    }
    return err_set(e, ERR_NET, "'" STR_FMT "' '" STR_FMT "' was changed by "
                   "somebody else at each of %d tries", STR_ARG(t->kind),
                   STR_ARG(t->name), K8S_CONFLICT_TRIES);
}

bool k8s_delete(struct k8s *k, struct arena *a, const struct k8s_target *t,
                bool *found, struct err *e)
{
    struct k8s_request q = {
        .method = STR("DELETE"), .content_type = TYPE_JSON,
        .body = STR("{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\","
                    "\"propagationPolicy\":\"Background\"}")};
    struct http_response r;

    *found = false;
    if (!needs_name(t, e) || !client_path(k, a, t, false, &q.path, e) ||
        !client_send(k, a, &q, &r, e))
        return false;
    if (r.status == 404)
        return true;
    *found = r.status >= 200 && r.status < 300;
    return *found || client_fail(k, a, &r, e);
}
