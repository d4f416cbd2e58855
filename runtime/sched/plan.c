#include "runtime/sched/plan.h"

#include "base/buf.h"
#include "base/die.h"
#include "runtime/sched/plan_part.h"

enum { CHAIN_LINKS_MAX = 6 };

/* ---- the heap of what is ready ------------------------------------------- */

static bool sooner(const struct plan *p, uint32_t a, uint32_t b)
{
    int64_t wa = p->nodes[a].way_ms, wb = p->nodes[b].way_ms;

    return wa != wb ? wa > wb : a < b;
}

void plan_heap_push(struct plan *p, uint32_t node)
{
    size_t i = p->heap_n++;

    while (i && sooner(p, node, p->heap[(i - 1) / 2])) {
        p->heap[i] = p->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    p->heap[i] = node;
}

static uint32_t heap_pop(struct plan *p)
{
    uint32_t top = p->heap[0], last = p->heap[--p->heap_n];
    size_t i = 0;

    for (size_t kid; (kid = 2 * i + 1) < p->heap_n; i = kid) {
        if (kid + 1 < p->heap_n && sooner(p, p->heap[kid + 1], p->heap[kid]))
            kid++;
        if (!sooner(p, p->heap[kid], last))
            break;
        p->heap[i] = p->heap[kid];
    }
    p->heap[i] = last;
    return top;
}

/* ---- states --------------------------------------------------------------- */

static void become(struct plan *p, uint32_t i, enum plan_state state)
{
    p->counts[p->nodes[i].state]--;
    p->counts[state]++;
    p->nodes[i].state = state;
}

static void make_ready(struct plan *p, uint32_t i)
{
    become(p, i, PLAN_READY);
    plan_heap_push(p, i);
}

/* It will not run: tells whoever asks plan_settled(), and those after it. */
static void settle(struct plan *p, uint32_t i, enum plan_state state,
                   uint32_t cause)
{
    become(p, i, state);
    p->nodes[i].cause = cause;
    p->settled[p->settled_to++] = i;
}

/* Whether a stage that ended so lets one go on that comes after it. */
static bool lets_pass(const struct plan *p, uint32_t i, bool by_output)
{
    switch (p->nodes[i].state) {
    case PLAN_PASSED:
    case PLAN_LEFT_OUT:
        return true;
    case PLAN_FAILED:
        return p->spec.graph->nodes[i].optional && !by_output;
    case PLAN_WAITING:
    case PLAN_READY:
    case PLAN_RUNNING:
    case PLAN_BACKOFF:
    case PLAN_SKIPPED:
    case PLAN_CANCELLED:
        return false;
    }
    BUG("plan state %d", (int)p->nodes[i].state);
}

static void tell_one(struct plan *p, uint32_t i, uint32_t next, bool by_output)
{
    struct plan_node *x = &p->nodes[next];

    if (x->state != PLAN_WAITING)
        return;
    if (!lets_pass(p, i, by_output))
        settle(p, next,
               p->nodes[i].state == PLAN_CANCELLED ? PLAN_CANCELLED
                                                   : PLAN_SKIPPED, i);
    else if (--x->missing == 0)
        make_ready(p, next);
}

static void tell(struct plan *p, uint32_t i)
{
    for (uint32_t k = p->first[i]; k < p->first[i + 1]; k++)
        tell_one(p, i, p->after[k], p->by_output[k]);
}

/* Tells those after i, and those after whoever is skipped by that. */
static void spread(struct plan *p, uint32_t i)
{
    tell(p, i);
    while (p->propagated < p->settled_to)
        tell(p, p->settled[p->propagated++]);
}

/* ---- locks ---------------------------------------------------------------- */

static size_t lock_count(const struct plan *p, uint32_t i)
{
    return p->spec.graph->nodes[i].extra->n_locks;
}

/* The first of its locks that another one has. */
static struct plan_lock *first_taken(struct plan *p, uint32_t i)
{
    for (size_t k = 0; k < lock_count(p, i); k++) {
        struct plan_lock *l = &p->locks[p->nodes[i].locks[k]];

        if (l->holder != PLAN_NONE && l->holder != i)
            return l;
    }
    return NULL;
}

static void take_locks(struct plan *p, uint32_t i)
{
    for (size_t k = 0; k < lock_count(p, i); k++)
        p->locks[p->nodes[i].locks[k]].holder = i;
}

/* One a release is enough, and keeps a thousand waiters linear; if the woken
 * one then waits for another lock, it passes this one on. */
static void wake_one(struct plan *p, struct plan_lock *l)
{
    while (l->holder == PLAN_NONE && l->woken < l->waiting.n) {
        uint32_t i = l->waiting.items[l->woken++];

        p->nodes[i].blocked_by = PLAN_NONE;
        if (p->nodes[i].state == PLAN_READY) {
            plan_heap_push(p, i);
            return;
        }
    }
}

static void release_locks(struct plan *p, uint32_t i)
{
    for (size_t k = 0; k < lock_count(p, i); k++) {
        struct plan_lock *l = &p->locks[p->nodes[i].locks[k]];

        if (l->holder == i)
            l->holder = PLAN_NONE;
        wake_one(p, l);
    }
}

static void wait_for(struct plan *p, uint32_t i, struct plan_lock *l)
{
    p->nodes[i].blocked_by = (uint32_t)(l - p->locks);
    arena_push(&p->arena, &l->waiting, i);
    for (size_t k = 0; k < lock_count(p, i); k++)
        wake_one(p, &p->locks[p->nodes[i].locks[k]]);
}

/* ---- what the supervisor asks and tells ----------------------------------- */

uint32_t plan_next(struct plan *p)
{
    while (p->heap_n) {
        uint32_t i = p->heap[0];
        struct plan_lock *l;

        if (p->nodes[i].state != PLAN_READY) { /* cancelled meanwhile */
            heap_pop(p);
            continue;
        }
        if (p->jobs_taken >= p->spec.jobs)
            return PLAN_NONE;
        heap_pop(p);
        l = first_taken(p, i);
        if (l) {
            wait_for(p, i, l);
            continue;
        }
        take_locks(p, i);
        become(p, i, PLAN_RUNNING);
        p->nodes[i].attempt++;
        p->nodes[i].idle = false;
        p->jobs_taken++;
        return i;
    }
    return PLAN_NONE;
}

void plan_idle(struct plan *p, uint32_t node, bool idle)
{
    struct plan_node *x = &p->nodes[node];

    if (x->state != PLAN_RUNNING || x->idle == idle)
        return;
    x->idle = idle;
    p->jobs_taken = idle ? p->jobs_taken - 1 : p->jobs_taken + 1;
}

static int64_t backoff_ms(const struct graph_retry *r, int attempt)
{
    double ms = (double)r->backoff_ms;
    double max = r->max_ms > 0 ? (double)r->max_ms : 1e15;

    for (int i = 1; i < attempt && ms < max; i++)
        ms *= r->factor > 0 ? r->factor : 1;
    return (int64_t)(ms < max ? ms : max);
}

int64_t plan_backoff_ms(const struct plan *p, uint32_t node)
{
    return backoff_ms(&p->spec.graph->nodes[node].extra->retry,
                      p->nodes[node].attempt);
}

void plan_again(struct plan *p, uint32_t node)
{
    if (p->nodes[node].state == PLAN_BACKOFF)
        make_ready(p, node);
}

/* What waits will not run: because of `cause`, or for `why`. */
static void cancel_rest(struct plan *p, uint32_t cause, struct str why)
{
    why = arena_dup(&p->arena, why);
    p->stopped = true;
    for (uint32_t i = 0; i < p->n; i++) {
        enum plan_state state = p->nodes[i].state;

        if (state == PLAN_WAITING || state == PLAN_READY) {
            settle(p, i, PLAN_CANCELLED, cause);
            p->nodes[i].why = why;
        } else if (state == PLAN_BACKOFF) {
            settle(p, i, PLAN_FAILED, PLAN_NONE);
            p->failed |= !p->spec.graph->nodes[i].optional;
        }
    }
    p->heap_n = 0;
    p->propagated = p->settled_to;
}

void plan_stop(struct plan *p, struct str why)
{
    if (!p->stopped)
        cancel_rest(p, PLAN_NONE, why);
}

static void fail(struct plan *p, uint32_t i, bool again)
{
    const struct graph_node *g = &p->spec.graph->nodes[i];

    if (again && !p->stopped && p->nodes[i].attempt <= g->extra->retry.limit) {
        become(p, i, PLAN_BACKOFF);
        return;
    }
    become(p, i, PLAN_FAILED);
    spread(p, i);
    if (g->optional)
        return;
    p->failed = true;
    if (!p->spec.keep_going && !p->stopped)
        cancel_rest(p, i, (struct str){0});
}

void plan_ended(struct plan *p, uint32_t node, enum plan_end end,
                struct str why)
{
    if (p->nodes[node].state != PLAN_RUNNING)
        BUG("stage %u ended but did not run", node);
    p->nodes[node].why = arena_dup(&p->arena, why);
    p->jobs_taken -= !p->nodes[node].idle;
    release_locks(p, node);
    switch (end) {
    case PLAN_END_FAILED:
    case PLAN_END_ABORTED:
        fail(p, node, end == PLAN_END_FAILED);
        return;
    case PLAN_END_PASSED:
        become(p, node, PLAN_PASSED);
        break;
    case PLAN_END_SKIPPED:
        become(p, node, PLAN_SKIPPED);
        break;
    case PLAN_END_CANCELLED:
        become(p, node, PLAN_CANCELLED);
        break;
    }
    spread(p, node);
}

uint32_t plan_settled(struct plan *p)
{
    return p->settled_from < p->settled_to ? p->settled[p->settled_from++]
                                           : PLAN_NONE;
}

/* ---- queries -------------------------------------------------------------- */

bool plan_over(const struct plan *p)
{
    return !p->counts[PLAN_WAITING] && !p->counts[PLAN_READY] &&
           !p->counts[PLAN_RUNNING] && !p->counts[PLAN_BACKOFF];
}

enum plan_state plan_state(const struct plan *p, uint32_t node)
{
    return p->nodes[node].state;
}

int plan_attempt(const struct plan *p, uint32_t node)
{
    return p->nodes[node].attempt;
}

size_t plan_running(const struct plan *p)
{
    return p->counts[PLAN_RUNNING];
}

size_t plan_count(const struct plan *p, enum plan_state state)
{
    return p->counts[state];
}

bool plan_failed(const struct plan *p)
{
    return p->failed;
}

bool plan_locked(const struct plan *p, uint32_t node, struct str *lock,
                 uint32_t *holder)
{
    uint32_t l = p->nodes[node].blocked_by;

    if (l == PLAN_NONE || p->nodes[node].state != PLAN_READY)
        return false;
    *lock = p->locks[l].name;
    *holder = p->locks[l].holder;
    return true;
}

static const char *word(enum plan_state state)
{
    return state == PLAN_FAILED ? "failed"
           : state == PLAN_CANCELLED ? "cancelled" : "skipped";
}

struct str plan_why(struct arena *a, const struct plan *p, uint32_t node)
{
    struct buf b = {0};
    struct str out;
    uint32_t i = node;

    for (int link = 0; p->nodes[i].cause != PLAN_NONE; link++) {
        i = p->nodes[i].cause;

        const struct str id = p->spec.graph->nodes[i].id;

        if (link < CHAIN_LINKS_MAX || p->nodes[i].cause == PLAN_NONE)
            buf_addf(&b, "%s" STR_FMT " %s", link ? ": " : "", STR_ARG(id),
                     word(p->nodes[i].state));
        else if (link == CHAIN_LINKS_MAX)
            buf_adds(&b, ": ...");
    }
    if (p->nodes[i].why.n)
        buf_addf(&b, "%s" STR_FMT, b.n ? ": " : "", STR_ARG(p->nodes[i].why));
    out = arena_dup(a, buf_str(&b));
    buf_free(&b);
    return out;
}
