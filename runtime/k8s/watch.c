#include "runtime/k8s/client.h"

#include "base/clock.h"

#include <string.h>

enum {
    LINE_MAX_BYTES = 16 * 1024 * 1024, /* one event */
    FAILURES_MAX = 5,                  /* in a row, before it gives up */
    FAILURE_MS = 500,
    SERVER_S = 300, /* how long a watch is asked to last */
};

enum end {
    END_AGAIN,  /* the server ended the watch: go on from the last version */
    END_RELIST, /* it has forgotten that version: list anew */
    END_DONE,   /* on_event wants no more */
    END_ERROR,
};

struct watch {
    struct k8s *k;
    const struct k8s_list *query;
    k8s_event_fn on_event;
    void *ctx;
    struct str path;
    int64_t deadline_ms;
    struct arena arena; /* of one request */
    struct buf line;
    char version[256]; /* the last resourceVersion seen */
    enum end end;
    unsigned events; /* of one request */
};

static void note_version(struct watch *w, const json_t *object)
{
    const char *v = json_string_value(json_object_get(
        json_object_get(object, "metadata"), "resourceVersion"));

    if (v && strlen(v) < sizeof(w->version))
        memcpy(w->version, v, strlen(v) + 1);
}

static bool tell(struct watch *w, struct str type, const json_t *object)
{
    struct arena a = {0};
    bool more = w->on_event(w->ctx, type, client_dump(&a, object));

    arena_free(&a);
    return more;
}

/* ---- the stream ---------------------------------------------------------- */

/* False ends the stream. */
static bool take_event(struct watch *w, struct str line)
{
    json_t *j = json_loadb(line.s, line.n, 0, NULL);
    const char *type = json_string_value(json_object_get(j, "type"));
    const json_t *object = json_object_get(j, "object");
    bool more = true;

    if (!type || !json_is_object(object)) {
        w->end = END_RELIST;
        more = false;
    } else if (strcmp(type, "ERROR") == 0) {
        w->end = END_RELIST;
        more = false;
    } else {
        note_version(w, object);
        w->events++;
        if (strcmp(type, "BOOKMARK") != 0)
            more = tell(w, str_of(type), object);
        if (!more)
            w->end = END_DONE;
    }
    json_decref(j);
    return more;
}

static bool on_piece(void *ctx, struct str piece)
{
    struct watch *w = ctx;

    while (piece.n) {
        size_t n = str_find(piece, '\n');
        buf_add(&w->line, str_sub(piece, 0, n));
        if (n == piece.n)
            break;
        piece = str_skip(piece, n + 1);
        bool more = !w->line.overflow && take_event(w, buf_str(&w->line));
        if (w->line.overflow)
            w->end = END_RELIST;
        buf_clear(&w->line);
        w->line.overflow = false;
        if (!more)
            return false;
    }
    return true;
}

static struct str watch_path(struct watch *w, int64_t left_ms)
{
    struct buf b = {0};
    int64_t s = left_ms / 1000 + 1;

    buf_add(&b, w->path);
    client_query(&b, "watch", STR("1"));
    client_query(&b, "allowWatchBookmarks", STR("true"));
    client_query(&b, "resourceVersion", str_of(w->version));
    client_query(&b, "labelSelector", w->query->labels);
    client_query(&b, "fieldSelector", w->query->fields);
    client_query(&b, "timeoutSeconds",
                 arena_printf(&w->arena, "%lld",
                              (long long)(s < SERVER_S ? s : SERVER_S)));
    struct str out = arena_dup(&w->arena, buf_str(&b));

    buf_free(&b);
    return out;
}

static void stream(struct watch *w, struct err *e)
{
    int64_t left = w->deadline_ms - clock_monotonic_ms();
    struct k8s_request q = {.on_body = on_piece, .ctx = w,
                            .total_ms = left > 0 ? left : 1,
                            .path = watch_path(w, left)};
    struct http_response r = {0};

    w->end = END_AGAIN;
    buf_clear(&w->line);
    if (!client_send(w->k, &w->arena, &q, &r, e)) {
        if (w->end == END_AGAIN)
            w->end = END_ERROR;
    } else if (r.status == 410) {
        w->end = END_RELIST;
    } else if (r.status != 200) {
        w->end = END_ERROR;
        client_fail(w->k, &w->arena, &r, e);
    }
}

