/* Expressions as text and as JSON. */
#include "base/buf.h"
#include "graph/expr.h"
#include "graph/json.h"

#include <string.h>

static const struct {
    const char *text;
    int binds; /* loosest first */
} ops[] = {
    [OP_OR] = {"||", 1}, [OP_AND] = {"&&", 2},
    [OP_EQ] = {"==", 3}, [OP_NE] = {"!=", 3}, [OP_LT] = {"<", 3},
    [OP_LE] = {"<=", 3}, [OP_GT] = {">", 3}, [OP_GE] = {">=", 3},
    [OP_IN] = {"in", 3}, [OP_MATCH] = {"=~", 3},
    [OP_ADD] = {"+", 4}, [OP_SUB] = {"-", 4},
    [OP_MUL] = {"*", 5}, [OP_DIV] = {"/", 5}, [OP_MOD] = {"%", 5},
    [OP_NOT] = {"!", 6}, [OP_NEG] = {"-", 6},
};

static void show(struct arena *a, struct buf *b, const struct expr *x,
                 int outer);

static void show_row(struct arena *a, struct buf *b, const struct expr *x,
                     const char *open, const char *close)
{
    buf_adds(b, open);
    for (size_t i = 0; i < x->n; i++) {
        if (i)
            buf_adds(b, x->kind == EXPR_MAP && i % 2 ? ": " : ", ");
        show(a, b, &x->kids[i], 0);
    }
    buf_adds(b, close);
}

static void show_text(struct arena *a, struct buf *b, const struct expr *x)
{
    buf_addc(b, '"');
    for (size_t i = 0; i < x->n; i++) {
        const struct expr *kid = &x->kids[i];

        if (kid->kind == EXPR_LITERAL && kid->lit.kind == VALUE_STRING) {
            struct str quoted = value_show(a, &kid->lit);
            buf_add(b, str_sub(quoted, 1, quoted.n - 2));
        } else {
            buf_adds(b, "\\(");
            show(a, b, kid, 0);
            buf_addc(b, ')');
        }
    }
    buf_addc(b, '"');
}

static void show_operator(struct arena *a, struct buf *b, const struct expr *x,
                          int outer)
{
    int binds = x->kind == EXPR_COND ? 0 : ops[x->op].binds;

    if (binds < outer)
        buf_addc(b, '(');
    if (x->kind == EXPR_UNARY) {
        buf_adds(b, ops[x->op].text);
        show(a, b, &x->kids[0], binds);
    } else if (x->kind == EXPR_BINARY) {
        show(a, b, &x->kids[0], binds);
        buf_addf(b, " %s ", ops[x->op].text);
        show(a, b, &x->kids[1], binds + 1);
    } else {
        show(a, b, &x->kids[0], 1);
        buf_adds(b, " ? ");
        show(a, b, &x->kids[1], 0);
        buf_adds(b, " : ");
        show(a, b, &x->kids[2], 0);
    }
    if (binds < outer)
        buf_addc(b, ')');
}

static void show(struct arena *a, struct buf *b, const struct expr *x,
                 int outer)
{
    switch (x->kind) {
    case EXPR_LITERAL:
        buf_add(b, value_show(a, &x->lit));
        break;
    case EXPR_VAR:
        buf_add(b, x->name);
        break;
    case EXPR_OUTPUT:
        buf_add(b, x->stage);
        if (x->name.n) {
            buf_addc(b, '.');
            buf_add(b, x->name);
        }
        break;
    case EXPR_MEMBER:
        show(a, b, &x->kids[0], 7);
        buf_addc(b, '.');
        buf_add(b, x->name);
        break;
    case EXPR_INDEX:
        show(a, b, &x->kids[0], 7);
        buf_addc(b, '[');
        show(a, b, &x->kids[1], 0);
        buf_addc(b, ']');
        break;
    case EXPR_CALL:
        buf_add(b, x->name);
        show_row(a, b, x, "(", ")");
        break;
    case EXPR_UNARY:
    case EXPR_BINARY:
    case EXPR_COND:
        show_operator(a, b, x, outer);
        break;
    case EXPR_LIST:
        show_row(a, b, x, "[", "]");
        break;
    case EXPR_MAP:
        show_row(a, b, x, "{", "}");
        break;
    case EXPR_TEXT:
    case EXPR_SHELL:
        show_text(a, b, x);
        break;
    }
}

