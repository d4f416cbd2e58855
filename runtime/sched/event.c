#include "runtime/sched/event.h"

#include "base/clock.h"
#include "graph/json.h"

#include <string.h>

static const char *const names[] = {
    [EVENT_RUN_STARTED] = "run.started",
    [EVENT_STAGE_READY] = "stage.ready",
    [EVENT_STAGE_WAITING] = "stage.waiting",
    [EVENT_STAGE_STARTED] = "stage.started",
    [EVENT_STAGE_LOG] = "stage.log",
    [EVENT_STAGE_OUTPUT] = "stage.output",
    [EVENT_STAGE_RETRYING] = "stage.retrying",
    [EVENT_STAGE_FINISHED] = "stage.finished",
    [EVENT_OTHER] = "",
    [EVENT_RUN_INTERRUPTED] = "run.interrupted",
    [EVENT_RUN_FINISHED] = "run.finished",
};

static const char *const results[] = {
    [EVENT_PASSED] = "passed",       [EVENT_FAILED] = "failed",
    [EVENT_SKIPPED] = "skipped",     [EVENT_CANCELLED] = "cancelled",
    [EVENT_TIMEOUT] = "timeout",     [EVENT_ABORTED] = "aborted",
    [EVENT_CACHED] = "cached",       [EVENT_WAITING] = "waiting",
    [EVENT_INTERRUPTED] = "interrupted",
};

static const char *const streams[] = {
    [EVENT_OUT] = "out",   [EVENT_ERR] = "err",   [EVENT_DEBUG] = "debug",
    [EVENT_INFO] = "info", [EVENT_WARN] = "warn", [EVENT_ERROR] = "error",
};

struct str event_name(const struct event *v)
{
    return v->kind == EVENT_OTHER ? v->other.name : str_of(names[v->kind]);
}

const char *event_result_name(enum event_result r)
{
    return results[r];
}

const char *event_stream_name(enum event_stream s)
{
    return streams[s];
}

static void put_text(yajl_gen g, const char *key, struct str text)
{
    json_key(g, key);
    json_str(g, text);
}

static void put_int(yajl_gen g, const char *key, int64_t i)
{
    json_key(g, key);
    json_int(g, i);
}

/* The members that every event has. */
static void begin(yajl_gen g, const struct event *v, int64_t seq)
{
    struct arena a = {0};

    yajl_gen_map_open(g);
    put_int(g, "seq", seq);
    put_text(g, "at", clock_rfc3339(&a, v->at));
    put_int(g, "run", v->run);
    put_text(g, "event", event_name(v));
    if (v->node != EVENT_NO_NODE)
        put_text(g, "stage", v->graph->nodes[v->node].id);
    if (v->attempt > 0)
        put_int(g, "attempt", v->attempt);
    arena_free(&a);
}

static void put_finished(yajl_gen g, const struct event *v)
{
    put_text(g, "result", str_of(results[v->finished.result]));
    if (v->finished.why.n)
        put_text(g, "why", v->finished.why);
    if (v->finished.sig)
        put_int(g, "signal", v->finished.sig);
    else if (v->finished.code >= 0)
        put_int(g, "code", v->finished.code);
    put_int(g, "duration_ms", v->finished.duration_ms);
    json_key(g, "optional");
    yajl_gen_bool(g, v->finished.optional);
}

static void put_run_finished(yajl_gen g, const struct event *v)
{
    put_text(g, "result", str_of(results[v->run_finished.result]));
    put_int(g, "code", v->run_finished.code);
    put_int(g, "duration_ms", v->run_finished.duration_ms);
    put_int(g, "passed", (int64_t)v->run_finished.passed);
    put_int(g, "failed", (int64_t)v->run_finished.failed);
    put_int(g, "failed_optional", (int64_t)v->run_finished.optional);
    put_int(g, "skipped", (int64_t)v->run_finished.skipped);
    if (v->run_finished.cause == EVENT_NO_NODE)
        return;
    json_key(g, "cause");
    yajl_gen_map_open(g);
    put_text(g, "stage", v->graph->nodes[v->run_finished.cause].id);
    put_text(g, "why", v->run_finished.why);
    put_text(g, "lines", v->run_finished.lines);
    yajl_gen_map_close(g);
}

static void put_run_started(yajl_gen g, const struct event *v)
{
    put_text(g, "pipeline", v->graph->pipeline);
    put_text(g, "file", v->graph->file);
    put_text(g, "plan", v->run_started.plan);
    put_int(g, "stages", (int64_t)v->run_started.stages);
    put_int(g, "jobs", (int64_t)v->run_started.jobs);
    json_key(g, "git");
    json_value(g, &v->run_started.git, false);
}

static void put_other(yajl_gen g, const struct event *v)
{
    const struct value *data = &v->other.data;

    for (size_t i = 0; data->kind == VALUE_MAP && i < data->map.n; i++) {
        json_str(g, data->map.pairs[i].key);
        json_value(g, &data->map.pairs[i].value, false);
    }
}

static void put_members(yajl_gen g, const struct event *v)
{
    switch (v->kind) {
    case EVENT_RUN_STARTED:
        put_run_started(g, v);
        break;
    case EVENT_STAGE_READY:
    case EVENT_STAGE_WAITING:
        put_text(g, "why", v->waiting.why);
        if (v->waiting.what.n)
            put_text(g, "what", v->waiting.what);
        break;
    case EVENT_STAGE_STARTED:
        put_text(g, "kind", v->graph->nodes[v->node].kind);
        break;
    case EVENT_STAGE_OUTPUT:
        put_text(g, "name", v->output.name);
        json_key(g, "value");
        json_value(g, &v->output.value, false);
        break;
    case EVENT_STAGE_RETRYING:
        put_text(g, "error", v->retrying.error);
        put_int(g, "in_ms", v->retrying.in_ms);
        put_int(g, "left", v->retrying.left);
        break;
    case EVENT_STAGE_FINISHED:
        put_finished(g, v);
        break;
    case EVENT_OTHER:
        put_other(g, v);
        break;
    case EVENT_RUN_INTERRUPTED:
        put_int(g, "signal", v->interrupted.sig);
        put_int(g, "times", v->interrupted.times);
        break;
    case EVENT_RUN_FINISHED:
        put_run_finished(g, v);
        break;
    case EVENT_STAGE_LOG: /* event_json() makes one of each line */
        break;
    }
}

static void put_line(struct buf *out, const struct event *v, struct str line,
                     int64_t seq)
{
    yajl_gen g = json_open(out);

    begin(g, v, seq);
    put_text(g, "stream", str_of(streams[v->log.stream]));
    put_text(g, "text", line);
    yajl_gen_map_close(g);
    json_close(g);
    buf_addc(out, '\n');
}

void event_json(struct buf *out, const struct event *v, int64_t *seq)
{
    if (v->kind == EVENT_STAGE_LOG) {
        for (struct str rest = v->log.text; rest.n;)
            put_line(out, v, str_cut(rest, '\n', &rest), ++*seq);
        return;
    }

    yajl_gen g = json_open(out);

    begin(g, v, ++*seq);
    put_members(g, v);
    yajl_gen_map_close(g);
    json_close(g);
    buf_addc(out, '\n');
}
