#include "runtime/rollout/simulate.h"

#include <math.h>
#include <stdlib.h>

/* What is being read, for messages and the ceiling. */
struct reading {
    struct arena *a;
    struct simulate_set *out;
    size_t points;
    struct err *e;
};

static struct simulate_series *series_named(struct reading *r, struct str name)
{
    for (size_t i = 0; i < r->out->n; i++)
        if (str_eq(r->out->items[i].name, name))
            return &r->out->items[i];
    if (r->out->n == SIMULATE_SERIES_MAX) {
        err_set(r->e, ERR_INPUT, "more than %d series", SIMULATE_SERIES_MAX);
        return NULL;
    }
    if (!r->out->items)
        r->out->items =
            arena_array(r->a, struct simulate_series, SIMULATE_SERIES_MAX);
    r->out->items[r->out->n] = (struct simulate_series){.name = name};
    return &r->out->items[r->out->n++];
}

static bool more_points(struct reading *r, size_t n)
{
    r->points += n;
    if (r->points <= SIMULATE_POINTS_MAX)
        return true;
    return err_set(r->e, ERR_INPUT, "more than %d points in all",
                   SIMULATE_POINTS_MAX);
}

static struct simulate_point nothing(void)
{
    struct simulate_point p = {0};

    p.m.samples = p.m.stable_samples = -1;
    return p;
}

static int by_time(const void *a, const void *b)
{
    const struct simulate_point *x = a, *y = b;

    return (x->at > y->at) - (x->at < y->at);
}

/* ---- JSON ---------------------------------------------------------------- */

/* The numbers that JSON cannot write, also inside lists. */
static struct value with_numbers(struct arena *a, const struct value *v)
{
    struct value out = *v;

    if (v->kind == VALUE_LIST) {
        out.list.items = arena_array(a, struct value, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            out.list.items[i] = with_numbers(a, &v->list.items[i]);
        return out;
    }
    if (v->kind != VALUE_STRING)
        return out;
    if (str_eq(v->s, STR("NaN")))
        return value_float(NAN);
    if (str_eq(v->s, STR("Inf")) || str_eq(v->s, STR("+Inf")))
        return value_float(INFINITY);
    if (str_eq(v->s, STR("-Inf")))
        return value_float(-INFINITY);
    return out;
}

static bool point_time(struct reading *r, const struct value *t, int64_t *at)
{
    double d;

    if (t->kind == VALUE_STRING) {
        if (simulate_duration(t->s, at))
            return true;
    } else if (value_number(t, &d) && d >= 0 && d <= 1e12) {
        *at = (int64_t)d;
        return true;
    }
    return err_set(r->e, ERR_INPUT, "'t' is not a time: " STR_FMT,
                   STR_ARG(value_show(r->a, t)));
}

static bool json_point(struct reading *r, const struct value *v,
                       struct simulate_point *out)
{
    const struct value *t = value_get(v, STR("t"));
    const struct value *value = value_get(v, STR("value"));
    const struct value *stable = value_get(v, STR("stable"));

    *out = nothing();
    if (v->kind != VALUE_MAP || (!t && !value && !value_get(v, STR("error")))) {
        out->m.result = with_numbers(r->a, v);
        return true;
    }
    if (value)
        out->m.result = with_numbers(r->a, value);
    if (stable)
        out->m.stable = with_numbers(r->a, stable);
    out->m.samples = value_get_int(v, "samples", -1);
    out->m.stable_samples = value_get_int(v, "stable-samples", -1);
    out->m.error = value_get_str(v, "error", STR(""));
    if (value_get(v, STR("error")) && !out->m.error.n)
        return err_set(r->e, ERR_INPUT, "'error' has to be a text");
    return !t || point_time(r, t, &out->at);
}

static bool json_series(struct reading *r, const struct value_pair *pair)
{
    struct simulate_series *s = series_named(r, pair->key);
    const struct value *list = &pair->value;

    if (!s)
        return false;
    if (list->kind != VALUE_LIST)
        return err_set(r->e, ERR_INPUT, "series '" STR_FMT
                       "' has to be a list of points", STR_ARG(pair->key));
    if (!more_points(r, list->list.n))
        return false;
    s->n = list->list.n;
    s->points = arena_array(r->a, struct simulate_point, s->n + 1);
    s->counted = true;
    for (size_t i = 0; i < s->n; i++) {
        const struct value *x = &list->list.items[i];

        if (!json_point(r, x, &s->points[i]))
            return err_wrap(r->e, "series '" STR_FMT "', point %zu",
                            STR_ARG(s->name), i + 1);
        if (x->kind == VALUE_MAP && value_get(x, STR("t")))
            s->counted = false;
    }
    if (!s->counted)
        qsort(s->points, s->n, sizeof *s->points, by_time);
    return true;
}

bool simulate_series_json(struct arena *a, struct str json,
                          struct simulate_set *out, struct err *e)
{
    struct reading r = {.a = a, .out = out, .e = e};
    struct value v;

