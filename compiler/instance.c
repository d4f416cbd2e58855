#include "compiler/check.h"

/* py.service api dir="api": a definition's stages, named after the instance. */

static bool own_key(struct str key)
{
    return str_eq(key, STR("needs")) || str_eq(key, STR("when")) ||
           str_eq(key, STR("for")) || str_eq(key, STR("environment"));
}

static const struct ast_param *param_find(const struct ast_define *d,
                                          struct str name)
{
    for (size_t i = 0; i < d->n_params; i++)
        if (str_eq(d->params[i].name, name))
            return &d->params[i];
    return NULL;
}

static void report_extra(struct check *c, const struct ast_define *d,
                         struct str name, struct span at)
{
    struct near near = {.word = name};
    struct diag *g = diag_add(c->d, DIAG_E0608, at,
                              "'" STR_FMT "' has no parameter '" STR_FMT "'",
                              STR_ARG(d->name), STR_ARG(name));

    diag_also(c->d, g, d->name_span, "defined here");
    for (size_t i = 0; i < d->n_params; i++)
        near_consider(&near, d->params[i].name);
    diag_help_near(c->d, g, &near);
}

/* What the call gives for a parameter, NULL where nothing. */
static const struct ast *given(const struct ast_node *n,
                               const struct ast_define *d, size_t i)
{
    for (size_t k = 0; k < n->n_named; k++)
        if (!own_key(n->named[k].key) &&
            str_eq(n->named[k].key, d->params[i].name))
            return n->named[k].value;
    return i + 1 < n->args.n ? n->args.items[i + 1] : NULL;
}

static void check_call(struct check *c, const struct instance *i)
{
    const struct ast_define *d = i->define->ast;
    const struct ast_node *n = i->symbol.call;

    for (size_t k = 0; k < n->n_named; k++)
        if (!own_key(n->named[k].key) && !param_find(d, n->named[k].key))
            report_extra(c, d, n->named[k].key, n->named[k].key_span);
    if (n->args.n > d->n_params + 1)
        diag_add(c->d, DIAG_E0608, n->args.items[d->n_params + 1]->span,
                 "'" STR_FMT "' has %zu parameter%s", STR_ARG(d->name),
                 d->n_params, d->n_params == 1 ? "" : "s");
    if (n->block)
        diag_add(c->d, DIAG_E0509, n->name_span,
                 "an instance of '" STR_FMT "' has no block", STR_ARG(d->name));
    for (size_t k = 0; k < d->n_params; k++) {
        if (given(n, d, k) || d->params[k].value)
            continue;
        struct diag *g = diag_add(c->d, DIAG_E0608, n->name_span,
                                  "'" STR_FMT "' needs its parameter '" STR_FMT
                                  "'", STR_ARG(d->name),
                                  STR_ARG(d->params[k].name));

        diag_also(c->d, g, d->params[k].name_span, "declared here");
    }
}

/* The inside of one cell: parameters are read where the call stands. */
static void bind(struct check *c, struct instance *i, struct cell *cell)
{
    const struct ast_define *d = i->define->ast;

    cell->scope = scope_create(c, i->define->module->scope);
    cell->outside = i->symbol.scope;
    if (i->symbol.each) {
        cell->outside = scope_create(c, i->symbol.scope);
        *scope_local(c, cell->outside, i->symbol.each->name,
                     i->symbol.each->name_span)->value = cell->value;
    }
    for (size_t k = 0; k < d->n_params; k++) {
        const struct ast_param *p = &d->params[k];
        const struct ast *value = given(i->symbol.call, d, k);
        struct symbol *y = scope_declare(c, cell->scope, SYMBOL_LOCAL, p->name,
                                         p->name_span);

        y->used = true;
        y->scope = value ? cell->outside : cell->scope;
        y->ast = value ? value : p->value;
        if (p->type)
            y->type = type_of_ast(c, p->type);
        if (!y->ast || (p->type && !y->type))
            y->state = SYMBOL_DONE;
    }
}

static bool refuse_recursion(struct check *c, const struct instance *i)
{
    size_t depth = 0;

    for (const struct instance *o = i->symbol.outer; o; o = o->symbol.outer)
        depth++;
    if (!i->define->open && depth <= COMPILE_NEST_MAX)
        return false;
    struct diag *g = diag_add(c->d, DIAG_E0607, i->symbol.call->name_span,
                              "the definition '" STR_FMT "' contains itself",
                              STR_ARG(i->define->ast->name));

    diag_also(c->d, g, i->define->ast->name_span, "defined here");
    return true;
}

void instance_expand(struct check *c, struct instance *i)
{
    const struct ast_define *d = i->define->ast;

    if (refuse_recursion(c, i))
        return;
    if (c->n_instances++ >= COMPILE_INSTANCES_MAX) {
        if (c->n_instances == COMPILE_INSTANCES_MAX + 1)
            diag_add(c->d, DIAG_E0610, i->symbol.call->name_span,
                     "more than %d instances of definitions",
                     COMPILE_INSTANCES_MAX);
        return;
    }
    check_call(c, i);
    i->cells = cells_of(c, i->symbol.scope, i->symbol.each, &i->n_cells);
    if (!i->cells)
        i->n_cells = 0;
    i->froms = arena_array(c->a, uint32_t, i->n_cells + 1);
    i->define->open = true;
    for (size_t k = 0; k < i->n_cells; k++) {
        struct cell *cell = &i->cells[k];

        c->n_instances += k > 0;
        struct str prefix = i->symbol.each
            ? arena_printf(c->a, STR_FMT "[" STR_FMT "].", STR_ARG(i->id),
                           STR_ARG(cell->key))
            : arena_printf(c->a, STR_FMT ".", STR_ARG(i->id));

        bind(c, i, cell);
        declare_bindings(c, cell->scope, d->block);
        i->froms[k] = (uint32_t)c->stages.n;
        expand_block(c, cell->scope, d->block, prefix, i, k);
    }
    i->froms[i->n_cells] = (uint32_t)c->stages.n;
    i->define->open = false;
}
