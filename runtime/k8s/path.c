#include "runtime/k8s/client.h"

#include <string.h>
#include <strings.h>

/* ---- encoding ------------------------------------------------------------ */

static void encode(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
            (c >= 'A' && c <= 'Z') || (c && strchr("-._~", c)))
            buf_addc(b, (char)c);
        else
            buf_addf(b, "%%%02X", c);
    }
}

void client_query(struct buf *path, const char *key, struct str value)
{
    if (!value.n)
        return;
    bool first = str_find(buf_str(path), '?') == path->n;

    buf_addf(path, "%c%s=", first ? '?' : '&', key);
    encode(path, value);
}

static bool segment(struct buf *b, struct str s, struct err *e)
{
    if (str_eq(s, STR(".")) || str_eq(s, STR("..")))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is no name in Kubernetes",
                       STR_ARG(s));
    buf_addc(b, '/');
    encode(b, s);
    return true;
}

/* "v1" is /api/v1, "apps/v1" is /apis/apps/v1. */
static bool api_root(struct buf *b, struct str api, struct err *e)
{
    struct str version, group = str_cut(api, '/', &version);

    if (!api.n || (str_find(api, '/') < api.n && (!group.n || !version.n)))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is no API version such as "
                       "'v1' or 'apps/v1'", STR_ARG(api));
    buf_adds(b, version.n ? "/apis" : "/api");
    return segment(b, group, e) && (!version.n || segment(b, version, e));
}

/* ---- what the server has ------------------------------------------------- */

static json_t *discover(struct k8s *k, struct arena *a, struct str api,
                        struct err *e)
{
    struct buf path = {0};
    struct http_response r;
    json_t *j = NULL;

    if (api_root(&path, api, e)) {
        struct k8s_request q = {.path = buf_str(&path)};
        if (!client_send(k, a, &q, &r, e))
            j = NULL;
        else if (r.status == 404)
            err_set(e, ERR_INPUT, "'" STR_FMT "' does not know the API '"
                    STR_FMT "'", STR_ARG(k->access.server), STR_ARG(api));
        else if (r.status == 200)
            j = client_json(k, r.body, e);
        else
            client_fail(k, a, &r, e);
    }
    buf_free(&path);
    return j;
}

static bool same_word(const json_t *value, struct str word)
{
    const char *s = json_string_value(value);

    return s && strlen(s) == word.n && strncasecmp(s, word.s, word.n) == 0;
}

/* By kind ("Deployment"), plural or singular; "x/status" is no kind. */
static const json_t *find_kind(const json_t *known, struct str kind)
{
    const json_t *one, *list = json_object_get(known, "resources");
    size_t i;

    json_array_foreach(list, i, one) {
        const char *name = json_string_value(json_object_get(one, "name"));
        if (name && !strchr(name, '/') &&
            (same_word(json_object_get(one, "name"), kind) ||
             same_word(json_object_get(one, "kind"), kind) ||
             same_word(json_object_get(one, "singularName"), kind)))
            return one;
    }
    return NULL;
}

/* A kind that is not there may have been added since: ask once more. */
static const json_t *resource(struct k8s *k, struct arena *a,
                              const struct k8s_target *t, struct err *e)
{
    const char *api = arena_dup(a, t->api).s;
    const json_t *found =
        find_kind(json_object_get(k->resources, api), t->kind);

    if (found)
        return found;
    json_t *fresh = discover(k, a, t->api, e);

    if (!fresh)
        return NULL;
    json_object_set_new(k->resources, api, fresh);
    found = find_kind(json_object_get(k->resources, api), t->kind);
    if (!found)
        err_set(e, ERR_INPUT, "'" STR_FMT "' has no kind '" STR_FMT "' in the "
                "API '" STR_FMT "'", STR_ARG(k->access.server),
                STR_ARG(t->kind), STR_ARG(t->api));
    return found;
}

static bool build(struct buf *b, struct k8s *k, const struct k8s_target *t,
                  const json_t *r, bool all_namespaces, struct err *e)
{
    bool namespaced = json_is_true(json_object_get(r, "namespaced"));
    struct str ns = t->namespace.n ? t->namespace : k->access.namespace;
    const char *plural = json_string_value(json_object_get(r, "name"));

    if (!api_root(b, t->api, e))
        return false;
    if (namespaced && !(all_namespaces && !t->name.n) &&
        (!segment(b, STR("namespaces"), e) || !segment(b, ns, e)))
        return false;
    return segment(b, str_of(plural), e) &&
           (!t->name.n || segment(b, t->name, e)) &&
           (!t->subresource.n || segment(b, t->subresource, e));
}

bool client_path(struct k8s *k, struct arena *a, const struct k8s_target *t,
                 bool all_namespaces, struct str *path, struct err *e)
{
    const json_t *r = resource(k, a, t, e);
    struct buf b = {0};

    if (!r)
        return false;
    bool ok = build(&b, k, t, r, all_namespaces, e);

    if (ok)
        *path = arena_dup(a, buf_str(&b));
    buf_free(&b);
    return ok;
}
