#include "compiler/check.h"

/* Types of operators: graph/operator.c says at run time what this says before
 * it. `any` is let through: a Lua kind's outputs may be so. */

static enum expr_op op_of(enum ast_op op)
{
    static const enum expr_op ops[] = {
        [AST_NOT] = OP_NOT, [AST_NEGATE] = OP_NEG, [AST_OR] = OP_OR,
        [AST_AND] = OP_AND, [AST_EQ] = OP_EQ, [AST_NE] = OP_NE,
        [AST_LT] = OP_LT, [AST_LE] = OP_LE, [AST_GT] = OP_GT,
        [AST_GE] = OP_GE, [AST_IN] = OP_IN, [AST_MATCH] = OP_MATCH,
        [AST_ADD] = OP_ADD, [AST_SUB] = OP_SUB, [AST_MUL] = OP_MUL,
        [AST_DIV] = OP_DIV, [AST_MOD] = OP_MOD,
    };

    return ops[op];
}

static bool plain(enum type_kind k)
{
    return k == TYPE_INT || k == TYPE_FLOAT || k == TYPE_PERCENT;
}

static bool united(enum type_kind k)
{
    return k == TYPE_DURATION || k == TYPE_SIZE;
}

static bool text(enum type_kind k)
{
    return k == TYPE_STRING || k == TYPE_PATH || k == TYPE_SYMBOL;
}

static const struct type *sum_type(enum expr_op op, const struct type *l,
                                   const struct type *r)
{
    if (l->kind == r->kind && (plain(l->kind) || united(l->kind)))
        return l;
    if (plain(l->kind) && plain(r->kind))
        return type_simple(TYPE_FLOAT);
    if (op == OP_ADD && text(l->kind) && text(r->kind))
        return type_simple(TYPE_STRING);
    if (op == OP_ADD && l->kind == TYPE_LIST && r->kind == TYPE_LIST)
        return type_fits(r->of, l->of) ? l : r;
    return NULL;
}

static const struct type *product_type(enum expr_op op, const struct type *l,
                                       const struct type *r)
{
    if (op == OP_MOD)
        return l->kind == TYPE_INT && r->kind == TYPE_INT ? l : NULL;
    if (op == OP_MUL && l->kind == TYPE_INT && r->kind == TYPE_INT)
        return l;
    if (united(l->kind) && plain(r->kind))
        return l;
    if (op == OP_MUL && plain(l->kind) && united(r->kind))
        return r;
    if (op == OP_DIV && united(l->kind) && l->kind == r->kind)
        return type_simple(TYPE_FLOAT);
    return plain(l->kind) && plain(r->kind) ? type_simple(TYPE_FLOAT) : NULL;
}

static bool comparable(enum expr_op op, const struct type *l,
                       const struct type *r)
{
    bool order = op != OP_EQ && op != OP_NE;

    if (plain(l->kind) && plain(r->kind))
        return true;
    if (text(l->kind) && text(r->kind))
        return true;
    if (order)
        return united(l->kind) && l->kind == r->kind;
    return l->kind == TYPE_NONE || r->kind == TYPE_NONE || type_fits(l, r) ||
           type_fits(r, l);
}

static const struct type *binary_type(enum expr_op op, const struct type *l,
                                      const struct type *r)
{
    const struct type *yes = type_simple(TYPE_BOOL);
    bool any = l->kind == TYPE_ANY || r->kind == TYPE_ANY;

    switch (op) {
    case OP_ADD: case OP_SUB:
        return any ? type_simple(TYPE_ANY) : sum_type(op, l, r);
    case OP_MUL: case OP_DIV: case OP_MOD:
        return any ? type_simple(TYPE_ANY) : product_type(op, l, r);
    case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE:
        return any || comparable(op, l, r) ? yes : NULL;
    case OP_IN:
        if (any || r->kind == TYPE_LIST)
            return any || comparable(OP_EQ, l, r->of) ? yes : NULL;
        return text(l->kind) && (text(r->kind) || r->kind == TYPE_MAP) ? yes
                                                                      : NULL;
    case OP_MATCH:
        return any || (text(l->kind) && text(r->kind)) ? yes : NULL;
    case OP_OR: case OP_AND:
        return any || (l->kind == TYPE_BOOL && r->kind == TYPE_BOOL) ? yes
                                                                     : NULL;
    case OP_NONE: case OP_NOT: case OP_NEG:
        break;
    }
    return NULL;
}

static void help_operands(struct check *c, struct diag *g, enum expr_op op,
                          const struct type *l, const struct type *r)
{
    bool unit = (united(l->kind) && plain(r->kind)) ||
                (united(r->kind) && plain(l->kind));

    if (unit)
        diag_help(c->d, g, "give the number a unit: %s",
                  l->kind == TYPE_DURATION || r->kind == TYPE_DURATION
                      ? "10s, 5m, 1h30m" : "512Ki, 256Mi, 1Gi");
    else if (op == OP_ADD && (text(l->kind) || text(r->kind)))
        diag_help(c->d, g, "interpolate it: \"... \\(value) ...\"");
    else if (op == OP_AND || op == OP_OR)
        diag_help(c->d, g, "compare with something: x != \"\", n > 0");
}

