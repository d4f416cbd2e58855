#include "runtime/sched/freeze.h"

#include "base/file.h"

#include <stdlib.h>
#include <unistd.h>

enum { WEEK_MINUTES = 7 * 24 * 60, DAY_MINUTES = 24 * 60 };

static int64_t number(struct str s, size_t at, size_t n)
{
    int64_t i = 0;

    return str_int(str_sub(s, at, n), &i) ? i : 0;
}

/* Minutes since Monday 00:00; -1: no weekday. */
static int64_t in_week(struct str s)
{
    static const char days[] = "MonTueWedThuFriSatSun";

    for (size_t i = 0; i < 7 && s.n == 9; i++)
        if (str_eq(str_sub(s, 0, 3), str_sub(STR(days), 3 * i, 3)))
            return (int64_t)i * DAY_MINUTES + number(s, 4, 2) * 60 +
                   number(s, 7, 2);
    return -1;
}

/* A number that grows with the moment: 202612240000. */
static int64_t in_time(struct str s)
{
    return (((number(s, 0, 4) * 100 + number(s, 5, 2)) * 100 +
             number(s, 8, 2)) * 100 + number(s, 11, 2)) * 100 +
           number(s, 14, 2);
}

static bool holds_weekly(int64_t from, int64_t until, const struct tm *now)
{
    int64_t is = (int64_t)(now->tm_wday + 6) % 7 * DAY_MINUTES +
                 now->tm_hour * 60 + now->tm_min;

    if (until < 0)
        until = WEEK_MINUTES;
    return from <= until ? is >= from && is < until : is >= from || is < until;
}

bool freeze_holds(struct str from, struct str until, const struct tm *now)
{
    int64_t is = (((((int64_t)now->tm_year + 1900) * 100 + now->tm_mon + 1) *
                       100 + now->tm_mday) * 100 + now->tm_hour) * 100 +
                 now->tm_min;

    if (in_week(from) >= 0)
        return holds_weekly(in_week(from), in_week(until), now);
    return is >= in_time(from) && (!until.n || is < in_time(until));
}

static bool zone_known(struct str zone)
{
    struct arena a = {0};
    struct str path = file_join(&a, STR("/usr/share/zoneinfo"), zone);
    bool known = str_eq(zone, STR("UTC")) || !access(path.s, R_OK);

    arena_free(&a);
    return known;
}

/* The wall clock of a zone; empty: this machine's. glibc has one zone at a
 * time, so it is set for the call and put back. */
static void local_time(struct str zone, int64_t ms, struct tm *out)
{
    struct arena a = {0};
    time_t t = (time_t)(ms / 1000);
    const char *before = getenv("TZ");
    struct str kept = before ? arena_dup(&a, str_of(before)) : STR("");

    if (zone.n)
        setenv("TZ", arena_dup(&a, zone).s, 1);
    tzset();
    localtime_r(&t, out);
    if (before)
        setenv("TZ", kept.s, 1);
    else
        unsetenv("TZ");
    tzset();
    arena_free(&a);
}

static bool check_one(const struct value *freeze, int64_t now_ms,
                      struct err *e)
{
    struct str from = value_get_str(freeze, "from", STR(""));
    struct str until = value_get_str(freeze, "until", STR(""));
    struct str zone = value_get_str(freeze, "zone", STR(""));
    struct tm now;

    if (zone.n && !zone_known(zone))
        return err_set(e, ERR_INPUT, "this machine does not know the time "
                       "zone '" STR_FMT "' of a freeze", STR_ARG(zone));
    local_time(zone, now_ms, &now);
    if (!freeze_holds(from, until, &now))
        return true;
    if (!until.n)
        return err_set(e, ERR_INPUT, "frozen since " STR_FMT, STR_ARG(from));
    return err_set(e, ERR_INPUT, "frozen until " STR_FMT "%s" STR_FMT,
                   STR_ARG(until), zone.n ? " " : "", STR_ARG(zone));
}

bool freeze_check(const struct value *config, int64_t now_ms, struct err *e)
{
    const struct value *list = value_get(config, STR("freeze"));

    if (!list || list->kind == VALUE_NONE)
        return true;
    if (list->kind == VALUE_MAP)
        return check_one(list, now_ms, e);
    for (size_t i = 0; list->kind == VALUE_LIST && i < list->list.n; i++)
        if (!check_one(&list->list.items[i], now_ms, e))
            return false;
    return true;
}
