#include "runtime/rollout/sequential.h"

#include <math.h>
#include <stddef.h>

/* The alternatives that are betted on: every pair of these rates, the canary's
 * the higher, beside the pair that the past suggests. */
static const double rates[] = {0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01,
                               0.02,   0.03,   0.05,  0.08,  0.12,  0.2,
                               0.35,   0.6,    0.9};
enum { N_RATES = sizeof rates / sizeof *rates };

/* What share of the stake is put on: the learnt pair, the pairs as likely as
 * they made the past, all pairs alike. The rest is kept, so that no single
 * block can cost more than log(10). */
static const double on_learnt = 0.4, on_likely = 0.3, on_all = 0.2;

struct block {
    double na, ya, nb, yb; /* a: stable, b: canary */
};

static double log_likelihood(double p, double n, double y)
{
    return y * log(p) + (n - y) * log1p(-p);
}

/* log of the e-value of one block for one alternative a < b. */
static double log_bet(const struct block *k, double a, double b)
{
    double null = (k->na * a + k->nb * b) / (k->na + k->nb);

    return log_likelihood(a, k->na, k->ya) + log_likelihood(b, k->nb, k->yb) -
           log_likelihood(null, k->na + k->nb, k->ya + k->yb);
}

struct log_sum {
    double max, sum; /* the total is exp(max) * sum */
};

static void log_sum_add(struct log_sum *s, double x)
{
    if (x <= s->max) {
        s->sum += exp(x - s->max);
        return;
    }
    s->sum = s->sum * exp(s->max - x) + 1;
    s->max = x;
}

static double log_sum_value(const struct log_sum *s)
{
    return s->max + log(s->sum);
}

/* The e-values of all pairs, weighed alike and by the past's likelihood. Equal
 * pairs are the null: what is put on them is kept. */
static void bet_on_grid(const struct block *k, const struct block *past,
                        double *alike, double *likely)
{
    struct log_sum all = {-INFINITY, 0}, by_past = {-INFINITY, 0},
                   past_total = {-INFINITY, 0};
    double pairs = N_RATES * (N_RATES - 1) / 2.0;
    double la[N_RATES], lb[N_RATES];

    for (size_t i = 0; i < N_RATES; i++) {
        la[i] = log_likelihood(rates[i], past->na, past->ya);
        lb[i] = log_likelihood(rates[i], past->nb, past->yb);
    }
    for (size_t i = 0; i < N_RATES; i++) {
        log_sum_add(&by_past, la[i] + lb[i]);
        log_sum_add(&past_total, la[i] + lb[i]);
        for (size_t j = i + 1; j < N_RATES; j++) {
            double bet = log_bet(k, rates[i], rates[j]);

            log_sum_add(&all, bet);
            log_sum_add(&by_past, la[i] + lb[j] + bet);
            log_sum_add(&past_total, la[i] + lb[j]);
        }
    }
    *alike = log_sum_value(&all) - log(pairs);
    *likely = log_sum_value(&by_past) - log_sum_value(&past_total);
}

static double bet_on_learnt(const struct block *k, const struct block *past)
{
    double a = (past->ya + 0.5) / (past->na + 1);
    double b = (past->yb + 0.5) / (past->nb + 1);

    return past->nb > 0 && b > a ? log_bet(k, a, b) : 0;
}

void sequential_add(struct sequential *s, const struct sequential_counts *c)
{
    struct block k = {(double)c->stable_n, (double)c->stable_bad,
                      (double)c->canary_n, (double)c->canary_bad};
    struct block past = {(double)s->stable_n, (double)s->stable_bad,
                         (double)s->canary_n, (double)s->canary_bad};
    struct log_sum e = {-INFINITY, 0};
    double alike, likely;

    if (c->stable_n <= 0 || c->canary_n <= 0 || c->stable_bad < 0 ||
        c->canary_bad < 0 || c->stable_bad > c->stable_n ||
        c->canary_bad > c->canary_n)
        return;
    bet_on_grid(&k, &past, &alike, &likely);
    log_sum_add(&e, log(on_learnt) + bet_on_learnt(&k, &past));
    log_sum_add(&e, log(on_likely) + likely);
    log_sum_add(&e, log(on_all) + alike);
    log_sum_add(&e, log(1 - on_learnt - on_likely - on_all));

    s->log_e += log_sum_value(&e);
    s->peak = fmax(s->peak, s->log_e);
    s->stable_n += c->stable_n;
    s->stable_bad += c->stable_bad;
    s->canary_n += c->canary_n;
    s->canary_bad += c->canary_bad;
}

bool sequential_worse(const struct sequential *s, double alpha)
{
    return alpha > 0 && s->peak >= -log(alpha);
}

double sequential_p(const struct sequential *s)
{
    return exp(-s->peak);
}
