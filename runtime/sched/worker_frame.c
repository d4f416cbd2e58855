#include "runtime/sched/part.h"

#include "base/clock.h"

#include <string.h>

/* What a worker says. It is our own program, but its Lua is the user's: a
 * message that makes no sense fails its stage. */

enum { EFFECTS_MAX = 100000 };

static struct str text(const struct value *m, const char *key)
{
    return value_get_str(m, key, STR(""));
}

/* A member as JSON, masked; empty where absent. Free the buf. */
static struct str json_of(struct attempt *a, const struct value *m,
                          const char *key, struct buf *b)
{
    const struct value *v = value_get(m, str_of(key));

    if (!v || v->kind == VALUE_NONE)
        return STR("");

    struct value masked = tell_mask(&a->scratch, a->s->mask, v);

    value_json(b, &masked, false);
    return buf_str(b);
}

static struct str masked(struct attempt *a, const struct value *m,
                         const char *key)
{
    return tell_mask_str(&a->scratch, a->s->mask, text(m, key));
}

static void on_log(struct attempt *a, const struct value *m)
{
    static const struct { const char *word; enum event_stream stream; } words[]
        = {{"debug", EVENT_DEBUG}, {"info", EVENT_INFO},
           {"warn", EVENT_WARN}, {"error", EVENT_ERROR}, {0}};
    struct str level = text(m, "level");
    struct str line = masked(a, m, "text");
    enum event_stream stream = EVENT_INFO;
    struct err e = {0};

    for (size_t i = 0; words[i].word; i++)
        if (str_eq(level, str_of(words[i].word)))
            stream = words[i].stream;
    if (!str_ends(line, STR("\n")))
        line = arena_printf(&a->scratch, STR_FMT "\n", STR_ARG(line));
    if (!capture_note(a->capture, line, &e) && !a->s->failure.kind)
        a->s->failure = e;
    tell_log(a, stream, line);
}

static void on_event(struct attempt *a, const struct value *m)
{
    static const struct value nothing = {.kind = VALUE_MAP};
    const struct value *data = value_get(m, STR("data"));

    tell_other(a, text(m, "name"),
               data && data->kind == VALUE_MAP ? data : &nothing);
}

static void on_output(struct attempt *a, const struct value *m)
{
    const struct value *v = value_get(m, STR("value"));
    struct event ev = tell_event(a->s, EVENT_STAGE_OUTPUT, a->index,
                                 a->number);
    struct buf b = {0};

    if (!v)
        return;
    resolve_add_output(a->s, a->index, text(m, "name"), v);
    ev.output.name = text(m, "name");
    ev.output.value = tell_mask(&a->scratch, a->s->mask, v);
    tell(a->s, &ev);
    value_json(&b, &ev.output.value, true); /* a resumed run needs its type */
    store_put_output(a->s->store, a->s->run, &(struct store_output){
        .node = a->node->id,
        .name = ev.output.name,
        .value = buf_str(&b),
    });
    buf_free(&b);
}

static void tell_effect(struct attempt *a, const char *name,
                        const struct effect_id *x, const struct value *data)
{
    struct value_pair pairs[] = {
        {STR("data"), data ? *data : (struct value){.kind = VALUE_NONE}},
        {STR("effect"), value_string(x->effect)},
        {STR("key"), value_string(x->key)},
    };
    struct value map = {.kind = VALUE_MAP, .map = {pairs, 3}};

    tell_other(a, str_of(name), &map);
}

static void answer(struct attempt *a, int64_t id, struct str how)
{
    struct value_pair pairs[] = {
        {STR("id"), value_int(id)},
        {STR("t"), value_string(how)},
    };
    struct value message = {.kind = VALUE_MAP, .map = {pairs, 2}};
    struct buf b = {0};
    struct err e = {0};

    value_json(&b, &message, false);
    if (!channel_send(a->channel, buf_str(&b), &e))
        attempt_fail(a, "%s", e.msg);
    buf_free(&b);
}

static void on_intent(struct attempt *a, const struct value *m)
{
    struct buf data = {0}, undo = {0};
    struct err e = {0};
    struct store_effect x = {
        .run = a->s->run,
        .node = a->node->id,
        .attempt = a->number,
        .effect = text(m, "effect"),
        .key = masked(a, m, "key"),
        .data = json_of(a, m, "data", &data),
        .undo = json_of(a, m, "undo", &undo),
        .at = clock_wall_ms(),
    };

    if (a->effects.n == EFFECTS_MAX) {
        attempt_fail(a, "more than %d effects", EFFECTS_MAX);
        attempt_cancel(a, STR("too many effects"));
    } else if (!store_intent(a->s->store, &x, &e)) {
        /* The world stays as it is, or goes back to what it was. */
        answer(a, value_get_int(m, "id", 0), STR("nack"));
        if (!a->s->failure.kind)
            a->s->failure = e;
    } else {
        struct effect_id id = {value_get_int(m, "id", 0), x.seq,
                               arena_dup(&a->arena, x.effect),
                               arena_dup(&a->arena, x.key)};

        arena_push(&a->arena, &a->effects, id);
        tell_effect(a, "effect.intended", &id, value_get(m, STR("data")));
        answer(a, id.id, STR("ack"));
    }
    buf_free(&data);
    buf_free(&undo);
}

