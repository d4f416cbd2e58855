#include "runtime/yaml/yscalar.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A text longer than this is no number for anybody. */
enum { NUMBER_MAX = 400 };

struct word {
    struct str text;
    enum ytag tag;
    bool only_11;
};

#define WORD(text) {text, sizeof(text) - 1}

/* By their lengths. */
static const struct word words[] = {
    {WORD(""), YTAG_NULL, false},
    {WORD("~"), YTAG_NULL, false},      {WORD("y"), YTAG_BOOL, true},
    {WORD("Y"), YTAG_BOOL, true},       {WORD("n"), YTAG_BOOL, true},
    {WORD("N"), YTAG_BOOL, true},
    {WORD("on"), YTAG_BOOL, true},      {WORD("On"), YTAG_BOOL, true},
    {WORD("ON"), YTAG_BOOL, true},      {WORD("no"), YTAG_BOOL, true},
    {WORD("No"), YTAG_BOOL, true},      {WORD("NO"), YTAG_BOOL, true},
    {WORD("yes"), YTAG_BOOL, true},     {WORD("Yes"), YTAG_BOOL, true},
    {WORD("YES"), YTAG_BOOL, true},     {WORD("off"), YTAG_BOOL, true},
    {WORD("Off"), YTAG_BOOL, true},     {WORD("OFF"), YTAG_BOOL, true},
    {WORD("null"), YTAG_NULL, false},   {WORD("Null"), YTAG_NULL, false},
    {WORD("NULL"), YTAG_NULL, false},   {WORD("true"), YTAG_BOOL, false},
    {WORD("True"), YTAG_BOOL, false},   {WORD("TRUE"), YTAG_BOOL, false},
    {WORD(".nan"), YTAG_FLOAT, false},  {WORD(".NaN"), YTAG_FLOAT, false},
    {WORD(".NAN"), YTAG_FLOAT, false},  {WORD(".inf"), YTAG_FLOAT, false},
    {WORD(".Inf"), YTAG_FLOAT, false},  {WORD(".INF"), YTAG_FLOAT, false},
    {WORD("false"), YTAG_BOOL, false},  {WORD("False"), YTAG_BOOL, false},
    {WORD("FALSE"), YTAG_BOOL, false},  {WORD("+.inf"), YTAG_FLOAT, false},
    {WORD("+.Inf"), YTAG_FLOAT, false}, {WORD("+.INF"), YTAG_FLOAT, false},
    {WORD("-.inf"), YTAG_FLOAT, false}, {WORD("-.Inf"), YTAG_FLOAT, false},
    {WORD("-.INF"), YTAG_FLOAT, false},
};

enum { WORD_LONGEST = 5 };

/* Where the words of each length begin, and where the last ones end. */
static const uint8_t words_from[WORD_LONGEST + 2] = {0, 1, 6, 12, 18, 30, 39};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool find_word(struct str s, enum ydialect dialect, enum ytag *tag)
{
    if (s.n > WORD_LONGEST || (s.n && is_digit(s.s[0])))
        return false;
    for (size_t i = words_from[s.n]; i < words_from[s.n + 1]; i++) {
        const struct word *w = &words[i];

        if ((s.n && w->text.s[0] != s.s[0]) || !str_eq(s, w->text))
            continue;
        *tag = w->tag;
        return dialect == YDIALECT_11 || !w->only_11;
    }
    return false;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool looks_float(const char *s)
{
    bool before = false, after = false;

    if (*s == '-' || *s == '+')
        s++;
    for (; is_digit(*s); s++)
        before = true;
    if (*s == '.')
        for (s++; is_digit(*s); s++)
            after = true;
    if (!before && !after)
        return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        if (*s == '-' || *s == '+')
            s++;
        if (!is_digit(*s))
            return false;
        while (is_digit(*s))
            s++;
    }
    return !*s;
}

static bool read_float(const char *s, struct ynumber *out)
{
    out->kind = YNUMBER_FLOAT;
    out->f = strtod(s, NULL);
    return !isinf(out->f); /* the reference's reader errs out of range */
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

/* All of s as digits of the base; at least one. */
static bool read_digits(const char *s, unsigned base, uint64_t *out)
{
    uint64_t u = 0;

    if (!*s)
        return false;
    for (; *s; s++) {
        unsigned d = (unsigned)digit_value(*s);

        if (d >= base || __builtin_mul_overflow(u, base, &u) ||
            __builtin_add_overflow(u, d, &u))
            return false;
    }
    *out = u;
    return true;
}

static const char *base_of(const char *s, unsigned *base)
{
    *base = 10;
    if (s[0] != '0' || !s[1])
        return s;
    switch (s[1]) {
    case 'x': case 'X': *base = 16; return s + 2;
    case 'o': case 'O': *base = 8; return s + 2;
    case 'b': case 'B': *base = 2; return s + 2;
    default: *base = 8; return s + 1;
    }
}

/* As Go's ParseInt and ParseUint with base 0, '_' taken out before. */
static bool read_int(const char *s, struct ynumber *out)
{
    bool minus = *s == '-', sign = minus || *s == '+';
    unsigned base;
    const char *digits = base_of(s + sign, &base);
    uint64_t u;

    if (!read_digits(digits, base, &u))
        return false;
    if (u <= INT64_MAX || (minus && u == (uint64_t)INT64_MAX + 1)) {
        out->kind = YNUMBER_INT;
        out->i = minus ? (int64_t)(0 - u) : (int64_t)u;
        return true;
    }
    out->kind = YNUMBER_UINT;
    out->u = u;
    return !sign;
}

/* ".5" and the like: Go's ParseFloat, which lets '_' stand between digits. */
static bool read_dotted(struct str s, struct ynumber *out)
{
    char plain[NUMBER_MAX + 1];
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.s[i] != '_')
            plain[n++] = s.s[i];
        else if (!is_digit(s.s[i - 1]) || i + 1 == s.n ||
                 !is_digit(s.s[i + 1]))
            return false;
    }
    plain[n] = 0;
    return looks_float(plain) && read_float(plain, out);
}

