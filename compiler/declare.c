#include "compiler/body.h"

/* Names of a file: bindings, definitions, environments, what it uses. */

enum { LANGUAGE = 1 };

struct module *module_create(struct check *c, struct module *parent,
                             struct str path, struct str prefix)
{
    struct module *m = arena_new(c->a, struct module);

    m->path = path;
    m->prefix = prefix;
    m->parent = parent;
    m->root = !parent;
    m->scope = scope_create(c, NULL);
    m->scope->module = m;
    arena_push(c->a, &c->modules, m);
    return m;
}

struct str declare_full_name(struct check *c, const struct symbol *y)
{
    const struct module *m = y->scope ? y->scope->module : NULL;

    if (!m || m->root)
        return y->name;
    return arena_printf(c->a, STR_FMT STR_FMT, STR_ARG(m->prefix),
                        STR_ARG(y->name));
}

static void declare_binding(struct check *c, struct scope *s,
                            const struct ast_binding *b)
{
    enum symbol_kind kind = b->binder == AST_LET ? SYMBOL_LET
                          : b->binder == AST_PARAM ? SYMBOL_PARAM
                                                   : SYMBOL_SECRET;
    struct symbol *y;

    if (kind == SYMBOL_PARAM && s != s->module->scope) {
        struct diag *g = diag_add(c->d, DIAG_E0514, b->name_span,
                                  "a param stands outside of all blocks");

        diag_help(c->d, g, "use let, or a parameter of the definition");
        return;
    }
    y = scope_declare(c, s, kind, b->name, b->name_span);
    y->ast = b->value;
    y->scope = s;
    if (b->type)
        y->type = type_of_ast(c, b->type);
    if (b->type && !y->type)
        y->state = SYMBOL_DONE;
}

void declare_bindings(struct check *c, struct scope *s,
                      const struct ast_block *b)
{
    for (size_t i = 0; b->names && i < b->n; i++)
        if (b->items[i]->kind == AST_BINDING)
            declare_binding(c, s, ast_binding(b->items[i]));
}

static void declare_define(struct check *c, struct module *m,
                           const struct ast_define *n)
{
    struct define *d = arena_new(c->a, struct define);
    struct define *old = map_get(&m->defines, n->name);

    d->ast = n;
    d->module = m;
    if (!old) {
        map_set(c->a, &m->defines, n->name, d);
        return;
    }
    struct diag *g = diag_add(c->d, DIAG_E0303, n->name_span,
                              "'" STR_FMT "' is defined already",
                              STR_ARG(n->name));

    diag_also(c->d, g, old->ast->name_span, "defined here");
}

static void declare_pipeline(struct check *c, struct module *m,
                             const struct ast_node *n)
{
    struct body b;
    const struct value *language;

    body_open(c, &b, catalogue_own(c, "pipeline"));
    body_positionals(c, m->scope, &b, n, 0);
    for (size_t i = 0; i < n->n_named; i++)
        if (!body_named(c, m->scope, &b, &n->named[i]))
            diag_add(c->d, DIAG_E0503, n->named[i].key_span,
                     "'pipeline' takes no '" STR_FMT "='",
                     STR_ARG(n->named[i].key));
    if (n->block)
        diag_add(c->d, DIAG_E0509, n->name_span,
                 "'pipeline' has no block: stages stand beside it");
    if (m->root && c->pipeline.n)
        diag_add(c->d, DIAG_E0507, n->name_span, "'pipeline' is given twice");
    if (m->root && b.args[0].set && b.args[0].v.kind == VALUE_STRING)
        c->pipeline = b.args[0].v.s;
    language = body_get(&b, "language");
    if (!language || language->kind != VALUE_INT || language->i == LANGUAGE)
        return;
    struct diag *g = diag_add(c->d, DIAG_E0513, n->head.span,
                              "this pipec knows language %d, not %lld",
                              LANGUAGE, (long long)language->i);

    diag_help(c->d, g, language->i > LANGUAGE
                           ? "a newer pipec is needed"
                           : "write language=%d", LANGUAGE);
}

static void declare_environment(struct check *c, struct module *m,
                                const struct ast_node *n)
{
    struct environment *v = arena_new(c->a, struct environment), *old;

    if (!m->root) {
        diag_add(c->d, DIAG_E0904, n->name_span,
                 "environments stand in the pipeline's own file");
        return;
    }
    if (n->args.n != 1 || n->args.items[0]->kind != AST_NAME) {
        struct diag *g = diag_add(c->d, DIAG_E0508, n->name_span,
                                  "an environment needs a name");

        diag_help(c->d, g, "environment production { branch \"main\" }");
        return;
    }
    v->name = ast_name(n->args.items[0])->name;
    v->span = n->args.items[0]->span;
    v->ast = n;
    old = environment_named(c, v->name);
    if (old) {
        struct diag *g = diag_add(c->d, DIAG_E0303, v->span,
                                  "the environment '" STR_FMT "' is declared "
                                  "already", STR_ARG(v->name));

        diag_also(c->d, g, old->span, "declared here");
        return;
    }
    arena_push(c->a, &c->environments, v);
}

static void declare_node(struct check *c, struct module *m,
                         const struct ast_node *n)
{
    if (str_eq(n->name, STR("pipeline")))
        declare_pipeline(c, m, n);
    else if (str_eq(n->name, STR("use")))
        use_file(c, m, n);
    else if (str_eq(n->name, STR("environment")))
        declare_environment(c, m, n);
    else if (str_eq(n->name, STR("policy")))
        arena_push(c->a, &c->policies, n);
    else if (!m->root) {
        struct diag *g = diag_add(c->d, DIAG_E0904, n->name_span,
                                  "a file that is used holds no stages");

        diag_help(c->d, g, "put them into a define, and make an instance of "
                           "it in the pipeline");
    }
}

void declare_module(struct check *c, struct module *m,
                    const struct ast_block *b)
{
    map_reserve(&m->scope->names, b->n);
    declare_bindings(c, m->scope, b);
    for (size_t i = 0; i < b->n; i++) {
        const struct ast *n = b->items[i];

        if (n->kind == AST_DEFINE)
            declare_define(c, m, ast_define(n));
        else if (n->kind == AST_NODE)
            declare_node(c, m, ast_node(n));
    }
}
