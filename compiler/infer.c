#include "compiler/check.h"

#include <string.h>

/* Types of expressions, and their values as far as they are known. */

struct typed typed_error(void)
{
    return (struct typed){.type = NULL};
}

struct typed typed_literal(const struct type *t, struct value v)
{
    return (struct typed){.type = t, .x = {.kind = EXPR_LITERAL, .lit = v}};
}

bool typed_known(const struct typed *t)
{
    return t->type && t->x.kind == EXPR_LITERAL && !value_pending(&t->x.lit);
}

static bool decides(const struct expr *x)
{
    const struct expr *k = x->kids;

    if (x->kind == EXPR_COND)
        return k[0].kind == EXPR_LITERAL;
    if (x->kind != EXPR_BINARY || (x->op != OP_AND && x->op != OP_OR))
        return false;
    for (size_t i = 0; i < 2; i++)
        if (k[i].kind == EXPR_LITERAL && k[i].lit.kind == VALUE_BOOL &&
            k[i].lit.b == (x->op == OP_OR))
            return true;
    return false;
}

static bool unknown(void *ctx, const struct expr *name, struct value *out,
                    struct err *e)
{
    (void)ctx, (void)name, (void)e;
    *out = (struct value){.kind = VALUE_UNKNOWN};
    return true;
}

/* A secret inside keeps the whole from folding, but for lists and maps that
 * hold it as it is: only a stage reads it. */
static bool foldable(const struct expr *x)
{
    bool row = x->kind == EXPR_LIST || x->kind == EXPR_MAP;

    if (x->kind == EXPR_OUTPUT || x->kind == EXPR_VAR)
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (x->kids[i].kind != EXPR_LITERAL ||
            (x->kids[i].lit.kind == VALUE_SECRET && !row))
            return decides(x);
    return true;
}

bool typed_afford(struct check *c, const struct value *v, struct span at)
{
    size_t before = c->value_bytes;

    if (v->kind == VALUE_STRING)
        c->value_bytes += v->s.n;
    else if (v->kind == VALUE_LIST)
        c->value_bytes += v->list.n * sizeof(struct value);
    if (c->value_bytes <= COMPILE_VALUES_MAX)
        return true;
    if (before <= COMPILE_VALUES_MAX)
        diag_add(c->d, DIAG_E0406, at, "the values of this pipeline take more "
                 "than %d bytes", COMPILE_VALUES_MAX);
    return false;
}

void typed_fold(struct check *c, struct typed *t, const struct ast *at)
{
    static const struct expr_env nothing = {.lookup = unknown};
    struct value v;
    struct err e = {0};

    if (!t->type || t->x.kind == EXPR_LITERAL || !foldable(&t->x))
        return;
    if (c->value_bytes > COMPILE_VALUES_MAX) {
        *t = typed_error(); /* that has been said */
        return;
    }
    if (t->x.kind == EXPR_COND) {
        struct expr branch = t->x.kids[t->x.kids[0].lit.b ? 1 : 2];

        t->x = branch;
        return;
    }
    if (!expr_eval(c->a, &t->x, &nothing, &v, &e)) {
        diag_add(c->d, DIAG_E0406, at->span, "%s", e.msg);
        *t = typed_error();
    } else if (!typed_afford(c, &v, at->span)) {
        *t = typed_error();
    } else if (v.kind != VALUE_UNKNOWN) {
        t->x = (struct expr){.kind = EXPR_LITERAL, .lit = v};
    }
}

enum { LIST_FEW = 4 };

