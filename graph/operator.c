#include "graph/operator.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <string.h>

enum { MATCH_STEPS_MAX = 1000000, MATCH_DEPTH_MAX = 1000 };

const char *operator_kind_name(const struct value *v)
{
    static const char *const names[] = {
        [VALUE_NONE] = "none", [VALUE_BOOL] = "a bool", [VALUE_INT] = "an int",
        [VALUE_FLOAT] = "a float", [VALUE_STRING] = "a string",
        [VALUE_DURATION] = "a duration", [VALUE_PERCENT] = "a percent",
        [VALUE_SIZE] = "a size", [VALUE_LIST] = "a list",
        [VALUE_MAP] = "a map", [VALUE_SECRET] = "a secret",
        [VALUE_EXPR] = "an expression", [VALUE_UNKNOWN] = "an unknown value",
    };

    return names[v->kind];
}

static bool plain(const struct value *v)
{
    return v->kind == VALUE_INT || v->kind == VALUE_FLOAT ||
           v->kind == VALUE_PERCENT;
}

static bool united(const struct value *v)
{
    return v->kind == VALUE_DURATION || v->kind == VALUE_SIZE;
}

static bool mismatch(const char *what, const struct value *l,
                     const struct value *r, struct err *e)
{
    return err_set(e, ERR_INPUT, "%s, not %s and %s", what,
                   operator_kind_name(l), operator_kind_name(r));
}

static bool overflow(struct err *e)
{
    return err_set(e, ERR_INPUT, "number out of range");
}

bool operator_match(struct str text, struct str pattern, bool *out,
                    struct err *e)
{
    int code;
    PCRE2_SIZE at;
    pcre2_code *re = pcre2_compile((PCRE2_SPTR)(pattern.s ? pattern.s : ""),
                                   pattern.n, PCRE2_NEVER_BACKSLASH_C, &code,
                                   &at, NULL);

    if (!re) {
        PCRE2_UCHAR why[128];
        pcre2_get_error_message(code, why, sizeof(why));
        return err_set(e, ERR_INPUT, "bad pattern '" STR_FMT "': %s at %zu",
                       (int)(pattern.n < 80 ? pattern.n : 80), pattern.s,
                       (const char *)why, (size_t)at + 1);
    }
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(re, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);

    pcre2_set_match_limit(limits, MATCH_STEPS_MAX);
    pcre2_set_depth_limit(limits, MATCH_DEPTH_MAX);
    int found = pcre2_match(re, (PCRE2_SPTR)(text.s ? text.s : ""), text.n, 0,
                            0, data, limits);

    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    pcre2_code_free(re);
    *out = found >= 0;
    return found >= 0 || found == PCRE2_ERROR_NOMATCH ||
           err_set(e, ERR_INPUT, "pattern '" STR_FMT "' takes too long",
                   (int)(pattern.n < 80 ? pattern.n : 80), pattern.s);
}

/* + - * on ints, checked. */
static bool int_arithmetic(enum expr_op op, int64_t l, int64_t r, int64_t *out,
                           struct err *e)
{
    bool bad = op == OP_ADD ? __builtin_add_overflow(l, r, out)
             : op == OP_SUB ? __builtin_sub_overflow(l, r, out)
                            : __builtin_mul_overflow(l, r, out);

    return !bad || overflow(e);
}

static bool scaled(const struct value *v, double by, struct value *out,
                   struct err *e)
{
    double d = round((double)v->i * by);

    if (!(fabs(d) < 9.2e18))
        return overflow(e);
    *out = (struct value){.kind = v->kind, .i = (int64_t)d};
    return true;
}

