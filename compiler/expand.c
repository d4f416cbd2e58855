#include "compiler/check.h"

#include "base/buf.h"

#include <string.h>

/* Stages of blocks, instances of definitions, elements of for=. */

struct define *expand_define(struct module *m, struct str name)
{
    for (;;) {
        size_t dot = str_find(name, '.');

        if (dot == name.n)
            return map_get(&m->defines, name);
        m = map_get(&m->uses, str_sub(name, 0, dot));
        if (!m)
            return NULL;
        name = str_skip(name, dot + 1);
    }
}

static void report_kind(struct check *c, struct module *m,
                        const struct ast_node *n)
{
    struct near near = {.word = n->name};

    if (c->lua_failed)
        return; /* it may be the kind of a file that did not load */
    struct diag *g = diag_add(c->d, DIAG_E0501, n->name_span,
                              "there is no kind '" STR_FMT "'",
                              STR_ARG(n->name));

    catalogue_near(c, STR("kind"), &near);
    for (struct map_entry *i = map_first(&m->defines); i; i = map_next(i))
        near_consider(&near, map_key(i));
    for (struct map_entry *u = map_first(&m->uses); u; u = map_next(u)) {
        struct module *used = map_value(u);

        for (struct map_entry *i = map_first(&used->defines); i;
             i = map_next(i))
            near_consider(&near, arena_printf(c->a, STR_FMT "." STR_FMT,
                                              STR_ARG(map_key(u)),
                                              STR_ARG(map_key(i))));
    }
    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else
        diag_help(c->d, g, "'pipec kinds' lists them; one of your own comes "
                           "with use \"file.lua\"");
}

static bool name_of(struct check *c, const struct ast_node *n,
                    struct str *out, struct span *at)
{
    if (n->args.n && n->args.items[0]->kind == AST_NAME) {
        *out = ast_name(n->args.items[0])->name;
        *at = n->args.items[0]->span;
        return true;
    }
    if (n->args.n && n->args.items[0]->kind == AST_ERROR)
        return false;
    struct diag *g = diag_add(c->d, DIAG_E0508, n->name_span,
                              "a stage needs a name after its kind '" STR_FMT
                              "'", STR_ARG(n->name));

    diag_help(c->d, g, STR_FMT " NAME%s", STR_ARG(n->name),
              n->block ? " { ... }" : " ...");
    return false;
}

static const struct ast_for *for_of(const struct ast_node *n)
{
    for (size_t i = 0; i < n->n_named; i++)
        if (n->named[i].value->kind == AST_FOR)
            return ast_for(n->named[i].value);
    return NULL;
}

static struct str join_id(struct check *c, struct str prefix, struct str name)
{
    if (!prefix.n)
        return name;
    return arena_join(c->a, prefix, name);
}

static struct symbol symbol_of(struct scope *s, enum symbol_kind kind,
                               const struct ast_node *n, struct str name,
                               struct span at)
{
    return (struct symbol){.name = name, .span = at, .scope = s, .call = n,
                           .each = for_of(n), .kind = kind};
}

static struct symbol *declare_stage(struct check *c, struct scope *s,
                                    const struct ast_node *n, struct str id,
                                    struct str name, struct span at)
{
    struct stage *t = arena_alloc(c->a, STAGE_BYTES, STAGE_ALIGN, 1);

    if (name.n <= STAGE_TEXT)
        name.s = memcpy(t->text, name.s, name.n);
    t->symbol = symbol_of(s, SYMBOL_STAGE, n, name, at);
    scope_add(c, s, &t->symbol);
    t->id = id;
    t->entry = catalogue_find(c, STR("kind"), n->name);
    if (!t->entry)
        report_kind(c, s->module, n);
    return &t->symbol;
}

static struct symbol *declare_instance(struct check *c, struct scope *s,
                                       const struct ast_node *n,
                                       struct define *d, struct str id,
                                       struct str name, struct span at)
{
    struct instance *i = arena_new(c->a, struct instance);

    i->symbol = symbol_of(s, SYMBOL_INSTANCE, n, name, at);
    scope_add(c, s, &i->symbol);
    i->id = id;
    i->define = d;
    d->used = true;
    return &i->symbol;
}

static bool is_declaration(struct str name)
{
    return str_eq(name, STR("pipeline")) || str_eq(name, STR("use")) ||
           str_eq(name, STR("environment")) || str_eq(name, STR("policy"));
}

/* The symbol of a stage or an instance, NULL for what is neither. */
static struct symbol *declare(struct check *c, struct scope *s,
                              const struct ast *x, struct str prefix,
                              bool inner)
{
    struct str name;
    struct span at;

    if (x->kind == AST_DEFINE && inner)
        diag_add(c->d, DIAG_E0514, x->span,
                 "definitions stand outside of all blocks");
    if (x->kind != AST_NODE)
        return NULL;
    const struct ast_node *n = ast_node(x);

    if (is_declaration(n->name)) {
        if (inner)
            diag_add(c->d, DIAG_E0514, n->name_span,
                     "'" STR_FMT "' stands outside of all blocks",
                     STR_ARG(n->name));
        return NULL;
    }
    struct define *d = expand_define(s->module, n->name);

    if (!name_of(c, n, &name, &at)) {
        if (!d && !catalogue_find(c, STR("kind"), n->name))
            report_kind(c, s->module, n);
        return NULL;
    }
    struct str id = join_id(c, prefix, name);

    return d ? declare_instance(c, s, n, d, id, name, at)
             : declare_stage(c, s, n, id, name, at);
}

void expand_block(struct check *c, struct scope *s, const struct ast_block *b,
                  struct str prefix, struct instance *outer, size_t cell)
{
    struct symbol **all = arena_array(c->a, struct symbol *, b->n);
    for (size_t i = 0; i < b->n; i++)
        all[i] = declare(c, s, b->items[i], prefix, outer != NULL);
    for (size_t i = 0; i < b->n; i++) {
        if (all[i] && all[i]->kind == SYMBOL_INSTANCE) {
            struct instance *inside = symbol_instance(all[i]);

            inside->symbol.outer = outer;
            inside->symbol.outer_cell = cell;
            instance_expand(c, inside);
        } else if (all[i] && c->stages.n < COMPILE_NODES_MAX) {
            struct stage *t = symbol_stage(all[i]);

            t->symbol.outer = outer;
            t->symbol.outer_cell = cell;
            arena_push(c->a, &c->stages, t);
        } else if (all[i]) {
            diag_add(c->d, DIAG_E0610, all[i]->span, "more than %d stages",
                     COMPILE_NODES_MAX);
            return;
        }
    }
}
