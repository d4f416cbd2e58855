#include "runtime/yaml/yscalar.h"

#include <string.h>

/* Timestamps as Go's yaml readers take them: one of
 *   2006-1-2T15:4:5.999999999Z07:00   (also with 't')
 *   2006-1-2 15:4:5.999999999
 *   2006-1-2
 * with Go's leniences: one or two digits, ',' for '.' in fractions. */

struct clock {
    unsigned year, month, day, hour, minute, second;
    struct str fraction; /* digits, at most 9 of them count */
    struct str zone;     /* "Z", "+hh:mm", or empty */
};

static bool digit(struct str s, size_t i)
{
    return i < s.n && s.s[i] >= '0' && s.s[i] <= '9';
}

/* One or two digits off the front of *s. */
static bool take(struct str *s, unsigned max, unsigned *out)
{
    if (!digit(*s, 0))
        return false;
    size_t n = digit(*s, 1) ? 2 : 1;

    *out = (unsigned)(s->s[0] - '0');
    if (n == 2)
        *out = *out * 10 + (unsigned)(s->s[1] - '0');
    *s = str_skip(*s, n);
    return *out <= max;
}

static bool take_char(struct str *s, char c)
{
    if (!s->n || s->s[0] != c)
        return false;
    *s = str_skip(*s, 1);
    return true;
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30,
                                         31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

static bool take_date(struct str *s, struct clock *c)
{
    for (size_t i = 0; i < 4; i++) {
        if (!digit(*s, i))
            return false;
        c->year = c->year * 10 + (unsigned)(s->s[i] - '0');
    }
    *s = str_skip(*s, 4);
    return take_char(s, '-') && take(s, 12, &c->month) && c->month &&
           take_char(s, '-') && take(s, 31, &c->day) && c->day &&
           c->day <= days_in(c->year, c->month);
}

static bool take_time(struct str *s, struct clock *c)
{
    if (!take(s, 23, &c->hour) || !take_char(s, ':') ||
        !take(s, 59, &c->minute) || !take_char(s, ':') ||
        !take(s, 59, &c->second))
        return false;
    if (s->n > 1 && (s->s[0] == '.' || s->s[0] == ',') && digit(*s, 1)) {
        size_t n = 0;

        while (digit(*s, n + 1))
            n++;
        c->fraction = str_sub(*s, 1, n > 9 ? 9 : n);
        *s = str_skip(*s, n + 1);
    }
    return true;
}

static bool take_zone(struct str *s, struct clock *c)
{
    if (take_char(s, 'Z')) {
        c->zone = STR("Z");
        return true;
    }
    if (s->n < 6 || (s->s[0] != '+' && s->s[0] != '-') || s->s[3] != ':' ||
        !digit(*s, 1) || !digit(*s, 2) || !digit(*s, 4) || !digit(*s, 5))
        return false;
    c->zone = str_sub(*s, 0, 6);
    *s = str_skip(*s, 6);
    struct str hours = str_sub(c->zone, 1, 2), minutes = str_sub(c->zone, 4, 2);

    if (str_cmp(hours, STR("24")) > 0 || str_cmp(minutes, STR("59")) > 0)
        return false;
    if (str_eq(hours, STR("00")) && str_eq(minutes, STR("00")))
        c->zone = STR("Z");
    return true;
}

bool yscalar_time(struct arena *a, struct str s, struct str *out)
{
    struct clock c = {0};

    if (!take_date(&s, &c))
        return false;
    if (s.n && (s.s[0] == 'T' || s.s[0] == 't')) {
        s = str_skip(s, 1);
        if (!take_time(&s, &c) || !take_zone(&s, &c))
            return false;
    } else if (take_char(&s, ' ')) {
        if (!take_time(&s, &c))
            return false;
    }
    if (s.n)
        return false;
    if (!out)
        return true;
    while (c.fraction.n && c.fraction.s[c.fraction.n - 1] == '0')
        c.fraction.n--;
    if (!c.zone.n)
        c.zone = STR("Z");
    *out = arena_printf(a, "%04u-%02u-%02uT%02u:%02u:%02u%s" STR_FMT STR_FMT,
                        c.year, c.month, c.day, c.hour, c.minute, c.second,
                        c.fraction.n ? "." : "", STR_ARG(c.fraction),
                        STR_ARG(c.zone));
    return true;
}