static struct typed infer_list(struct check *c, struct scope *s,
                               const struct ast *n, const struct type *want)
{
    const struct ast_items *l = &ast_list(n)->items;
    const struct type *of = NULL, *each = NULL;
    struct typed out = {.x = {.kind = EXPR_LIST, .n = l->n}};
    struct expr few[LIST_FEW]; /* most fold, and need no place to stay */
    bool bad = false;

    if (want && want->kind == TYPE_LIST)
        each = want->of;
    else if (want && want->kind == TYPE_COMMAND)
        each = type_simple(TYPE_STRING);
    out.x.kids = l->n <= LIST_FEW ? few
                                  : arena_array(c->a, struct expr, l->n);
    for (size_t i = 0; i < l->n; i++) {
        struct typed t = each ? infer_fit(c, s, l->items[i], each,
                                          STR("an element"))
                              : infer(c, s, l->items[i], NULL);

        bad |= !t.type;
        if (!t.type)
            continue;
        out.x.kids[i] = t.x;
        out.env |= t.env;
        if (t.phase > out.phase)
            out.phase = t.phase;
        of = !of || type_eq(of, t.type) || type_fits(t.type, of) ? of ? of : t.type
           : type_fits(of, t.type) ? t.type : type_simple(TYPE_ANY);
    }
    if (bad)
        return typed_error();
    if (each && each->kind != TYPE_ANY && each->kind != TYPE_SECRET)
        of = each;
    out.type = want && want->kind == TYPE_LIST && want->of == of ? want
             : of == type_argv()->of ? type_argv()
             : type_list(c->a, of ? of : type_simple(TYPE_ANY));
    typed_fold(c, &out, n);
    if (out.x.kids == few) {
        out.x.kids = arena_array(c->a, struct expr, l->n);
        memcpy(out.x.kids, few, l->n * sizeof(*few));
    }
    return out;
}

static void report_twice(struct check *c, const struct ast_map *m, size_t i,
                         const struct expr *keys)
{
    for (size_t j = 0; j < i; j++) {
        if (keys[2 * j].kind != EXPR_LITERAL ||
            keys[2 * i].kind != EXPR_LITERAL ||
            !value_eq(&keys[2 * j].lit, &keys[2 * i].lit))
            continue;
        struct diag *g = diag_add(c->d, DIAG_E0415, m->entries[i].key->span,
                                  "the key " STR_FMT " is there already",
                                  STR_ARG(value_show(c->a, &keys[2 * i].lit)));

        diag_also(c->d, g, m->entries[j].key->span, "first here");
        return;
    }
}

enum { MAP_KEYS_MAX = 1000 };

static struct typed infer_map(struct check *c, struct scope *s,
                              const struct ast *n, const struct type *want)
{
    const struct ast_map *m = ast_map(n);
    const struct type *each = want && want->kind == TYPE_MAP ? want->of : NULL;
    const struct type *of = NULL;
    struct typed out = {.x = {.kind = EXPR_MAP, .n = 2 * m->n}};
    bool bad = false;

    if (m->n > MAP_KEYS_MAX) {
        diag_add(c->d, DIAG_E0413, n->span, "a map has at most %d keys, not %zu",
                 MAP_KEYS_MAX, m->n);
        return typed_error();
    }
    out.x.kids = arena_array(c->a, struct expr, 2 * m->n);
    for (size_t i = 0; i < m->n; i++) {
        struct typed k = infer_fit(c, s, m->entries[i].key,
                                   type_simple(TYPE_STRING), STR("a key"));
        struct typed v = each ? infer_fit(c, s, m->entries[i].value, each,
                                          STR("a value of the map"))
                              : infer(c, s, m->entries[i].value, NULL);

        bad |= !k.type || !v.type;
        if (!k.type || !v.type)
            continue;
        out.x.kids[2 * i] = k.x;
        out.x.kids[2 * i + 1] = v.x;
        out.env |= v.env;
        report_twice(c, m, i, out.x.kids);
        out.phase = k.phase > out.phase ? k.phase : out.phase;
        out.phase = v.phase > out.phase ? v.phase : out.phase;
        of = !of || type_eq(of, v.type) ? v.type : type_simple(TYPE_ANY);
    }
    if (bad)
        return typed_error();
    out.type = type_map(c->a, each ? each : of ? of : type_simple(TYPE_ANY));
    typed_fold(c, &out, n);
    return out;
}