static bool joined(struct arena *a, const struct value *l,
                   const struct value *r, struct value *out, struct err *e)
{
    if (l->kind == VALUE_STRING) {
        if (l->s.n + r->s.n > EXPR_BYTES_MAX)
            return err_set(e, ERR_INPUT, "text longer than %d bytes",
                           EXPR_BYTES_MAX);
        char *p = arena_array(a, char, l->s.n + r->s.n + 1);

        if (l->s.n)
            memcpy(p, l->s.s, l->s.n);
        if (r->s.n)
            memcpy(p + l->s.n, r->s.s, r->s.n);
        *out = value_string((struct str){p, l->s.n + r->s.n});
        return true;
    }
    size_t n = l->list.n + r->list.n;

    if (n > EXPR_BYTES_MAX / sizeof(struct value))
        return err_set(e, ERR_INPUT, "list of more than %zu elements",
                       EXPR_BYTES_MAX / sizeof(struct value));
    struct value *items = arena_array(a, struct value, n);

    for (size_t i = 0; i < n; i++)
        items[i] = i < l->list.n ? l->list.items[i]
                                 : r->list.items[i - l->list.n];
    *out = (struct value){.kind = VALUE_LIST, .list = {items, n}};
    return true;
}

static bool sum(struct arena *a, enum expr_op op, const struct value *l,
                const struct value *r, struct value *out, struct err *e)
{
    double x, y;

    if (op == OP_ADD && l->kind == r->kind &&
        (l->kind == VALUE_STRING || l->kind == VALUE_LIST))
        return joined(a, l, r, out, e);
    if (l->kind == r->kind && (l->kind == VALUE_INT || united(l))) {
        *out = *l;
        return int_arithmetic(op, l->i, r->i, &out->i, e);
    }
    if (l->kind == VALUE_PERCENT && r->kind == VALUE_PERCENT) {
        *out = *l;
        out->d = op == OP_ADD ? l->d + r->d : l->d - r->d;
        return true;
    }
    if (!plain(l) || !plain(r))
        return mismatch(op == OP_ADD
            ? "'+' takes two numbers, durations, sizes, strings or lists"
            : "'-' takes two numbers, durations or sizes", l, r, e);
    value_number(l, &x);
    value_number(r, &y);
    *out = value_float(op == OP_ADD ? x + y : x - y);
    return true;
}

static bool product(enum expr_op op, const struct value *l,
                    const struct value *r, struct value *out, struct err *e)
{
    double x = 0, y = 0;

    value_number(l, &x);
    value_number(r, &y);
    if (op == OP_DIV && y == 0 && (plain(r) || united(r)))
        return err_set(e, ERR_INPUT, "division by zero");
    if (op == OP_MUL && l->kind == VALUE_INT && r->kind == VALUE_INT) {
        out->kind = VALUE_INT;
        return int_arithmetic(op, l->i, r->i, &out->i, e);
    }
    if (united(l) && plain(r))
        return scaled(l, op == OP_MUL ? y : 1 / y, out, e);
    if (op == OP_MUL && plain(l) && united(r))
        return scaled(r, x, out, e);
    bool likes = united(l) && l->kind == r->kind && op == OP_DIV;

    if (!likes && !(plain(l) && plain(r)))
        return mismatch(op == OP_MUL ? "'*' takes numbers, or a duration or "
                                       "size and a number"
                                     : "'/' takes numbers, durations or sizes",
                        l, r, e);
    *out = value_float(op == OP_MUL ? x * y : x / y);
    return true;
}

static bool remainder_of(const struct value *l, const struct value *r,
                         struct value *out, struct err *e)
{
    if (l->kind != VALUE_INT || r->kind != VALUE_INT)
        return mismatch("'%' takes two ints", l, r, e);
    if (r->i == 0)
        return err_set(e, ERR_INPUT, "division by zero");
    *out = value_int(r->i == -1 ? 0 : l->i % r->i);
    return true;
}

static bool equal(enum expr_op op, const struct value *l,
                  const struct value *r, struct value *out, struct err *e)
{
    bool none = l->kind == VALUE_NONE || r->kind == VALUE_NONE;

    if (!none && l->kind != r->kind && !(plain(l) && plain(r)))
        return mismatch("'==' compares values of one type", l, r, e);
    *out = value_bool(value_eq(l, r) == (op == OP_EQ));
    return true;
}

