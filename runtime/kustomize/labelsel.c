#include "runtime/kustomize/labelsel.h"

#include <ctype.h>
#include <string.h>

enum { LABEL_PART_MAX = 63, LABEL_PREFIX_MAX = 253 };

struct reader {
    struct arena *a;
    struct str text, rest;
    struct err *e;
};

static bool fail(struct reader *r, const char *what)
{
    return err_set(r->e, ERR_INPUT,
                   "bad selector '" STR_FMT "' at character %zu: %s",
                   STR_ARG(r->text), r->text.n - r->rest.n + 1, what);
}

static void skip_space(struct reader *r)
{
    while (r->rest.n && strchr(" \t\r\n", r->rest.s[0]))
        r->rest = str_skip(r->rest, 1);
}

static bool take(struct reader *r, const char *token)
{
    skip_space(r);
    if (!str_starts(r->rest, str_of(token)))
        return false;
    r->rest = str_skip(r->rest, strlen(token));
    return true;
}

/* A run without white space and operators; empty where there is none. */
static struct str word(struct reader *r)
{
    size_t n = 0;

    skip_space(r);
    while (n < r->rest.n && !strchr(" \t\r\n=!(),<>", r->rest.s[n]))
        n++;
    struct str out = str_sub(r->rest, 0, n);

    r->rest = str_skip(r->rest, n);
    return out;
}

static bool part_fits(struct str s)
{
    if (s.n > LABEL_PART_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool edge = i == 0 || i == s.n - 1;

        if (!isalnum((unsigned char)s.s[i]) &&
            (edge || !strchr("-_.", s.s[i])))
            return false;
    }
    return true;
}

static bool prefix_fits(struct str s)
{
    if (!s.n || s.n > LABEL_PREFIX_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!islower((unsigned char)s.s[i]) && !isdigit((unsigned char)s.s[i]) &&
            !strchr("-.", s.s[i]))
            return false;
    return true;
}

static bool key_fits(struct str key)
{
    struct str name = {0};
    struct str prefix = str_cut(key, '/', &name);

    if (prefix.n == key.n)
        return key.n && part_fits(key);
    return prefix_fits(prefix) && name.n && part_fits(name);
}

struct values {
    struct str *items;
    size_t n, cap;
};

static bool read_list(struct reader *r, struct values *v)
{
    if (!take(r, "("))
        return fail(r, "expected '(' and values");
    do {
        struct str value = word(r);

        if (!part_fits(value))
            return fail(r, "a value has at most 63 letters, digits and -_.");
        if (v->n == LABELSEL_MAX)
            return fail(r, "too many values");
        arena_push(r->a, v, value);
    } while (take(r, ","));
    return take(r, ")") || fail(r, "expected ')'");
}

static bool read_one(struct reader *r, struct values *v)
{
    struct str value = word(r);

    if (!part_fits(value))
        return fail(r, "a value has at most 63 letters, digits and -_.");
    arena_push(r->a, v, value);
    return true;
}

static bool read_number(struct reader *r, struct values *v)
{
    int64_t ignored;

    return read_one(r, v) && (str_int(v->items[0], &ignored) ||
                              fail(r, "expected a whole number"));
}

static bool read_operation(struct reader *r, struct labelsel_need *need)
{
    struct values v = {0};
    struct str before = r->rest;
    bool ok = true;

    if (take(r, "==") || take(r, "=")) {
        ok = read_one(r, &v);
    } else if (take(r, "!=")) {
        need->op = LABELSEL_NOT_IN;
        ok = read_one(r, &v);
    } else if (take(r, ">")) {
        need->op = LABELSEL_GREATER;
        ok = read_number(r, &v);
    } else if (take(r, "<")) {
        need->op = LABELSEL_LESS;
        ok = read_number(r, &v);
    } else {
        struct str op = word(r);

        if (str_eq(op, STR("in")) || str_eq(op, STR("notin"))) {
            need->op = op.n == 2 ? LABELSEL_IN : LABELSEL_NOT_IN;
            ok = read_list(r, &v);
        } else if (op.n) {
            r->rest = before;
            return fail(r, "expected =, !=, in, notin or ','");
        } else {
            need->op = LABELSEL_EXISTS;
        }
    }
    need->values = v.items;
    need->n = v.n;
    return ok;
}

static bool read_need(struct reader *r, struct labelsel_need *need)
{
    bool negated = take(r, "!");

    need->key = word(r);
    if (!key_fits(need->key))
        return fail(r, "expected a label's name before this");
    if (!negated)
        return read_operation(r, need);
    need->op = LABELSEL_MISSING;
    return true;
}

bool labelsel_parse(struct arena *a, struct str text, struct labelsel *out,
                    struct err *e)
{
    struct reader r = {.a = a, .text = text, .rest = text, .e = e};

    *out = (struct labelsel){0};
    skip_space(&r);
    if (!r.rest.n)
        return true;
    do {
        struct labelsel_need need = {0};

        if (!read_need(&r, &need))
            return false;
        if (out->n == LABELSEL_MAX)
            return fail(&r, "too many requirements");
        arena_push(a, out, need);
    } while (take(&r, ","));
    skip_space(&r);
    return r.rest.n == 0 || fail(&r, "expected ',' or the end");
}

static bool among(const struct labelsel_need *need, struct str value)
{
    for (size_t i = 0; i < need->n; i++)
        if (str_eq(need->values[i], value))
            return true;
    return false;
}

static bool holds(const struct labelsel_need *need, const struct ynode *labels)
{
    const struct ynode *n = ynode_get_str(labels, need->key);
    struct str value = ynode_text(n);
    int64_t have, limit;

    switch (need->op) {
    case LABELSEL_IN: return n && among(need, value);
    case LABELSEL_NOT_IN: return !n || !among(need, value);
    case LABELSEL_EXISTS: return n;
    case LABELSEL_MISSING: return !n;
    case LABELSEL_GREATER:
    case LABELSEL_LESS: break;
    }
    if (!n || !str_int(value, &have) || !str_int(need->values[0], &limit))
        return false;
    return need->op == LABELSEL_GREATER ? have > limit : have < limit;
}

bool labelsel_match(const struct labelsel *s, const struct ynode *labels)
{
    for (size_t i = 0; i < s->n; i++)
        if (!holds(&s->items[i], labels))
            return false;
    return true;
}
