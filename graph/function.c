/* The built-in functions on numbers, and the table of all. Those on lists are
 * in function_list.c, those on text in function_text.c. */
#include "graph/function.h"

#include "graph/operator.h"

#include <math.h>
#include <stdlib.h>

bool function_wants(const struct value *v, enum value_kind kind,
                    const char *what, struct err *e)
{
    return v->kind == kind || err_set(e, ERR_INPUT, "takes %s, not %s", what,
                                      operator_kind_name(v));
}

struct value function_list(struct value *items, size_t n)
{
    return (struct value){.kind = VALUE_LIST, .list = {items, n}};
}

static bool fn_len(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    size_t count = 0;

    (void)a, (void)n;
    if (v->kind == VALUE_STRING)
        for (struct str s = v->s; s.n; count++) {
            size_t step = str_utf8(s);
            s = str_skip(s, step ? step : 1);
        }
    else if (v->kind == VALUE_LIST)
        count = v->list.n;
    else if (v->kind == VALUE_MAP)
        count = v->map.n;
    else if (v->kind != VALUE_NONE)
        return err_set(e, ERR_INPUT, "takes a string, list or map, not %s",
                       operator_kind_name(v));
    *out = value_int((int64_t)count);
    return true;
}

static bool fn_default(struct arena *a, const struct value *v, size_t n,
                       struct value *out, struct err *e)
{
    (void)a, (void)n, (void)e;
    *out = v[0].kind == VALUE_NONE ? v[1] : v[0];
    return true;
}

static bool fn_is_nil(struct arena *a, const struct value *v, size_t n,
                      struct value *out, struct err *e)
{
    (void)a, (void)n, (void)e;
    *out = value_bool(v->kind == VALUE_NONE);
    return true;
}

static bool fn_is_nan(struct arena *a, const struct value *v, size_t n,
                      struct value *out, struct err *e)
{
    double d;

    (void)a, (void)n;
    if (!value_number(v, &d))
        return err_set(e, ERR_INPUT, "takes a number, not %s",
                       operator_kind_name(v));
    *out = value_bool(isnan(d));
    return true;
}

static bool fn_is_inf(struct arena *a, const struct value *v, size_t n,
                      struct value *out, struct err *e)
{
    double d;

    (void)a, (void)n;
    if (!value_number(v, &d))
        return err_set(e, ERR_INPUT, "takes a number, not %s",
                       operator_kind_name(v));
    *out = value_bool(isinf(d));
    return true;
}

static bool fn_as_float(struct arena *a, const struct value *v, size_t n,
                        struct value *out, struct err *e)
{
    double d;

    (void)a, (void)n;
    if (v->kind == VALUE_STRING) {
        struct str s = str_trim(v->s);

        if (str_eq(s, STR("NaN")))
            d = NAN;
        else if (str_eq(s, STR("+Inf")) || str_eq(s, STR("Inf")))
            d = INFINITY;
        else if (str_eq(s, STR("-Inf")))
            d = -INFINITY;
        else if (!str_double(s, &d))
            return err_set(e, ERR_INPUT, "'" STR_FMT "' is not a number",
                           (int)(s.n < 40 ? s.n : 40), s.s);
    } else if (!value_number(v, &d)) {
        return err_set(e, ERR_INPUT, "takes a number or string, not %s",
                       operator_kind_name(v));
    }
    *out = value_float(d);
    return true;
}

static bool fn_as_int(struct arena *a, const struct value *v, size_t n,
                      struct value *out, struct err *e)
{
    double d;

    (void)a, (void)n;
    if (v->kind == VALUE_STRING) {
        *out = value_int(0);
        return str_int(v->s, &out->i) ||
               err_set(e, ERR_INPUT, "'" STR_FMT "' is not a whole number",
                       (int)(v->s.n < 40 ? v->s.n : 40), v->s.s);
    }
    if (!value_number(v, &d) || !(fabs(d) < 9.2e18))
        return err_set(e, ERR_INPUT, "takes a number in range or a string");
    *out = value_int((int64_t)d);
    return true;
}

/* abs, floor, ceil, round: one number in, the same kind out. */
static bool rounded(const struct value *v, double (*f)(double), bool keep,
                    struct value *out, struct err *e)
{
    double d;

