#include "graph/value.h"

#include "base/buf.h"
#include "base/clock.h"
#include "graph/expr.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct value value_bool(bool b)
{
    return (struct value){.kind = VALUE_BOOL, .b = b};
}

struct value value_int(int64_t i)
{
    return (struct value){.kind = VALUE_INT, .i = i};
}

struct value value_float(double d)
{
    return (struct value){.kind = VALUE_FLOAT, .d = d};
}

struct value value_string(struct str s)
{
    return (struct value){.kind = VALUE_STRING, .s = s};
}

const struct value *value_get(const struct value *v, struct str key)
{
    if (!v || v->kind != VALUE_MAP)
        return NULL;
    for (size_t i = 0; i < v->map.n; i++)
        if (str_eq(v->map.pairs[i].key, key))
            return &v->map.pairs[i].value;
    return NULL;
}

struct str value_get_str(const struct value *v, const char *key,
                         struct str dflt)
{
    const struct value *m = value_get(v, str_of(key));

    return m && m->kind == VALUE_STRING ? m->s : dflt;
}

int64_t value_get_int(const struct value *v, const char *key, int64_t dflt)
{
    const struct value *m = value_get(v, str_of(key));
    bool whole = m && (m->kind == VALUE_INT || m->kind == VALUE_DURATION ||
                       m->kind == VALUE_SIZE);

    return whole ? m->i : dflt;
}

bool value_get_bool(const struct value *v, const char *key, bool dflt)
{
    const struct value *m = value_get(v, str_of(key));

    return m && m->kind == VALUE_BOOL ? m->b : dflt;
}

bool value_number(const struct value *v, double *out)
{
    switch (v->kind) {
    case VALUE_INT:
    case VALUE_DURATION:
    case VALUE_SIZE:
        *out = (double)v->i;
        return true;
    case VALUE_FLOAT:
        *out = v->d;
        return true;
    case VALUE_PERCENT:
        *out = v->d / 100;
        return true;
    case VALUE_NONE: case VALUE_BOOL: case VALUE_STRING: case VALUE_LIST:
    case VALUE_MAP: case VALUE_SECRET: case VALUE_EXPR: case VALUE_UNKNOWN:
        break;
    }
    return false;
}

static bool lists_eq(const struct value *a, const struct value *b)
{
    if (a->list.n != b->list.n)
        return false;
    for (size_t i = 0; i < a->list.n; i++)
        if (!value_eq(&a->list.items[i], &b->list.items[i]))
            return false;
    return true;
}

static bool maps_eq(const struct value *a, const struct value *b)
{
    if (a->map.n != b->map.n)
        return false;
    for (size_t i = 0; i < a->map.n; i++) {
        const struct value *m = value_get(b, a->map.pairs[i].key);

        if (!m || !value_eq(&a->map.pairs[i].value, m))
            return false;
    }
    return true;
}

bool value_eq(const struct value *a, const struct value *b)
{
    double x, y;

    if (a->kind == VALUE_INT && b->kind == VALUE_INT)
        return a->i == b->i;
    if (value_number(a, &x) && value_number(b, &y))
        return x == y;
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case VALUE_NONE:
        return true;
    case VALUE_BOOL:
        return a->b == b->b;
    case VALUE_LIST:
        return lists_eq(a, b);
    case VALUE_MAP:
        return maps_eq(a, b);
    case VALUE_STRING:
    case VALUE_SECRET:
    case VALUE_UNKNOWN:
        return str_eq(a->s, b->s);
    case VALUE_INT: case VALUE_FLOAT: case VALUE_DURATION:
    case VALUE_PERCENT: case VALUE_SIZE:
        break; /* numbers: above */
    case VALUE_EXPR:
        return a->expr == b->expr;
    }
    return false;
}