struct str expr_show(struct arena *a, const struct expr *x)
{
    struct buf b = {0};

    show(a, &b, x, 0);
    struct str s = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return s;
}

struct str expr_waits_for(const struct expr *x)
{
    if (x->kind == EXPR_OUTPUT)
        return x->lit.kind == VALUE_STRING ? x->lit.s : x->stage;
    for (size_t i = 0; i < x->n; i++) {
        struct str s = expr_waits_for(&x->kids[i]);

        if (s.n)
            return s;
    }
    return (struct str){0};
}

struct str expr_shell_quote(struct arena *a, struct str word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
    struct buf b = {0};
    bool bare = word.n > 0;

    for (size_t i = 0; bare && i < word.n; i++)
        bare = word.s[i] && strchr(safe, word.s[i]);
    if (word.n && word.s[0] != '-' && str_find(word, '=') < word.n)
        bare = false; /* in front of a command it would set a variable */
    if (bare)
        return word;
    buf_addc(&b, '\'');
    for (size_t i = 0; i < word.n; i++) {
        if (word.s[i] == '\'')
            buf_adds(&b, "'\\''");
        else
            buf_addc(&b, word.s[i]);
    }
    buf_addc(&b, '\'');
    struct str s = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return s;
}

/* ---- JSON -------------------------------------------------------------- */

static const char *const kinds[] = {
    [EXPR_LITERAL] = "lit", [EXPR_VAR] = "var", [EXPR_OUTPUT] = "output",
    [EXPR_MEMBER] = "member", [EXPR_INDEX] = "index", [EXPR_CALL] = "call",
    [EXPR_UNARY] = "unary", [EXPR_BINARY] = "binary", [EXPR_COND] = "cond",
    [EXPR_LIST] = "list", [EXPR_MAP] = "map", [EXPR_TEXT] = "text",
    [EXPR_SHELL] = "shell",
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds), OPS = sizeof(ops) / sizeof(*ops) };

void json_expr(yajl_gen g, const struct expr *x)
{
    bool named = x->kind == EXPR_VAR || x->kind == EXPR_CALL;

    yajl_gen_array_open(g);
    json_key(g, kinds[x->kind]);
    if (x->kind == EXPR_LITERAL)
        json_value(g, &x->lit, true);
    if (x->kind == EXPR_OUTPUT)
        json_str(g, x->stage);
    if (named || x->kind == EXPR_OUTPUT)
        json_str(g, x->name);
    if (x->op)
        json_key(g, ops[x->op].text);
    for (size_t i = 0; i < x->n; i++)
        json_expr(g, &x->kids[i]);
    if (x->kind == EXPR_MEMBER)
        json_str(g, x->name);
    yajl_gen_array_close(g);
}

/* How many kids a kind has; SIZE_MAX: any number. */
static size_t arity(enum expr_kind kind)
{
    switch (kind) {
    case EXPR_LITERAL: case EXPR_VAR: case EXPR_OUTPUT:
        return 0;
    case EXPR_MEMBER: case EXPR_UNARY:
        return 1;
    case EXPR_INDEX: case EXPR_BINARY:
        return 2;
    case EXPR_COND:
        return 3;
    case EXPR_CALL: case EXPR_LIST: case EXPR_MAP: case EXPR_TEXT:
    case EXPR_SHELL:
        break;
    }
    return SIZE_MAX;
}

