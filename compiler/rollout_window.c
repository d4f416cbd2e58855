#include "compiler/rollout_check.h"

/* How far a PromQL query looks back: its longest range, "[5m]" or "[1h:30s]",
 * outside of strings. 0: it has none that is plain. */

static int64_t unit_ms(struct str word)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000},
                 {"d", 86400000}, {"w", 604800000}, {"y", 31536000000}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (str_eq(word, str_of(units[i].unit)))
            return units[i].ms;
    return 0;
}

static size_t span_of(struct str s, size_t from, char low, char high)
{
    size_t n = 0;

    while (from + n < s.n && s.s[from + n] >= low && s.s[from + n] <= high)
        n++;
    return n;
}

/* The text between the bracket and ']' or ':'. */
static int64_t range_ms(struct str s)
{
    enum { DIGITS_MAX = 9, RANGE_MAX_DAYS = 3660 };
    int64_t sum = 0, number, ms;
    size_t i = 0;

    while (i < s.n) {
        size_t digits = span_of(s, i, '0', '9');
        size_t letters = span_of(s, i + digits, 'a', 'z');

        ms = unit_ms(str_sub(s, i + digits, letters));
        if (digits > DIGITS_MAX || !ms ||
            !str_int(str_sub(s, i, digits), &number) ||
            number > RANGE_MAX_DAYS * 86400000LL / ms)
            return 0;
        sum += number * ms;
        i += digits + letters;
    }
    return sum;
}

/* Where the string that begins at i ends, past its quote. */
static size_t after_string(struct str s, size_t i)
{
    char quote = s.s[i++];

    while (i < s.n && s.s[i] != quote)
        i += s.s[i] == '\\' && quote != '`' ? 2 : 1;
    return i + 1;
}

static int64_t looks_back_ms(struct str query)
{
    int64_t most = 0, ms;
    size_t n;

    for (size_t i = 0; i < query.n;) {
        char ch = query.s[i];

        if (ch == '"' || ch == '\'' || ch == '`') {
            i = after_string(query, i);
            continue;
        }
        i++;
        if (ch != '[')
            continue;
        for (n = 0; i + n < query.n && query.s[i + n] != ']' &&
                    query.s[i + n] != ':';)
            n++;
        ms = range_ms(str_trim(str_sub(query, i, n)));
        most = ms > most ? ms : most;
    }
    return most;
}

static bool is_sequential(const struct value *v)
{
    const struct value *compare = value_get(v, STR("compare"));

    return value_get(v, STR("sequential")) ||
           (compare && str_eq(value_get_str(compare, "judge", STR("")),
                              STR("sequential")));
}

void rollout_window(struct check *c, const struct rollout *r, size_t i)
{
    const struct value *v = &r->analyses->list.items[i];
    const struct value *provider = value_get(v, STR("provider"));
    int64_t every = value_get_int(v, "every", 0), back;
    struct value times[2] = {{.kind = VALUE_DURATION},
                             {.kind = VALUE_DURATION}};

    if (!is_sequential(v) || every <= 0 || !provider ||
        provider->kind != VALUE_LIST || provider->list.n != 1)
        return;
    back = looks_back_ms(
        value_get_str(&provider->list.items[0], "query", STR("")));
    if (back <= every)
        return;
    times[0].i = back;
    times[1].i = every;

    struct diag *g = diag_add(
        c->d, DIAG_W0813, rollout_analysis_span(r, i, "every"),
        "its query looks back " STR_FMT " every " STR_FMT ": a sequential test "
        "would count requests several times",
        STR_ARG(value_show(c->a, &times[0])),
        STR_ARG(value_show(c->a, &times[1])));

    diag_help(c->d, g, "measure as often as the query looks back, or look "
              "back less");
}
