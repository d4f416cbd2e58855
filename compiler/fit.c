#include "compiler/check.h"

#include <math.h>
#include <string.h>

/* A value meets the place that asks for a type. */

static struct value converted(struct check *c, struct value v,
                              const struct type *to)
{
    double d;

    if (to->kind == TYPE_SECRET)
        return converted(c, v, to->of);
    if (to->kind == TYPE_FLOAT && value_number(&v, &d))
        return value_float(d);
    if (to->kind == TYPE_LIST && v.kind == VALUE_LIST &&
        to->of->kind == TYPE_FLOAT) {
        struct value *items = arena_array(c->a, struct value, v.list.n);

        for (size_t i = 0; i < v.list.n; i++)
            items[i] = converted(c, v.list.items[i], to->of);
        v.list.items = items;
    }
    return v;
}

static void help_unit(struct check *c, struct diag *g, const struct typed *t,
                      const struct type *want)
{
    bool number = t->type->kind == TYPE_INT || t->type->kind == TYPE_FLOAT;

    if (want->kind == TYPE_DURATION && number)
        diag_help(c->d, g, "write its unit: 500ms, 30s, 5m, 1h30m, 2d");
    else if (want->kind == TYPE_PERCENT && number)
        diag_help(c->d, g, "write its unit: 10%%, 99.5%%");
    else if (want->kind == TYPE_SIZE && number)
        diag_help(c->d, g, "write its unit: 512Ki, 256Mi, 1GB");
    else if (want->kind == TYPE_SYMBOL && t->type->kind == TYPE_STRING)
        diag_help(c->d, g, "write the bare name, without quotes");
    else if (want->kind == TYPE_STRING && t->type->kind != TYPE_LIST &&
             t->type->kind != TYPE_MAP && t->type->kind != TYPE_STAGE)
        diag_help(c->d, g, "put it in a string: \"\\(value)\" or quotes");
    else if (want->kind == TYPE_LIST && type_fits(t->type, want->of))
        diag_help(c->d, g, "put it in brackets: [ ]");
    else if (want->kind == TYPE_COMMAND)
        diag_help(c->d, g, "a command is a text for the shell, or a list of "
                           "strings");
}

static void report_type(struct check *c, const struct typed *t,
                        const struct type *want, const struct ast *at,
                        struct str what)
{
    struct str value = {0};

    if (t->x.kind == EXPR_LITERAL && t->type->kind != TYPE_SECRET)
        value = value_show(c->a, &t->x.lit);
    if (value.n > 60)
        value.n = 0;
    struct diag *g = diag_add(
        c->d, DIAG_E0401, at->span, STR_FMT " takes " STR_FMT ", not " STR_FMT
        "%s" STR_FMT, STR_ARG(what), STR_ARG(type_show(c, want)),
        STR_ARG(type_show(c, t->type)), value.n ? " " : "", STR_ARG(value));

    help_unit(c, g, t, want);
}

static void report_stage(struct check *c, const struct typed *t,
                         const struct ast *at)
{
    struct str name = t->stage ? t->stage->symbol.name
                    : t->instance ? t->instance->symbol.name : STR("this");
    struct diag *g = diag_add(c->d, DIAG_E0307, at->span,
                              "'" STR_FMT "' is a stage, not a value",
                              STR_ARG(name));
    const struct schema_entry *e = t->stage ? t->stage->entry : NULL;
    struct str all = {0};

    for (size_t i = 0; e && i < e->n_outputs && i < 6; i++)
        all = arena_printf(c->a, STR_FMT "%s" STR_FMT "." STR_FMT,
                           STR_ARG(all), i ? ", " : "", STR_ARG(name),
                           STR_ARG(e->outputs[i].name));
    if (all.n)
        diag_help(c->d, g, "use one of its outputs: " STR_FMT, STR_ARG(all));
    else
        diag_help(c->d, g, "to run after it, write needs=[" STR_FMT "]",
                  STR_ARG(name));
}

static void report_secret(struct check *c, const struct ast *at,
                          struct str what)
{
    struct diag *g = diag_add(c->d, DIAG_E0701, at->span,
                              "a secret would show in " STR_FMT,
                              STR_ARG(what));

    diag_help(c->d, g, "hand it to a command by its environment: "
                       "env { TOKEN token }, then \"$TOKEN\"");
}

/* Whether the type, or what is in it, is secret where want is not. */
static bool leaks(const struct type *t, const struct type *want)
{
    if (want && want->kind == TYPE_SECRET)
        return false;
    if (t->kind == TYPE_SECRET)
        return true;
    const struct type *in = want && want->of ? want->of : NULL;

    return (t->kind == TYPE_LIST || t->kind == TYPE_MAP) && leaks(t->of, in);
}

/* A secret spelt out in the file, or read while planning, is no secret. */
static void warn_clear(struct check *c, const struct typed *t,
                       const struct ast *at, struct str what)
{
    struct diag *g;

    if (c->open_sink)
        return;
    if (t->env) {
        g = diag_add(c->d, DIAG_W0708, at->span,
                     STR_FMT " takes a secret, but this text of env() is "
                     "in the plan for all to read", STR_ARG(what));
        diag_help(c->d, g, "declare it: secret name = env(\"...\")");
    } else if (at->kind == AST_STRING && ast_string(at)->value.n) {
        g = diag_add(c->d, DIAG_W0707, at->span,
                     STR_FMT " takes a secret, and this one stands in the file",
                     STR_ARG(what));
        diag_help(c->d, g, "read it: env(\"...\"), or secret name = "
                           "file(\"...\")");
    }
}