    *out = (struct simulate_set){0};
    if (json.n > SIMULATE_BYTES_MAX)
        return err_set(e, ERR_INPUT, "series of more than %d bytes",
                       SIMULATE_BYTES_MAX);
    if (!value_from_json(a, json, &v, e))
        return false;
    if (v.kind != VALUE_MAP)
        return err_set(e, ERR_INPUT,
                       "series have to be an object of lists, by name");
    for (size_t i = 0; i < v.map.n; i++)
        if (!json_series(&r, &v.map.pairs[i]))
            return false;
    return true;
}

/* ---- CSV ----------------------------------------------------------------- */

enum column_kind { VALUE, STABLE, SAMPLES, STABLE_SAMPLES };

struct column {
    struct simulate_series *series;
    enum column_kind kind;
};

static bool column_of(struct reading *r, struct str name, struct column *out)
{
    static const char *const suffixes[] = {
        [STABLE] = ".stable",
        [SAMPLES] = ".samples",
        [STABLE_SAMPLES] = ".stable-samples",
    };

    out->kind = VALUE;
    for (int k = STABLE; k <= STABLE_SAMPLES; k++) {
        struct str suffix = str_of(suffixes[k]);

        if (!str_ends(name, suffix) || name.n == suffix.n)
            continue;
        name.n -= suffix.n;
        out->kind = (enum column_kind)k;
        break;
    }
    out->series = series_named(r, name);
    return out->series != NULL;
}

static struct value cell_value(struct arena *a, struct str cell)
{
    struct value text = value_string(cell);
    double d;

    if (cell.n == 0 || str_eq(cell, STR("null")))
        return (struct value){.kind = VALUE_NONE};
    if (str_double(cell, &d))
        return value_float(d);
    if (str_eq(cell, STR("true")) || str_eq(cell, STR("false")))
        return value_bool(cell.n == 4);
    return with_numbers(a, &text);
}

static bool set_cell(struct reading *r, const struct column *c, struct str cell)
{
    struct measurement *m = &c->series->points[c->series->n - 1].m;
    int64_t n = -1;

    if (c->kind == VALUE && str_starts(cell, STR("error:")))
        m->error = str_trim(str_skip(cell, 6));
    else if (c->kind == VALUE)
        m->result = cell_value(r->a, cell);
    else if (c->kind == STABLE)
        m->stable = cell_value(r->a, cell);
    else if (cell.n && !str_int(cell, &n))
        return err_set(r->e, ERR_INPUT, "'" STR_FMT "' is not a number of "
                       "samples", STR_ARG(cell));
    if (c->kind == SAMPLES)
        m->samples = n;
    if (c->kind == STABLE_SAMPLES)
        m->stable_samples = n;
    return true;
}

static bool row_time(struct reading *r, struct str cell, int64_t *at)
{
    double seconds;

    if (str_double(cell, &seconds) && seconds >= 0 && seconds <= 1e9) {
        *at = (int64_t)(seconds * 1000);
        return true;
    }
    if (cell.n && simulate_duration(cell, at))
        return true;
    return err_set(r->e, ERR_INPUT, "'" STR_FMT "' is not a time",
                   STR_ARG(cell));
}

static bool csv_row(struct reading *r, const struct column *columns, size_t n,
                    size_t rows, struct str line)
{
    struct str rest, cell = str_trim(str_cut(line, ',', &rest));
    int64_t at;

    if (!row_time(r, cell, &at) || !more_points(r, r->out->n))
        return false;
    for (size_t i = 0; i < r->out->n; i++) {
        struct simulate_series *s = &r->out->items[i];

        if (!s->points)
            s->points = arena_array(r->a, struct simulate_point, rows);
        s->points[s->n] = nothing();
        s->points[s->n++].at = at;
    }
    for (size_t i = 0; i < n; i++) {
        cell = str_trim(str_cut(rest, ',', &rest));
        if (!set_cell(r, &columns[i], cell))
            return false;
    }
    return true;
}

static size_t lines_in(struct str s)
{
    size_t n = 1;

    for (size_t i = 0; i < s.n; i++)
        n += s.s[i] == '\n';
    return n;
}

bool simulate_series_csv(struct arena *a, struct str csv,
                         struct simulate_set *out, struct err *e)
{
    struct reading r = {.a = a, .out = out, .e = e};
    struct column columns[4 * SIMULATE_SERIES_MAX];
    struct str rest, header = str_trim(str_cut(csv, '\n', &rest));
    size_t n = 0, rows = lines_in(csv), line_no = 1;

    *out = (struct simulate_set){0};
    if (csv.n > SIMULATE_BYTES_MAX)
        return err_set(e, ERR_INPUT, "series of more than %d bytes",
                       SIMULATE_BYTES_MAX);
    for (str_cut(header, ',', &header); header.n > 0; n++) {
        struct str name = str_trim(str_cut(header, ',', &header));

        if (n == 4 * SIMULATE_SERIES_MAX)
            return err_set(e, ERR_INPUT, "too many columns");
        if (!column_of(&r, name, &columns[n]))
            return false;
    }
    if (rows * (out->n + 1) > 2 * (size_t)SIMULATE_POINTS_MAX)
        return err_set(e, ERR_INPUT, "more than %d points in all",
                       SIMULATE_POINTS_MAX);
    while (rest.n > 0) {
        struct str line = str_trim(str_cut(rest, '\n', &rest));

        line_no++;
        if (line.n && !csv_row(&r, columns, n, rows, line))
            return err_wrap(e, "line %zu", line_no);
    }
    for (size_t i = 0; i < out->n; i++)
        if (out->items[i].n)
            qsort(out->items[i].points, out->items[i].n,
                  sizeof *out->items[i].points, by_time);
    return true;
}
