#include "compiler/check.h"

/* needs=[a, b["x"], api]: edges that no value carries. */

static void need_node(struct check *c, uint32_t node, struct str text,
                      struct span at)
{
    struct ref r = {.from = node, .reason = EDGE_NEEDS, .text = text,
                    .span = at};

    arena_push(c->a, &c->refs, r);
}

static void need_stage(struct check *c, struct stage *t, size_t cell,
                       struct str text, struct span at)
{
    if (!expand_cells(c, t))
        return;
    if (t->each && cell != ALL_CELLS) {
        need_node(c, t->first + (uint32_t)cell, text, at);
        return;
    }
    for (size_t i = 0; i < t->n_cells; i++)
        need_node(c, t->first + (uint32_t)i, text, at);
}

static void need_instance(struct check *c, const struct typed *t,
                          struct str text, struct span at)
{
    const struct instance *i = t->instance;

    if (i->n_cells == 0)
        return;
    bool one = i->each && t->cell != ALL_CELLS;
    uint32_t from = i->froms[one ? t->cell : 0];
    uint32_t to = i->froms[one ? t->cell + 1 : i->n_cells];

    for (uint32_t k = from; k < to; k++)
        need_stage(c, c->stages.items[k], ALL_CELLS, text, at);
}

static void need(struct check *c, struct scope *s, const struct ast *n)
{
    struct str text = source_text(c->o->sources, n->span);
    struct typed t;

    if (n->kind == AST_STRING) {
        struct diag *g = diag_add(c->d, DIAG_E0603, n->span,
                                  "'needs' names stages, not texts");

        diag_help(c->d, g, "without the quotes: needs=[" STR_FMT "]",
                  STR_ARG(ast_string(n)->value));
        return;
    }
    t = infer(c, s, n, NULL);
    if (!t.type)
        return;
    if (t.stage)
        need_stage(c, t.stage, t.cell, text, n->span);
    else if (t.instance)
        need_instance(c, &t, text, n->span);
    else
        diag_add(c->d, DIAG_E0603, n->span,
                 "'" STR_FMT "' is " STR_FMT ", not a stage", STR_ARG(text),
                 STR_ARG(type_show(c, t.type)));
}

void needs_check(struct check *c, struct scope *s, const struct ast *n)
{
    const struct ast_items *l;

    if (n->kind != AST_LIST) {
        need(c, s, n);
        return;
    }
    l = &ast_list(n)->items;
    for (size_t i = 0; i < l->n; i++)
        need(c, s, l->items[i]);
}
