#include "runtime/sched/part.h"

#include "base/clock.h"

enum { PENDING_MAX = 1000 };

bool steer_has_traffic(const struct attempt *a)
{
    return graph_has_effect(a->node, STR("traffic"));
}

static bool is_approval(const struct store_steer *r)
{
    return str_eq(r->action, STR("approve"));
}

/* Who hears a request: the stage it names; else an approval whoever waits,
 * anything else a rollout whether it waits or not. */
static bool meant(const struct attempt *a, const struct store_steer *r)
{
    if (!a->channel || a->done)
        return false;
    if (r->node.n)
        return str_eq(r->node, a->node->id) || str_eq(r->node, a->node->name);
    return a->idle || (!is_approval(r) && steer_has_traffic(a));
}

/* The first in the order of the file. */
static struct attempt *hearer(struct sched *s, const struct store_steer *r)
{
    struct attempt *best = NULL;

    for (struct attempt *a = s->live; a; a = a->next)
        if (meant(a, r) && (!best || a->index < best->index))
            best = a;
    return best;
}

static void keep(struct sched *s, const struct store_steer *r)
{
    struct store_steer copy = {
        .run = r->run,
        .at = r->at,
        .node = arena_dup(&s->arena, r->node),
        .action = arena_dup(&s->arena, r->action),
        .by = arena_dup(&s->arena, r->by),
        .args = arena_dup(&s->arena, r->args),
    };

    if (s->pending.n < PENDING_MAX)
        arena_push(&s->arena, &s->pending, copy);
}

void steer_take(struct sched *s, const struct store_steer *r)
{
    struct attempt *a = hearer(s, r);

    if (a)
        worker_steer(a, r);
    else if (str_eq(r->action, STR("abort")) && !r->node.n)
        sched_interrupt(s, 0);
    else
        keep(s, r); /* its stage may come yet, and ask */
}

void steer_waits(struct attempt *a)
{
    struct sched *s = a->s;

    for (size_t i = 0; i < s->pending.n; i++) {
        struct store_steer r = s->pending.items[i];

        if (!meant(a, &r))
            continue;
        s->pending.items[i] = s->pending.items[--s->pending.n];
        worker_steer(a, &r);
        return;
    }
}

void sched_steer(struct sched *s, struct str action, struct str stage,
                 struct str by)
{
    steer_take(s, &(struct store_steer){.run = s->run, .action = action,
                                        .node = stage, .by = by,
                                        .at = clock_wall_ms()});
}
