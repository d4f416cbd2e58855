#include "runtime/store/query.h"

#include "base/clock.h"

/* What has to be on disk before the world is touched, and what other
 * processes ask of a run. */

/* Commits what was gathered, then runs a query so that it survives a power
 * cut. */
#define DURABLE(s, e, ...)                                                  \
    (begin_durable((s), (e)) &&                                             \
     end_durable((s), query_exec((s), __VA_ARGS__), (e)))

static bool pragma(struct store *s, const char *sql, struct err *e)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           query_fail(s, e);
}

static bool begin_durable(struct store *s, struct err *e)
{
    return store_flush(s, e) && pragma(s, "PRAGMA synchronous = FULL", e);
}

static bool end_durable(struct store *s, bool ok, struct err *e)
{
    struct err ignored = {0};

    return pragma(s, "PRAGMA synchronous = NORMAL", ok ? e : &ignored) && ok;
}

bool store_intent(struct store *s, struct store_effect *x, struct err *e)
{
    bool ok = DURABLE(s, e, QUERY_PUT_EFFECT, e, "isissssi", x->run, x->node,
                      (int64_t)x->attempt, x->effect, x->key, x->data,
                      x->undo, x->at);

    x->seq = sqlite3_last_insert_rowid(s->db);
    return ok;
}

void store_effect_ended(struct store *s, int64_t run, int64_t seq,
                        struct str state, struct str result)
{
    query_gather(s, QUERY_END_EFFECT, "ssiii", state, result, clock_wall_ms(),
                 run, seq);
}

static void read_effect(struct arena *a, sqlite3_stmt *st,
                        struct store_effect *x)
{
    *x = (struct store_effect){
        .run = sqlite3_column_int64(st, 0),
        .seq = sqlite3_column_int64(st, 1),
        .attempt = sqlite3_column_int(st, 2),
        .node = query_str(a, st, 3),
        .effect = query_str(a, st, 4),
        .key = query_str(a, st, 5),
        .data = query_str(a, st, 6),
        .undo = query_str(a, st, 7),
        .state = query_str(a, st, 8),
        .result = query_str(a, st, 9),
        .at = sqlite3_column_int64(st, 10),
        .ended = sqlite3_column_int64(st, 11),
    };
}

bool store_list_effects(struct arena *a, struct store *s, int64_t run,
                        struct str node, struct store_effect **out, size_t *n,
                        struct err *e)
{
    sqlite3_stmt *st = query_open(s, QUERY_LIST_EFFECTS, e, "iss", run, node,
                                  node);

    READ_ROWS(struct store_effect, read_effect);
}

bool store_save(struct store *s, int64_t run, struct str node, struct str data,
                struct err *e)
{
    return DURABLE(s, e, QUERY_SAVE, e, "issi", run, node, data,
                   clock_wall_ms());
}

bool store_get_saved(struct arena *a, struct store *s, int64_t run,
                     struct str node, struct str *data, struct err *e)
{
    return query_text(a, s, data, e, QUERY_GET_SAVED, "is", run, node);
}

bool store_reject(struct store *s, struct str environment, struct str version,
                  int64_t run, struct str reason, struct err *e)
{
    return DURABLE(s, e, QUERY_REJECT, e, "ssiis", environment, version, run,
                   clock_wall_ms(), reason);
}

bool store_unreject(struct store *s, struct str environment,
                    struct str version, struct err *e)
{
    return DURABLE(s, e, QUERY_UNREJECT, e, "ss", environment, version);
}

static void read_rejection(struct arena *a, sqlite3_stmt *st,
                           struct store_rejection *x)
{
    *x = (struct store_rejection){
        .environment = query_str(a, st, 0),
        .version = query_str(a, st, 1),
        .reason = query_str(a, st, 2),
        .run = sqlite3_column_int64(st, 3),
        .at = sqlite3_column_int64(st, 4),
    };
}

bool store_list_rejected(struct arena *a, struct store *s,
                         struct str environment, struct store_rejection **out,
                         size_t *n, struct err *e)
{
    sqlite3_stmt *st = query_open(s, QUERY_LIST_REJECTED, e, "s", environment);

    READ_ROWS(struct store_rejection, read_rejection);
}

bool store_rejected(struct arena *a, struct store *s, struct str environment,
                    struct str version, struct str *reason, struct err *e)
{
    return query_text(a, s, reason, e, QUERY_REJECTED, "ss", environment,
                      version);
}

/* ---- steering -------------------------------------------------------------- */

bool store_put_steer(struct store *s, const struct store_steer *r,
                     struct err *e)
{
    return DURABLE(s, e, QUERY_PUT_STEER, e, "issssi", r->run, r->node,
                   r->action, r->by, r->args, r->at);
}

static void read_steer(struct arena *a, sqlite3_stmt *st,
                       struct store_steer *r)
{
    *r = (struct store_steer){
        .id = sqlite3_column_int64(st, 0),
        .run = sqlite3_column_int64(st, 1),
        .at = sqlite3_column_int64(st, 2),
        .node = query_str(a, st, 3),
        .action = query_str(a, st, 4),
        .by = query_str(a, st, 5),
        .args = query_str(a, st, 6),
    };
}

static bool list_steers(struct arena *a, struct store *s, int64_t run,
                        struct store_steer **out, size_t *n, struct err *e)
{
    sqlite3_stmt *st = query_open(s, QUERY_NEW_STEERS, e, "i", run);

    READ_ROWS(struct store_steer, read_steer);
}

/* Whether another process wrote since we last looked. */
static bool changed(struct store *s, struct err *e)
{
    sqlite3_stmt *st = query_open(s, QUERY_DATA_VERSION, e, "");
    int64_t version = s->seen_version;

    while (st && query_row(s, st, e))
        version = sqlite3_column_int64(st, 0);

    bool is_new = version != s->seen_version || !s->steers_seen;

    s->seen_version = version;
    s->steers_seen = true;
    return is_new;
}

bool store_take_steers(struct arena *a, struct store *s, int64_t run,
                       struct store_steer **out, size_t *n, struct err *e)
{
    *n = 0;
    if (!changed(s, e))
        return true;
    if (!list_steers(a, s, run, out, n, e))
        return false;
    if (*n)
        query_gather(s, QUERY_TAKE_STEERS, "ii", run, (*out)[*n - 1].id);
    return true;
}

/* ---- stages whose inputs did not change ------------------------------------- */

void store_put_cache(struct store *s, const struct store_cache *c)
{
    query_gather(s, QUERY_PUT_CACHE, "ssii", c->key, c->outputs, c->run,
                 c->at);
}

bool store_get_cache(struct arena *a, struct store *s, struct str key,
                     struct store_cache *out, struct err *e)
{
    sqlite3_stmt *st = query_open(s, QUERY_GET_CACHE, e, "s", key);
    struct err failure = {0};
    bool found = false;

    while (st && query_row(s, st, &failure)) {
        *out = (struct store_cache){
            .key = key,
            .outputs = query_str(a, st, 0),
            .run = sqlite3_column_int64(st, 1),
            .at = sqlite3_column_int64(st, 2),
        };
        found = true;
    }
    if (failure.kind)
        *e = failure;
    return found;
}
