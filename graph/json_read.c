#include "graph/json.h"

#include "base/die.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

/* Values under construction stand in one row; an open container remembers
 * where its own begin, and takes them off the row when it closes. */
struct frame {
    size_t first;
    bool map, stream;
    bool kept; /* the first of those in an element that is */
};

struct reader {
    struct arena *a;     /* of what is read */
    struct arena *texts; /* of texts that are not borrowed */
    const struct json_stream *stream; /* or NULL */
    struct arena element; /* one of the stream's */
    struct str borrow;    /* texts in here stay there */
    struct value_pair *row;
    size_t n, cap;
    struct frame frames[JSON_DEPTH_MAX];
    size_t depth;
    struct str key;
    struct err *e;
};

static int push(struct reader *r, struct value v)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 256;
        r->row = realloc(r->row, r->cap * sizeof(*r->row));
        if (!r->row)
            die_oom();
    }
    r->row[r->n++] = (struct value_pair){r->key, v};
    r->key = (struct str){0};
    return 1;
}

static int on_null(void *ctx)
{
    return push(ctx, (struct value){.kind = VALUE_NONE});
}

static int on_bool(void *ctx, int b)
{
    return push(ctx, value_bool(b));
}

static int on_number(void *ctx, const char *s, size_t n)
{
    struct reader *r = ctx;
    struct str text = {s, n};
    int64_t i;
    double d;

    if (str_int(text, &i))
        return push(r, value_int(i));
    if (str_double(text, &d))
        return push(r, value_float(d));
    return err_set(r->e, ERR_INPUT, "number out of range");
}

/* Without escapes a text is yajl's input itself. */
static struct str text(struct reader *r, const unsigned char *s, size_t n)
{
    struct str t = {(const char *)s, n};
    uintptr_t at = (uintptr_t)s - (uintptr_t)r->borrow.s;

    return at < r->borrow.n ? t : arena_dup(r->texts, t);
}

static int on_string(void *ctx, const unsigned char *s, size_t n)
{
    return push(ctx, value_string(text(ctx, s, n)));
}

static int on_key(void *ctx, const unsigned char *s, size_t n)
{
    struct reader *r = ctx;

    r->key = text(r, s, n);
    return 1;
}

/* The container being opened is the stream's list. */
static bool begins_stream(const struct reader *r, bool map)
{
    return r->stream && !map && r->depth == 1 && r->frames[0].map &&
           str_eq(r->key, r->stream->list);
}

/* And this one is a member of an element, and the caller's to keep. */
static bool begins_kept(const struct reader *r)
{
    if (r->a != &r->element || r->key.n == 0)
        return false;
    for (const char *const *k = r->stream->kept; *k; k++)
        if (str_eq(r->key, str_of(*k)))
            return true;
    return false;
}

static int open_container(struct reader *r, bool map)
{
    bool stream = begins_stream(r, map), kept = begins_kept(r);

    if (r->depth == JSON_DEPTH_MAX)
        return err_set(r->e, ERR_INPUT, "nested deeper than %d levels",
                       JSON_DEPTH_MAX);
    push(r, (struct value){.kind = map ? VALUE_MAP : VALUE_LIST});
    r->frames[r->depth++] = (struct frame){r->n, map, stream, kept};
    if (stream)
        r->a = &r->element;
    if (kept)
        r->a = r->texts;
    return 1;
}

static int on_map_open(void *ctx)
{
    return open_container(ctx, true);
}

static int on_list_open(void *ctx)
{
    return open_container(ctx, false);
}

/* A map of one key that begins with '$' is a value with its unit. */
static bool unwrap(struct reader *r, struct value *v)
{
    struct str key = v->map.pairs[0].key;
    struct value in = v->map.pairs[0].value;
    double d;

    if (str_eq(key, STR("$duration")) && in.kind == VALUE_INT) {
        *v = (struct value){.kind = VALUE_DURATION, .i = in.i};
    } else if (str_eq(key, STR("$size")) && in.kind == VALUE_INT) {
        *v = (struct value){.kind = VALUE_SIZE, .i = in.i};
    } else if (str_eq(key, STR("$percent")) && value_number(&in, &d)) {
        *v = (struct value){.kind = VALUE_PERCENT, .d = d};
    } else if (str_eq(key, STR("$secret")) && in.kind == VALUE_STRING) {
        *v = (struct value){.kind = VALUE_SECRET, .s = in.s};
    } else if (str_eq(key, STR("$unknown")) && in.kind == VALUE_STRING) {
        *v = (struct value){.kind = VALUE_UNKNOWN, .s = in.s};
    } else if (str_eq(key, STR("$expr"))) {
        struct expr *x = arena_new(r->a, struct expr);

        if (!expr_from_value(r->a, &in, x, r->e))
            return false;
        *v = (struct value){.kind = VALUE_EXPR, .expr = x};
    }
    return true;
}