/* The shortest text that reads back as the same double. */
static struct str float_text(struct arena *a, double d)
{
    if (isnan(d) || isinf(d))
        return isnan(d) ? STR("NaN") : d > 0 ? STR("+Inf") : STR("-Inf");
    for (int digits = 15; digits < 17; digits++) {
        struct str s = arena_printf(a, "%.*g", digits, d);

        if (strtod(s.s, NULL) == d)
            return s;
    }
    return arena_printf(a, "%.17g", d);
}

/* Exact, unlike clock_duration(): "1h30m5s", "1500ms". */
static struct str duration_text(struct arena *a, int64_t ms)
{
    static const struct { int64_t ms; const char *unit; } units[] = {
        {86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"},
    };
    struct buf b = {0};

    if (ms < 0)
        buf_addc(&b, '-');
    uint64_t left = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        uint64_t n = left / (uint64_t)units[i].ms;

        if (n)
            buf_addf(&b, "%" PRIu64 "%s", n, units[i].unit);
        left %= (uint64_t)units[i].ms;
    }
    if (ms == 0)
        buf_adds(&b, "0s");
    struct str s = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return s;
}

static struct str size_text(struct arena *a, int64_t bytes)
{
    static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti"};
    size_t u = 0;

    while (u < 4 && bytes && bytes % 1024 == 0) {
        bytes /= 1024;
        u++;
    }
    return arena_printf(a, "%" PRId64 "%s", bytes, units[u]);
}

bool value_text(struct arena *a, const struct value *v, struct str *out)
{
    switch (v->kind) {
    case VALUE_BOOL:
        *out = v->b ? STR("true") : STR("false");
        return true;
    case VALUE_INT:
        *out = arena_printf(a, "%" PRId64, v->i);
        return true;
    case VALUE_FLOAT:
        *out = float_text(a, v->d);
        return true;
    case VALUE_STRING:
        *out = v->s;
        return true;
    case VALUE_DURATION:
        *out = duration_text(a, v->i);
        return true;
    case VALUE_PERCENT:
        *out = arena_printf(a, STR_FMT "%%", STR_ARG(float_text(a, v->d)));
        return true;
    case VALUE_SIZE:
        *out = size_text(a, v->i);
        return true;
    case VALUE_NONE: case VALUE_LIST: case VALUE_MAP: case VALUE_SECRET:
    case VALUE_EXPR: case VALUE_UNKNOWN:
        break;
    }
    return false;
}

static void show_string(struct buf *b, struct str s)
{
    buf_addc(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];

        if (c == '"' || c == '\\')
            buf_addf(b, "\\%c", c);
        else if (c == '\n')
            buf_adds(b, "\\n");
        else if (c == '\t')
            buf_adds(b, "\\t");
        else if (c < 0x20 || c == 0x7f)
            buf_addf(b, "\\u{%x}", c);
        else
            buf_addc(b, (char)c);
    }
    buf_addc(b, '"');
}

static void show(struct arena *a, struct buf *b, const struct value *v)
{
    struct str text;

    if (v->kind == VALUE_STRING) {
        show_string(b, v->s);
    } else if (v->kind == VALUE_LIST) {
        for (size_t i = 0; i < v->list.n; i++) {
            buf_adds(b, i ? ", " : "[");
            show(a, b, &v->list.items[i]);
        }
        buf_adds(b, v->list.n ? "]" : "[]");
    } else if (v->kind == VALUE_MAP) {
        for (size_t i = 0; i < v->map.n; i++) {
            buf_adds(b, i ? ", " : "{");
            buf_add(b, v->map.pairs[i].key);
            buf_adds(b, ": ");
            show(a, b, &v->map.pairs[i].value);
        }
        buf_adds(b, v->map.n ? "}" : "{}");
    } else if (v->kind == VALUE_SECRET) {
        buf_addf(b, "(secret " STR_FMT ")", STR_ARG(v->s));
    } else if (v->kind == VALUE_UNKNOWN) {
        buf_addf(b, "(known after " STR_FMT ")", STR_ARG(v->s));
    } else if (v->kind == VALUE_EXPR) {
        buf_add(b, expr_show(a, v->expr));
    } else {
        buf_add(b, value_text(a, v, &text) ? text : STR("none"));
    }
}

