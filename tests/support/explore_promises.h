#ifndef TESTS_SUPPORT_EXPLORE_PROMISES_H
#define TESTS_SUPPORT_EXPLORE_PROMISES_H

/* What the engine promises, held against the books of the world. */
#include "tests/support/explore_world.h"

/* The world's own view of whether the weight may rise now. */
static void check_raise(const struct search *s, const struct node *before,
                        const struct node *n)
{
    const struct canary_step *left = &s->spec.steps[before->st.step];

    if (n->w.forced || before->st.phase == ROLLOUT_NEW)
        return;
    if (n->st.held || n->st.paused)
        FAIL(n, "the weight rose while held or paused");
    if (left->kind == CANARY_WEIGHT && left->hold_ms > 0 &&
        n->st.now < n->w.verified_at + left->hold_ms)
        FAIL(n, "the weight rose before its hold was over");
    if (left->until_approved && !n->w.approved)
        FAIL(n, "the weight rose without approval");
    for (uint32_t i = 0; i < s->spec.n_analyses; i++) {
        const struct analysis_spec *p = &s->spec.analyses[i].spec;

        if (p->dry_run || p->in_step || n->st.analyses[i].phase == ANALYSIS_IDLE)
            continue;
        if (n->w.last[i] != VERDICT_PASSED)
            FAIL(n, "the weight rose past analysis %u, which %s", i,
                 verdict_name((enum verdict)n->w.last[i]));
    }
}

static void check_set(const struct search *s, const struct node *before,
                      const struct node *n, const struct rollout_action *x)
{
    if (x->traffic.weight > 0 && n->w.leaving)
        FAIL(n, "traffic for the canary after an abort");
    if (x->traffic.weight > before->st.want.weight && before->st.touched &&
        n->st.phase == ROLLOUT_RUNNING)
        check_raise(s, before, n);
}

static void check_finish(struct search *s, const struct node *n,
                         const struct rollout_action *x)
{
    if (n->w.finished)
        FAIL(n, "finished twice");
    switch (x->outcome) {
    case OUTCOME_NONE:
        FAIL(n, "finished without an outcome");
        break;
    case OUTCOME_PROMOTED:
        s->promoted++;
        if (n->w.router != WEIGHT_FULL && n->w.drifts == s->budget.drifts)
            FAIL(n, "promoted without all the traffic");
        break;
    case OUTCOME_ABORTED:
        s->aborted++;
        if (n->w.router != 0 && n->w.drifts == s->budget.drifts)
            FAIL(n, "aborted, and the canary still serves");
        if (!n->w.reverted && !n->st.revert_failed)
            FAIL(n, "aborted without a revert");
        break;
    case OUTCOME_STRANDED:
        s->stranded++;
        if (!n->w.trouble)
            FAIL(n, "stranded by a router that did as it was told");
        break;
    }
}

static void check_action(struct search *s, const struct node *before,
                         const struct node *n, const struct rollout_action *x)
{
    bool fresh = x->id >= before->st.next_id && x->id < n->st.next_id;

    switch (x->kind) {
    case ACTION_SET:
        check_set(s, before, n, x);
        break;
    case ACTION_LOOK:
    case ACTION_MEASURE:
    case ACTION_COMMAND:
        break;
    case ACTION_REVERT:
        if (n->w.router != 0 && !n->st.stranded &&
            n->w.drifts == s->budget.drifts)
            FAIL(n, "Git before traffic");
        fresh = fresh || x->again;
        break;
    case ACTION_FINISH:
        check_finish(s, n, x);
        return;
    case ACTION_CANCEL:
    case ACTION_NOTIFY:
        return;
    }
    if (!fresh)
        FAIL(n, "action id %u was given out before", x->id);
}

#endif
