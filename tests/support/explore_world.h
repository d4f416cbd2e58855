#ifndef TESTS_SUPPORT_EXPLORE_WORLD_H
#define TESTS_SUPPORT_EXPLORE_WORLD_H

/* The exploration of the rollout engine: a rollout, the world around it with
 * its own books, and which of both have been seen. To be included after
 * <cmocka.h>. */
#include "runtime/rollout/rollout.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

#endif
