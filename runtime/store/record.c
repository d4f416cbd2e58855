#include "runtime/store/query.h"

#include "base/clock.h"

/* Attempts, outputs, events, measurements: what a run leaves behind. */

void store_put_attempt(struct store *s, const struct store_attempt *t)
{
    query_gather(s, QUERY_PUT_ATTEMPT, "iiissssiiiiiiii", t->run,
                 (int64_t)t->node, (int64_t)t->attempt, t->id, t->kind,
                 t->result, t->why, t->started, t->ended, (int64_t)t->code,
                 (int64_t)t->sig, t->cpu_ms, t->rss_kib, t->log_bytes,
                 (int64_t)t->optional);
}

static void read_attempt(struct arena *a, sqlite3_stmt *st,
                         struct store_attempt *t)
{
    *t = (struct store_attempt){
        .run = sqlite3_column_int64(st, 0),
        .node = (uint32_t)sqlite3_column_int64(st, 1),
        .attempt = sqlite3_column_int(st, 2),
        .id = query_str(a, st, 3),
        .kind = query_str(a, st, 4),
        .result = query_str(a, st, 5),
        .why = query_str(a, st, 6),
        .started = sqlite3_column_int64(st, 7),
        .ended = sqlite3_column_int64(st, 8),
        .code = sqlite3_column_int(st, 9),
        .sig = sqlite3_column_int(st, 10),
        .cpu_ms = sqlite3_column_int64(st, 11),
        .rss_kib = sqlite3_column_int64(st, 12),
        .log_bytes = sqlite3_column_int64(st, 13),
        .optional = sqlite3_column_int(st, 14),
    };
}

bool store_list_attempts(struct arena *a, struct store *s, int64_t run,
                         struct store_attempt **out, size_t *n, struct err *e)
{
    sqlite3_stmt *st = query_open(s, QUERY_LIST_ATTEMPTS, e, "i", run);

    READ_ROWS(struct store_attempt, read_attempt);
}

bool store_durations(struct store *s, struct str pipeline,
                     store_duration_fn *fn, void *ctx, struct err *e)
{
    struct err failure = {0};
    sqlite3_stmt *st = query_open(s, QUERY_DURATIONS, e, "s", pipeline);

    if (!st)
        return false;
    while (query_row(s, st, &failure))
        fn(ctx, str_of((const char *)sqlite3_column_text(st, 0)),
           sqlite3_column_int64(st, 1));
    if (failure.kind)
        *e = failure;
    return !failure.kind;
}

void store_put_output(struct store *s, int64_t run,
                      const struct store_output *o)
{
    query_gather(s, QUERY_PUT_OUTPUT, "isss", run, o->node, o->name, o->value);
}

static void read_output(struct arena *a, sqlite3_stmt *st,
                        struct store_output *o)
{
    *o = (struct store_output){
        .node = query_str(a, st, 0),
        .name = query_str(a, st, 1),
        .value = query_str(a, st, 2),
    };
}

bool store_list_outputs(struct arena *a, struct store *s, int64_t run,
                        struct store_output **out, size_t *n, struct err *e)
{
    sqlite3_stmt *st = query_open(s, QUERY_LIST_OUTPUTS, e, "i", run);

    READ_ROWS(struct store_output, read_output);
}

void store_put_event(struct store *s, const struct store_event *v)
{
    query_gather(s, QUERY_PUT_EVENT, "iiisss", v->run, v->seq, v->at,
                 v->stage, v->name, v->data);
}

static void read_event(struct arena *a, sqlite3_stmt *st,
                       struct store_event *v)
{
    *v = (struct store_event){
        .run = sqlite3_column_int64(st, 0),
        .seq = sqlite3_column_int64(st, 1),
        .at = sqlite3_column_int64(st, 2),
        .stage = query_str(a, st, 3),
        .name = query_str(a, st, 4),
        .data = query_str(a, st, 5),
    };
}

bool store_list_events(struct arena *a, struct store *s, int64_t run,
                       int64_t after, struct str stage,
                       struct store_event **out, size_t *n, struct err *e)
{
    sqlite3_stmt *st = query_open(s, QUERY_LIST_EVENTS, e, "iiss", run, after,
                                  stage, stage);

    READ_ROWS(struct store_event, read_event);
}

bool store_last_seq(struct store *s, int64_t run, int64_t *seq, struct err *e)
{
    sqlite3_stmt *st = query_open(s, QUERY_LAST_SEQ, e, "i", run);
    struct err failure = {0};

    *seq = 0;
    while (st && query_row(s, st, &failure))
        *seq = sqlite3_column_int64(st, 0);
    if (failure.kind)
        *e = failure;
    return st && !failure.kind;
}

void store_put_measurement(struct store *s, const struct store_measurement *m)
{
    query_gather(s, QUERY_PUT_MEASUREMENT, "iisssssss", m->run, m->at,
                 m->node, m->analysis, m->query, m->raw, m->value, m->verdict,
                 m->why);
}

static void read_measurement(struct arena *a, sqlite3_stmt *st,
                             struct store_measurement *m)
{
    *m = (struct store_measurement){
        .run = sqlite3_column_int64(st, 0),
        .at = sqlite3_column_int64(st, 1),
        .node = query_str(a, st, 2),
        .analysis = query_str(a, st, 3),
        .query = query_str(a, st, 4),
        .raw = query_str(a, st, 5),
        .value = query_str(a, st, 6),
        .verdict = query_str(a, st, 7),
        .why = query_str(a, st, 8),
    };
}

bool store_list_measurements(struct arena *a, struct store *s, int64_t run,
                             struct store_measurement **out, size_t *n,
                             struct err *e)
{
    sqlite3_stmt *st = query_open(s, QUERY_LIST_MEASUREMENTS, e, "i", run);

    READ_ROWS(struct store_measurement, read_measurement);
}
