#include "compiler/check.h"
#include "compiler/shell_check.h"

/* Strings with \(expressions): a text, or a command whose interpolations are
 * quoted words. */

static bool has_text(const struct type *t)
{
    return t->kind != TYPE_LIST && t->kind != TYPE_MAP &&
           t->kind != TYPE_STAGE && t->kind != TYPE_NONE;
}

static void report_no_text(struct check *c, struct typed *t,
                           const struct ast *at)
{
    if (t->type->kind == TYPE_STAGE) {
        typed_fit(c, t, type_simple(TYPE_STRING), at, STR("a string"));
        return;
    }
    struct diag *g = diag_add(c->d, DIAG_E0404, at->span,
                              STR_FMT " has no text to put into a string",
                              STR_ARG(type_show(c, t->type)));

    if (t->type->kind == TYPE_LIST)
        diag_help(c->d, g, "join it: \\(join(list, \", \"))");
}

/* One interpolated part; false where it was reported. */
static bool part(struct check *c, struct scope *s, const struct ast *n,
                 bool shell, struct typed *out, struct expr *to)
{
    struct typed t = infer(c, s, n, NULL);
    bool secret = t.type && t.type->kind == TYPE_SECRET;

    if (!t.type)
        return false;
    bool list = shell && t.type->kind == TYPE_LIST &&
                t.type->of->kind != TYPE_SECRET;

    if (secret && shell) {
        struct diag *g = diag_add(c->d, DIAG_E0701, n->span,
                                  "a secret would show in the command line");

        diag_help(c->d, g, "hand it over by the environment: env { TOKEN "
                           STR_FMT " }, then \"$TOKEN\"",
                  STR_ARG(source_text(c->o->sources, n->span)));
        return false;
    }
    if (!list && !has_text(t.type)) {
        report_no_text(c, &t, n);
        return false;
    }
    out->env |= t.env;
    if (secret && out->type->kind != TYPE_SECRET)
        out->type = type_secret(c->a, out->type);
    if (t.phase > out->phase)
        out->phase = t.phase;
    *to = t.x;
    return true;
}

/* Quotes a value that is known already: literals go as they are. */
static bool quote_known(struct check *c, struct expr *x, const struct ast *at)
{
    struct expr call = {.kind = EXPR_SHELL, .n = 1};
    struct expr word = {.kind = EXPR_LIST, .n = 1, .kids = x};
    struct err e = {0};
    struct value v;

    if (x->kind != EXPR_LITERAL || value_pending(&x->lit))
        return true;
    if (x->lit.kind == VALUE_LIST) {
        word.n = x->lit.list.n;
        word.kids = arena_array(c->a, struct expr, word.n);
        for (size_t i = 0; i < word.n; i++)
            word.kids[i] = (struct expr){.kind = EXPR_LITERAL,
                                         .lit = x->lit.list.items[i]};
    }
    call.kids = &word;
    if (!expr_eval(c->a, &call, NULL, &v, &e)) {
        diag_add(c->d, DIAG_E0406, at->span, "%s", e.msg);
        return false;
    }
    *x = (struct expr){.kind = EXPR_LITERAL, .lit = v};
    return true;
}

static struct expr text_of(const struct ast *n)
{
    return (struct expr){.kind = EXPR_LITERAL,
                         .lit = value_string(ast_string(n)->value)};
}

/* Where every part is known, one text. */
static bool join_known(struct check *c, struct typed *t, const struct ast *n)
{
    struct expr text = t->x;
    struct value v;
    struct err e = {0};

    for (size_t i = 0; i < text.n; i++)
        if (text.kids[i].kind != EXPR_LITERAL ||
            text.kids[i].lit.kind == VALUE_SECRET)
            return true;
    text.kind = EXPR_TEXT;
    if (c->value_bytes > COMPILE_VALUES_MAX)
        return false;
    if (!expr_eval(c->a, &text, NULL, &v, &e)) {
        diag_add(c->d, DIAG_E0406, n->span, "%s", e.msg);
        return false;
    }
    t->x = (struct expr){.kind = EXPR_LITERAL, .lit = v};
    return typed_afford(c, &v, n->span);
}

struct typed infer_template(struct check *c, struct scope *s,
                            const struct ast *n, const struct type *want)
{
    const struct ast_items *parts = &ast_template(n)->parts;
    bool shell = want && want->kind == TYPE_COMMAND;
    struct typed out = {
        .type = type_simple(shell ? TYPE_COMMAND : TYPE_STRING),
        .x = {.kind = shell ? EXPR_SHELL : EXPR_TEXT, .n = parts->n},
    };
    bool ok = !shell || shell_check(c, ast_template(n));

    out.x.kids = arena_array(c->a, struct expr, parts->n);
    for (size_t i = 0; i < parts->n; i++) {
        const struct ast *p = parts->items[i];

        if (p->kind == AST_STRING) {
            out.x.kids[i] = text_of(p);
            continue;
        }
        if (!part(c, s, p, shell, &out, &out.x.kids[i]) ||
            (shell && !quote_known(c, &out.x.kids[i], p)))
            ok = false;
    }
    if (!ok || !join_known(c, &out, n))
        return typed_error();
    return out;
}
