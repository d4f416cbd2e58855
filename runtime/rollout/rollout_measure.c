#include "runtime/rollout/turn.h"

void begin_background(struct turn *t)
{
    struct rollout_state *st = t->st;

    if (st->phase != ROLLOUT_RUNNING || st->at == AT_TRAFFIC)
        return;
    for (uint32_t i = 0; i < t->p->n_analyses; i++)
        if (!t->p->analyses[i].spec.in_step &&
            t->p->analyses[i].spec.from <= st->step &&
            st->analyses[i].phase == ANALYSIS_IDLE)
            begin_analysis(t, i);
}

/* Acts on an analysis that ended badly. */
static void remedy(struct turn *t, uint32_t i)
{
    const struct analysis_spec *p = &t->p->analyses[i].spec;
    const struct analysis_state *a = &t->st->analyses[i];
    enum remedy r = analysis_remedy(p, a);
    struct buf why = {.max = ROLLOUT_REASON_BYTES};

    if (r == REMEDY_CONTINUE || (r == REMEDY_HOLD && t->st->held))
        return;
    analysis_explain(p, a, &why);
    if (r == REMEDY_ABORT) {
        t->st->blamed = a->phase == ANALYSIS_FAILED;
        abort_because(t, "analysis '" STR_FMT "' %s", STR_ARG(p->name),
                      buf_cstr(&why));
    } else {
        hold_because(t, "analysis '" STR_FMT "' %s", STR_ARG(p->name),
                     buf_cstr(&why));
    }
    buf_free(&why);
}

void judge_analyses(struct turn *t)
{
    uint32_t worst = t->p->n_analyses;

    for (uint32_t i = 0; i < t->p->n_analyses; i++) {
        struct analysis_state *a = &t->st->analyses[i];
        enum remedy r;

        analysis_tick(&t->p->analyses[i].spec, a, t->st->now);
        r = analysis_remedy(&t->p->analyses[i].spec, a);
        if (r == REMEDY_CONTINUE)
            continue;
        if (worst == t->p->n_analyses ||
            r < analysis_remedy(&t->p->analyses[worst].spec,
                                &t->st->analyses[worst]))
            worst = i;
    }
    if (worst < t->p->n_analyses)
        remedy(t, worst);
}

void measure_due(struct turn *t)
{
    struct rollout_state *st = t->st;

    if (st->phase != ROLLOUT_RUNNING)
        return;
    for (uint32_t i = 0; i < t->p->n_analyses; i++) {
        struct analysis_state *a = &st->analyses[i];
        struct rollout_action *x;

        if (a->phase != ANALYSIS_RUNNING || a->measuring ||
            a->next_at > st->now)
            continue;
        a->measuring = turn_id(t);
        a->started_at = st->now;
        x = turn_add(t, ACTION_MEASURE);
        x->id = a->measuring;
        x->analysis = i;
    }
}

void count_measurement(struct turn *t, const struct rollout_event *ev)
{
    const struct analysis_spec *p;
    struct analysis_state *a;

    if (ev->analysis >= t->p->n_analyses)
        return;
    p = &t->p->analyses[ev->analysis].spec;
    a = &t->st->analyses[ev->analysis];
    if (!a->measuring || a->measuring != ev->id)
        return;
    if (p->compare == COMPARE_SEQUENTIAL && ev->verdict == VERDICT_PASSED)
        analysis_count_pair(p, a, &ev->counts, t->st->now);
    else
        analysis_count(p, a, ev->verdict == VERDICT_NONE ? VERDICT_ERROR
                                                         : ev->verdict,
                       ev->samples, t->st->now);
}