    if (v->kind == VALUE_INT && v->i == INT64_MIN)
        return err_set(e, ERR_INPUT, "out of range");
    if (v->kind == VALUE_INT) {
        *out = v->i < 0 && keep ? value_int(-v->i) : *v;
        return true;
    }
    if (!value_number(v, &d))
        return err_set(e, ERR_INPUT, "takes a number, not %s",
                       operator_kind_name(v));
    d = f(d);
    if (!keep && !(fabs(d) < 9.2e18))
        return err_set(e, ERR_INPUT, "out of range");
    *out = keep ? value_float(d) : value_int((int64_t)d);
    return true;
}

static bool fn_abs(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    (void)a, (void)n;
    return rounded(v, fabs, true, out, e);
}

static bool fn_floor(struct arena *a, const struct value *v, size_t n,
                     struct value *out, struct err *e)
{
    (void)a, (void)n;
    return rounded(v, floor, false, out, e);
}

static bool fn_ceil(struct arena *a, const struct value *v, size_t n,
                    struct value *out, struct err *e)
{
    (void)a, (void)n;
    return rounded(v, ceil, false, out, e);
}

static bool fn_round(struct arena *a, const struct value *v, size_t n,
                     struct value *out, struct err *e)
{
    (void)a, (void)n;
    return rounded(v, round, false, out, e);
}

/* min(1, 2), min([1, 2]). */
static bool extreme(struct arena *a, const struct value *v, size_t n,
                    enum expr_op op, struct value *out, struct err *e)
{
    struct value better;

    if (n == 1 && v->kind == VALUE_LIST) {
        n = v->list.n;
        v = v->list.items;
    }
    if (n == 0)
        return err_set(e, ERR_INPUT, "of nothing");
    *out = v[0];
    for (size_t i = 1; i < n; i++) {
        if (!operator_binary(a, op, &v[i], out, &better, e))
            return false;
        if (better.b)
            *out = v[i];
    }
    return true;
}

static bool fn_min(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    return extreme(a, v, n, OP_LT, out, e);
}

static bool fn_max(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    return extreme(a, v, n, OP_GT, out, e);
}

static bool fn_sum(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    (void)n;
    if (!function_wants(v, VALUE_LIST, "a list", e))
        return false;
    *out = v->list.n ? v->list.items[0] : value_int(0);
    for (size_t i = 1; i < v->list.n; i++) {
        struct value sum;

        if (!operator_binary(a, OP_ADD, out, &v->list.items[i], &sum, e))
            return false;
        *out = sum;
    }
    return true;
}

static bool fn_mean(struct arena *a, const struct value *v, size_t n,
                    struct value *out, struct err *e)
{
    struct value count = value_int(v->kind == VALUE_LIST ?
                                   (int64_t)v->list.n : 0);
    struct value sum;

    return fn_sum(a, v, n, &sum, e) &&
           operator_binary(a, OP_DIV, &sum, &count, out, e);
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Type 7 of the usual nine: linear between the two nearest. */
static bool fn_percentile(struct arena *a, const struct value *v, size_t n,
                          struct value *out, struct err *e)
{
    double p = 0, at, *x;
    size_t i, count;

    (void)n;
    if (!function_wants(v, VALUE_LIST, "a list of numbers", e))
        return false;
    if (v[1].kind == VALUE_PERCENT)
        p = v[1].d;
    else if (!value_number(&v[1], &p))
        p = -1;
    if (!(p >= 0 && p <= 100))
        return err_set(e, ERR_INPUT, "takes a percentile of 0 to 100");
    count = v->list.n;
    if (count == 0)
        return err_set(e, ERR_INPUT, "an empty list has no percentile");
    x = arena_array(a, double, count);
    for (i = 0; i < count; i++)
        if (!value_number(&v->list.items[i], &x[i]) || isnan(x[i]))
            return err_set(e, ERR_INPUT, "takes a list of numbers, not of %s",
                           operator_kind_name(&v->list.items[i]));
    qsort(x, count, sizeof *x, by_number);
    at = (double)(count - 1) * p / 100;
    i = (size_t)at;
    *out = value_float(i + 1 < count
                           ? x[i] + (at - (double)i) * (x[i + 1] - x[i])
                           : x[count - 1]);
    return true;
}

const struct function functions[] = {
#define FUNCTION(name, params, result, fn, doc) {name, params, result, fn, doc},
#include "graph/function.def"
#undef FUNCTION
    {0},
};

const struct function *function_find(struct str name)
{
    for (const struct function *f = functions; f->name; f++)
        if (str_eq(name, str_of(f->name)))
            return f;
    return NULL;
}