static bool elements_symbols(const struct type *want)
{
    return want->kind == TYPE_LIST && want->of->kind == TYPE_SYMBOL;
}

/* symbol(...) without a set: any name, also as a string. */
static bool loose_symbol(const struct type *t, const struct type *want)
{
    return want->kind == TYPE_SYMBOL && want->n == 0 &&
           t->kind == TYPE_STRING;
}

/* A text worked out elsewhere was not written as a command: what was put into
 * it has not been quoted. */
static bool unsafe_command(const struct typed *t, const struct type *want,
                           const struct ast *at)
{
    if (want->kind != TYPE_COMMAND || t->type->kind == TYPE_COMMAND ||
        t->type->kind == TYPE_LIST)
        return false;
    return at->kind != AST_STRING &&
           !(t->x.kind == EXPR_LITERAL && t->phase == PHASE_STATIC);
}

void typed_fit(struct check *c, struct typed *t, const struct type *want,
               const struct ast *at, struct str what)
{
    if (!t->type)
        return;
    if (t->type->kind == TYPE_STAGE) {
        report_stage(c, t, at);
        *t = typed_error();
    } else if (leaks(t->type, want)) {
        report_secret(c, at, what);
        *t = typed_error();
    } else if (!type_fits(t->type, want) && !loose_symbol(t->type, want) &&
               !(elements_symbols(want) && t->type->kind == TYPE_LIST &&
                 t->x.n == 0 && t->x.lit.list.n == 0)) {
        report_type(c, t, want, at, what);
        *t = typed_error();
    } else if (unsafe_command(t, want, at)) {
        struct diag *g = diag_add(c->d, DIAG_E0704, at->span,
                                  "a command cannot come out of a text that "
                                  "was put together elsewhere");

        diag_help(c->d, g, "write it here, where \\(values) are quoted for "
                           "the shell, or declare let x: command = \"...\"");
        *t = typed_error();
    } else {
        if (want->kind == TYPE_SECRET && t->type->kind != TYPE_SECRET)
            warn_clear(c, t, at, what);
        if (t->x.kind == EXPR_LITERAL)
            t->x.lit = converted(c, t->x.lit, want);
        if (want->kind != TYPE_ANY && t->type->kind != TYPE_COMMAND)
            t->type = want;
    }
}

struct typed infer_fit(struct check *c, struct scope *s, const struct ast *n,
                       const struct type *want, struct str what)
{
    struct typed t = infer(c, s, n, want);

    if (t.type && t.type->kind == TYPE_NONE && want->kind != TYPE_NONE &&
        n->kind != AST_NONE)
        return t;
    typed_fit(c, &t, want, n, what);
    return t;
}

void typed_report_early(struct check *c, const struct typed *t,
                        struct span span, struct str what)
{
    struct str waits = expr_waits_for(&t->x);
    struct str shown = expr_show(c->a, &t->x);

    if (shown.n > 60)
        shown = STR("this");
    struct diag *g = diag_add(
        c->d, DIAG_E0405, span, STR_FMT " has to be known before the run, but "
        STR_FMT " becomes known %s" STR_FMT, STR_ARG(what), STR_ARG(shown),
        waits.n ? "after " : "when the run starts", STR_ARG(waits));

    diag_help(c->d, g, "make it from params, lets, git and files, or move the "
                       "choice into a stage");
}

bool infer_known(struct check *c, struct scope *s, const struct ast *n,
                 const struct type *want, struct str what, struct value *out)
{
    struct typed t = infer_fit(c, s, n, want, what);

    if (!t.type)
        return false;
    if (t.phase == PHASE_RUN && !typed_known(&t)) {
        typed_report_early(c, &t, n->span, what);
        return false;
    }
    if (!typed_known(&t))
        return false;
    *out = t.x.lit;
    return true;
}

static void note_refs(struct check *c, const struct expr *x, struct span at)
{
    if (x->kind == EXPR_OUTPUT) {
        struct ref r = {.reason = EDGE_REFERENCE, .span = at};
        size_t i = node_find(c, x->stage);

        r.text = arena_join(c->a, x->stage, STR("."), x->name);
        r.from = (uint32_t)(i - 1);
        if (i)
            arena_push(c->a, &c->refs, r);
    }
    if (x->kind == EXPR_LITERAL && x->lit.kind == VALUE_EXPR)
        note_refs(c, x->lit.expr, at);
    for (size_t i = 0; i < x->n; i++)
        note_refs(c, &x->kids[i], at);
}

struct value typed_value(struct check *c, const struct typed *t,
                         struct span at)
{
    if (!t->type)
        return (struct value){.kind = VALUE_NONE};
    if (t->x.kind == EXPR_LITERAL)
        return t->x.lit;
    struct expr *x = arena_new(c->a, struct expr);
    struct graph_place p = place_of(c, at);

    *x = t->x;
    x->line = p.line;
    x->col = p.col;
    note_refs(c, x, at);
    return (struct value){.kind = VALUE_EXPR, .expr = x};
}
