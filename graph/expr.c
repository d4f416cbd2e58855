#include "graph/expr.h"

#include "base/buf.h"
#include "graph/function.h"
#include "graph/operator.h"

#include <string.h>

/* What every step of an evaluation needs. */
struct eval {
    struct arena *a;
    const struct expr_env *env;
    struct err *e;
    int depth;
};

static bool eval(struct eval *ev, const struct expr *x, struct value *out);

static bool lookup(struct eval *ev, const struct expr *x, struct value *out)
{
    if (!ev->env || !ev->env->lookup)
        return err_set(ev->e, ERR_INPUT, "'" STR_FMT "' has no value here",
                       STR_ARG(x->name));
    return ev->env->lookup(ev->env->ctx, x, out, ev->e);
}

static bool member(struct eval *ev, const struct expr *x, struct value *out)
{
    struct value v;

    if (!eval(ev, &x->kids[0], &v))
        return false;
    if (v.kind == VALUE_UNKNOWN) {
        *out = v;
        return true;
    }
    const struct value *m = value_get(&v, x->name);

    if (!m && ev->env && ev->env->lenient) {
        *out = (struct value){.kind = VALUE_NONE};
        return true;
    }
    if (!m)
        return err_set(ev->e, ERR_INPUT, "no member '" STR_FMT "' in %s",
                       STR_ARG(x->name), operator_kind_name(&v));
    *out = *m;
    return true;
}

static bool index_of(struct eval *ev, const struct expr *x, struct value *out)
{
    struct value v, i;

    if (!eval(ev, &x->kids[0], &v) || !eval(ev, &x->kids[1], &i))
        return false;
    if (v.kind == VALUE_UNKNOWN || i.kind == VALUE_UNKNOWN) {
        *out = v.kind == VALUE_UNKNOWN ? v : i;
        return true;
    }
    return operator_index(&v, &i, out, ev->e);
}

static bool call(struct eval *ev, const struct expr *x, struct value *out)
{
    const struct function *f = function_find(x->name);
    struct value *args = arena_array(ev->a, struct value, x->n + 1);

    if (!f)
        return err_set(ev->e, ERR_INPUT, "no function '" STR_FMT "'",
                       STR_ARG(x->name));
    if (!function_arity(f, x->n, ev->e))
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (!eval(ev, &x->kids[i], &args[i]))
            return false;
    for (size_t i = 0; i < x->n; i++)
        if (args[i].kind == VALUE_UNKNOWN) {
            *out = args[i];
            return true;
        }
    return f->call(ev->a, args, x->n, out, ev->e) ||
           err_wrap(ev->e, "%s()", f->name);
}

/* && and ||: the left side may decide alone; an unknown left side still lets
 * a deciding right side decide. */
static bool logic(struct eval *ev, const struct expr *x, struct value *out)
{
    bool decides = x->op == OP_OR;
    struct value left, right;

    if (!eval(ev, &x->kids[0], &left))
        return false;
    if (left.kind == VALUE_BOOL && left.b == decides) {
        *out = left;
        return true;
    }
    if (!eval(ev, &x->kids[1], &right))
        return false;
    bool l = left.kind == VALUE_BOOL || left.kind == VALUE_UNKNOWN;
    bool r = right.kind == VALUE_BOOL || right.kind == VALUE_UNKNOWN;

    if (!l || !r)
        return err_set(ev->e, ERR_INPUT, "'%s' takes two bools, not %s",
                       decides ? "||" : "&&",
                       operator_kind_name(l ? &right : &left));
    if (right.kind == VALUE_BOOL && right.b == decides)
        *out = right;
    else
        *out = left.kind == VALUE_UNKNOWN ? left : right;
    return true;
}

static bool binary(struct eval *ev, const struct expr *x, struct value *out)
{
    struct value left, right;

    if (x->op == OP_OR || x->op == OP_AND)
        return logic(ev, x, out);
    if (!eval(ev, &x->kids[0], &left) || !eval(ev, &x->kids[1], &right))
        return false;
    if (left.kind == VALUE_UNKNOWN || right.kind == VALUE_UNKNOWN) {
        *out = left.kind == VALUE_UNKNOWN ? left : right;
        return true;
    }
    return operator_binary(ev->a, x->op, &left, &right, out, ev->e);
}

static bool unary(struct eval *ev, const struct expr *x, struct value *out)
{
    struct value v;

    if (!eval(ev, &x->kids[0], &v))
        return false;
    if (v.kind == VALUE_UNKNOWN) {
        *out = v;
        return true;
    }
    return operator_unary(x->op, &v, out, ev->e);
}

static bool condition(struct eval *ev, const struct expr *x, struct value *out)
{
    struct value test;

    if (!eval(ev, &x->kids[0], &test))
        return false;
    if (test.kind == VALUE_UNKNOWN) {
        *out = test;
        return true;
    }
    if (test.kind != VALUE_BOOL)
        return err_set(ev->e, ERR_INPUT, "'?' asks for a bool, not %s",
                       operator_kind_name(&test));
    return eval(ev, &x->kids[test.b ? 1 : 2], out);
}