static void on_effect(struct attempt *a, const struct value *m)
{
    int64_t id = value_get_int(m, "id", 0);
    struct str state = text(m, "state");
    struct buf b = {0};

    if (!str_eq(state, STR("done")) && !str_eq(state, STR("undone")))
        state = STR("failed");
    for (size_t i = a->effects.n; i-- > 0;) {
        const struct effect_id *x = &a->effects.items[i];

        if (x->id != id)
            continue;
        store_effect_ended(a->s->store, a->s->run, x->seq, state,
                           json_of(a, m, "data", &b));
        tell_effect(a, arena_printf(&a->scratch, "effect." STR_FMT,
                                    STR_ARG(state)).s,
                    x, value_get(m, STR("data")));
        break;
    }
    buf_free(&b);
}

static void on_measurement(struct attempt *a, const struct value *m)
{
    struct buf value = {0}, raw = {0};

    store_put_measurement(a->s->store, &(struct store_measurement){
        .run = a->s->run,
        .at = value_get_int(m, "at", clock_wall_ms()),
        .node = a->node->id,
        .analysis = text(m, "analysis"),
        .query = masked(a, m, "query"),
        .raw = json_of(a, m, "raw", &raw),
        .value = json_of(a, m, "value", &value),
        .verdict = text(m, "verdict"),
        .why = masked(a, m, "why"),
    });
    tell_other(a, STR("measurement"), m);
    buf_free(&value);
    buf_free(&raw);
}

static void on_save(struct attempt *a, const struct value *m)
{
    struct buf b = {0};
    struct err e = {0};

    if (!store_save(a->s->store, a->s->run, a->node->id,
                    json_of(a, m, "data", &b), &e) &&
        !a->s->failure.kind)
        a->s->failure = e;
    buf_free(&b);
}

static void on_wait(struct attempt *a, const struct value *m)
{
    struct str what = masked(a, m, "what");

    a->idle = true;
    a->waits_for = arena_dup(&a->arena, text(m, "for"));
    plan_idle(a->s->plan, a->index, true);
    tell_waiting(a, a->waits_for, what);
    if (str_eq(a->waits_for, STR("approval"))) {
        struct value_pair pairs[] = {{STR("what"), value_string(what)}};
        struct value data = {.kind = VALUE_MAP, .map = {pairs, 1}};

        tell_other(a, STR("approval.asked"), &data);
    }
    steer_waits(a);
}

/* A version went bad, or has proved good after all. */
static void on_reject(struct attempt *a, const struct value *m)
{
    struct store *s = a->s->store;
    struct str environment = text(m, "environment");
    struct str version = masked(a, m, "version"), why = masked(a, m, "reason");
    struct err e = {0};
    bool ok = why.n ? store_reject(s, environment, version, a->s->run, why, &e)
                    : store_unreject(s, environment, version, &e);

    if (!ok && !a->s->failure.kind)
        a->s->failure = e;
}

static void on_mask(struct attempt *a, const struct value *m)
{
    mask_add(a->s->mask, text(m, "text"));
}

static void on_done(struct attempt *a, const struct value *m)
{
    struct str skipped = masked(a, m, "skipped");
    struct str error = masked(a, m, "error"), cause = masked(a, m, "cause");

    a->done = true;
    a->stays = value_get_bool(m, "stays", false);
    if (a->stays) { /* else its end tells */
        a->cpu_ms += value_get_int(m, "cpu_ms", 0);
        a->rss_kib = value_get_int(m, "rss_kib", 0);
    }
    a->aborted = value_get_bool(m, "aborted", false);
    if (str_eq(str_of(a->phase), STR("after-death")))
        return; /* why it failed is known */
    if (skipped.n) {
        a->skipped = true;
        a->why = arena_dup(&a->arena, skipped);
    }
    if (value_get_bool(m, "ok", false) || a->cancelled)
        return;
    if (a->timed_out)
        command_note_end(a, NULL);
    else if (cause.n && str_search(error, cause) == error.n)
        attempt_fail(a, STR_FMT " (" STR_FMT ")", STR_ARG(error),
                     STR_ARG(cause));
    else
        attempt_fail(a, STR_FMT, STR_ARG(error));
}

void worker_frame(void *ctx, struct str frame)
{
    static const struct {
        const char *type;
        void (*take)(struct attempt *a, const struct value *m);
    } takes[] = {
        {"log", on_log},         {"event", on_event},
        {"output", on_output},   {"intent", on_intent},
        {"effect", on_effect},   {"measurement", on_measurement},
        {"save", on_save},       {"wait", on_wait},
        {"mask", on_mask},       {"done", on_done},
        {"reject", on_reject},
        {0},
    };
    struct attempt *a = ctx;
    struct value m;
    struct err e = {0};

    if (!value_from_json(&a->scratch, frame, &m, &e)) {
        attempt_fail(a, "a message of its worker: %s", e.msg);
        if (a->proc)
            proc_stop(a->proc);
    }
    for (size_t i = 0; !e.kind && takes[i].type; i++)
        if (str_eq(text(&m, "t"), str_of(takes[i].type)))
            takes[i].take(a, &m);
    arena_free(&a->scratch);
    a->scratch = (struct arena){0};
    if (a->stays)
        worker_stays(a);
}