static enum phase later(enum phase a, enum phase b)
{
    return a > b ? a : b;
}

/* Secret operands make a secret: what is derived from one may show it. */
static const struct type *open_secret(const struct type *t, bool *secret)
{
    if (t->kind != TYPE_SECRET)
        return t;
    *secret = true;
    return t->of;
}

static struct typed infer_binary(struct check *c, struct scope *s,
                                 const struct ast *n)
{
    const struct ast_binary *b = ast_binary(n);
    enum expr_op op = op_of(b->op);
    struct typed l = infer(c, s, b->left, NULL);
    struct typed r = infer(c, s, b->right, NULL);
    bool secret = false;

    if (!l.type || !r.type)
        return typed_error();
    const struct type *lt = open_secret(l.type, &secret);
    const struct type *rt = open_secret(r.type, &secret);
    const struct type *t = binary_type(op, lt, rt);

    if (!t) {
        struct diag *g = diag_add(
            c->d, DIAG_E0402, b->op_span,
            "'%s' does not go with " STR_FMT " and " STR_FMT,
            ast_op_name(b->op), STR_ARG(type_show(c, lt)),
            STR_ARG(type_show(c, rt)));

        help_operands(c, g, op, lt, rt);
        return typed_error();
    }
    struct typed out = {
        .type = secret ? type_secret(c->a, t) : t,
        .x = {.kind = EXPR_BINARY, .op = op, .n = 2},
        .phase = later(l.phase, r.phase),
        .env = l.env || r.env,
    };

    out.x.kids = arena_array(c->a, struct expr, 2);
    out.x.kids[0] = l.x;
    out.x.kids[1] = r.x;
    typed_fold(c, &out, n);
    return out;
}

static struct typed infer_unary(struct check *c, struct scope *s,
                                const struct ast *n)
{
    const struct ast_unary *u = ast_unary(n);
    struct typed v = infer(c, s, u->operand, NULL);
    enum type_kind k = v.type ? v.type->kind : TYPE_NONE;

    if (!v.type)
        return v;
    if (k != TYPE_ANY && !(u->op == AST_NOT ? k == TYPE_BOOL
                                            : plain(k) || united(k))) {
        diag_add(c->d, DIAG_E0402, n->span, "'%s' takes %s, not " STR_FMT,
                 ast_op_name(u->op), u->op == AST_NOT ? "bool" : "a number",
                 STR_ARG(type_show(c, v.type)));
        return typed_error();
    }
    struct typed out = v;

    out.x = (struct expr){.kind = EXPR_UNARY, .op = op_of(u->op), .n = 1,
                          .kids = arena_new(c->a, struct expr)};
    out.x.kids[0] = v.x;
    typed_fold(c, &out, n);
    return out;
}

static struct typed infer_cond(struct check *c, struct scope *s,
                               const struct ast *n)
{
    const struct ast_cond *q = ast_cond(n);
    struct typed t = infer_fit(c, s, q->test, type_simple(TYPE_BOOL),
                               STR("what stands before '?'"));
    struct typed yes = infer(c, s, q->yes, NULL);
    struct typed no = infer(c, s, q->no, NULL);

    if (!t.type || !yes.type || !no.type)
        return typed_error();
    const struct type *type = type_fits(no.type, yes.type) ? yes.type
                            : type_fits(yes.type, no.type) ? no.type
                            : yes.type->kind == TYPE_NONE ? no.type
                            : no.type->kind == TYPE_NONE ? yes.type : NULL;

    if (!type) {
        struct diag *g = diag_add(
            c->d, DIAG_E0402, n->span,
            "'? :' has to give one type, not " STR_FMT " or " STR_FMT,
            STR_ARG(type_show(c, yes.type)), STR_ARG(type_show(c, no.type)));

        diag_also(c->d, g, q->no->span, "this one differs");
        return typed_error();
    }
    struct typed out = {.type = type,
                        .x = {.kind = EXPR_COND, .n = 3},
                        .phase = later(t.phase, later(yes.phase, no.phase)),
                        .env = yes.env || no.env};

    if (typed_known(&t))
        out.phase = later(t.phase, t.x.lit.b ? yes.phase : no.phase);
    out.x.kids = arena_array(c->a, struct expr, 3);
    out.x.kids[0] = t.x;
    out.x.kids[1] = yes.x;
    out.x.kids[2] = no.x;
    typed_fold(c, &out, n);
    return out;
}

struct typed infer_operator(struct check *c, struct scope *s,
                            const struct ast *n)
{
    if (n->kind == AST_UNARY)
        return infer_unary(c, s, n);
    return n->kind == AST_COND ? infer_cond(c, s, n) : infer_binary(c, s, n);
}