static struct typed infer_literal(const struct ast *n)
{
    struct value v = {.kind = VALUE_NONE};
    enum type_kind t = TYPE_NONE;

    if (n->kind == AST_BOOL) {
        v = value_bool(ast_bool(n)->value);
        t = TYPE_BOOL;
    } else if (n->kind == AST_FLOAT || n->kind == AST_PERCENT) {
        v = value_float(ast_float(n)->value);
        t = n->kind == AST_FLOAT ? TYPE_FLOAT : TYPE_PERCENT;
        if (t == TYPE_PERCENT)
            v.kind = VALUE_PERCENT;
    } else if (n->kind == AST_STRING) {
        v = value_string(ast_string(n)->value);
        t = TYPE_STRING;
    } else if (n->kind != AST_NONE) {
        v = value_int(ast_int(n)->value);
        t = n->kind == AST_INT ? TYPE_INT
          : n->kind == AST_DURATION ? TYPE_DURATION : TYPE_SIZE;
        v.kind = t == TYPE_INT ? VALUE_INT
               : t == TYPE_DURATION ? VALUE_DURATION : VALUE_SIZE;
    }
    return typed_literal(type_simple(t), v);
}

/* A bare name where one of a set is asked for. */
static struct typed infer_symbol(struct check *c, const struct ast *n,
                                 const struct type *want)
{
    struct str name = ast_name(n)->name;
    struct near near = {.word = name};
    struct str all = {0};

    for (size_t i = 0; i < want->n; i++) {
        if (str_eq(want->symbols[i], name))
            return typed_literal(want, value_string(name));
        near_consider(&near, want->symbols[i]);
        all = arena_join(c->a, all, str_of(i ? ", " : ""), want->symbols[i]);
    }
    if (want->n == 0)
        return typed_literal(want, value_string(name));
    struct diag *g = diag_add(c->d, DIAG_E0414, n->span,
                              "'" STR_FMT "' is none of " STR_FMT,
                              STR_ARG(name), STR_ARG(all));

    diag_help_near(c->d, g, &near);
    return typed_error();
}

enum { INFER_DEPTH_MAX = 250 };

static struct typed dispatch(struct check *c, struct scope *s,
                             const struct ast *n, const struct type *want)
{
    switch (n->kind) {
    case AST_NONE: case AST_BOOL: case AST_INT: case AST_DURATION:
    case AST_SIZE: case AST_FLOAT: case AST_PERCENT: case AST_STRING:
        return infer_literal(n);
    case AST_TEMPLATE:
        return infer_template(c, s, n, want);
    case AST_NAME:
        if (want && want->kind == TYPE_SYMBOL)
            return infer_symbol(c, n, want);
        if (want && want->kind == TYPE_ANY && !scope_find(s, ast_name(n)->name))
            return infer_symbol(c, n, type_simple(TYPE_SYMBOL));
        return infer_path(c, s, n);
    case AST_MEMBER: case AST_INDEX:
        return infer_path(c, s, n);
    case AST_CALL:
        return infer_call(c, s, n, want);
    case AST_UNARY: case AST_BINARY: case AST_COND:
        return infer_operator(c, s, n);
    case AST_LIST:
        return infer_list(c, s, n, want);
    case AST_MAP:
        return infer_map(c, s, n, want);
    case AST_BINDING: case AST_NODE: case AST_DEFINE: case AST_OFF:
    case AST_FOR: case AST_ERROR:
        break;
    }
    return typed_error();
}

struct typed infer(struct check *c, struct scope *s, const struct ast *n,
                   const struct type *want)
{
    if (c->depth >= INFER_DEPTH_MAX) {
        diag_add(c->d, DIAG_E0406, n->span,
                 "values refer to values more than %d deep", INFER_DEPTH_MAX);
        return typed_error();
    }
    if (want && want->kind == TYPE_SECRET && n->kind != AST_CALL)
        want = want->of;
    c->depth++;
    struct typed t = dispatch(c, s, n, want);

    c->depth--;
    return t;
}