/* ---- what there is ------------------------------------------------------- */

/* An item of a list does not say what it is; the list does. */
static void name_kind(const json_t *list, json_t *item)
{
    struct str kind = STR("");
    const char *s = json_string_value(json_object_get(list, "kind"));

    if (s)
        kind = str_of(s);
    if (json_object_get(item, "kind") || !str_ends(kind, STR("List")))
        return;
    json_object_set_new(item, "kind",
                        json_stringn(kind.s, kind.n - STR("List").n));
    json_object_set(item, "apiVersion", json_object_get(list, "apiVersion"));
}

static bool list(struct watch *w, const struct k8s_target *t, struct err *e)
{
    struct str text;

    if (!k8s_list(w->k, &w->arena, t, w->query, &text, e))
        return false;
    json_t *j = client_json(w->k, text, e);
    json_t *one, *items = json_object_get(j, "items");
    size_t i;

    if (!j)
        return false;
    note_version(w, j);
    w->end = END_AGAIN;
    json_array_foreach(items, i, one) {
        name_kind(j, one);
        if (!tell(w, STR("ADDED"), one)) {
            w->end = END_DONE;
            break;
        }
    }
    json_decref(j);
    return true;
}

/* One list or one stream; false where nothing came of it. */
static bool step(struct watch *w, const struct k8s_target *t, bool *listed,
                 struct err *e)
{
    bool ok = true;

    w->events = 0;
    if (!*listed) {
        ok = *listed = list(w, t, e);
        if (!ok)
            w->end = END_ERROR;
    } else {
        stream(w, e);
        ok = w->end != END_ERROR && (w->end != END_RELIST || w->events);
        *listed = w->end != END_RELIST;
    }
    arena_free(&w->arena);
    return ok;
}

static bool run(struct watch *w, const struct k8s_target *t, struct err *e)
{
    struct err last = {0};
    unsigned failures = 0;
    bool listed = false;

    while (clock_monotonic_ms() < w->deadline_ms) {
        struct err now = {0};
        bool ok = step(w, t, &listed, &now);
        if (w->end == END_DONE)
            return true;
        failures = ok ? 0 : failures + 1;
        if (now.msg[0] && clock_monotonic_ms() < w->deadline_ms)
            last = now;
        if (now.kind == ERR_INPUT || failures >= FAILURES_MAX) {
            *e = last;
            return now.msg[0] ? false
                              : err_set(e, ERR_NET, "the watch of '" STR_FMT
                                        "' ends again and again",
                                        STR_ARG(t->kind));
        }
        if (!ok)
            client_wait(FAILURE_MS);
    }
    return err_set(e, ERR_TIMEOUT, "'" STR_FMT "%s" STR_FMT "' did not come "
                   "to what is waited for%s%s", STR_ARG(t->kind),
                   t->name.n ? "/" : "", STR_ARG(t->name),
                   last.msg[0] ? ": " : "", last.msg);
}

bool k8s_watch(struct k8s *k, const struct k8s_target *t,
               const struct k8s_list *q, int64_t timeout_ms,
               k8s_event_fn on_event, void *ctx, struct err *e)
{
    struct k8s_list query = q ? *q : (struct k8s_list){0};
    struct arena a = {0};
    struct watch w = {.k = k, .query = &query, .on_event = on_event,
                      .ctx = ctx, .line.max = LINE_MAX_BYTES,
                      .deadline_ms = clock_monotonic_ms() + timeout_ms};
    struct k8s_target all = *t;

    if (t->name.n)
        query.fields = arena_printf(
            &a, "metadata.name=" STR_FMT "%s" STR_FMT, STR_ARG(t->name),
            query.fields.n ? "," : "", STR_ARG(query.fields));
    all.name = STR("");
    bool ok = client_path(k, &a, &all, query.all_namespaces, &w.path, e) &&
              run(&w, &all, e);

    buf_free(&w.line);
    arena_free(&w.arena);
    arena_free(&a);
    return ok;
}
