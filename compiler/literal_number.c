#include "compiler/literal.h"

#include <math.h>
#include <string.h>

enum { DIGITS_MAX = 60, FRACTION_DIGITS_MAX = 18 };

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit durations[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000},
    {"s", 1000},     {"ms", 1},      {NULL, 0},
};

static const struct unit sizes[] = {
    {"B", 1},
    {"k", 1000}, {"K", 1000}, {"kB", 1000}, {"KB", 1000},
    {"M", 1000000}, {"MB", 1000000},
    {"G", 1000000000}, {"GB", 1000000000},
    {"T", 1000000000000}, {"TB", 1000000000000},
    {"Ki", 1024}, {"KiB", 1024},
    {"Mi", 1048576}, {"MiB", 1048576},
    {"Gi", 1073741824}, {"GiB", 1073741824},
    {"Ti", 1099511627776}, {"TiB", 1099511627776},
    {NULL, 0},
};

static const struct unit *unit_find(const struct unit *units, struct str name)
{
    for (; units->name; units++)
        if (name.n && name.s[0] == units->name[0] &&
            str_eq(name, str_of(units->name)))
            return units;
    return NULL;
}

/* The digits, fraction and exponent at the start of s, copied without '_'. */
struct digits {
    char text[DIGITS_MAX + 1];
    size_t n;       /* of text */
    size_t length;  /* in the source */
    bool fraction, exponent;
    const char *why;
};

static size_t run(struct digits *g, struct str s, size_t i)
{
    while (i < s.n && (digit(s.s[i]) || s.s[i] == '_')) {
        if (s.s[i] == '_' && (i == 0 || !digit(s.s[i - 1]) || i + 1 == s.n ||
                              !digit(s.s[i + 1])))
            g->why = "'_' stands between two digits";
        if (s.s[i] != '_' && g->n < DIGITS_MAX)
            g->text[g->n++] = s.s[i];
        else if (s.s[i] != '_')
            g->why = "it has too many digits";
        i++;
    }
    return i;
}

static size_t exponent(struct digits *g, struct str s, size_t i)
{
    size_t j = i + 1;

    if (i >= s.n || (s.s[i] != 'e' && s.s[i] != 'E'))
        return i;
    if (j < s.n && (s.s[j] == '-' || s.s[j] == '+'))
        j++;
    if (j >= s.n || !digit(s.s[j]) || g->n + (j - i) > DIGITS_MAX)
        return i;
    memcpy(g->text + g->n, s.s + i, j - i);
    g->n += j - i;
    g->exponent = true;
    return run(g, s, j);
}

static struct digits digits_read(struct str s)
{
    struct digits g = {0};
    size_t i = run(&g, s, 0);

    if (i + 1 < s.n && s.s[i] == '.' && digit(s.s[i + 1])) {
        g.fraction = true;
        if (g.n < DIGITS_MAX)
            g.text[g.n++] = '.';
        i = run(&g, s, i + 1);
    }
    g.length = exponent(&g, s, i);
    g.text[g.n] = '\0';
    return g;
}

static bool fail(const char **why, const char *text)
{
    *why = text;
    return false;
}

static bool octal(struct str text, struct literal *out, const char **why,
                  bool *range)
{
    uint64_t v = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.s[i] > '7')
            return fail(why, "a number that begins with 0 is octal, "
                             "with the digits 0 to 7");
        if ((*range = v >> 60))
            return fail(why, "");
        v = v * 8 + (uint64_t)(text.s[i] - '0');
    }
    *out = (struct literal){.kind = AST_INT, .integer = (int64_t)v};
    return true;
}

static bool plain(const struct digits *g, struct literal *out,
                  const char **why, bool *range)
{
    struct str text = {g->text, g->n};

    *out = (struct literal){.kind = AST_INT};
    if (!g->fraction && !g->exponent) {
        if (text.n > 1 && text.s[0] == '0')
            return octal(text, out, why, range);
        *range = !str_int(text, &out->integer);
        return !*range;
    }
    out->kind = AST_FLOAT;
    *range = !str_double(text, &out->real) || !isfinite(out->real);
    return !*range;
}

