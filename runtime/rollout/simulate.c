#include "runtime/rollout/simulate_world.h"

#include <string.h>

enum { EVENTS_MAX = 50 * 1000 * 1000 }; /* of one run */

/* ---- time ---------------------------------------------------------------- */

static void pass_time(struct world *w, int64_t until)
{
    const struct simulate_model *m = &w->in->model;
    double share = (double)w->router.weight / WEIGHT_FULL;
    int64_t turns = m->from_ms + START_MS;
    int64_t before = (turns < until ? turns : until) - w->now;
    double all = (double)(until - w->now), first;

    if (until <= w->now)
        return;
    first = before > 0 ? (double)before : 0;
    w->out->exposed += share * m->rate * all / 1000;
    w->out->exposed_bad += share * m->rate / 1000 *
                           (first * m->stable.errors +
                            (all - first) * m->canary.errors);
    w->now = until;
}

static void step(struct world *w, const struct rollout_event *ev)
{
    struct rollout_actions todo;

    rollout_step(&w->spec, &w->st, ev, w->now, &w->todo);
    todo.n = w->todo.n;
    memcpy(todo.items, w->todo.items, todo.n * sizeof *todo.items);
    for (uint32_t i = 0; i < todo.n; i++)
        world_act(w, &todo.items[i]);
}

/* ---- the loop ------------------------------------------------------------ */

/* The answer that is due first, given out first among equals. */
static size_t first_answer(const struct world *w)
{
    size_t first = 0;

    for (size_t i = 1; i < w->n; i++)
        if (w->queue[i].at < w->queue[first].at)
            first = i;
    return first;
}

/* Somebody else at the router, before what would be next. */
static bool drifts(struct world *w, int64_t next)
{
    const struct simulate_model *m = &w->in->model;

    if (w->drift_at > next || w->drift_at == TIME_NEVER)
        return false;
    pass_time(w, w->drift_at);
    w->drift_at = m->drift_every_ms ? w->now + m->drift_every_ms : TIME_NEVER;
    if (world_router_answers(w) && w->router.weight != m->drift_weight) {
        w->router.weight = m->drift_weight;
        world_weight_changed(w, NOTE_DRIFT);
    }
    return true;
}

static void note_phase(struct world *w, size_t note)
{
    struct simulate_note *x = note ? &w->notes->items[note - 1] : NULL;

    if (x)
        x->phase = w->st.analyses[x->analysis].phase;
}

static void next_event(struct world *w)
{
    struct rollout_event ev = {.kind = ROLLOUT_TICK};
    size_t i = first_answer(w), noted = 0;
    bool tick = w->n == 0 || w->todo.wake_at < w->queue[i].at;

    if (drifts(w, tick ? w->todo.wake_at : w->queue[i].at))
        return;
    if (tick) {
        pass_time(w, w->todo.wake_at);
    } else {
        pass_time(w, w->queue[i].at);
        ev = w->queue[i].ev;
        noted = w->queue[i].note;
        w->n--;
        memmove(&w->queue[i], &w->queue[i + 1],
                (w->n - i) * sizeof *w->queue);
    }
    step(w, &ev);
    note_phase(w, noted);
}

static void begin(struct world *w)
{
    const struct simulate_set *set = w->in->series;

    w->spec = *w->in->spec;
    if (w->in->model.drift_ms == INT64_MAX &&
        w->in->model.router_from_ms == INT64_MAX)
        w->spec.watch_ms = 0; /* there will be nothing to see */
    w->drift_at = w->in->model.drift_ms;
    if (w->drift_at != TIME_NEVER)
        w->drift_at += START_MS;
    w->router.header = -1;
    w->dice.state = w->in->seed;
    w->now = START_MS;
    w->bad_since = -1;
    rollout_begin(&w->st);
    for (uint32_t i = 0; i < w->spec.n_analyses; i++)
        for (size_t j = 0; set && j < set->n; j++)
            if (str_eq(set->items[j].name, w->spec.analyses[i].spec.name))
                w->series[i] = &set->items[j];
}

static void end(struct world *w)
{
    w->out->took_ms = world_since_start(w);
    w->out->score = measurement_score(&w->spec, w->past);
    memcpy(w->out->reason, w->st.reason, sizeof w->out->reason);
    memcpy(w->out->analyses, w->st.analyses, sizeof w->out->analyses);
    for (uint32_t i = 0; i < w->spec.n_analyses; i++)
        measurement_past_free(&w->past[i]);
    arena_free(&w->scratch);
}

bool simulate_run(struct arena *a, const struct simulate_input *in,
                  struct simulate_outcome *out, struct simulate_notes *notes,
                  struct err *e)
{
    struct world w;
    struct rollout_event start = {.kind = ROLLOUT_START};
    int events = 0;

    memset(&w, 0, sizeof w);
    w.in = in;
    w.out = out;
    w.notes = notes;
    w.a = a;
    *out = (struct simulate_outcome){.detect_ms = -1};
    begin(&w);
    step(&w, &start);
    while (!rollout_over(&w.st) && events++ < EVENTS_MAX)
        next_event(&w);
    end(&w);
    if (events < EVENTS_MAX)
        return true;
    return err_set(e, ERR_INPUT, "the rollout takes more than %d events",
                   EVENTS_MAX);
}
