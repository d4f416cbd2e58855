#include "runtime/k8s/client.h"

#include "base/clock.h"
#include "base/die.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { BUSY_TRIES = 4, BUSY_MS = 1000, BUSY_MS_MAX = 10 * 1000 };

/* ---- opening ------------------------------------------------------------- */

static struct str keep(struct k8s *k, struct str s)
{
    return s.n ? arena_dup(&k->arena, s) : STR("");
}

struct k8s *k8s_open(const struct k8s_spec *spec, struct err *e)
{
    struct k8s *k = calloc(1, sizeof(*k));

    if (!k)
        die_oom();
    k->spec = (struct k8s_spec){.kubeconfig = keep(k, spec->kubeconfig),
                                .context = keep(k, spec->context),
                                .namespace = keep(k, spec->namespace),
                                .account = keep(k, spec->account),
                                .timeout_ms = spec->timeout_ms};
    k->resources = json_object();
    if (access_read(&k->arena, &k->spec, &k->access, e) &&
        (k->http = http_client_create(e)))
        return k;
    k8s_close(k);
    return NULL;
}

void k8s_close(struct k8s *k)
{
    if (!k)
        return;
    http_client_destroy(k->http);
    json_decref(k->resources);
    arena_free(&k->arena);
    free(k);
}

struct str k8s_server(const struct k8s *k)
{
    return k->access.server;
}

struct str k8s_namespace(const struct k8s *k)
{
    return k->access.namespace;
}

/* ---- JSON ---------------------------------------------------------------- */

json_t *client_json(const struct k8s *k, struct str text, struct err *e)
{
    json_error_t why;
    json_t *j = json_loadb(text.s, text.n, 0, &why);

    if (json_is_object(j))
        return j;
    json_decref(j);
    err_set(e, ERR_NET, "the answer of '" STR_FMT "' is no JSON object",
            STR_ARG(k->access.server));
    return NULL;
}

struct str client_dump(struct arena *a, const json_t *j)
{
    char *s = json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);

    if (!s)
        die_oom();
    struct str out = arena_dup(a, str_of(s));

    free(s);
    return out;
}

/* ---- sending ------------------------------------------------------------- */

void client_wait(int64_t ms)
{
    unsigned char byte = 0;

    if (getrandom(&byte, 1, GRND_NONBLOCK) != 1)
        byte = (unsigned char)clock_monotonic_ms();
    ms = ms / 2 + ms / 2 * byte / 255;
    struct timespec t = {.tv_sec = ms / 1000,
                         .tv_nsec = (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

static bool send_once(struct k8s *k, struct arena *a,
                      const struct k8s_request *q, struct http_response *r,
                      struct err *e)
{
    const struct k8s_access *at = &k->access;
    struct http_header headers[] = {
        {STR("Accept"), STR("application/json")},
        {STR("Content-Type"), q->content_type}};
    int64_t ms = k->spec.timeout_ms ? k->spec.timeout_ms
                                    : (int64_t)K8S_TIMEOUT_MS;
    struct http_request h = {
        .method = q->method, .headers = headers,
        .header_count = q->content_type.n ? 2 : 1, .body = q->body,
        .url = arena_printf(a, STR_FMT STR_FMT, STR_ARG(at->server),
                            STR_ARG(q->path)),
        .tls = at->tls, .bearer = at->token,
        .user = at->token.n ? STR("") : at->user, .password = at->password,
        .total_ms = q->total_ms ? q->total_ms : ms, .body_max = K8S_BODY_MAX,
        .on_body = q->on_body, .ctx = q->ctx};

    return http_send(k->http, a, &h, r, e);
}

/* A 429's Retry-After is a number of seconds. */
static void wait_as_told(const struct http_response *r)
{
    int64_t s = 0, ms = BUSY_MS;

    if (str_int(http_response_header(r, STR("retry-after")), &s) && s > 0)
        ms = s > BUSY_MS_MAX / 1000 ? (int64_t)BUSY_MS_MAX : s * 1000;
    client_wait(2 * ms);
}

bool client_send(struct k8s *k, struct arena *a, const struct k8s_request *q,
                 struct http_response *r, struct err *e)
{
    bool renewed = false;

    for (int busy = 0;;) {
        if (!send_once(k, a, q, r, e))
            return false;
        if (r->status == 401 && k->access.renewable && !renewed) {
            renewed = true;
            if (!access_read(&k->arena, &k->spec, &k->access, e))
                return false;
        } else if (r->status == 429 && ++busy < BUSY_TRIES) {
            wait_as_told(r);
        } else {
            return true;
        }
    }
}

bool client_expect(struct k8s *k, struct arena *a, const struct k8s_request *q,
                   struct http_response *r, struct err *e)
{
    return client_send(k, a, q, r, e) &&
           ((r->status >= 200 && r->status < 300) ||
            client_fail(k, a, r, e));
}

bool client_fail(const struct k8s *k, struct arena *a,
                 const struct http_response *r, struct err *e)
{
    json_t *j = json_loadb(r->body.s, r->body.n, 0, NULL);
    const char *message = json_string_value(json_object_get(j, "message"));
    const char *reason = json_string_value(json_object_get(j, "reason"));

    (void)a;
    err_set(e, ERR_NET, "'" STR_FMT "' says %ld%s%s%s%s",
            STR_ARG(k->access.server), r->status, reason ? " " : "",
            reason ? reason : "", message ? ": " : "",
            message ? message : "");
    json_decref(j);
    return false;
}

bool k8s_raw(struct k8s *k, struct arena *a, struct str method,
             struct str path, struct str body, struct str content_type,
             long *status, struct str *answer, struct err *e)
{
    struct k8s_request q = {.method = method, .path = path, .body = body,
                            .content_type = content_type};
    struct http_response r;

    if (!str_starts(path, STR("/")))
        return err_set(e, ERR_INPUT, "a path of the API starts with '/'");
    if (!client_send(k, a, &q, &r, e))
        return false;
    *status = r.status;
    *answer = r.body;
    return true;
}
