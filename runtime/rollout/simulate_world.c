#include "runtime/rollout/simulate_world.h"

#include "base/die.h"

#include <string.h>

int64_t world_since_start(const struct world *w)
{
    return w->now - START_MS;
}

static struct simulate_note *note(struct world *w, enum simulate_note_kind kind)
{
    struct simulate_note x = {.at = world_since_start(w), .kind = kind,
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
    w->queue[w->n++] = (struct answer){w->now + ms, ev, 0};
}

bool world_router_answers(const struct world *w)
{
    return world_since_start(w) < w->in->model.router_from_ms ||
           world_since_start(w) >= w->in->model.router_until_ms;
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
    while (*at < s->n && s->points[*at].at <= world_since_start(w))
        (*at)++;
    return *at ? s->points[*at - 1].m : none;
}

static struct measurement measure(struct world *w, uint32_t i)
{
    const struct rollout_analysis *x = &w->spec.analyses[i];
    struct measurement m = {.samples = -1, .stable_samples = -1};

    if (w->series[i]) {
        m = from_series(w, i);
        if (m.samples < 0 && x->spec.samples_min > 0)
            m.samples = x->spec.samples_min;
    } else if (w->in->modelled) {
        m = model_measure(&w->in->model, &w->dice, x, recent_share(w),
                          world_since_start(w));
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
    x->samples = m->samples;
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
                      w->past, NULL, &ev, w->notes ? &why : NULL);
    if (w->spec.analyses[i].spec.samples_min > 0 && ev.samples >= 0 &&
        ev.samples < w->spec.analyses[i].spec.samples_min &&
        ev.verdict != VERDICT_ERROR)
        ev.verdict = VERDICT_NO_DATA;
    w->out->measurements++;
    note_measurement(w, &m, &ev, why);
    later(w, 0, ev);
    w->queue[w->n - 1].note = w->notes ? w->notes->n : 0;
    if (w->scratch.held > SCRATCH_MAX)
        arena_free(&w->scratch);
}

/* ---- actions ------------------------------------------------------------- */

void world_weight_changed(struct world *w, enum simulate_note_kind kind)
{
    change_share(w);
    if (w->router.weight > w->out->peak)
        w->out->peak = w->router.weight;
    if (w->router.weight > 0 && w->bad_since < 0)
        w->bad_since = world_since_start(w) > w->in->model.from_ms
                           ? world_since_start(w) : w->in->model.from_ms;
    note(w, kind);
}

static void answer_set(struct world *w, const struct rollout_action *x)
{
    struct rollout_event ev = {.kind = ROLLOUT_SET, .id = x->id, .ok = true};

    if (!world_router_answers(w)) {
        ev.ok = false;
        ev.text = STR("no answer");
        note(w, NOTE_ROUTER);
    } else {
        w->router = x->traffic;
        world_weight_changed(w, NOTE_WEIGHT);
    }
    later(w, 0, ev);
}

static void answer_look(struct world *w, const struct rollout_action *x)
{
    struct rollout_event ev = {.kind = ROLLOUT_LOOKED, .id = x->id,
                               .ok = world_router_answers(w),
                               .traffic = w->router};

    if (!ev.ok) {
        ev.text = STR("no answer");
        note(w, NOTE_ROUTER);
    }
    later(w, 0, ev);
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
        world_since_start(w) >= w->bad_since)
        w->out->detect_ms = world_since_start(w) - w->bad_since;
}

void world_act(struct world *w, const struct rollout_action *x)
{
    struct rollout_event ev = {.id = x->id, .ok = true};

    switch (x->kind) {
    case ACTION_SET:
        answer_set(w, x);
        return;
    case ACTION_LOOK:
        answer_look(w, x);
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

