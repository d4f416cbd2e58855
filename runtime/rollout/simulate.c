#include "runtime/rollout/simulate.h"

#include "base/die.h"
#include "runtime/rollout/simulate_model.h"

#include <string.h>

enum {
    EVENTS_MAX = 50 * 1000 * 1000, /* of one run */
    QUEUE_MAX = 256,
    CHANGES_MAX = 64,
    SCRATCH_MAX = 1024 * 1024, /* bytes between two clearings */
};

struct answer {
    int64_t at;
    struct rollout_event ev;
};

struct change {
    int64_t at;
    double share; /* of the traffic that the canary takes from then on */
};

/* One run's world. Time starts at 1, so that 0 stays "not set". */
struct world {
    const struct simulate_input *in;
    struct rollout_spec spec;
    struct rollout_state st;
    struct rollout_actions todo;
    struct rollout_traffic router;
    struct dice dice;
    struct answer queue[QUEUE_MAX]; /* in the order of being given out */
    size_t n;
    struct change changes[CHANGES_MAX]; /* the latest ones */
    size_t n_changes;
    int64_t now, bad_since;
    struct simulate_outcome *out;
    struct simulate_notes *notes;
    struct arena *a;     /* of notes */
    struct arena scratch;
    const struct simulate_series *series[ROLLOUT_ANALYSES_MAX];
    size_t cursor[ROLLOUT_ANALYSES_MAX];
    struct measurement_past past[ROLLOUT_ANALYSES_MAX];
    int64_t past_of[ROLLOUT_ANALYSES_MAX]; /* the analysis's begun_at */
};

enum { START_MS = 1 };

static int64_t since_start(const struct world *w)
{
    return w->now - START_MS;
}

static struct simulate_note *note(struct world *w, enum simulate_note_kind kind)
{
    struct simulate_note x = {.at = since_start(w), .kind = kind,
                              .step = w->st.step, .weight = w->router.weight};

    if (!w->notes)
        return NULL;
    arena_push(w->a, w->notes, x);
    return &w->notes->items[w->notes->n - 1];
}

static void later(struct world *w, int64_t ms, struct rollout_event ev)
{
    if (w->n == QUEUE_MAX)
        BUG("more answers under way than a rollout can ask for");
    w->queue[w->n++] = (struct answer){w->now + ms, ev};
}

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

/* The canary's share of the requests that a measurement looks back on. */
static double recent_share(const struct world *w)
{
    int64_t until = w->now, begin = w->now - w->in->model.window_ms;
    double sum = 0;

    for (size_t i = w->n_changes; i-- > 0 && until > begin;) {
        const struct change *c = &w->changes[i];
        int64_t from = c->at > begin ? c->at : begin;

        sum += c->share * (double)(until - from);
        until = from;
    }
    return sum / (double)w->in->model.window_ms;
}

static void change_share(struct world *w)
{
    if (w->n_changes == CHANGES_MAX) {
        w->n_changes--;
        memmove(w->changes, w->changes + 1,
                w->n_changes * sizeof *w->changes);
    }
    w->changes[w->n_changes++] = (struct change){
        w->now, (double)w->router.weight / WEIGHT_FULL};
}

/* ---- measurements -------------------------------------------------------- */

static struct measurement from_series(struct world *w, uint32_t i)
{
    const struct simulate_series *s = w->series[i];
    struct measurement none = {.samples = -1, .stable_samples = -1};
    size_t *at = &w->cursor[i];

    if (s->n == 0)
        return none;
    if (s->counted)
        return s->points[*at < s->n - 1 ? (*at)++ : s->n - 1].m;
    while (*at < s->n && s->points[*at].at <= since_start(w))
        (*at)++;
    return *at ? s->points[*at - 1].m : none;
}

static struct measurement measure(struct world *w, uint32_t i)
{
    const struct rollout_analysis *x = &w->spec.analyses[i];
    struct measurement m = {.samples = -1, .stable_samples = -1};

    if (w->series[i]) {
        m = from_series(w, i);
        if (m.samples < 0)
            m.samples = x->spec.samples_min;
    } else if (w->in->modelled) {
        m = model_measure(&w->in->model, &w->dice, x, recent_share(w),
                          since_start(w));
    }
    return m;
}

static void note_measurement(struct world *w, const struct measurement *m,
                             const struct rollout_event *ev, struct str why)
{
    struct simulate_note *x = note(w, NOTE_MEASUREMENT);

    if (!x)
        return;
    x->analysis = ev->analysis;
    x->verdict = ev->verdict;
    x->text = why;
    x->result = m->result;
    x->judged = w->past[ev->analysis].judged;
    x->judge = w->past[ev->analysis].latest;
}

