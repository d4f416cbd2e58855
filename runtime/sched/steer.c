#include "runtime/sched/part.h"

#include "base/clock.h"

static bool meant(const struct attempt *a, const struct store_steer *r)
{
    if (r->node.n)
        return str_eq(r->node, a->node->id) || str_eq(r->node, a->node->name);
    return a->idle || a->channel;
}

/* A rollout hears what it is told whether it waits or not; whoever waits, and
 * nothing else of that name, hears an approval. */
void steer_take(struct sched *s, const struct store_steer *r)
{
    bool heard = false;

    for (struct attempt *a = s->live, *next; a; a = next) {
        next = a->next;
        if (!a->channel || !meant(a, r))
            continue;
        worker_steer(a, r);
        heard = true;
    }
    if (!heard && str_eq(r->action, STR("abort")) && !r->node.n)
        sched_interrupt(s, 0);
}

void sched_steer(struct sched *s, struct str action, struct str stage,
                 struct str by)
{
    steer_take(s, &(struct store_steer){.run = s->run, .action = action,
                                        .node = stage, .by = by,
                                        .at = clock_wall_ms()});
}
