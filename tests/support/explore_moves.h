#ifndef TESTS_SUPPORT_EXPLORE_MOVES_H
#define TESTS_SUPPORT_EXPLORE_MOVES_H

/* What may happen to a rollout, each thing tried in its turn: answers, time,
 * deaths, people, somebody else at the router. */
#include "tests/support/explore_promises.h"

/* ---- one step ------------------------------------------------------------ */

static struct rollout_action take(struct node *n, int i)
{
    struct rollout_action x = n->w.q[i].x;

    n->w.n--;
    memmove(&n->w.q[i], &n->w.q[i + 1],
            sizeof n->w.q[0] * (size_t)(n->w.n - i));
    return x;
}

static void remember(struct node *n, const struct rollout_action *x)
{
    if (x->kind == ACTION_FINISH)
        n->w.finished = true;
    for (int i = 0; x->kind == ACTION_CANCEL && i < n->w.n; i++)
        if (n->w.q[i].x.id == x->id)
            take(n, i);
    if (x->kind > ACTION_COMMAND && x->kind != ACTION_REVERT)
        return;
    if (n->w.n == QUEUE_MAX) { /* the oldest has long been given up */
        memmove(n->w.q, n->w.q + 1, sizeof n->w.q[0] * (QUEUE_MAX - 1));
        n->w.n--;
    }
    n->w.q[n->w.n] = (struct pending){.x = *x};
    n->w.q[n->w.n].x.step = 0;
    n->w.n++;
}

static void explore(struct search *s, const struct node *n, int left);

static void advance(struct search *s, struct node *n,
                    const struct rollout_event *ev, int64_t now)
{
    struct node before;
    struct rollout_actions todo;
    bool entered = false;

    copy_node(s, &before, n);
    rollout_step(&s->spec, &n->st, ev, now, &todo);
    s->transitions++;
    n->w.leaving = n->st.phase >= ROLLOUT_LEAVING &&
                   n->st.outcome != OUTCOME_PROMOTED;
    for (uint32_t i = 0; i < todo.n; i++) {
        check_action(s, &before, n, &todo.items[i]);
        remember(n, &todo.items[i]);
        entered |= todo.items[i].kind == ACTION_NOTIFY &&
                   todo.items[i].notice == NOTICE_STEP;
    }
    if (entered)
        n->w.approved = n->w.forced = false;
    if (n->st.at != AT_TRAFFIC && before.st.at == AT_TRAFFIC)
        n->w.verified_at = n->st.now;
    if (n->st.phase != ROLLOUT_DONE && todo.wake_at == TIME_NEVER)
        FAIL(n, "nothing will ever happen again");
    if (n->st.phase != ROLLOUT_DONE && todo.wake_at <= n->st.now)
        FAIL(n, "it wants to be woken at once, for ever");
}

static void step(struct search *s, struct node *n,
                 const struct rollout_event *ev, int64_t now, int left)
{
    advance(s, n, ev, now);
    explore(s, n, left - 1);
}

static int64_t wake_of(const struct search *s, const struct node *n)
{
    struct node copy;
    struct rollout_actions todo;
    struct rollout_event tick = {.kind = ROLLOUT_TICK};

    copy_node(s, &copy, n);
    rollout_step(&s->spec, &copy.st, &tick, n->st.now, &todo);
    return todo.wake_at;
}

/* ---- what may happen ----------------------------------------------------- */

static void effect(struct node *n, int i)
{
    struct pending *p = &n->w.q[i];

    if (p->done)
        return;
    p->done = true;
    if (p->x.kind == ACTION_SET)
        n->w.router = p->x.traffic.weight;
    if (p->x.kind == ACTION_REVERT)
        n->w.reverted = true;
    if (p->x.kind == ACTION_COMMAND && ++n->w.commands > 1)
        FAIL(n, "a command ran twice");
}

/* Router actions are carried out in order: only the first of them may go. */
static bool its_turn(const struct node *n, int i)
{
    if (n->w.q[i].x.kind > ACTION_LOOK)
        return true;
    for (int j = 0; j < i; j++)
        if (n->w.q[j].x.kind <= ACTION_LOOK)
            return false;
    return true;
}

static void answer(struct search *s, const struct node *from, int i, bool ok,
                   enum verdict v, int left)
{
    struct node n;
    struct rollout_event ev = {.ok = ok, .verdict = v, .samples = -1};
    struct rollout_action x;

    copy_node(s, &n, from);
    if (ok)
        effect(&n, i);
    else if (n.w.leaving)
        n.w.trouble = true;
    if (!ok)
        n.w.faults--;
    x = take(&n, i);
    ev.id = x.id;
    ev.analysis = x.analysis;
    ev.traffic = (struct rollout_traffic){.weight = n.w.router, .header = -1};
    if (x.kind == ACTION_SET)
        ev.kind = ROLLOUT_SET;
    else if (x.kind == ACTION_LOOK)
        ev.kind = ROLLOUT_LOOKED;
    else if (x.kind == ACTION_COMMAND)
        ev.kind = ROLLOUT_COMMAND_DONE;
    else if (x.kind == ACTION_REVERT)
        ev.kind = ROLLOUT_REVERTED;
    else
        ev.kind = ROLLOUT_MEASURED;
    if (x.kind == ACTION_MEASURE && n.st.analyses[x.analysis].measuring == x.id)
        n.w.last[x.analysis] = (uint8_t)v;
    step(s, &n, &ev, n.st.now, left);
}