static int close_container(struct reader *r)
{
    struct frame f = r->frames[--r->depth];
    struct value *v = &r->row[f.first - 1].value;
    const struct value_pair *from = r->row + f.first;
    size_t n = r->n - f.first;

    r->n = f.first;
    if (f.map) {
        v->map.pairs = arena_array(r->a, struct value_pair, n);
        v->map.n = n;
        if (n)
            memcpy(v->map.pairs, from, n * sizeof(*from));
        return n != 1 || from->key.n == 0 || from->key.s[0] != '$' ||
               unwrap(r, v);
    }
    v->list.items = arena_array(r->a, struct value, n);
    v->list.n = n;
    for (size_t i = 0; i < n; i++)
        v->list.items[i] = from[i].value;
    return 1;
}

/* What closed was an element of the stream's list. */
static int hand_over(struct reader *r)
{
    size_t first = r->frames[1].first;
    struct value before = {.kind = VALUE_MAP, .map = {r->row + 1, first - 2}};
    bool ok = r->stream->take(r->stream->ctx, &before,
                              &r->row[--r->n].value);

    arena_free(&r->element);
    return ok;
}

static int on_close(void *ctx)
{
    struct reader *r = ctx;

    if (r->frames[r->depth - 1].stream)
        r->a = r->texts;
    if (!close_container(r))
        return 0;
    if (r->frames[r->depth].kept)
        r->a = &r->element;
    return r->depth == 2 && r->frames[1].stream ? hand_over(r) : 1;
}

static bool parse(struct reader *r, struct str json)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = on_null, .yajl_boolean = on_bool,
        .yajl_number = on_number, .yajl_string = on_string,
        .yajl_start_map = on_map_open, .yajl_map_key = on_key,
        .yajl_end_map = on_close, .yajl_start_array = on_list_open,
        .yajl_end_array = on_close,
    };
    yajl_handle h = yajl_alloc(&callbacks, NULL, r);

    if (!h)
        die_oom();
    const unsigned char *s = (const unsigned char *)(json.s ? json.s : "");
    yajl_status status = yajl_parse(h, s, json.n);

    if (status == yajl_status_ok)
        status = yajl_complete_parse(h);
    size_t at = yajl_get_bytes_consumed(h);
    if (status == yajl_status_error) {
        unsigned char *why = yajl_get_error(h, 0, s, json.n);
        err_set(r->e, ERR_INPUT, "byte %zu: %.100s", at, (const char *)why);
        r->e->msg[strcspn(r->e->msg, "\n")] = '\0';
        yajl_free_error(h, why);
    } else if (status == yajl_status_client_canceled) {
        err_wrap(r->e, "byte %zu", at);
    }
    yajl_free(h);
    return status == yajl_status_ok;
}

static bool read_json(struct arena *a, struct str json,
                      const struct json_stream *s, struct value *out,
                      struct err *e)
{
    struct reader *r = calloc(1, sizeof(*r));

    if (!r)
        die_oom();
    r->a = r->texts = a;
    r->stream = s;
    r->borrow = s ? json : (struct str){0};
    r->e = e;
    bool ok = parse(r, json);

    if (ok && (r->n != 1 || r->depth))
        ok = err_set(e, ERR_INPUT, "no JSON value");
    if (ok)
        *out = r->row[0].value;
    arena_free(&r->element);
    free(r->row);
    free(r);
    return ok;
}

bool value_from_json(struct arena *a, struct str json, struct value *out,
                     struct err *e)
{
    return read_json(a, json, NULL, out, e);
}

bool json_read_stream(struct arena *a, struct str json,
                      const struct json_stream *s, struct value *out,
                      struct err *e)
{
    return read_json(a, json, s, out, e);
}
