#include "runtime/rollout/judge.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Two sorted samples, m and n values; x is moved by -mu against y. */
struct pair {
    const double *x, *y;
    size_t m, n;
    bool corrected; /* for continuity */
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static const double *sorted(struct arena *a, struct judge_series s)
{
    double *v = arena_array(a, double, s.n + 1);

    if (s.n)
        memcpy(v, s.v, s.n * sizeof *v);
    qsort(v, s.n, sizeof *v, by_value);
    return v;
}

static struct pair pair_of(struct arena *a, struct judge_series x,
                           struct judge_series y)
{
    return (struct pair){sorted(a, x), sorted(a, y), x.n, y.n, true};
}

/* The sum of the ranks of x - mu among both, tied ones sharing their mean;
 * and of t^3 - t over the ties. One merge of the two sorted rows. */
static double rank_sum(const struct pair *p, double mu, double *ties)
{
    size_t i = 0, j = 0, rank = 0;
    double sum = 0;

    *ties = 0;
    while (i < p->m || j < p->n) {
        double v = i < p->m && (j == p->n || p->x[i] - mu <= p->y[j])
                       ? p->x[i] - mu : p->y[j];
        size_t from_x = 0, t = 0;

        for (; i < p->m && p->x[i] - mu == v; i++, t++)
            from_x++;
        for (; j < p->n && p->y[j] == v; j++)
            t++;
        sum += (double)from_x * ((double)rank + ((double)t + 1) / 2);
        rank += t;
        *ties += (double)t * (double)t * (double)t - (double)t;
    }
    return sum;
}

/* NaN where the deviation is 0. */
static double diff(const struct pair *p, double mu, double z)
{
    double m = (double)p->m, n = (double)p->n, ties;
    double w = rank_sum(p, mu, &ties) - m * (m + 1) / 2 - m * n / 2;
    double sigma = sqrt(m * n / 12 *
                        ((m + n + 1) - ties / ((m + n) * (m + n - 1))));
    double correction = w > 0 ? 0.5 : w < 0 ? -0.5 : 0;

    if (!(sigma > 0))
        return NAN;
    return (w - (p->corrected ? correction : 0)) / sigma - z;
}

double mann_whitney_diff(struct arena *a, double mu, double z,
                         struct judge_series x, struct judge_series y)
{
    struct pair p = pair_of(a, x, y);

    return diff(&p, mu, z);
}

enum { ROOT_STEPS_MAX = 1000 };

struct bracket {
    double a, fa, b, fb, c, fc; /* b: the best so far; c: the other side */
};

/* Where a line or a parabola through the three points puts the root; half the
 * way where that is no better. */
static double next_step(const struct bracket *k, double prev, double tol)
{
    double half = (k->c - k->b) / 2, cb = k->c - k->b;
    double t1 = k->fb / k->fc, t2 = k->fb / k->fa, p, q = k->fa / k->fc;

    if (fabs(prev) < tol || fabs(k->fa) <= fabs(k->fb))
        return half;
    if (k->a == k->c) {
        p = cb * t2;
        q = 1 - t2;
    } else {
        p = t2 * (cb * q * (q - t1) - (k->b - k->a) * (t1 - 1));
        q = (q - 1) * (t1 - 1) * (t2 - 1);
    }
    if (p > 0)
        q = -q;
    else
        p = -p;
    if (p < 0.75 * cb * q - fabs(tol * q) / 2 && p < fabs(prev * q / 2))
        return p / q;
    return half;
}

/* Brent's method as R's uniroot() has it, to the same tolerance, so that the
 * results are R's. fa and fb are of opposite signs. */
static double brent(const struct pair *p, double z, struct bracket k)
{
    const double wanted = 1e-4;

    for (int i = 0; i < ROOT_STEPS_MAX; i++) {
        double prev = k.b - k.a, tol, step;

        if (fabs(k.fc) < fabs(k.fb)) {
            k.a = k.b, k.b = k.c, k.c = k.a;
            k.fa = k.fb, k.fb = k.fc, k.fc = k.fa;
        }
        tol = 2 * DBL_EPSILON * fabs(k.b) + wanted / 2;
        if (fabs(k.c - k.b) / 2 <= tol || k.fb == 0)
            break;
        step = next_step(&k, prev, tol);
        if (fabs(step) < tol)
            step = step > 0 ? tol : -tol;
        k.a = k.b;
        k.fa = k.fb;
        k.b += step;
        k.fb = diff(p, k.b, z);
        if ((k.fb > 0 && k.fc > 0) || (k.fb < 0 && k.fc < 0)) {
            k.c = k.a;
            k.fc = k.fa;
        }
    }
    return k.b;
}

/* The shift at which the statistic is z; it falls as the shift grows. */
static double root(const struct pair *p, double z)
{
    double low = p->x[0] - p->y[p->n - 1], high = p->x[p->m - 1] - p->y[0];
    double f_low = diff(p, low, z), f_high = diff(p, high, z);

    if (isnan(f_low) || isnan(f_high))
        return NAN;
    if (f_low <= 0)
        return low;
    if (f_high >= 0)
        return high;
    return brent(p, z, (struct bracket){.a = low, .fa = f_low,
                                        .b = high, .fb = f_high,
                                        .c = low, .fc = f_low});
}

bool mann_whitney(struct arena *a, struct judge_series stable,
                  struct judge_series canary, double confidence,
                  struct judge_interval *out)
{
    double z = normal_quantile(1 - (1 - confidence) / 2);
    struct pair p;

    if (stable.n == 0 || canary.n == 0)
        return false;
    p = pair_of(a, canary, stable);
    out->low = root(&p, z);
    out->high = root(&p, -z);
    p.corrected = false;
    out->estimate = root(&p, 0);
    return !isnan(out->low) && !isnan(out->high) && !isnan(out->estimate);
}

double cles(struct arena *a, struct judge_series stable,
            struct judge_series canary)
{
    struct pair p = pair_of(a, canary, stable);
    double m = (double)p.m, n = (double)p.n, ties;

    if (p.m == 0 || p.n == 0)
        return NAN;
    return (rank_sum(&p, 0, &ties) - m * (m + 1) / 2) / (m * n);
}

double percentile_r7(struct arena *a, struct judge_series x, double p)
{
    const double *v = sorted(a, x);
    double at;
    size_t i;

    if (x.n == 0)
        return NAN;
    at = (double)(x.n - 1) * p / 100;
    i = (size_t)at;
    if (i + 1 >= x.n)
        return v[x.n - 1];
    return v[i] + (at - (double)i) * (v[i + 1] - v[i]);
}