struct str value_show(struct arena *a, const struct value *v)
{
    struct buf b = {0};

    show(a, &b, v);
    struct str s = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return s;
}

/* The type all items share, any where they differ or there are none. */
static const struct type *common_type(struct arena *a, const struct type *t,
                                      const struct value *v)
{
    const struct type *next = value_type(a, v);

    return !t || type_eq(t, next) ? next : type_simple(TYPE_ANY);
}

const struct type *value_type(struct arena *a, const struct value *v)
{
    static const enum type_kind kinds[] = {
        [VALUE_NONE] = TYPE_NONE, [VALUE_BOOL] = TYPE_BOOL,
        [VALUE_INT] = TYPE_INT, [VALUE_FLOAT] = TYPE_FLOAT,
        [VALUE_STRING] = TYPE_STRING, [VALUE_DURATION] = TYPE_DURATION,
        [VALUE_PERCENT] = TYPE_PERCENT, [VALUE_SIZE] = TYPE_SIZE,
        [VALUE_EXPR] = TYPE_ANY, [VALUE_UNKNOWN] = TYPE_ANY,
    };
    const struct type *of = NULL;

    if (v->kind == VALUE_LIST) {
        for (size_t i = 0; i < v->list.n; i++)
            of = common_type(a, of, &v->list.items[i]);
        return type_list(a, of ? of : type_simple(TYPE_ANY));
    }
    if (v->kind == VALUE_MAP) {
        for (size_t i = 0; i < v->map.n; i++)
            of = common_type(a, of, &v->map.pairs[i].value);
        return type_map(a, of ? of : type_simple(TYPE_ANY));
    }
    if (v->kind == VALUE_SECRET)
        return type_secret(a, type_simple(TYPE_STRING));
    return type_simple(kinds[v->kind]);
}

bool value_pending(const struct value *v)
{
    bool pending = v->kind == VALUE_EXPR || v->kind == VALUE_UNKNOWN;

    if (v->kind == VALUE_LIST)
        for (size_t i = 0; i < v->list.n; i++)
            pending |= value_pending(&v->list.items[i]);
    if (v->kind == VALUE_MAP)
        for (size_t i = 0; i < v->map.n; i++)
            pending |= value_pending(&v->map.pairs[i].value);
    return pending;
}

static struct expr *copy_expr(struct arena *a, const struct expr *x)
{
    struct expr *y = arena_new(a, struct expr);

    *y = *x;
    y->name = arena_dup(a, x->name);
    y->stage = arena_dup(a, x->stage);
    y->lit = value_copy(a, &x->lit);
    y->kids = arena_array(a, struct expr, x->n);
    for (size_t i = 0; i < x->n; i++)
        y->kids[i] = *copy_expr(a, &x->kids[i]);
    return y;
}

struct value value_copy(struct arena *a, const struct value *v)
{
    struct value c = *v;

    if (v->kind == VALUE_STRING || v->kind == VALUE_SECRET ||
        v->kind == VALUE_UNKNOWN)
        c.s = arena_dup(a, v->s);
    if (v->kind == VALUE_EXPR)
        c.expr = copy_expr(a, v->expr);
    if (v->kind == VALUE_LIST) {
        c.list.items = arena_array(a, struct value, v->list.n);
        for (size_t i = 0; i < v->list.n; i++)
            c.list.items[i] = value_copy(a, &v->list.items[i]);
    }
    if (v->kind == VALUE_MAP) {
        c.map.pairs = arena_array(a, struct value_pair, v->map.n);
        for (size_t i = 0; i < v->map.n; i++) {
            c.map.pairs[i].key = arena_dup(a, v->map.pairs[i].key);
            c.map.pairs[i].value = value_copy(a, &v->map.pairs[i].value);
        }
    }
    return c;
}
