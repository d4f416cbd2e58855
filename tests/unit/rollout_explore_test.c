/* Every order in which things can happen to a rollout, up to a depth: answers
 * good, bad, late and lost, a death before and after each effect, people who
 * interfere, somebody else at the router. What has been seen is not entered
 * again. After each step the promises of the engine are checked against a world
 * that keeps its own books. */
#include "runtime/rollout/rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    N_ANALYSES = 2,
    QUEUE_MAX = 6,      /* actions on their way */
    TABLE_BITS = 22,
    STATES_MIN = 1000000,
    TICKS_MAX = 3000,   /* until a rollout left alone has ended */
    PATIENCE_EVERY = 61, /* of so many new states, one is left alone */
};

/* An action that was given out and is not answered. */
struct pending {
    struct rollout_action x;
    bool done; /* it had its effect; the answer is lost or under way */
};

struct world {
    int32_t router; /* the weight that it really has */
    uint8_t n, crashes, people, drifts, faults;
    uint8_t commands;  /* that had their effect since the last start over */
    bool approved, forced, leaving, finished, reverted;
    bool trouble;      /* the router misbehaved while traffic was going back */
    uint8_t last[N_ANALYSES]; /* verdicts of this step, as the world sent them */
    struct pending q[QUEUE_MAX];
    int64_t verified_at; /* when it first showed the step's weight */
};

struct node {
    struct world w;
    struct rollout_state st; /* last: only its head is copied */
};

struct search {
    struct rollout_spec spec;
    struct canary_step steps[6];
    struct rollout_analysis analyses[N_ANALYSES];
    struct budget { uint8_t crashes, people, drifts, faults; } budget;
    int depth;
    uint64_t *seen; /* hash, its low byte the depth left when it was entered */
    size_t states, transitions, promoted, aborted, stranded, left_alone;
};

#define FAIL(n, ...)                                                   \
    do {                                                                   \
        print_message(__VA_ARGS__);                                        \
        print_message("\n  step %u at %s phase %s want %d router %d: %s\n", \
                      (n)->st.step, rollout_at_name((n)->st.at),           \
                      rollout_phase_name((n)->st.phase),                   \
                      (n)->st.want.weight, (n)->w.router, (n)->st.reason); \
        fail();                                                            \
    } while (0)

static size_t state_bytes(const struct search *s)
{
    return offsetof(struct rollout_state, analyses) +
           s->spec.n_analyses * sizeof(struct analysis_state);
}

static void copy_node(const struct search *s, struct node *to,
                      const struct node *from)
{
    memcpy(to, from, offsetof(struct node, st) + state_bytes(s));
}

/* ---- what has been seen -------------------------------------------------- */

static void since(int64_t *t, int64_t now)
{
    if (*t != TIME_NEVER && *t != 0)
        *t -= now;
}

static void below(uint32_t *id, uint32_t next)
{
    if (*id)
        *id = next - *id;
}

/* The same but for when and with which ids: times count from now, ids back
 * from the next. */
static void normalise(const struct search *s, struct node *n)
{
    struct rollout_state *st = &n->st;
    int64_t now = st->now;
    uint32_t next = st->next_id;

    memset(st->reason, 0, sizeof st->reason);
    since(&st->started_at, now);
    since(&st->step_at, now);
    since(&st->hold_until, now);
    since(&st->ask_until, now);
    since(&st->ask_limit, now);
    since(&st->work_until, now);
    since(&st->watch_at, now);
    since(&n->w.verified_at, now);
    below(&st->ask_id, next);
    below(&st->work_id, next);
    below(&st->watch_id, next);
    for (uint32_t i = 0; i < s->spec.n_analyses; i++) {
        struct analysis_state *a = &st->analyses[i];

        since(&a->begun_at, now);
        since(&a->next_at, now);
        since(&a->started_at, now);
        since(&a->no_data_since, now);
        below(&a->measuring, next);
    }
    for (int i = 0; i < n->w.n; i++)
        below(&n->w.q[i].x.id, next);
    memset(&n->w.q[n->w.n], 0, sizeof n->w.q[0] * (QUEUE_MAX - n->w.n));
    st->now = 0;
    st->next_id = 0;
}

