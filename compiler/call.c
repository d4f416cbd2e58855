#include "compiler/check.h"

/* Calls: the built-in functions of graph/, and those that ask the host. */

static const char *const host_names[] = {"env", "file", "glob", "exec", NULL};

static void report_unknown(struct check *c, struct str name, struct span at)
{
    struct near near = {.word = name};
    struct diag *g = diag_add(c->d, DIAG_E0308, at, "no function '" STR_FMT "'",
                              STR_ARG(name));

    for (const struct function *f = functions; f->name; f++)
        near_consider(&near, str_of(f->name));
    for (size_t i = 0; host_names[i]; i++)
        near_consider(&near, str_of(host_names[i]));
    diag_help_near(c->d, g, &near);
}

/* How many arguments the list of parameters takes. */
static void arity(struct str params, size_t *least, size_t *most)
{
    *least = *most = 0;
    while (params.n) {
        struct str p = str_cut(params, ',', &params);

        if (str_ends(p, STR("*"))) {
            *most = 1000;
            return;
        }
        *most += 1;
        *least += !str_ends(p, STR("?"));
    }
}

static bool count_fits(struct check *c, const struct ast *n, struct str name,
                       struct str params)
{
    size_t least, most, got = ast_call(n)->args.n;

    arity(params, &least, &most);
    if (got >= least && got <= most)
        return true;
    struct diag *g =
        least == most || got < least
            ? diag_add(c->d, DIAG_E0403, n->span, "'" STR_FMT
                       "' takes %s%zu argument%s, not %zu", STR_ARG(name),
                       least == most ? "" : "at least ", least,
                       least == 1 ? "" : "s", got)
            : diag_add(c->d, DIAG_E0403, n->span, "'" STR_FMT
                       "' takes at most %zu argument%s, not %zu",
                       STR_ARG(name), most, most == 1 ? "" : "s", got);

    diag_help(c->d, g, "its parameters are (" STR_FMT ")", STR_ARG(params));
    return false;
}

static const struct type *result_type(struct check *c, const struct function *f,
                                      const struct typed *first)
{
    struct err e = {0};
    struct str name = str_of(f->name);
    bool element = str_eq(name, STR("first")) || str_eq(name, STR("last"));

    if (element && first->type->kind == TYPE_LIST)
        return first->type->of;
    if (str_eq(name, STR("values")) && first->type->kind == TYPE_MAP)
        return type_list(c->a, first->type->of);
    if (str_eq(name, STR("abs")) || str_eq(str_of(f->result), STR("=1")))
        return first->type;
    const struct type *t = type_parse(c->a, str_of(f->result), &e);

    return t ? t : type_simple(TYPE_ANY);
}

/* Demands the parameter's type; secrets make the result secret. */
static void take_argument(struct check *c, struct typed *t, struct str param,
                          const struct ast *at, struct str what, bool *secret)
{
    struct err e = {0};

    if (t->type->kind == TYPE_SECRET) {
        *secret = true;
        t->type = t->type->of;
    }
    while (param.n && (param.s[param.n - 1] == '?' ||
                       param.s[param.n - 1] == '*'))
        param.n--;
    const struct type *want = type_parse(c->a, param, &e);
    const struct type *was = t->type;

    if (want && want->kind == TYPE_STRING && was->kind == TYPE_SYMBOL)
        return;
    if (want)
        typed_fit(c, t, want, at, what);
    if (t->type && want && (want->of || want->kind == TYPE_ANY))
        t->type = was; /* list(any) keeps what it is a list of */
}

