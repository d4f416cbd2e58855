#include "runtime/rollout/simulate_model.h"

#include <math.h>

enum { EXACT_MAX = 64 }; /* above, sums are taken to be normal */

double dice_uniform(struct dice *d)
{
    uint64_t z = d->state += 0x9e3779b97f4a7c15u; /* SplitMix64 */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return ((double)(z >> 11) + 0.5) * 0x1p-53;
}

double dice_normal(struct dice *d)
{
    double r = sqrt(-2 * log(dice_uniform(d)));

    return r * cos(6.283185307179586 * dice_uniform(d));
}

int64_t dice_poisson(struct dice *d, double mean)
{
    double p, limit = exp(-mean);
    int64_t n = 0;

    if (mean > EXACT_MAX)
        return (int64_t)fmax(0, round(mean + sqrt(mean) * dice_normal(d)));
    for (p = dice_uniform(d); p > limit; p *= dice_uniform(d))
        n++;
    return n;
}

/* By inversion, walking up from none. */
static int64_t few_of(struct dice *d, int64_t n, double p)
{
    double q = pow(1 - p, (double)n), u = dice_uniform(d);
    int64_t k = 0;

    while (u > q && k < n) {
        u -= q;
        q *= (double)(n - k) / (double)(k + 1) * p / (1 - p);
        k++;
    }
    return k;
}

int64_t dice_binomial(struct dice *d, int64_t n, double p)
{
    double mean = (double)n * p, k;

    if (n <= 0 || p <= 0)
        return 0;
    if (p >= 1)
        return n;
    if (p > 0.5)
        return n - dice_binomial(d, n, 1 - p);
    if (mean <= EXACT_MAX)
        return few_of(d, n, p);
    k = round(mean + sqrt(mean * (1 - p)) * dice_normal(d));
    return (int64_t)fmin((double)n, fmax(0, k));
}

/* ---- */

static struct simulate_side canary_at(const struct simulate_model *m,
                                      int64_t at)
{
    return at < m->from_ms ? m->stable : m->canary;
}

double model_errors(const struct simulate_model *m, int64_t at)
{
    return canary_at(m, at).errors;
}

struct sample {
    int64_t n, bad;
    double latency_ms;
};

static struct sample sample_of(const struct simulate_model *m, struct dice *d,
                               struct simulate_side side, double share,
                               enum simulate_measure what)
{
    double requests = m->rate * share * (double)m->window_ms / 1000;
    struct sample s = {.n = dice_poisson(d, requests)};

    if (what == MEASURE_LATENCY)
        s.latency_ms = side.latency_ms * fmax(0, 1 + m->noise * dice_normal(d));
    else
        s.bad = dice_binomial(d, s.n, side.errors);
    return s;
}

static struct value value_of(const struct sample *s, enum simulate_measure what)
{
    double bad = (double)s->bad / (double)s->n;

    if (s->n == 0)
        return (struct value){.kind = VALUE_NONE};
    if (what == MEASURE_LATENCY)
        return value_float(s->latency_ms);
    return value_float(what == MEASURE_ERRORS ? bad : 1 - bad);
}

struct measurement model_measure(const struct simulate_model *m,
                                 struct dice *d,
                                 const struct rollout_analysis *x, double share,
                                 int64_t at)
{
    enum simulate_measure what = simulate_measure_of(x->spec.name);
    struct measurement r = {.samples = -1, .stable_samples = -1};
    struct sample canary, stable;

    if (at >= m->outage_from_ms && at < m->outage_until_ms) {
        r.error = STR("no answer");
        return r;
    }
    if (x->spec.compare == COMPARE_SEQUENTIAL)
        what = x->counts_good ? MEASURE_SUCCESS : MEASURE_ERRORS;
    canary = sample_of(m, d, canary_at(m, at), share, what);
    r.result = value_of(&canary, what);
    r.samples = canary.n;
    if (x->spec.compare != COMPARE_NONE) {
        stable = sample_of(m, d, m->stable, 1 - share, what);
        r.stable = value_of(&stable, what);
        r.stable_samples = stable.n;
    }
    return r;
}

bool simulate_model_worse(const struct simulate_model *m)
{
    return m->canary.errors > m->stable.errors ||
           m->canary.latency_ms > m->stable.latency_ms;
}

static bool contains(struct str s, const char *word)
{
    return str_search(s, str_of(word)) < s.n;
}

enum simulate_measure simulate_measure_of(struct str name)
{
    if (contains(name, "latency") || contains(name, "duration") ||
        contains(name, "time") || contains(name, "p9") || contains(name, "p5"))
        return MEASURE_LATENCY;
    if (contains(name, "error") || contains(name, "fail"))
        return MEASURE_ERRORS;
    return MEASURE_SUCCESS;
}