static void answer_measure(struct world *w, const struct rollout_action *x)
{
    uint32_t i = x->analysis;
    struct measurement m = measure(w, i);
    struct rollout_event ev = {.id = x->id};
    struct str why = STR("");

    if (w->past_of[i] != w->st.analyses[i].begun_at) {
        w->past[i].n_stable = w->past[i].n_canary = 0;
        w->past_of[i] = w->st.analyses[i].begun_at;
    }
    measurement_judge(w->notes ? w->a : &w->scratch, &w->spec, i, &m,
                      &w->past[i], NULL, &ev, w->notes ? &why : NULL);
    if (w->spec.analyses[i].spec.samples_min > 0 && ev.samples >= 0 &&
        ev.samples < w->spec.analyses[i].spec.samples_min &&
        ev.verdict != VERDICT_ERROR)
        ev.verdict = VERDICT_NO_DATA;
    w->out->measurements++;
    note_measurement(w, &m, &ev, why);
    later(w, 0, ev);
    if (w->scratch.total > SCRATCH_MAX)
        arena_free(&w->scratch);
}

/* ---- actions ------------------------------------------------------------- */

static void answer_set(struct world *w, const struct rollout_action *x)
{
    w->router = x->traffic;
    change_share(w);
    if (w->router.weight > w->out->peak)
        w->out->peak = w->router.weight;
    if (w->router.weight > 0 && w->bad_since < 0)
        w->bad_since = since_start(w) > w->in->model.from_ms
                           ? since_start(w) : w->in->model.from_ms;
    note(w, NOTE_WEIGHT);
    later(w, 0, (struct rollout_event){.kind = ROLLOUT_SET, .id = x->id,
                                       .ok = true});
}

static void answer_notice(struct world *w, enum rollout_notice notice)
{
    struct simulate_note *x = note(w, NOTE_NOTICE);
    enum rollout_event_kind yes =
        w->st.at == AT_HOLD ? ROLLOUT_PROMOTE : ROLLOUT_APPROVED;

    if (x) {
        x->notice = notice;
        x->text = arena_dup(w->a, str_of(w->st.reason));
    }
    if (notice == NOTICE_WAITING && w->in->model.approve_ms >= 0)
        later(w, w->in->model.approve_ms,
              (struct rollout_event){.kind = yes, .text = STR("simulated")});
    if (notice == NOTICE_ABORTING && w->bad_since >= 0 &&
        since_start(w) >= w->bad_since)
        w->out->detect_ms = since_start(w) - w->bad_since;
}

static void act(struct world *w, const struct rollout_action *x)
{
    struct rollout_event ev = {.id = x->id, .ok = true};

    switch (x->kind) {
    case ACTION_SET:
        answer_set(w, x);
        return;
    case ACTION_LOOK:
        ev.kind = ROLLOUT_LOOKED;
        ev.traffic = w->router;
        later(w, 0, ev);
        return;
    case ACTION_MEASURE:
        answer_measure(w, x);
        return;
    case ACTION_COMMAND:
        note(w, NOTE_COMMAND);
        ev.kind = ROLLOUT_COMMAND_DONE;
        later(w, w->in->model.command_ms, ev);
        return;
    case ACTION_REVERT:
        note(w, NOTE_REVERT);
        ev.kind = ROLLOUT_REVERTED;
        later(w, 0, ev);
        return;
    case ACTION_NOTIFY:
        answer_notice(w, x->notice);
        return;
    case ACTION_FINISH:
        w->out->outcome = x->outcome;
        return;
    case ACTION_CANCEL:
        return;
    }
}

static void step(struct world *w, const struct rollout_event *ev)
{
    struct rollout_actions todo;

    rollout_step(&w->spec, &w->st, ev, w->now, &w->todo);
    todo.n = w->todo.n;
    memcpy(todo.items, w->todo.items, todo.n * sizeof *todo.items);
    for (uint32_t i = 0; i < todo.n; i++)
        act(w, &todo.items[i]);
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

static void next_event(struct world *w)
{
    struct rollout_event ev = {.kind = ROLLOUT_TICK};
    size_t i = first_answer(w);

    if (w->n == 0 || w->todo.wake_at < w->queue[i].at) {
        pass_time(w, w->todo.wake_at);
    } else {
        pass_time(w, w->queue[i].at);
        ev = w->queue[i].ev;
        w->n--;
        memmove(&w->queue[i], &w->queue[i + 1],
                (w->n - i) * sizeof *w->queue);
    }
    step(w, &ev);
}

static void begin(struct world *w)
{
    const struct simulate_set *set = w->in->series;

    w->spec = *w->in->spec;
    w->spec.watch_ms = 0; /* nobody else is at this router */
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
    w->out->took_ms = since_start(w);
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
