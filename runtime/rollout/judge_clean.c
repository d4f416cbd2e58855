#include "runtime/rollout/judge.h"

#include <math.h>

double series_mean(struct judge_series x)
{
    double sum = 0;

    for (size_t i = 0; i < x.n; i++)
        sum += x.v[i];
    return x.n ? sum / (double)x.n : NAN;
}

struct judge_series nan_cleaned(struct arena *a, struct judge_series x,
                                enum judge_nan how)
{
    double *kept = arena_array(a, double, x.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < x.n; i++) {
        if (!isnan(x.v[i]))
            kept[n++] = x.v[i];
        else if (how == JUDGE_NAN_ZERO)
            kept[n++] = 0;
    }
    return (struct judge_series){kept, n};
}

static struct judge_series within(struct arena *a, struct judge_series x,
                                  double low, double high)
{
    double *kept = arena_array(a, double, x.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < x.n; i++)
        if (x.v[i] >= low && x.v[i] <= high)
            kept[n++] = x.v[i];
    return (struct judge_series){kept, n};
}

struct judge_series outliers_iqr(struct arena *a, struct judge_series x,
                                 double factor, bool wide)
{
    double q1 = percentile_r7(a, x, 25), q3 = percentile_r7(a, x, 75);
    double low = q1 - factor * (q3 - q1), high = q3 + factor * (q3 - q1);

    if (wide) {
        low = fmin(percentile_r7(a, x, 1), low);
        high = fmax(percentile_r7(a, x, 99), high);
    }
    return within(a, x, low, high);
}

struct judge_series outliers_ksigma(struct arena *a, struct judge_series x,
                                    double k)
{
    double m = series_mean(x), squares = 0, most;
    double *kept = arena_array(a, double, x.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < x.n; i++)
        squares += (x.v[i] - m) * (x.v[i] - m);
    most = k * sqrt(squares / (double)x.n);
    for (size_t i = 0; i < x.n; i++)
        if (!(fabs(x.v[i] - m) > most))
            kept[n++] = x.v[i];
    return (struct judge_series){kept, n};
}