static void answers(struct search *s, const struct node *n, int left)
{
    for (int i = 0; i < n->w.n; i++) {
        if (!its_turn(n, i))
            continue;
        if (n->w.q[i].x.kind == ACTION_MEASURE) {
            for (int v = VERDICT_PASSED; v <= VERDICT_NO_DATA; v++)
                answer(s, n, i, true, (enum verdict)v, left);
            continue;
        }
        answer(s, n, i, true, VERDICT_NONE, left);
        if (n->w.faults && !n->w.q[i].done)
            answer(s, n, i, false, VERDICT_NONE, left);
    }
}

/* It happens, and nobody hears of it. */
static void lost_effects(struct search *s, const struct node *from, int left)
{
    for (int i = 0; i < from->w.n; i++) {
        struct node n;

        if (from->w.q[i].done || !its_turn(from, i) ||
            from->w.q[i].x.kind == ACTION_LOOK ||
            from->w.q[i].x.kind == ACTION_MEASURE)
            continue;
        copy_node(s, &n, from);
        effect(&n, i);
        explore(s, &n, left - 1);
    }
}

static void time_passes(struct search *s, const struct node *from, int left)
{
    struct node n;
    struct rollout_event tick = {.kind = ROLLOUT_TICK};
    int64_t at = wake_of(s, from);

    copy_node(s, &n, from);
    for (int i = 0; i < n.w.n; i++) /* unanswered: that is trouble too */
        if (n.w.q[i].x.kind <= ACTION_LOOK && n.w.leaving)
            n.w.trouble = true;
    step(s, &n, &tick, at, left);
}

/* put_back: what died managed to bring traffic back to stable before. */
static void death(struct search *s, const struct node *from, bool put_back,
                  int left)
{
    struct node n;
    struct rollout_event ev = {.kind = ROLLOUT_CRASHED};

    if (!from->w.crashes || (put_back && from->w.router == 0))
        return;
    copy_node(s, &n, from);
    n.w.crashes--;
    n.w.n = 0;
    if (put_back)
        n.w.router = 0;
    n.w.finished = false;
    memset(n.w.last, VERDICT_NONE, sizeof n.w.last);
    for (uint32_t i = 0; i < s->spec.n_analyses; i++)
        if (!from->st.analyses[i].measuring)
            n.w.last[i] = from->w.last[i];
    step(s, &n, &ev, n.st.now, left);
}

static void people(struct search *s, const struct node *from, int left)
{
    static const enum rollout_event_kind asks[] = {
        ROLLOUT_APPROVED, ROLLOUT_PROMOTE, ROLLOUT_PROMOTE_FULL, ROLLOUT_ABORT,
        ROLLOUT_PAUSE,    ROLLOUT_RESUME,  ROLLOUT_RETRY};

    if (!from->w.people)
        return;
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        struct rollout_event ev = {.kind = asks[i], .text = STR("asked to")};
        struct node n;

        copy_node(s, &n, from);
        n.w.people--;
        if (asks[i] == ROLLOUT_APPROVED && n.st.at == AT_APPROVAL)
            n.w.approved = true;
        if (asks[i] == ROLLOUT_PROMOTE || asks[i] == ROLLOUT_PROMOTE_FULL)
            n.w.forced = true;
        if (asks[i] == ROLLOUT_RETRY) {
            n.w.commands = 0;
            n.w.forced = true; /* the first weight anew rises from 0 */
        }
        step(s, &n, &ev, n.st.now, left);
    }
}

static void somebody_else(struct search *s, const struct node *from, int left)
{
    struct node n;

    if (!from->w.drifts || from->st.phase != ROLLOUT_RUNNING)
        return;
    copy_node(s, &n, from);
    n.w.drifts--;
    n.w.router = n.w.router == 4000 ? 0 : 4000;
    explore(s, &n, left - 1);
}

/* Nobody answers, nothing is done: it has to end by itself. */
static void leave_alone(struct search *s, const struct node *from)
{
    struct node n;
    struct rollout_event tick = {.kind = ROLLOUT_TICK};
    size_t aborted = s->aborted, stranded = s->stranded, done = s->promoted;
    int i;

    copy_node(s, &n, from);
    n.w.trouble = true;
    for (i = 0; i < TICKS_MAX && n.st.phase != ROLLOUT_DONE; i++)
        advance(s, &n, &tick, wake_of(s, &n));
    if (i == TICKS_MAX)
        FAIL(&n, "left alone, it never ends");
    s->left_alone++;
    s->aborted = aborted;
    s->stranded = stranded;
    s->promoted = done;
}

static void explore(struct search *s, const struct node *n, int left)
{
    if (left <= 0 || n->st.phase == ROLLOUT_DONE ||
        seen_before(s, n, left))
        return;
    if (s->states % PATIENCE_EVERY == 0)
        leave_alone(s, n);
    answers(s, n, left);
    lost_effects(s, n, left);
    time_passes(s, n, left);
    death(s, n, false, left);
    death(s, n, true, left);
    people(s, n, left);
    somebody_else(s, n, left);
}

#endif