static bool read_special(struct str s, struct ynumber *out)
{
    bool minus = s.n && s.s[0] == '-';
    struct str word = s.n && (minus || s.s[0] == '+') ? str_skip(s, 1) : s;
    enum ytag tag;

    if (word.n != 4 || word.s[0] != '.' ||
        !find_word(word, YDIALECT_12, &tag) || tag != YTAG_FLOAT)
        return false;
    out->kind = YNUMBER_FLOAT;
    out->f = (word.s[1] | 32) == 'n' ? NAN : minus ? -INFINITY : INFINITY;
    return true;
}

bool yscalar_number(struct str s, enum ydialect dialect, struct ynumber *out)
{
    char plain[NUMBER_MAX + 1];
    size_t n = 0;

    (void)dialect;
    if (!s.n || s.n > NUMBER_MAX || memchr(s.s, 0, s.n))
        return false;
    if (read_special(s, out))
        return true;
    if (s.s[0] == '.')
        return read_dotted(s, out);
    if (!is_digit(s.s[0]) && s.s[0] != '+' && s.s[0] != '-')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.s[i] != '_')
            plain[n++] = s.s[i];
    plain[n] = 0;
    if (read_int(plain, out))
        return true;
    return looks_float(plain) && read_float(plain, out);
}

static bool is_time(struct str s)
{
    struct arena none = {0};

    return s.n > 7 && s.n < 64 && is_digit(s.s[0]) && s.s[4] == '-' &&
           yscalar_time(&none, s, NULL);
}

enum ytag yscalar_resolve(struct str s, enum ydialect dialect)
{
    struct ynumber number;
    enum ytag tag;

    if (!s.n)
        return YTAG_NULL;
    if (s.n == 2 && s.s[0] == '<' && s.s[1] == '<')
        return YTAG_MERGE;
    /* Of what begins with a letter only words are anything else. */
    if ((s.s[0] | 32) >= 'a' && (s.s[0] | 32) <= 'z')
        return s.n <= WORD_LONGEST && memchr("fnoty", s.s[0] | 32, 5) &&
                       find_word(s, dialect, &tag)
                   ? tag
                   : YTAG_STR;
    if (!strchr("+-.0123456789~", s.s[0]))
        return YTAG_STR;
    if (find_word(s, dialect, &tag))
        return tag;
    if (is_time(s))
        return YTAG_TIME;
    if (!yscalar_number(s, dialect, &number))
        return YTAG_STR;
    return number.kind == YNUMBER_FLOAT ? YTAG_FLOAT : YTAG_INT;
}

/* [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)? */
static bool base_60(struct str s)
{
    size_t i = s.n && (s.s[0] == '-' || s.s[0] == '+');
    size_t groups = 0;

    if (i == s.n || !is_digit(s.s[i]))
        return false;
    while (i < s.n && (is_digit(s.s[i]) || s.s[i] == '_'))
        i++;
    for (; i + 1 < s.n && s.s[i] == ':' && is_digit(s.s[i + 1]); groups++) {
        bool two = i + 2 < s.n && is_digit(s.s[i + 2]);

        if (two && s.s[i + 1] > '5')
            return false;
        i += two ? 3 : 2;
    }
    if (groups && i < s.n && s.s[i] == '.')
        for (i++; i < s.n && (is_digit(s.s[i]) || s.s[i] == '_');)
            i++;
    return groups && i == s.n;
}

bool yscalar_needs_quotes(struct str s)
{
    enum ytag tag = yscalar_resolve(s, YDIALECT_11);

    return (tag != YTAG_STR && tag != YTAG_MERGE) || base_60(s);
}

bool yscalar_true(struct str s)
{
    return !(s.n && (s.s[0] == 'f' || s.s[0] == 'F' || s.s[0] == 'n' ||
                     s.s[0] == 'N')) &&
           !(s.n == 3 && (s.s[1] == 'f' || s.s[1] == 'F'));
}

void yscalar_set(struct ynode *n, struct str text)
{
    uint8_t style = n->kind == YNODE_SCALAR ? n->style : YSTYLE_PLAIN;

    ynode_set_text(n, text);
    n->style = style;
    n->untagged = true;
    if (style == YSTYLE_PLAIN)
        n->tag = (uint8_t)yscalar_resolve(text, YDIALECT_12);
}

void yscalar_quote(struct ynode *n)
{
    if (!ynode_is_string(n) || n->untagged || n->style != YSTYLE_PLAIN ||
        memchr(n->text.s ? n->text.s : "", '\n', n->text.n))
        return;
    enum ytag tag = yscalar_resolve(n->text, YDIALECT_11);

    if (n->text.n && tag != YTAG_STR && tag != YTAG_TIME && tag != YTAG_MERGE)
        n->style = YSTYLE_DOUBLE;
}

void yscalar_put(struct arena *a, struct ynode *map, struct str key,
                 struct ynode *value)
{
    size_t before = map->map.n;

    ynode_set(a, map, key, value);
    if (map->map.n > before)
        map->map.items[before].tag = yscalar_resolve(key, YDIALECT_12);
}