static bool ordered(enum expr_op op, const struct value *l,
                    const struct value *r, struct value *out, struct err *e)
{
    double x = 0, y = 0;

    if (l->kind == VALUE_STRING && r->kind == VALUE_STRING)
        x = str_cmp(l->s, r->s);
    else if ((united(l) || l->kind == VALUE_INT) && l->kind == r->kind)
        x = (l->i > r->i) - (l->i < r->i);
    else if (plain(l) && plain(r))
        value_number(l, &x), value_number(r, &y);
    else
        return mismatch("an order is between two numbers, durations, sizes or "
                        "strings", l, r, e);
    *out = value_bool(op == OP_LT ? x < y : op == OP_LE ? x <= y
                    : op == OP_GT ? x > y : x >= y);
    return true;
}

static bool within(const struct value *l, const struct value *r,
                   struct value *out, struct err *e)
{
    *out = value_bool(false);
    if (r->kind == VALUE_LIST) {
        for (size_t i = 0; i < r->list.n; i++)
            out->b |= value_eq(l, &r->list.items[i]);
        return true;
    }
    if (l->kind != VALUE_STRING ||
        (r->kind != VALUE_STRING && r->kind != VALUE_MAP))
        return mismatch("'in' looks into a list, or for a string in a map or "
                        "string", l, r, e);
    out->b = r->kind == VALUE_MAP ? value_get(r, l->s) != NULL
           : l->s.n == 0 || str_search(r->s, l->s) < r->s.n;
    return true;
}

bool operator_binary(struct arena *a, enum expr_op op, const struct value *l,
                     const struct value *r, struct value *out, struct err *e)
{
    switch (op) {
    case OP_ADD: case OP_SUB:
        return sum(a, op, l, r, out, e);
    case OP_MUL: case OP_DIV:
        return product(op, l, r, out, e);
    case OP_MOD:
        return remainder_of(l, r, out, e);
    case OP_EQ: case OP_NE:
        return equal(op, l, r, out, e);
    case OP_LT: case OP_LE: case OP_GT: case OP_GE:
        return ordered(op, l, r, out, e);
    case OP_IN:
        return within(l, r, out, e);
    case OP_MATCH:
        if (l->kind != VALUE_STRING || r->kind != VALUE_STRING)
            return mismatch("'=~' takes a string and a pattern", l, r, e);
        out->kind = VALUE_BOOL;
        return operator_match(l->s, r->s, &out->b, e);
    case OP_NONE: case OP_OR: case OP_AND: case OP_NOT: case OP_NEG:
        break;
    }
    return err_set(e, ERR_INPUT, "not an operator of two sides");
}

bool operator_unary(enum expr_op op, const struct value *v, struct value *out,
                    struct err *e)
{
    *out = *v;
    if (op == OP_NOT) {
        out->b = !v->b;
        return v->kind == VALUE_BOOL ||
               err_set(e, ERR_INPUT, "'!' takes a bool, not %s",
                       operator_kind_name(v));
    }
    if (v->kind == VALUE_INT || united(v))
        return !__builtin_sub_overflow((int64_t)0, v->i, &out->i) ||
               overflow(e);
    out->d = -v->d;
    return v->kind == VALUE_FLOAT || v->kind == VALUE_PERCENT ||
           err_set(e, ERR_INPUT, "'-' takes a number, not %s",
                   operator_kind_name(v));
}

bool operator_index(const struct value *v, const struct value *i,
                    struct value *out, struct err *e)
{
    if (v->kind == VALUE_LIST && i->kind == VALUE_INT) {
        int64_t n = (int64_t)v->list.n;
        int64_t at = i->i < 0 ? n + i->i : i->i;

        if (at < 0 || at >= n)
            return err_set(e, ERR_INPUT, "no element %lld in a list of %lld",
                           (long long)i->i, (long long)n);
        *out = v->list.items[at];
        return true;
    }
    if (v->kind == VALUE_MAP && i->kind == VALUE_STRING) {
        const struct value *m = value_get(v, i->s);

        if (!m)
            return err_set(e, ERR_INPUT, "no key '" STR_FMT "' in the map",
                           (int)(i->s.n < 80 ? i->s.n : 80), i->s.s);
        *out = *m;
        return true;
    }
    return mismatch("an index is an int into a list or a string into a map",
                    v, i, e);
}