/* fraction / 10^digits of a unit, in the smallest; exact. */
static bool scale_fraction(struct str fraction, int64_t factor, int64_t *out,
                           const char **why)
{
    __extension__ __int128 part = 0, one = 1;

    if (fraction.n > FRACTION_DIGITS_MAX)
        return fail(why, "it has too many digits");
    for (size_t i = 0; i < fraction.n; i++) {
        part = part * 10 + (fraction.s[i] - '0');
        one *= 10;
    }
    if (part * factor % one)
        return fail(why, "it is no whole number of the smallest unit, "
                         "1ms or 1B");
    *out = (int64_t)(part * factor / one);
    return true;
}

/* A number of units as a whole number of the smallest. */
static bool scale(const struct digits *g, int64_t factor, int64_t *out,
                  const char **why, bool *range)
{
    struct str fraction;
    struct str whole = str_cut((struct str){g->text, g->n}, '.', &fraction);
    int64_t units, rest = 0;

    if (g->exponent)
        return fail(why, "a number with a unit has no exponent");
    if (!scale_fraction(fraction, factor, &rest, why))
        return false;
    *range = !str_int(whole, &units) ||
             __builtin_mul_overflow(units, factor, out) ||
             __builtin_add_overflow(*out, rest, out);
    return !*range;
}

static size_t letters(struct str s)
{
    size_t n = 0;

    while (n < s.n && !digit(s.s[n]) && s.s[n] != '_' && s.s[n] != '.' &&
           s.s[n] != '%')
        n++;
    return n;
}

static bool sized(const struct digits *g, struct str rest, struct literal *out,
                  const char **why, bool *range)
{
    const struct unit *u = unit_find(sizes, rest);

    if (!u)
        return fail(why, rest.s[0] == '.'
                             ? "a version is a string: write it in quotes"
                         : rest.s[0] == '%'
                             ? "only a plain number can be a percentage"
                             : "units are ms s m h d, %, "
                               "B k M G T, Ki Mi Gi Ti");
    out->kind = AST_SIZE;
    return scale(g, u->factor, &out->integer, why, range);
}

/* 1h30m: units of falling size, a fraction only where there is one part. */
static bool timed(struct digits g, struct str rest, struct literal *out,
                  const char **why, bool *range)
{
    int64_t before = INT64_MAX, part;

    for (bool first = true;; first = false) {
        struct str name = str_sub(rest, 0, letters(rest));
        const struct unit *u = unit_find(durations, name);

        rest = str_skip(rest, name.n);
        if (!u)
            return fail(why, "the units of a duration are d h m s ms");
        if (u->factor >= before)
            return fail(why, "the larger unit of a duration comes first");
        if (g.fraction && !(first && rest.n == 0))
            return fail(why, "a duration of several parts has no fraction");
        if (!scale(&g, u->factor, &part, why, range))
            return false;
        if ((*range = __builtin_add_overflow(out->integer, part,
                                             &out->integer)))
            return false;
        before = u->factor;
        if (rest.n == 0)
            return true;
        g = digits_read(rest);
        if (g.length == 0 || g.why)
            return fail(why, g.why ? g.why
                                   : "the units of a duration are d h m s ms");
        rest = str_skip(rest, g.length);
    }
}

bool literal_number(struct str text, struct literal *out, const char **why,
                    bool *range)
{
    struct digits g = digits_read(text);
    struct str rest = str_skip(text, g.length);

    *out = (struct literal){.kind = AST_DURATION};
    *range = false;
    *why = "";
    if (g.why)
        return fail(why, g.why);
    if (rest.n == 0)
        return plain(&g, out, why, range);
    if (str_eq(rest, STR("%"))) {
        out->kind = AST_PERCENT;
        *range = !str_double((struct str){g.text, g.n}, &out->real) ||
                 !isfinite(out->real);
        return !*range;
    }
    if (unit_find(durations, str_sub(rest, 0, letters(rest))))
        return timed(g, rest, out, why, range);
    return sized(&g, rest, out, why, range);
}
