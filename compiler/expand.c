#include "compiler/check.h"

#include "base/buf.h"

/* Stages of blocks, instances of definitions, elements of for=. */

struct item { /* of a block: one of the two */
    struct stage *stage;
    struct instance *instance;
};

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

static void declare_stage(struct check *c, struct scope *s,
                          const struct ast_node *n, struct str id,
                          struct str name, struct span at, struct item *out)
{
    struct stage *t = arena_new(c->a, struct stage);
    struct symbol *y = scope_declare(c, s, SYMBOL_STAGE, name, at);

    y->stage = t;
    t->name = name;
    t->id = id;
    t->ast = n;
    t->name_span = at;
    t->scope = s;
    t->each = for_of(n);
    t->entry = catalogue_find(c, STR("kind"), n->name);
    if (!t->entry)
        report_kind(c, s->module, n);
    out->stage = t;
}

static void declare_instance(struct check *c, struct scope *s,
                             const struct ast_node *n, struct define *d,
                             struct str id, struct item *out)
{
    struct instance *i = arena_new(c->a, struct instance);
    struct symbol *y;
    struct span at = n->args.items[0]->span;

    i->name = ast_name(n->args.items[0])->name;
    y = scope_declare(c, s, SYMBOL_INSTANCE, i->name, at);
    y->instance = i;
    i->id = id;
    i->ast = n;
    i->define = d;
    i->scope = s;
    i->each = for_of(n);
    d->used = true;
    out->instance = i;
}

static bool is_declaration(struct str name)
{
    return str_eq(name, STR("pipeline")) || str_eq(name, STR("use")) ||
           str_eq(name, STR("environment")) || str_eq(name, STR("policy"));
}

static struct item declare(struct check *c, struct scope *s,
                           const struct ast *x, struct str prefix, bool inner)
{
    struct item out = {0};
    struct str name;
    struct span at;

    if (x->kind == AST_DEFINE && inner)
        diag_add(c->d, DIAG_E0514, x->span,
                 "definitions stand outside of all blocks");
    if (x->kind != AST_NODE)
        return out;
    const struct ast_node *n = ast_node(x);

    if (is_declaration(n->name)) {
        if (inner)
            diag_add(c->d, DIAG_E0514, n->name_span,
                     "'" STR_FMT "' stands outside of all blocks",
                     STR_ARG(n->name));
        return out;
    }
    struct define *d = expand_define(s->module, n->name);

    if (!name_of(c, n, &name, &at)) {
        if (!d && !catalogue_find(c, STR("kind"), n->name))
            report_kind(c, s->module, n);
        return out;
    }
    if (d)
        declare_instance(c, s, n, d, join_id(c, prefix, name), &out);
    else
        declare_stage(c, s, n, join_id(c, prefix, name), name, at, &out);
    return out;
}

void expand_block(struct check *c, struct scope *s, const struct ast_block *b,
                  struct str prefix, struct instance *outer, size_t cell)
{
    struct item *items = arena_array(c->a, struct item, b->n);

    for (size_t i = 0; i < b->n; i++)
        items[i] = declare(c, s, b->items[i], prefix, outer != NULL);
    for (size_t i = 0; i < b->n; i++) {
        struct stage *t = items[i].stage;

        if (t && c->stages.n < COMPILE_NODES_MAX) {
            t->outer = outer;
            t->outer_cell = cell;
            arena_push(c->a, &c->stages, t);
        } else if (t) {
            diag_add(c->d, DIAG_E0610, t->name_span, "more than %d stages",
                     COMPILE_NODES_MAX);
            return;
        } else if (items[i].instance) {
            items[i].instance->outer = outer;
            items[i].instance->outer_cell = cell;
            instance_expand(c, items[i].instance);
        }
    }
}
