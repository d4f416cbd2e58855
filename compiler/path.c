#include "compiler/check.h"

/* Names and what is reached through them: lets, stages and their outputs,
 * instances and what is in them, environments, git, run, ci. */

static struct typed output_of(struct check *c, const struct stage *t,
                              size_t cell, const struct schema_output *o)
{
    struct typed out = {.type = o->type, .phase = PHASE_RUN};
    struct str id = t->id;

    if (t->symbol.each)
        id = arena_join(c->a, id, STR("["), t->cells[cell].key, STR("]"));
    out.x = (struct expr){.kind = EXPR_OUTPUT, .name = o->name, .stage = id};
    out.x.lit = value_string(arena_join(c->a, t->symbol.call->name, STR(" "),
                                        id));
    return out;
}

/* An output of all instances of a for= stage: a map by their keys. */
static struct typed output_map(struct check *c, const struct stage *t,
                               const struct schema_output *o)
{
    struct typed out = {.type = type_map(c->a, o->type), .phase = PHASE_RUN};

    out.x = (struct expr){.kind = EXPR_MAP, .n = 2 * t->n_cells};
    out.x.kids = arena_array(c->a, struct expr, out.x.n);
    for (size_t i = 0; i < t->n_cells; i++) {
        out.x.kids[2 * i] = (struct expr){
            .kind = EXPR_LITERAL, .lit = value_string(t->cells[i].key)};
        out.x.kids[2 * i + 1] = output_of(c, t, i, o).x;
    }
    return out;
}

static struct typed value_member(struct check *c, const struct typed *of,
                                 struct str name, struct span at)
{
    const struct type *t = of->type;
    struct typed out = *of;

    if (t->kind != TYPE_MAP && t->kind != TYPE_ANY) {
        diag_add(c->d, DIAG_E0302, at, STR_FMT " has no '" STR_FMT "'",
                 STR_ARG(type_show(c, t)), STR_ARG(name));
        return typed_error();
    }
    if (of->x.kind == EXPR_LITERAL) {
        const struct value *v = value_get(&of->x.lit, name);
        struct near near = {.word = name};

        if (v && t->of->kind == TYPE_ANY)
            return (struct typed){.type = value_type(c->a, v),
                                  .x = {.kind = EXPR_LITERAL, .lit = *v},
                                  .phase = of->phase};
        if (v) {
            out.type = t->of;
            out.x.lit = *v;
            return out;
        }
        struct diag *g = diag_add(c->d, DIAG_E0302, at,
                                  "there is no '" STR_FMT "' in it",
                                  STR_ARG(name));
        bool map = of->x.lit.kind == VALUE_MAP;

        for (size_t i = 0; map && i < of->x.lit.map.n; i++)
            near_consider(&near, of->x.lit.map.pairs[i].key);
        diag_help_near(c->d, g, &near);
        return typed_error();
    }
    out.type = t->kind == TYPE_MAP ? t->of : t;
    out.x = (struct expr){.kind = EXPR_MEMBER, .name = name, .n = 1,
                          .kids = arena_new(c->a, struct expr)};
    out.x.kids[0] = of->x;
    return out;
}

static struct typed stage_member(struct check *c, const struct typed *of,
                                 struct str name, struct span at)
{
    struct stage *t = of->stage;
    struct near near = {.word = name};

    if (!t->entry || !expand_cells(c, t))
        return typed_error();
    for (size_t i = 0; i < t->entry->n_outputs; i++) {
        const struct schema_output *o = &t->entry->outputs[i];

        near_consider(&near, o->name);
        if (str_eq(o->name, name))
            return t->symbol.each && of->cell == ALL_CELLS
                       ? output_map(c, t, o)
                       : output_of(c, t, t->symbol.each ? of->cell : 0, o);
    }
    struct environment *v = environment_named(c, t->symbol.name);

    if (v) {
        struct typed config = environment_value(c, v);

        if (value_get(&v->config, name))
            return value_member(c, &config, name, at);
    }
    struct diag *g = diag_add(c->d, DIAG_E0302, at,
                              "the stage '" STR_FMT "' sets no output '"
                              STR_FMT "'", STR_ARG(t->id), STR_ARG(name));

    diag_also(c->d, g, t->symbol.span, "a " STR_FMT " stage",
              STR_ARG(t->entry->name));
    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else if (t->entry->n_outputs == 0)
        diag_help(c->d, g, "stages of kind '" STR_FMT "' have no outputs",
                  STR_ARG(t->entry->name));
    else
        diag_help(c->d, g, "'pipec kinds " STR_FMT "' lists its outputs",
                  STR_ARG(t->entry->name));
    return typed_error();
}

static struct typed symbol_typed(struct check *c, struct symbol *y,
                                 struct span at)
{
    struct typed out = {.type = type_simple(TYPE_STAGE), .cell = ALL_CELLS};

    y->used = true;
    switch (y->kind) {
    case SYMBOL_STAGE:
        out.stage = symbol_stage(y);
        return out;
    case SYMBOL_INSTANCE:
        out.instance = symbol_instance(y);
        return out;
    case SYMBOL_MODULE:
        out.module = y->module;
        return out;
    case SYMBOL_LET: case SYMBOL_PARAM: case SYMBOL_SECRET: case SYMBOL_LOCAL:
        break;
    }
    return *symbol_value(c, y, at);
}

static struct typed inside(struct check *c, const struct scope *in,
                           struct str owner, struct str name, struct span at)
{
    struct symbol *y = map_get(&in->names, name);
    struct near near = {.word = name};

