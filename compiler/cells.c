#include "compiler/check.h"

/* The elements of for=. */

static struct cell *single(struct check *c, uint32_t *n)
{
    *n = 1;
    return arena_new(c->a, struct cell);
}

/* What check knows of a list that only the plan will: that it has elements. */
static struct cell *pending(struct check *c, const struct typed *list,
                            uint32_t *n)
{
    struct cell *cell = single(c, n);

    cell->key = STR("?");
    cell->value = (struct typed){.type = list->type->of,
                                 .x = {.kind = EXPR_INDEX, .n = 2},
                                 .phase = PHASE_PLAN};
    cell->value.x.kids = arena_array(c->a, struct expr, 2);
    cell->value.x.kids[0] = list->x;
    cell->value.x.kids[1] = (struct expr){.kind = EXPR_LITERAL,
                                          .lit = value_int(0)};
    return cell;
}

static bool key_of(struct check *c, const struct value *v, struct map *seen,
                   const struct ast *at, struct str *out)
{
    if (!value_text(c->a, v, out) || out->n == 0) {
        struct diag *g = diag_add(c->d, DIAG_E0604, at->span,
                                  "an instance cannot be named after " STR_FMT,
                                  STR_ARG(value_show(c->a, v)));

        if (v->kind == VALUE_MAP || v->kind == VALUE_LIST)
            diag_help(c->d, g, "name instances by texts or numbers and look "
                               "the rest up: for=k in keys(table), table[k]");
        return false;
    }
    if (map_get(seen, *out)) {
        struct diag *g = diag_add(c->d, DIAG_E0604, at->span,
                                  "\"" STR_FMT "\" is in the list twice",
                                  STR_ARG(*out));

        diag_help(c->d, g, "each element makes an instance of its own name; "
                           "unique(list) drops repetitions");
        return false;
    }
    map_set(c->a, seen, *out, seen);
    return true;
}

static struct cell *spread(struct check *c, const struct typed *list,
                           const struct ast *at, uint32_t *n)
{
    const struct value *v = &list->x.lit;
    struct cell *cells = arena_array(c->a, struct cell, v->list.n);
    struct map seen = {0};
    bool ok = v->list.n <= COMPILE_CELLS_MAX;

    if (!ok)
        diag_add(c->d, DIAG_E0610, at->span,
                 "for= makes at most %d instances, not %zu", COMPILE_CELLS_MAX,
                 v->list.n);
    for (size_t i = 0; ok && i < v->list.n; i++) {
        ok = key_of(c, &v->list.items[i], &seen, at, &cells[i].key);
        cells[i].value = typed_literal(list->type->of, v->list.items[i]);
        cells[i].value.phase = list->phase;
        cells[i].value.env = list->env;
    }
    map_free(&seen);
    *n = ok ? (uint32_t)v->list.n : 0;
    if (ok && v->list.n == 0)
        diag_add(c->d, DIAG_W0611, at->span,
                 "this list is empty: there will be no instance");
    return ok ? cells : NULL;
}

struct cell *cells_of(struct check *c, struct scope *s,
                      const struct ast_for *each, uint32_t *n)
{
    struct typed list;

    *n = 0;
    if (!each)
        return single(c, n);
    list = infer(c, s, each->list, NULL);
    if (!list.type)
        return NULL;
    if (list.type->kind != TYPE_LIST ||
        list.type->of->kind == TYPE_SECRET) {
        diag_add(c->d, DIAG_E0604, each->list->span,
                 "for= goes through a list, not " STR_FMT,
                 STR_ARG(type_show(c, list.type)));
        return NULL;
    }
    if (typed_known(&list))
        return spread(c, &list, each->list, n);
    if (list.phase == PHASE_RUN) {
        typed_report_early(c, &list, each->list->span,
                           STR("the list of for="));
        return NULL;
    }
    return pending(c, &list, n);
}

bool expand_cells(struct check *c, struct stage *t)
{
    struct symbol *y = &t->symbol;

    if (y->state == SYMBOL_DONE)
        return t->cells != NULL;
    if (y->state == SYMBOL_BUSY) {
        diag_add(c->d, DIAG_E0306, y->span,
                 "the list of for= is made from '" STR_FMT "' itself",
                 STR_ARG(y->name));
        return false;
    }
    y->state = SYMBOL_BUSY;
    t->n_cells = 1;
    t->cells = y->each ? cells_of(c, y->scope, y->each, &t->n_cells)
                       : &c->single;
    y->state = SYMBOL_DONE;
    return t->cells != NULL;
}