static enum expr_op op_of(struct str text, bool unary)
{
    for (size_t i = 1; i < OPS; i++)
        if (str_eq(text, str_of(ops[i].text)) &&
            unary == (i == OP_NOT || i == OP_NEG))
            return (enum expr_op)i;
    return OP_NONE;
}

static bool from_value(struct arena *a, const struct value *v, int depth,
                       struct expr *out, struct err *e);

static bool kids_from(struct arena *a, const struct value *items, size_t n,
                      int depth, struct expr *out, struct err *e)
{
    size_t want = arity(out->kind);

    if (want != SIZE_MAX && n != want)
        return err_set(e, ERR_INPUT, "expression '%s' has %zu parts, not %zu",
                       kinds[out->kind], n, want);
    if (out->kind == EXPR_MAP && n % 2)
        return err_set(e, ERR_INPUT, "expression 'map' lacks a value");
    out->kids = arena_array(a, struct expr, n);
    out->n = n;
    for (size_t i = 0; i < n; i++)
        if (!from_value(a, &items[i], depth + 1, &out->kids[i], e))
            return false;
    return true;
}

static bool head_from(struct arena *a, const struct value *items, size_t n,
                      size_t *used, struct expr *out, struct err *e)
{
    struct str *names[2] = {0};
    size_t want = 0;

    (void)a;
    *used = 1;
    if (out->kind == EXPR_LITERAL) {
        if (n != 2)
            return err_set(e, ERR_INPUT, "expression 'lit' takes one value");
        out->lit = items[1];
        *used = 2;
        return true;
    }
    struct str op = {0};

    if (out->kind == EXPR_OUTPUT)
        names[want++] = &out->stage;
    if (out->kind == EXPR_OUTPUT || out->kind == EXPR_VAR ||
        out->kind == EXPR_CALL)
        names[want++] = &out->name;
    if (out->kind == EXPR_UNARY || out->kind == EXPR_BINARY)
        names[want++] = &op;
    for (size_t i = 0; i < want; i++) {
        if (i + 1 >= n || items[i + 1].kind != VALUE_STRING)
            return err_set(e, ERR_INPUT, "expression '%s' lacks a name",
                           kinds[out->kind]);
        *names[i] = items[i + 1].s;
    }
    *used += want;
    if (out->kind == EXPR_UNARY || out->kind == EXPR_BINARY) {
        out->op = op_of(op, out->kind == EXPR_UNARY);
        return out->op || err_set(e, ERR_INPUT, "unknown operator");
    }
    return true;
}

static bool from_value(struct arena *a, const struct value *v, int depth,
                       struct expr *out, struct err *e)
{
    size_t kind = 0, used;

    *out = (struct expr){0};
    if (v->kind != VALUE_LIST || v->list.n == 0 || depth > EXPR_DEPTH_MAX ||
        v->list.items[0].kind != VALUE_STRING)
        return err_set(e, ERR_INPUT, "not an expression");
    const struct value *items = v->list.items;
    size_t n = v->list.n;

    while (kind < KINDS && !str_eq(items[0].s, str_of(kinds[kind])))
        kind++;
    if (kind == KINDS)
        return err_set(e, ERR_INPUT, "unknown expression '%.*s'",
                       (int)(items[0].s.n < 40 ? items[0].s.n : 40),
                       items[0].s.s);
    out->kind = (enum expr_kind)kind;
    if (out->kind == EXPR_MEMBER) {
        if (n != 3 || items[2].kind != VALUE_STRING)
            return err_set(e, ERR_INPUT, "expression 'member' lacks a name");
        out->name = items[2].s;
        return kids_from(a, items + 1, 1, depth, out, e);
    }
    return head_from(a, items, n, &used, out, e) &&
           kids_from(a, items + used, n - used, depth, out, e);
}

bool expr_from_value(struct arena *a, const struct value *v, struct expr *out,
                     struct err *e)
{
    return from_value(a, v, 0, out, e);
}
