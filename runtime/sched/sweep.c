#include "runtime/sched/part.h"

/* A client of docker or podman that is killed leaves its container running:
 * that of an attempt that was stopped or failed is removed before the attempt
 * ends, and that of a run that died before its stage runs again. */

enum { SWEEP_MS = 30000 };

struct sweeping {
    struct attempt *attempt;
    void (*then)(struct attempt *a);
};

static void on_swept(void *ctx, const struct proc_end *end)
{
    struct sweeping *w = ctx;

    if (end->timed_out)
        tell_log(w->attempt, EVENT_WARN,
                 STR("its containers could not be removed in time\n"));
    w->then(w->attempt);
}

static void drop(void *ctx, struct str bytes)
{
    (void)ctx;
    (void)bytes;
}

void sweep(struct attempt *a, void (*then)(struct attempt *a))
{
    const char *const *envp = a->envp ? a->envp : a->s->envp;
    bool boxed = a->node->extra->container.n > 0;
    const char *engine = boxed ? container_engine(envp) : NULL;
    struct sweeping *w = arena_new(&a->arena, struct sweeping);
    struct str run = str_skip(a->s->run_dir_entry,
                              sizeof CONTAINER_RUN_DIR - 1);
    struct err none = {0};

    if (!engine) {
        then(a);
        return;
    }
    *w = (struct sweeping){a, then};
    struct proc_spec spec = {
        .argv = container_sweep(&a->arena, engine, run.s,
                                arena_dup(&a->arena, a->node->id).s),
        .envp = envp,
        .timeout_ms = SWEEP_MS,
        .on_output = drop,
        .on_end = on_swept,
        .ctx = w,
    };

    if (!proc_start(a->s->host, &spec, &none))
        then(a);
}
