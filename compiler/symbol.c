#include "compiler/check.h"

/* Values of names, worked out when first asked for. */

/* How the chain of names leads back: "a -> b -> a". */
static struct str busy_chain(struct check *c, const struct symbol *y)
{
    struct str text = y->name;
    size_t n = 0;

    for (size_t i = 0; i < c->values.n && n < 8; i++) {
        const struct symbol *o = c->values.items[i];

        if (o != y && o->state == SYMBOL_BUSY) {
            text = arena_printf(c->a, STR_FMT " -> " STR_FMT, STR_ARG(text),
                                STR_ARG(o->name));
            n++;
        }
    }
    return arena_printf(c->a, STR_FMT " -> " STR_FMT, STR_ARG(text),
                        STR_ARG(y->name));
}

static void report_circle(struct check *c, struct symbol *y, struct span at)
{
    struct str chain = busy_chain(c, y);
    struct diag *g = diag_add(c->d, DIAG_E0306, at,
                              "'" STR_FMT "' is made from itself: " STR_FMT,
                              STR_ARG(y->name), STR_ARG(chain));

    diag_also(c->d, g, y->span, "declared here");
}

static struct typed work_out(struct check *c, struct symbol *y)
{
    struct typed t;
    struct str what = arena_join(c->a, STR("'"), y->name, STR("'"));

    if (y->kind == SYMBOL_SECRET)
        return secret_declared(c, y);
    if (y->kind == SYMBOL_PARAM && param_given(c, y, y->type, &t))
        return t;
    if (!y->ast)
        return typed_error();
    t = y->type ? infer_fit(c, y->scope, y->ast, y->type, what)
                : infer(c, y->scope, y->ast, NULL);
    if (y->kind == SYMBOL_PARAM && t.type) {
        if (t.phase == PHASE_RUN) {
            typed_report_early(c, &t, y->ast->span, what);
            return typed_error();
        }
        t.phase = PHASE_PLAN;
    }
    return t;
}

static struct typed *keep(struct check *c, struct typed t)
{
    struct typed *out = arena_new(c->a, struct typed);

    *out = t;
    return out;
}

const struct typed *symbol_value(struct check *c, struct symbol *y,
                                 struct span at)
{
    y->used = true;
    if (y->state == SYMBOL_BUSY) {
        report_circle(c, y, at);
        y->value = keep(c, typed_error());
        return y->value;
    }
    if (y->state == SYMBOL_NEW) {
        y->state = SYMBOL_BUSY;
        y->value = keep(c, work_out(c, y));
        y->state = SYMBOL_DONE;
    }
    if (!y->value)
        y->value = keep(c, typed_error());
    return y->value;
}

bool symbol_path(struct check *c, const struct ast *n, struct str *out)
{
    if (n->kind == AST_NAME) {
        *out = ast_name(n)->name;
        return true;
    }
    if (n->kind != AST_MEMBER || !symbol_path(c, ast_member(n)->object, out))
        return false;
    *out = arena_printf(c->a, STR_FMT "." STR_FMT, STR_ARG(*out),
                        STR_ARG(ast_member(n)->name));
    return true;
}
