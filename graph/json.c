#include "graph/json.h"

#include "base/die.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_print(void *ctx, const char *s, size_t n)
{
    buf_add(ctx, (struct str){s, n});
}

yajl_gen json_open(struct buf *out)
{
    yajl_gen g = yajl_gen_alloc(NULL);

    if (!g)
        die_oom();
    yajl_gen_config(g, yajl_gen_print_callback, on_print, out);
    return g;
}

void json_close(yajl_gen g)
{
    yajl_gen_free(g);
}

/* Bytes that are not UTF-8 become U+FFFD: JSON has no way to hold them. */
static void str_mended(yajl_gen g, struct str s)
{
    struct buf b = {0};

    while (s.n) {
        size_t n = str_utf8(s);

        buf_add(&b, n ? str_sub(s, 0, n) : STR("\xEF\xBF\xBD"));
        s = str_skip(s, n ? n : 1);
    }
    yajl_gen_string(g, (const unsigned char *)buf_str(&b).s, b.n);
    buf_free(&b);
}

static bool ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.s[i] >= 0x80)
            return false;
    return true;
}

void json_str(yajl_gen g, struct str s)
{
    if (ascii(s))
        yajl_gen_string(g, (const unsigned char *)(s.s ? s.s : ""), s.n);
    else
        str_mended(g, s);
}

void json_key(yajl_gen g, const char *key)
{
    yajl_gen_string(g, (const unsigned char *)key, strlen(key));
}

void json_int(yajl_gen g, int64_t i)
{
    yajl_gen_integer(g, i);
}

void json_double(yajl_gen g, double d)
{
    char text[40];

    if (isnan(d) || isinf(d)) {
        yajl_gen_null(g);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, d);
        if (strtod(text, NULL) == d)
            break;
    }
    if (!strpbrk(text, ".e")) /* a float stays one when read back */
        memcpy(text + strlen(text), ".0", 3);
    yajl_gen_number(g, text, strlen(text));
}

static int by_key(const void *a, const void *b)
{
    const struct value_pair *const *x = a, *const *y = b;

    return str_cmp((*x)->key, (*y)->key);
}

static void map_sorted(yajl_gen g, const struct value *v, bool typed)
{
    struct arena a = {0};
    const struct value_pair **sorted =
        arena_array(&a, const struct value_pair *, v->map.n + 1);

    for (size_t i = 0; i < v->map.n; i++)
        sorted[i] = &v->map.pairs[i];
    qsort(sorted, v->map.n, sizeof(*sorted), by_key);
    yajl_gen_map_open(g);
    for (size_t i = 0; i < v->map.n; i++) {
        json_str(g, sorted[i]->key);
        json_value(g, &sorted[i]->value, typed);
    }
    yajl_gen_map_close(g);
    arena_free(&a);
}

/* {"$percent":10} when typed, else just 10. */
static void with_unit(yajl_gen g, const char *unit, bool typed)
{
    if (typed) {
        yajl_gen_map_open(g);
        json_key(g, unit);
    }
}

static void close_unit(yajl_gen g, bool typed)
{
    if (typed)
        yajl_gen_map_close(g);
}

void json_value(yajl_gen g, const struct value *v, bool typed)
{
    switch (v->kind) {
    case VALUE_NONE:
        yajl_gen_null(g);
        break;
    case VALUE_BOOL:
        yajl_gen_bool(g, v->b);
        break;
    case VALUE_INT:
        json_int(g, v->i);
        break;
    case VALUE_FLOAT:
        json_double(g, v->d);
        break;
    case VALUE_STRING:
        json_str(g, v->s);
        break;
    case VALUE_DURATION:
    case VALUE_SIZE:
        with_unit(g, v->kind == VALUE_SIZE ? "$size" : "$duration", typed);
        json_int(g, v->i);
        close_unit(g, typed);
        break;
    case VALUE_PERCENT:
        with_unit(g, "$percent", typed);
        if (fabs(v->d) < 1e15 && v->d == (double)(int64_t)v->d)
            json_int(g, (int64_t)v->d);
        else
            json_double(g, v->d);
        close_unit(g, typed);
        break;
    case VALUE_LIST:
        yajl_gen_array_open(g);
        for (size_t i = 0; i < v->list.n; i++)
            json_value(g, &v->list.items[i], typed);
        yajl_gen_array_close(g);
        break;
    case VALUE_MAP:
        map_sorted(g, v, typed);
        break;
    case VALUE_SECRET:
    case VALUE_UNKNOWN:
        with_unit(g, v->kind == VALUE_SECRET ? "$secret" : "$unknown", true);
        json_str(g, v->s);
        close_unit(g, true);
        break;
    case VALUE_EXPR:
        with_unit(g, "$expr", true);
        json_expr(g, v->expr);
        close_unit(g, true);
        break;
    }
}

void value_json(struct buf *out, const struct value *v, bool typed)
{
    yajl_gen g = json_open(out);

    json_value(g, v, typed);
    json_close(g);
}

void expr_json(struct buf *out, const struct expr *x)
{
    yajl_gen g = json_open(out);

    json_expr(g, x);
    json_close(g);
}
