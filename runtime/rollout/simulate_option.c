#include "runtime/rollout/simulate.h"

#include <math.h>

#define MS_MAX 1e12 /* three decades */

struct simulate_model simulate_model_default(void)
{
    return (struct simulate_model){
        .rate = 100,
        .stable = {.errors = 0.001, .latency_ms = 100},
        .canary = {.errors = 0.001, .latency_ms = 100},
        .noise = 0.05,
        .window_ms = 60000,
        .outage_from_ms = INT64_MAX,
        .outage_until_ms = INT64_MAX,
        .drift_ms = INT64_MAX,
        .router_from_ms = INT64_MAX,
        .router_until_ms = INT64_MAX,
    };
}

bool simulate_duration(struct str text, int64_t *ms)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {
        {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}};
    double sum = 0, n;

    while (text.n > 0) {
        size_t digits = 0, letters, u = 0;

        while (digits < text.n && ((text.s[digits] >= '0' &&
                                    text.s[digits] <= '9') ||
                                   text.s[digits] == '.'))
            digits++;
        letters = digits;
        while (letters < text.n && text.s[letters] >= 'a' &&
               text.s[letters] <= 'z')
            letters++;
        while (u < 5 && !str_eq(str_sub(text, digits, letters - digits),
                                str_of(units[u].unit)))
            u++;
        if (u == 5 || !str_double(str_sub(text, 0, digits), &n))
            return false;
        sum += n * units[u].ms;
        text = str_skip(text, letters);
    }
    if (!(sum <= MS_MAX))
        return false;
    *ms = (int64_t)sum;
    return true;
}

static bool percent(struct str text, double *out)
{
    bool of_100 = str_ends(text, STR("%"));

    if (of_100)
        text.n--;
    if (!str_double(text, out) || *out < 0)
        return false;
    if (of_100)
        *out /= 100;
    return *out <= 1;
}

static bool latency(struct str text, double *out)
{
    int64_t ms;

    if (str_double(text, out))
        return *out >= 0;
    if (!simulate_duration(text, &ms))
        return false;
    *out = (double)ms;
    return true;
}

/* "5m..7m" */
static bool span(struct str text, int64_t *from, int64_t *until)
{
    size_t dots = str_search(text, STR(".."));

    return dots > 0 && dots + 2 < text.n &&
           simulate_duration(str_sub(text, 0, dots), from) &&
           simulate_duration(str_skip(text, dots + 2), until) &&
           *from <= *until;
}

/* "5m:50%", "5m:50%:30s" */
static bool drift(struct str text, struct simulate_model *m)
{
    struct str weight, every, at = str_cut(text, ':', &weight);
    double share;

    weight = str_cut(weight, ':', &every);
    if (!at.n || !simulate_duration(at, &m->drift_ms) ||
        !percent(weight, &share))
        return false;
    m->drift_weight = (int32_t)lround(share * WEIGHT_FULL);
    m->drift_every_ms = 0;
    return !every.n || (simulate_duration(every, &m->drift_every_ms) &&
                        m->drift_every_ms > 0);
}

static bool approval(struct str text, struct simulate_model *m)
{
    if (!str_eq(text, STR("never")))
        return simulate_duration(text, &m->approve_ms);
    m->approve_ms = -1;
    return true;
}

/* False also where there is no such key; *known tells. */
static bool set(struct simulate_model *m, struct str key, struct str text,
                bool *known)
{
    *known = true;
    if (str_eq(key, STR("rate")))
        return str_double(text, &m->rate) && m->rate >= 0 && m->rate <= 1e9;
    if (str_eq(key, STR("errors")) || str_eq(key, STR("canary.errors")))
        return percent(text, &m->canary.errors);
    if (str_eq(key, STR("stable.errors")))
        return percent(text, &m->stable.errors);
    if (str_eq(key, STR("latency")) || str_eq(key, STR("canary.latency")))
        return latency(text, &m->canary.latency_ms);
    if (str_eq(key, STR("stable.latency")))
        return latency(text, &m->stable.latency_ms);
    if (str_eq(key, STR("noise")))
        return percent(text, &m->noise);
    if (str_eq(key, STR("from")))
        return simulate_duration(text, &m->from_ms);
    if (str_eq(key, STR("window")))
        return simulate_duration(text, &m->window_ms) && m->window_ms > 0;
    if (str_eq(key, STR("outage")))
        return span(text, &m->outage_from_ms, &m->outage_until_ms);
    if (str_eq(key, STR("approve")))
        return approval(text, m);
    if (str_eq(key, STR("command")))
        return simulate_duration(text, &m->command_ms);
    if (str_eq(key, STR("drift")))
        return drift(text, m);
    if (str_eq(key, STR("router")))
        return span(text, &m->router_from_ms, &m->router_until_ms);
    *known = false;
    return false;
}

bool simulate_model_set(struct simulate_model *m, struct str key,
                        struct str text, struct err *e)
{
    bool known;

    if (set(m, key, text, &known))
        return true;
    if (!known)
        return err_set(e, ERR_USAGE,
                       "the model has no '" STR_FMT "': it has rate, errors, "
                       "latency, stable.errors, stable.latency, noise, from, "
                       "window, outage, approve, command, drift, router",
                       STR_ARG(key));
    return err_set(e, ERR_USAGE, "'" STR_FMT "' does not fit the model's '"
                   STR_FMT "'", STR_ARG(text), STR_ARG(key));
}