static uint64_t hash_of(const void *p, size_t n)
{
    const unsigned char *b = p;
    uint64_t h = 0x9e3779b97f4a7c15u;

    for (; n >= 8; n -= 8, b += 8) {
        uint64_t x;

        memcpy(&x, b, 8);
        h = (h ^ x) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    for (; n; n--, b++)
        h = (h ^ *b) * 0x100000001b3u;
    return h ^ h >> 29;
}

/* Whether it was entered before with at least as much depth left. */
static bool seen_before(struct search *s, const struct node *n, int left)
{
    static struct node key;
    size_t mask = ((size_t)1 << TABLE_BITS) - 1, i;
    uint64_t h;

    copy_node(s, &key, n);
    normalise(s, &key);
    h = hash_of(&key, offsetof(struct node, st) + state_bytes(s)) | 0x100;
    for (i = (h >> 8) & mask; s->seen[i]; i = (i + 1) & mask) {
        if ((s->seen[i] ^ h) >> 8)
            continue;
        if ((int)(s->seen[i] & 0xff) >= left)
            return true;
        s->seen[i] = (h & ~(uint64_t)0xff) | (uint64_t)left;
        return false;
    }
    if (s->states >= ((size_t)7 << (TABLE_BITS - 3)))
        return true;
    s->seen[i] = (h & ~(uint64_t)0xff) | (uint64_t)left;
    s->states++;
    return false;
}

/* ---- the promises -------------------------------------------------------- */

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

/* ---- the rollouts that are explored -------------------------------------- */

static struct search *search(int depth)
{
    struct search *s = calloc(1, sizeof *s);
    const char *deeper = getenv("EXPLORE_DEEPER");

    s->seen = calloc((size_t)1 << TABLE_BITS, sizeof *s->seen);
    s->depth = depth + (deeper ? atoi(deeper) : 0);
    s->spec = (struct rollout_spec){.steps = s->steps,
                                    .analyses = s->analyses,
                                    .within_ms = 1800000,
                                    .watch_ms = 60000,
                                    .verify_ms = 5000,
                                    .revert = true};
    s->budget = (struct budget){.crashes = 1, .people = 1, .faults = 1};
    return s;
}

static void add_step(struct search *s, struct canary_step step)
{
    s->steps[s->spec.n_steps++] = step;
}

static struct analysis_spec *add_analysis(struct search *s)
{
    struct analysis_spec *p = &s->analyses[s->spec.n_analyses++].spec;

    *p = (struct analysis_spec){.name = STR("rate"), .every_ms = 30000,
                                .timeout_ms = 20000, .errors = 1,
                                .failures = 1, .no_data_ms = 60000,
                                .consecutive_failures = LIMIT_OFF,
                                .on_inconclusive = REMEDY_HOLD};
    return p;
}

static size_t run_from(struct search *s, const char *name,
                       enum rollout_event_kind kind)
{
    struct node n;
    struct rollout_event start = {.kind = kind, .text = STR("by somebody")};
    size_t states;
    bool back = kind == ROLLOUT_BACK;

    memset(&n, 0, sizeof n);
    rollout_begin(&n.st);
    n.w.crashes = s->budget.crashes;
    n.w.people = s->budget.people;
    n.w.drifts = s->budget.drifts;
    n.w.faults = s->budget.faults;
    if (back)
        n.w.router = WEIGHT_FULL;
    advance(s, &n, &start, 1000000);
    explore(s, &n, s->depth);
    print_message("# %s: depth %d, %zu states, %zu transitions, ended "
                  "%zu promoted %zu aborted %zu stranded, %zu left alone\n",
                  name, s->depth, s->states, s->transitions, s->promoted,
                  s->aborted, s->stranded, s->left_alone);
    assert_true((s->promoted > 0) == !back && s->aborted > 0);
    states = s->states;
    free(s->seen);
    free(s);
    return states;
}

static size_t run(struct search *s, const char *name)
{
    return run_from(s, name, ROLLOUT_START);
}

static void two_weights(struct search *s)
{
    add_step(s, (struct canary_step){.kind = CANARY_WEIGHT, .weight = 1000,
                                     .hold_ms = 45000});
    add_step(s, (struct canary_step){.kind = CANARY_WEIGHT,
                                     .weight = WEIGHT_FULL});
}

static size_t canary_with_deaths(void)
{
    struct search *s = search(11);

    two_weights(s);
    add_analysis(s);
    s->spec.on_crash = CRASH_RESUME;
    s->budget = (struct budget){.crashes = 2, .people = 1, .faults = 1};
    return run(s, "canary that goes on after a death");
}

static size_t canary_with_people(void)
{
    struct search *s = search(11);

    two_weights(s);
    s->steps[0].until_approved = true;
    add_analysis(s)->failures = 0;
    s->budget = (struct budget){.crashes = 1, .people = 3, .faults = 0};
    return run(s, "canary among people");
}

static size_t canary_with_command(void)
{
    struct search *s = search(12);

    add_analysis(s)->in_step = true;
    s->analyses[0].spec.count = 2;
    add_step(s, (struct canary_step){.kind = CANARY_COMMAND,
                                     .text = STR("smoke"),
                                     .timeout_ms = 90000});
    add_step(s, (struct canary_step){.kind = CANARY_ANALYZE});
    add_step(s, (struct canary_step){.kind = CANARY_WEIGHT,
                                     .weight = WEIGHT_FULL,
                                     .hold_ms = 20000});
    s->spec.on_crash = CRASH_RESUME;
    s->budget = (struct budget){.crashes = 2, .people = 1, .faults = 1};
    return run(s, "blue-green with a command and an analysis before");
}

static size_t canary_with_drift(enum drift_policy policy, const char *name)
{
    struct search *s = search(8);

    two_weights(s);
    add_analysis(s);
    add_analysis(s)->dry_run = true;
    s->spec.on_drift = policy;
    s->spec.on_crash = CRASH_RESUME;
    s->spec.watch_ms = 20000;
    s->budget = (struct budget){.crashes = 1, .people = 1, .drifts = 1};
    return run(s, name);
}

static size_t rollback(void)
{
    struct search *s = search(14);

    two_weights(s);
    s->budget = (struct budget){.crashes = 2, .people = 2, .faults = 2};
    return run_from(s, "a rollback", ROLLOUT_BACK);
}

static void every_order_keeps_every_promise(void **state)
{
    size_t n = canary_with_deaths() + canary_with_people() +
               canary_with_command() + rollback() +
               canary_with_drift(DRIFT_RESTORE, "drift, restored") +
               canary_with_drift(DRIFT_HOLD, "drift, held") +
               canary_with_drift(DRIFT_ABORT, "drift, aborted");

    (void)state;
    print_message("# %zu states in all\n", n);
    assert_true(n >= STATES_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_keeps_every_promise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
