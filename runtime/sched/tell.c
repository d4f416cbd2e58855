#include "runtime/sched/part.h"

#include "base/clock.h"

struct event tell_event(struct sched *s, enum event_kind kind, uint32_t node,
                        int attempt)
{
    return (struct event){.kind = kind, .run = s->run, .graph = s->graph,
                          .node = node, .attempt = attempt};
}

void tell(struct sched *s, struct event *v)
{
    v->seq = ++s->seq;
    v->at = clock_wall_ms();
    for (size_t i = 0; i < s->spec.n_sinks; i++)
        s->spec.sinks[i].on_event(s->spec.sinks[i].ctx, v);
}

static void store_event(struct sched *s, const struct event *v,
                        const struct value *data)
{
    struct buf json = {0};

    value_json(&json, data, false);
    store_put_event(s->store, &(struct store_event){
        .run = s->run,
        .seq = v->seq,
        .at = v->at,
        .stage = v->node == EVENT_NO_NODE ? (struct str){0}
                                          : s->graph->nodes[v->node].id,
        .name = event_name(v),
        .data = buf_str(&json),
    });
    buf_free(&json);
}

void tell_log(struct attempt *a, enum event_stream stream, struct str text)
{
    struct event v = tell_event(a->s, EVENT_STAGE_LOG, a->index, a->number);

    v.log.stream = stream;
    v.log.text = text;
    v.log.partial = !str_ends(text, STR("\n"));
    tell(a->s, &v);
}

struct str tell_mask_str(struct arena *a, const struct mask *m, struct str s)
{
    struct buf b = {0};
    struct str out;

    if (mask_empty(m) || !s.n)
        return s;
    mask_text(m, s, &b);
    out = arena_dup(a, buf_str(&b));
    buf_free(&b);
    return out;
}

static struct value mask_map(struct arena *a, const struct mask *m,
                             const struct value *v)
{
    struct value out = *v;

    out.map.pairs = arena_array(a, struct value_pair, v->map.n + 1);
    for (size_t i = 0; i < v->map.n; i++) {
        out.map.pairs[i].key = tell_mask_str(a, m, v->map.pairs[i].key);
        out.map.pairs[i].value = tell_mask(a, m, &v->map.pairs[i].value);
    }
    return out;
}

struct value tell_mask(struct arena *a, const struct mask *m,
                       const struct value *v)
{
    struct value out = *v;

    if (mask_empty(m))
        return out;
    if (v->kind == VALUE_STRING)
        return value_string(tell_mask_str(a, m, v->s));
    if (v->kind == VALUE_MAP)
        return mask_map(a, m, v);
    if (v->kind != VALUE_LIST)
        return out;
    out.list.items = arena_array(a, struct value, v->list.n + 1);
    for (size_t i = 0; i < v->list.n; i++)
        out.list.items[i] = tell_mask(a, m, &v->list.items[i]);
    return out;
}

void tell_other(struct attempt *a, struct str name, const struct value *data)
{
    struct event v = tell_event(a->s, EVENT_OTHER, a->index, a->number);
    struct arena masked = {0};

    v.other.name = name;
    v.other.data = tell_mask(&masked, a->s->mask, data);
    tell(a->s, &v);
    store_event(a->s, &v, &v.other.data);
    arena_free(&masked);
}

void tell_waiting(struct attempt *a, struct str why, struct str what)
{
    struct event v = tell_event(a->s, EVENT_STAGE_WAITING, a->index,
                                a->number);
    struct value_pair pairs[] = {
        {STR("why"), value_string(why)},
        {STR("what"), value_string(what)},
    };
    struct value data = {.kind = VALUE_MAP, .map = {pairs, 2}};

    v.waiting.why = why;
    v.waiting.what = what;
    tell(a->s, &v);
    store_event(a->s, &v, &data);
}

void tell_record(struct attempt *a, const char *result)
{
    store_put_attempt(a->s->store, &(struct store_attempt){
        .run = a->s->run,
        .node = a->index,
        .attempt = a->number,
        .id = a->node->id,
        .kind = a->node->kind,
        .result = str_of(result),
        .why = a->why,
        .started = a->started,
        .ended = *result ? clock_wall_ms() : 0,
        .code = a->code,
        .sig = a->sig,
        .cpu_ms = a->cpu_ms,
        .rss_kib = a->rss_kib,
        .log_bytes = a->capture ? capture_bytes(a->capture) : 0,
        .optional = a->node->optional,
    });
    a->recorded = true;
}

void tell_finished(struct attempt *a, enum event_result result)
{
    struct event v = tell_event(a->s, EVENT_STAGE_FINISHED, a->index,
                                a->number);

    v.finished.result = result;
    v.finished.why = a->why;
    v.finished.code = a->code;
    v.finished.sig = a->sig;
    v.finished.duration_ms = clock_monotonic_ms() - a->started_ms;
    v.finished.optional = a->node->optional;
    if (a->failed && a->capture)
        v.finished.tail = capture_tail(&a->arena, a->capture);
    tell(a->s, &v);
}

void tell_settled(struct sched *s, uint32_t node)
{
    struct event v = tell_event(s, EVENT_STAGE_FINISHED, node, 0);
    struct arena a = {0};
    const struct graph_node *n = &s->graph->nodes[node];
    enum plan_state state = plan_state(s->plan, node);
    enum event_result result = state == PLAN_SKIPPED ? EVENT_SKIPPED
                               : state == PLAN_FAILED ? EVENT_FAILED
                                                      : EVENT_CANCELLED;
    int attempt = plan_attempt(s->plan, node) + s->stages[node].base;

    v.finished.result = result;
    v.finished.why = plan_why(&a, s->plan, node);
    v.finished.code = -1;
    v.finished.optional = n->optional;
    tell(s, &v);
    store_put_attempt(s->store, &(struct store_attempt){
        .run = s->run,
        .node = node,
        .attempt = state == PLAN_FAILED ? attempt : 0,
        .id = n->id,
        .kind = n->kind,
        .result = str_of(event_result_name(result)),
        .why = v.finished.why,
        .started = v.at,
        .ended = v.at,
        .code = -1,
        .optional = n->optional,
    });
    arena_free(&a);
}
