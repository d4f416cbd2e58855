#include "compiler/check.h"

/* needs=[a, b["x"], api]: edges that no value carries. */

static void need_node(struct check *c, uint32_t node, struct str text,
                      struct span at)
{
    struct ref r = {.from = node, .reason = EDGE_NEEDS, .text = text,
                    .span = at};

    arena_push(c->a, &c->refs, r);
}

/* A stage or instance whose for= goes through an empty list has no node to
 * wait for. Who needs it needs, instead, what it needs itself: a test without
 * instances does not let a build pass its failed lint. */
struct needing {
    struct check *c;
    struct str text; /* as the stage that is checked says it, and where */
    struct span at;
    struct { const struct symbol **items; size_t n, cap; } empties;
};

static void pass_on(struct needing *w, struct symbol *empty)
{
    struct check *c = w->c;

    if (empty->passed == c->n_needs)
        return;
    empty->passed = c->n_needs;
    if (++c->n_passed == COMPILE_PASSED_MAX)
        diag_add(c->d, DIAG_E0610, w->at, "needs= goes through more than %d "
                 "stages without instances", COMPILE_PASSED_MAX);
    if (c->n_passed < COMPILE_PASSED_MAX)
        arena_push(c->a, &w->empties, empty);
}

static void need_stage(struct needing *w, struct stage *t, size_t cell)
{
    if (!expand_cells(w->c, t))
        return;
    if (t->symbol.each && cell != ALL_CELLS) {
        need_node(w->c, t->first + (uint32_t)cell, w->text, w->at);
        return;
    }
    for (size_t i = 0; i < t->n_cells; i++)
        need_node(w->c, t->first + (uint32_t)i, w->text, w->at);
    if (t->n_cells == 0)
        pass_on(w, &t->symbol);
}

static void need_instance(struct needing *w, const struct typed *t)
{
    struct instance *i = t->instance;

    if (i->n_cells == 0) {
        pass_on(w, &i->symbol);
        return;
    }
    bool one = i->symbol.each && t->cell != ALL_CELLS;
    uint32_t from = i->froms[one ? t->cell : 0];
    uint32_t to = i->froms[one ? t->cell + 1 : i->n_cells];

    for (uint32_t k = from; k < to; k++)
        need_stage(w, w->c->stages.items[k], ALL_CELLS);
}

static void need_one(struct needing *w, struct scope *s, const struct ast *n)
{
    struct check *c = w->c;
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
        need_stage(w, t.stage, t.cell);
    else if (t.instance)
        need_instance(w, &t);
    else
        diag_add(c->d, DIAG_E0603, n->span,
                 "'" STR_FMT "' is " STR_FMT ", not a stage",
                 STR_ARG(source_text(c->o->sources, n->span)),
                 STR_ARG(type_show(c, t.type)));
}

static void need_all(struct needing *w, struct scope *s, const struct ast *n)
{
    if (n->kind != AST_LIST) {
        need_one(w, s, n);
        return;
    }
    for (size_t i = 0; i < ast_list(n)->items.n; i++)
        need_one(w, s, ast_list(n)->items.items[i]);
}

/* What a call or stage says itself: needs=..., or as a statement. */
static void need_own(struct needing *w, struct scope *s,
                     const struct ast_node *n)
{
    const struct ast_block *b = n->block;

    for (size_t i = 0; i < n->n_named; i++)
        if (str_eq(n->named[i].key, STR("needs")))
            need_all(w, s, n->named[i].value);
    for (size_t i = 0; b && i < b->n; i++) {
        const struct ast_node *k = b->items[i]->kind == AST_NODE
                                       ? ast_node(b->items[i]) : NULL;

        if (k && str_eq(k->name, STR("needs")) && k->args.n == 1)
            need_all(w, s, k->args.items[0]);
    }
}

/* The loop's variable has no value, and is no reason for a report. */
static struct scope *without_element(struct check *c, const struct symbol *y)
{
    struct scope *s = scope_create(c, y->scope);

    *scope_local(c, s, y->each->name, (struct span){0, 0})->value =
        typed_error();
    return s;
}

static void need_through(struct needing *w)
{
    for (size_t i = 0; i < w->empties.n; i++) {
        const struct symbol *y = w->empties.items[i];
        size_t cell = y->outer_cell;

        need_own(w, y->each ? without_element(w->c, y) : y->scope, y->call);
        for (const struct instance *o = y->outer; o; o = o->symbol.outer) {
            need_own(w, o->cells[cell].outside, o->symbol.call);
            cell = o->symbol.outer_cell;
        }
    }
    w->empties.n = 0;
}

static void need(struct needing *w, struct scope *s, const struct ast *n)
{
    w->text = source_text(w->c->o->sources, n->span);
    w->at = n->span;
    w->c->n_needs++;
    need_one(w, s, n);
    need_through(w);
}

void needs_check(struct check *c, struct scope *s, const struct ast *n)
{
    struct needing w = {.c = c};

    if (n->kind != AST_LIST) {
        need(&w, s, n);
        return;
    }
    for (size_t i = 0; i < ast_list(n)->items.n; i++)
        need(&w, s, ast_list(n)->items.items[i]);
}