    if (y)
        return symbol_typed(c, y, at);
    struct diag *g = diag_add(c->d, DIAG_E0302, at,
                              "there is no '" STR_FMT "' in '" STR_FMT "'",
                              STR_ARG(name), STR_ARG(owner));

    for (struct map_entry *i = map_first(&in->names); i; i = map_next(i))
        near_consider(&near, map_key(i));
    diag_help_near(c->d, g, &near);
    return typed_error();
}

static struct typed instance_member(struct check *c, const struct typed *of,
                                    struct str name, struct span at)
{
    struct instance *i = of->instance;

    if (i->n_cells == 0)
        return typed_error();
    if (i->symbol.each && of->cell == ALL_CELLS) {
        struct diag *g = diag_add(c->d, DIAG_E0302, at,
                                  "'" STR_FMT "' has several instances",
                                  STR_ARG(i->symbol.name));

        diag_help(c->d, g, "choose one: " STR_FMT "[\"" STR_FMT "\"]",
                  STR_ARG(i->symbol.name), STR_ARG(i->cells[0].key));
        return typed_error();
    }
    return inside(c, i->cells[i->symbol.each ? of->cell : 0].scope, i->id, name,
                  at);
}

static struct typed infer_member(struct check *c, struct scope *s,
                                 const struct ast *n)
{
    const struct ast_member *m = ast_member(n);
    struct str name = m->name;

    if (m->object->kind == AST_NAME && builtin_named(ast_name(m->object)->name)) {
        struct str object = ast_name(m->object)->name;

        if (!scope_find(s, object))
            return builtin_value(c, s, object, name, n->span);
    }
    struct typed of = infer(c, s, m->object, NULL);

    if (!of.type)
        return of;
    if (of.stage)
        return stage_member(c, &of, name, m->name_span);
    if (of.instance)
        return instance_member(c, &of, name, m->name_span);
    if (of.module)
        return inside(c, of.module->scope, ast_name(m->object)->name, name,
                      m->name_span);
    return value_member(c, &of, name, n->span);
}

/* unit["3.12"] */
static struct typed choose_cell(struct check *c, struct typed of,
                                const struct typed *key, const struct ast *n)
{
    struct cell *cells = of.stage ? of.stage->cells : of.instance->cells;
    size_t n_cells = of.stage ? of.stage->n_cells : of.instance->n_cells;
    struct str id = of.stage ? of.stage->id : of.instance->id, text;

    if (of.stage ? !of.stage->symbol.each : !of.instance->symbol.each) {
        diag_add(c->d, DIAG_E0302, n->span,
                 "'" STR_FMT "' is a single stage: it has no for=", STR_ARG(id));
        return typed_error();
    }
    if (!typed_known(key)) {
        typed_report_early(c, key, n->span, STR("which instance is meant"));
        return typed_error();
    }
    if (!value_text(c->a, &key->x.lit, &text))
        text = STR("?");
    struct near near = {.word = text};

    for (size_t i = 0; i < n_cells; i++) {
        near_consider(&near, cells[i].key);
        of.cell = i;
        if (str_eq(cells[i].key, text))
            return of;
    }
    struct diag *g = diag_add(c->d, DIAG_E0302, n->span,
                              "'" STR_FMT "' has no instance \"" STR_FMT "\"",
                              STR_ARG(id), STR_ARG(text));

    diag_help_near(c->d, g, &near);
    return typed_error();
}

static struct typed infer_index(struct check *c, struct scope *s,
                                const struct ast *n)
{
    const struct ast_index *x = ast_index(n);
    struct typed of = infer(c, s, x->object, NULL);
    struct typed key = infer(c, s, x->index, NULL);

    if (!of.type || !key.type)
        return typed_error();
    if (of.stage || of.instance) {
        if (of.stage && !expand_cells(c, of.stage))
            return typed_error();
        return choose_cell(c, of, &key, x->index);
    }
    enum type_kind k = of.type->kind;
    bool fits = k == TYPE_ANY ||
                (k == TYPE_LIST && type_fits(key.type, type_simple(TYPE_INT))) ||
                (k == TYPE_MAP && type_fits(key.type, type_simple(TYPE_STRING)));

    if (!fits) {
        diag_add(c->d, DIAG_E0402, n->span,
                 "an index is an int into a list or a string into a map, not "
                 STR_FMT " into " STR_FMT, STR_ARG(type_show(c, key.type)),
                 STR_ARG(type_show(c, of.type)));
        return typed_error();
    }
    struct typed out = {.type = k == TYPE_ANY ? of.type : of.type->of,
                        .x = {.kind = EXPR_INDEX, .n = 2},
                        .phase = of.phase > key.phase ? of.phase : key.phase,
                        .env = of.env};

    out.x.kids = arena_array(c->a, struct expr, 2);
    out.x.kids[0] = of.x;
    out.x.kids[1] = key.x;
    typed_fold(c, &out, n);
    return out;
}

struct typed infer_path(struct check *c, struct scope *s, const struct ast *n)
{
    if (n->kind == AST_MEMBER)
        return infer_member(c, s, n);
    if (n->kind == AST_INDEX)
        return infer_index(c, s, n);
    struct str name = ast_name(n)->name;
    struct symbol *y = scope_find(s, name);

    if (y)
        return symbol_typed(c, y, n->span);
    if (environment_named(c, name))
        return environment_value(c, environment_named(c, name));
    if (builtin_named(name)) {
        struct diag *g = diag_add(c->d, DIAG_E0302, n->span,
                                  "'" STR_FMT "' is not a value by itself",
                                  STR_ARG(name));

        diag_help(c->d, g, "name what of it: git.sha, run.id, ci.name");
        return typed_error();
    }
    scope_report_unknown(c, s, name, n->span);
    return typed_error();
}
