#include "compiler/check.h"
#include "compiler/parse.h"

#include <ctype.h>

/* Values of params, given as text: --param name=text, PIPEC_PARAM_NAME. */

/* Text stands for itself where a string is wanted; anything else is read as
 * the language writes it. */
static bool as_text(const struct type *t)
{
    return t->kind == TYPE_STRING || t->kind == TYPE_PATH ||
           t->kind == TYPE_ANY || t->kind == TYPE_SYMBOL;
}

static void report(struct check *c, const struct symbol *y,
                   const struct type *t, struct str text)
{
    struct diag *g = diag_add(c->d, DIAG_E0407, y->span,
                              "the param '" STR_FMT "' takes " STR_FMT ", and "
                              "was given '" STR_FMT "'", STR_ARG(y->name),
                              STR_ARG(type_show(c, t)),
                              (int)(text.n < 80 ? text.n : 80), text.s);
    const char *like = t->kind == TYPE_DURATION ? "30s, 5m, 1h30m"
                     : t->kind == TYPE_PERCENT ? "99.5%"
                     : t->kind == TYPE_SIZE ? "256Mi"
                     : t->kind == TYPE_BOOL ? "true or false"
                     : t->kind == TYPE_LIST ? "[\"a\", \"b\"]"
                     : t->kind == TYPE_INT ? "10" : "0.5";

    diag_help(c->d, g, "write it like %s", like);
}

/* Reads text as an expression of literals, quietly. */
static bool convert(struct check *c, struct symbol *y, const struct type *t,
                    struct str text, struct typed *out)
{
    struct err e = {0};
    struct diags quiet = {.arena = c->a}, *loud = c->d;
    struct source_file *f = source_add(c->o->sources, STR("--param"),
                                       arena_dup(c->a, text), &e);

    if (!f)
        return false;
    c->d = &quiet;
    struct ast *n = parse_value(c->a, f, &quiet);

    *out = quiet.errors ? typed_error()
                        : infer_fit(c, scope_create(c, NULL), n, t,
                                    STR("a param"));
    c->d = loud;
    (void)y;
    return out->type && quiet.errors == 0 && typed_known(out);
}

struct str param_variable(struct arena *a, struct str name)
{
    struct str s = arena_join(a, STR("PIPEC_PARAM_"), name);
    char *out = arena_array(a, char, s.n + 1);

    for (size_t i = 0; i < s.n; i++)
        out[i] = s.s[i] == '-' || s.s[i] == '.'
                     ? '_' : (char)toupper((unsigned char)s.s[i]);
    return (struct str){out, s.n};
}

static bool find_text(struct check *c, const struct symbol *y, struct str *out)
{
    struct str full = declare_full_name(c, y);

    for (size_t i = c->o->n_params; i-- > 0;)
        if (str_eq(c->o->params[i].name, full)) {
            *out = c->o->params[i].text;
            return true;
        }
    return c->o->host->env &&
           c->o->host->env(c->o->host->ctx, param_variable(c->a, full), out);
}

bool param_given(struct check *c, struct symbol *y, const struct type *t,
                 struct typed *out)
{
    struct str text;

    if (t && t->kind == TYPE_SECRET) {
        struct diag *g = diag_add(c->d, DIAG_E0709, y->span,
                                  "the param '" STR_FMT "' cannot be secret",
                                  STR_ARG(y->name));

        diag_help(c->d, g, "secret " STR_FMT " = env(\"...\")",
                  STR_ARG(y->name));
        *out = typed_error();
        return true;
    }
    if (!find_text(c, y, &text)) {
        if (y->ast)
            return false;
        struct diag *g = diag_add(c->d, DIAG_E0408, y->span,
                                  "the param '" STR_FMT "' has no value",
                                  STR_ARG(y->name));

        diag_help(c->d, g, "give it with --param " STR_FMT "=..., or declare "
                           "a default", STR_ARG(y->name));
        *out = typed_error();
        return true;
    }
    if (!t && y->ast) {
        *out = infer(c, y->scope, y->ast, NULL);
        t = out->type;
    }
    if (!t)
        t = type_simple(TYPE_STRING);
    facts_param(c, declare_full_name(c, y), text);
    if (as_text(t)) {
        *out = typed_literal(t->kind == TYPE_ANY ? type_simple(TYPE_STRING) : t,
                             value_string(arena_dup(c->a, text)));
    } else if (!convert(c, y, t, text, out)) {
        report(c, y, t, text);
        *out = typed_error();
    }
    out->phase = PHASE_PLAN;
    return true;
}

void param_report_unknown(struct check *c)
{
    for (size_t i = 0; i < c->o->n_params; i++) {
        struct str name = c->o->params[i].name;
        struct near near = {.word = name};
        bool found = false;

        for (size_t j = 0; j < c->values.n && !found; j++)
            found = c->values.items[j]->kind == SYMBOL_PARAM &&
                    str_eq(declare_full_name(c, c->values.items[j]), name);
        if (found)
            continue;
        struct diag *g = diag_add(c->d, DIAG_E0409, (struct span){0, 0},
                                  "the pipeline has no param '" STR_FMT "'",
                                  STR_ARG(name));

        for (size_t j = 0; j < c->values.n; j++)
            if (c->values.items[j]->kind == SYMBOL_PARAM)
                near_consider(&near, c->values.items[j]->name);
        diag_help_near(c->d, g, &near);
    }
}