static bool row(struct eval *ev, const struct expr *x, struct value *out)
{
    struct value *items = arena_array(ev->a, struct value, x->n);

    for (size_t i = 0; i < x->n; i++)
        if (!eval(ev, &x->kids[i], &items[i]))
            return false;
    for (size_t i = 0; i < x->n; i++)
        if (items[i].kind == VALUE_UNKNOWN) {
            *out = items[i];
            return true;
        }
    if (x->kind == EXPR_LIST) {
        *out = (struct value){.kind = VALUE_LIST, .list = {items, x->n}};
        return true;
    }
    struct value_pair *pairs = arena_array(ev->a, struct value_pair, x->n / 2);

    for (size_t i = 0; i + 1 < x->n; i += 2) {
        if (items[i].kind != VALUE_STRING)
            return err_set(ev->e, ERR_INPUT, "a map's key is a string, not %s",
                           operator_kind_name(&items[i]));
        pairs[i / 2] = (struct value_pair){items[i].s, items[i + 1]};
    }
    *out = (struct value){.kind = VALUE_MAP, .map = {pairs, x->n / 2}};
    return true;
}

/* One part of a text: as it is, or, in a command, as quoted words. */
static bool add_part(struct eval *ev, struct buf *b, const struct value *v,
                     bool quote)
{
    struct str text;

    if (quote && v->kind == VALUE_LIST) {
        for (size_t i = 0; i < v->list.n; i++) {
            if (i)
                buf_addc(b, ' ');
            if (!add_part(ev, b, &v->list.items[i], true))
                return false;
        }
        return true;
    }
    if (!value_text(ev->a, v, &text))
        return err_set(ev->e, ERR_INPUT, "%s has no text to put into a string",
                       operator_kind_name(v));
    if (quote && memchr(text.s ? text.s : "", 0, text.n))
        return err_set(ev->e, ERR_INPUT, "a NUL byte cannot be in a command");
    buf_add(b, quote ? expr_shell_quote(ev->a, text) : text);
    return b->n <= EXPR_BYTES_MAX ||
           err_set(ev->e, ERR_INPUT, "text longer than %d bytes",
                   EXPR_BYTES_MAX);
}

static bool text(struct eval *ev, const struct expr *x, struct value *out)
{
    struct buf b = {0};
    struct value v;
    bool ok = true;

    for (size_t i = 0; ok && i < x->n; i++) {
        ok = eval(ev, &x->kids[i], &v);
        if (ok && v.kind == VALUE_UNKNOWN) {
            *out = v;
            buf_free(&b);
            return true;
        }
        ok = ok && add_part(ev, &b, &v, x->kind == EXPR_SHELL &&
                            x->kids[i].kind != EXPR_LITERAL);
    }
    if (ok)
        *out = value_string(arena_dup(ev->a, buf_str(&b)));
    buf_free(&b);
    return ok;
}

static bool literal(struct eval *ev, const struct expr *x, struct value *out)
{
    if (x->lit.kind == VALUE_EXPR)
        return eval(ev, x->lit.expr, out);
    *out = x->lit;
    if (x->lit.kind == VALUE_SECRET && ev->env && ev->env->secret)
        *out = value_string(ev->env->secret(ev->env->ctx, x->lit.s));
    return true;
}

static bool dispatch(struct eval *ev, const struct expr *x, struct value *out)
{
    switch (x->kind) {
    case EXPR_LITERAL:
        return literal(ev, x, out);
    case EXPR_VAR:
    case EXPR_OUTPUT:
        return lookup(ev, x, out);
    case EXPR_MEMBER:
        return member(ev, x, out);
    case EXPR_INDEX:
        return index_of(ev, x, out);
    case EXPR_CALL:
        return call(ev, x, out);
    case EXPR_UNARY:
        return unary(ev, x, out);
    case EXPR_BINARY:
        return binary(ev, x, out);
    case EXPR_COND:
        return condition(ev, x, out);
    case EXPR_LIST:
    case EXPR_MAP:
        return row(ev, x, out);
    case EXPR_TEXT:
    case EXPR_SHELL:
        return text(ev, x, out);
    }
    return false;
}

static bool eval(struct eval *ev, const struct expr *x, struct value *out)
{
    if (ev->depth == EXPR_DEPTH_MAX)
        return err_set(ev->e, ERR_INPUT, "expression nested deeper than %d",
                       EXPR_DEPTH_MAX);
    ev->depth++;
    bool ok = dispatch(ev, x, out);

    ev->depth--;
    return ok;
}

bool expr_eval(struct arena *a, const struct expr *x,
               const struct expr_env *env, struct value *out, struct err *e)
{
    struct eval ev = {.a = a, .env = env, .e = e};

    return eval(&ev, x, out);
}

static bool resolve(struct eval *ev, const struct value *v, struct value *out)
{
    *out = *v;
    if (v->kind == VALUE_EXPR)
        return eval(ev, v->expr, out);
    if (v->kind == VALUE_LIST) {
        out->list.items = arena_array(ev->a, struct value, v->list.n);
        for (size_t i = 0; i < v->list.n; i++)
            if (!resolve(ev, &v->list.items[i], &out->list.items[i]))
                return false;
    }
    if (v->kind == VALUE_MAP) {
        out->map.pairs = arena_array(ev->a, struct value_pair, v->map.n);
        for (size_t i = 0; i < v->map.n; i++) {
            out->map.pairs[i].key = v->map.pairs[i].key;
            if (!resolve(ev, &v->map.pairs[i].value,
                         &out->map.pairs[i].value))
                return err_wrap(ev->e, "'" STR_FMT "'",
                                STR_ARG(v->map.pairs[i].key));
        }
    }
    return true;
}

bool expr_resolve(struct arena *a, const struct value *v,
                  const struct expr_env *env, struct value *out,
                  struct err *e)
{
    struct eval ev = {.a = a, .env = env, .e = e};

    if (!value_pending(v)) {
        *out = *v;
        return true;
    }
    return resolve(&ev, v, out);
}