static struct typed call_function(struct check *c, struct scope *s,
                                  const struct ast *n,
                                  const struct function *f)
{
    const struct ast_items *args = &ast_call(n)->args;
    struct str name = str_of(f->name), rest = str_of(f->params), param = {0};
    struct str what = arena_join(c->a, STR("'"), name, STR("'"));
    struct typed first = typed_error(), out = {
        .x = {.kind = EXPR_CALL, .name = name, .n = args->n}};
    bool secret = false, bad = !count_fits(c, n, name, str_of(f->params));

    out.x.kids = arena_array(c->a, struct expr, args->n + 1);
    for (size_t i = 0; i < args->n; i++) {
        struct typed t = infer(c, s, args->items[i], NULL);

        if (!str_ends(param, STR("*")))
            param = str_cut(rest, ',', &rest);
        if (t.type && !bad)
            take_argument(c, &t, param, args->items[i], what, &secret);
        bad |= !t.type;
        if (i == 0)
            first = t;
        out.x.kids[i] = t.x;
        out.env |= t.env;
        out.phase = t.phase > out.phase ? t.phase : out.phase;
    }
    if (bad)
        return typed_error();
    out.type = result_type(c, f, &first);
    if (secret)
        out.type = type_secret(c->a, out.type);
    typed_fold(c, &out, n);
    return out;
}

/* The text of a host function's argument: it must be known in the plan. */
static bool text_argument(struct check *c, struct scope *s, const struct ast *n,
                          size_t i, struct str name, struct str *out)
{
    struct str what = arena_join(c->a, STR("'"), name, STR("'"));
    struct value v;

    if (!infer_known(c, s, ast_call(n)->args.items[i],
                     type_simple(TYPE_STRING), what, &v))
        return false;
    *out = v.s;
    return true;
}

static struct typed call_env(struct check *c, struct scope *s,
                             const struct ast *n, const struct type *want)
{
    const struct ast_items *args = &ast_call(n)->args;
    struct str variable;

    if (!count_fits(c, n, STR("env"), STR("string,string?")) ||
        !text_argument(c, s, n, 0, STR("env"), &variable))
        return typed_error();
    if (want && want->kind == TYPE_SECRET && args->n == 1)
        return secret_env(c, variable, n->span);
    if (args->n == 1)
        return facts_env(c, variable, NULL, n->span);
    struct typed dflt = infer_fit(c, s, args->items[1],
                                  type_simple(TYPE_STRING), STR("'env'"));

    return dflt.type ? facts_env(c, variable, &dflt, n->span) : dflt;
}

static struct typed call_host(struct check *c, struct scope *s,
                              const struct ast *n, struct str name,
                              const struct type *want)
{
    struct str text;

    if (str_eq(name, STR("env")))
        return call_env(c, s, n, want);
    if (str_eq(name, STR("exec"))) {
        struct diag *g = diag_add(c->d, DIAG_E0308, n->span,
                                  "planning runs no command: exec() stands "
                                  "only in a secret's declaration");

        diag_help(c->d, g, "run it in a stage, or declare secret x = "
                           "exec(\"...\")");
        return typed_error();
    }
    if (!count_fits(c, n, name, STR("string")) ||
        !text_argument(c, s, n, 0, name, &text))
        return typed_error();
    return str_eq(name, STR("file")) ? facts_read(c, text, n->span)
                                     : facts_glob(c, text, n->span);
}

/* git.changed("..."): the one method. */
static struct typed call_method(struct check *c, struct scope *s,
                                const struct ast *n)
{
    struct str path, text;

    if (!symbol_path(c, ast_call(n)->callee, &path) ||
        !str_eq(path, STR("git.changed"))) {
        diag_add(c->d, DIAG_E0308, ast_call(n)->callee->span,
                 "this cannot be called");
        return typed_error();
    }
    if (!count_fits(c, n, path, STR("string")) ||
        !text_argument(c, s, n, 0, path, &text))
        return typed_error();
    return facts_changed(c, text, n->span);
}

struct typed infer_call(struct check *c, struct scope *s, const struct ast *n,
                        const struct type *want)
{
    const struct ast *callee = ast_call(n)->callee;

    if (callee->kind != AST_NAME)
        return call_method(c, s, n);
    struct str name = ast_name(callee)->name;

    for (size_t i = 0; host_names[i]; i++)
        if (str_eq(name, str_of(host_names[i])))
            return call_host(c, s, n, name, want);
    const struct function *f = function_find(name);

    if (f)
        return call_function(c, s, n, f);
    report_unknown(c, name, callee->span);
    return typed_error();
}
