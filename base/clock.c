#include "base/clock.h"

#include <inttypes.h>
#include <time.h>

enum { MS_S = 1000, MS_M = 60 * MS_S, MS_H = 60 * MS_M, MS_D = 24 * MS_H };

static int64_t now_ms(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * MS_S + t.tv_nsec / 1000000;
}

int64_t clock_monotonic_ms(void)
{
    return now_ms(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void)
{
    return now_ms(CLOCK_REALTIME);
}

struct str clock_rfc3339(struct arena *a, int64_t wall_ms)
{
    time_t s = (time_t)(wall_ms / MS_S);
    struct tm t;
    char text[40];

    gmtime_r(&s, &t);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &t);
    return arena_printf(a, "%s.%03dZ", text, (int)(wall_ms % MS_S));
}

struct str clock_duration(struct arena *a, int64_t ms)
{
    if (ms < 0)
        return arena_printf(a, "-" STR_FMT, STR_ARG(clock_duration(a, -ms)));
    if (ms < MS_S)
        return arena_printf(a, "%" PRId64 "ms", ms);
    if (ms < 10 * MS_S && ms % MS_S)
        return arena_printf(a, "%.1fs", (double)ms / MS_S);
    if (ms < MS_M)
        return arena_printf(a, "%" PRId64 "s", ms / MS_S);
    if (ms < MS_H)
        return ms % MS_M < MS_S
            ? arena_printf(a, "%" PRId64 "m", ms / MS_M)
            : arena_printf(a, "%" PRId64 "m%02" PRId64 "s", ms / MS_M,
                           ms % MS_M / MS_S);
    if (ms < MS_D)
        return ms % MS_H < MS_M
            ? arena_printf(a, "%" PRId64 "h", ms / MS_H)
            : arena_printf(a, "%" PRId64 "h%02" PRId64 "m", ms / MS_H,
                           ms % MS_H / MS_M);
    return ms % MS_D < MS_H
        ? arena_printf(a, "%" PRId64 "d", ms / MS_D)
        : arena_printf(a, "%" PRId64 "d%" PRId64 "h", ms / MS_D,
                       ms % MS_D / MS_H);
}
