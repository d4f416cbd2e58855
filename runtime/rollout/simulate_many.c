#include "runtime/rollout/simulate.h"

#include "base/die.h"

#include <math.h>
#include <stdlib.h>

/* The figures of all runs, in memory for their quantiles. */
struct figures {
    double *v;
    uint64_t n;
};

static void figures_init(struct figures *f, uint64_t runs)
{
    *f = (struct figures){.v = malloc(runs * sizeof *f->v)};
    if (!f->v)
        die_oom();
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double quantile(const struct figures *f, double p)
{
    return f->v[(uint64_t)((double)(f->n - 1) * p + 0.5)];
}

static struct simulate_spread spread_of(struct figures *f)
{
    struct simulate_spread s = {.n = f->n};

    if (f->n > 0) {
        qsort(f->v, f->n, sizeof *f->v, by_value);
        for (uint64_t i = 0; i < f->n; i++)
            s.mean += f->v[i] / (double)f->n;
        s.p50 = quantile(f, 0.5);
        s.p95 = quantile(f, 0.95);
        s.max = f->v[f->n - 1];
    }
    free(f->v);
    return s;
}

static void quantiles(struct figures *f, double *out)
{
    if (f->n > 0)
        qsort(f->v, f->n, sizeof *f->v, by_value);
    for (int i = 0; i <= SIMULATE_QUANTILES && f->n > 0; i++)
        out[i] = quantile(f, (double)i / SIMULATE_QUANTILES);
    free(f->v);
}

struct all_figures {
    struct figures took, detect, exposed, bad, aborted;
};

static void count_run(const struct simulate_outcome *o,
                      struct simulate_summary *out, struct all_figures *f)
{
    out->runs++;
    out->promoted += o->outcome == OUTCOME_PROMOTED;
    out->aborted += o->outcome == OUTCOME_ABORTED;
    out->stranded += o->outcome == OUTCOME_STRANDED;
    out->measurements += o->measurements;
    f->took.v[f->took.n++] = (double)o->took_ms;
    f->exposed.v[f->exposed.n++] = o->exposed;
    f->bad.v[f->bad.n++] = o->exposed_bad;
    if (o->outcome == OUTCOME_ABORTED)
        f->aborted.v[f->aborted.n++] = (double)o->took_ms;
    if (o->detect_ms >= 0)
        f->detect.v[f->detect.n++] = (double)o->detect_ms;
}

bool simulate_many(const struct simulate_input *in, uint64_t runs,
                   struct simulate_summary *out, struct err *e)
{
    struct simulate_input one = *in;
    struct all_figures f;
    struct arena a = {0};
    bool ok = true;

    if (runs == 0 || runs > SIMULATE_RUNS_MAX)
        return err_set(e, ERR_USAGE, "1 to %d runs are possible",
                       SIMULATE_RUNS_MAX);
    *out = (struct simulate_summary){.worse =
                                         simulate_model_worse(&in->model)};
    figures_init(&f.took, runs);
    figures_init(&f.detect, runs);
    figures_init(&f.exposed, runs);
    figures_init(&f.bad, runs);
    figures_init(&f.aborted, runs);
    for (uint64_t i = 0; i < runs && ok; i++) {
        struct simulate_outcome o;

        one.seed = in->seed + i;
        ok = simulate_run(&a, &one, &o, NULL, e);
        if (ok)
            count_run(&o, out, &f);
    }
    quantiles(&f.aborted, out->aborted_at);
    out->took_ms = spread_of(&f.took);
    out->detect_ms = spread_of(&f.detect);
    out->exposed = spread_of(&f.exposed);
    out->exposed_bad = spread_of(&f.bad);
    arena_free(&a);
    return ok;
}
