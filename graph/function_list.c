/* The built-in functions on lists and maps. */
#include "graph/function.h"

#include "graph/operator.h"

#include <stdlib.h>
#include <string.h>

enum { RANGE_MAX = 100000, UNIQUE_MAX = 10000 };

bool function_first(struct arena *a, const struct value *v, size_t n,
                    struct value *out, struct err *e)
{
    struct value at = value_int(0);

    (void)a, (void)n;
    return operator_index(v, &at, out, e);
}

bool function_last(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    struct value at = value_int(-1);

    (void)a, (void)n;
    return operator_index(v, &at, out, e);
}

/* Numbers before strings; only for lists of one or the other. */
static int by_value(const void *x, const void *y)
{
    const struct value *l = x, *r = y;
    double p = 0, q = 0;

    if (l->kind == VALUE_STRING && r->kind == VALUE_STRING)
        return str_cmp(l->s, r->s);
    bool lone = value_number(l, &p), rone = value_number(r, &q);

    return lone && rone ? (p > q) - (p < q) : rone - lone;
}

static struct value *copied(struct arena *a, const struct value *v)
{
    struct value *items = arena_array(a, struct value, v->list.n + 1);

    if (v->list.n)
        memcpy(items, v->list.items, v->list.n * sizeof(*items));
    return items;
}

bool function_sort(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    double d;

    (void)n;
    if (!function_wants(v, VALUE_LIST, "a list", e))
        return false;
    for (size_t i = 0; i < v->list.n; i++)
        if (v->list.items[i].kind != VALUE_STRING &&
            !value_number(&v->list.items[i], &d))
            return err_set(e, ERR_INPUT, "takes a list of strings or numbers");
    *out = function_list(copied(a, v), v->list.n);
    qsort(out->list.items, out->list.n, sizeof(*out->list.items), by_value);
    return true;
}

bool function_reverse(struct arena *a, const struct value *v, size_t n,
                      struct value *out, struct err *e)
{
    (void)n;
    if (!function_wants(v, VALUE_LIST, "a list", e))
        return false;
    *out = function_list(copied(a, v), v->list.n);
    for (size_t i = 0; i < v->list.n; i++)
        out->list.items[i] = v->list.items[v->list.n - 1 - i];
    return true;
}

bool function_unique(struct arena *a, const struct value *v, size_t n,
                     struct value *out, struct err *e)
{
    struct value seen;

    (void)n;
    if (!function_wants(v, VALUE_LIST, "a list", e))
        return false;
    if (v->list.n > UNIQUE_MAX)
        return err_set(e, ERR_INPUT, "takes at most %d elements", UNIQUE_MAX);
    *out = function_list(copied(a, v), 0);
    for (size_t i = 0; i < v->list.n; i++) {
        operator_binary(a, OP_IN, &v->list.items[i], out, &seen, e);
        if (!seen.b)
            out->list.items[out->list.n++] = v->list.items[i];
    }
    return true;
}

bool function_flatten(struct arena *a, const struct value *v, size_t n,
                      struct value *out, struct err *e)
{
    (void)n;
    if (!function_wants(v, VALUE_LIST, "a list", e))
        return false;
    *out = function_list(NULL, 0);
    for (size_t i = 0; i < v->list.n; i++) {
        struct value one = function_list(&v->list.items[i], 1);
        const struct value *next =
            one.list.items->kind == VALUE_LIST ? one.list.items : &one;
        struct value sum;

        if (!operator_binary(a, OP_ADD, out, next, &sum, e))
            return false;
        *out = sum;
    }
    return true;
}

bool function_range(struct arena *a, const struct value *v, size_t n,
                    struct value *out, struct err *e)
{
    int64_t from = n == 2 ? v[0].i : 0, to = v[n - 1].i, count;

    for (size_t i = 0; i < n; i++)
        if (!function_wants(&v[i], VALUE_INT, "ints", e))
            return false;
    if (__builtin_sub_overflow(to, from, &count) || count > RANGE_MAX)
        return err_set(e, ERR_INPUT, "of more than %d", RANGE_MAX);
    *out = function_list(NULL, count > 0 ? (size_t)count : 0);
    out->list.items = arena_array(a, struct value, out->list.n);
    for (size_t i = 0; i < out->list.n; i++)
        out->list.items[i] = value_int(from + (int64_t)i);
    return true;
}

bool function_keys(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    (void)n;
    if (!function_wants(v, VALUE_MAP, "a map", e))
        return false;
    *out = function_list(arena_array(a, struct value, v->map.n), v->map.n);
    for (size_t i = 0; i < v->map.n; i++)
        out->list.items[i] = value_string(v->map.pairs[i].key);
    return true;
}

bool function_values(struct arena *a, const struct value *v, size_t n,
                     struct value *out, struct err *e)
{
    (void)n;
    if (!function_wants(v, VALUE_MAP, "a map", e))
        return false;
    *out = function_list(arena_array(a, struct value, v->map.n), v->map.n);
    for (size_t i = 0; i < v->map.n; i++)
        out->list.items[i] = v->map.pairs[i].value;
    return true;
}
