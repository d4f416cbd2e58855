#include "compiler/body.h"

#include <string.h>

/* One field: a scalar, a map in a block, a condition that is kept, an entry of
 * a family, or a statement with a body. */

bool field_claim(struct check *c, struct slot *slot, struct str name,
                 bool repeat, struct span at)
{
    if (slot->set && !repeat) {
        struct diag *g = diag_add(c->d, DIAG_E0507, at,
                                  "'" STR_FMT "' is given twice",
                                  STR_ARG(name));

        diag_also(c->d, g, slot->at, "first here");
        return false;
    }
    if (!slot->set)
        slot->at = at;
    slot->set = true;
    return true;
}

static void store(struct check *c, const struct schema_field *f,
                  struct slot *slot, struct value v, struct span at)
{
    slot->v = v;
    if (f->repeat)
        body_push(c, slot, v, at);
}

static bool is_bool(const struct schema_field *f)
{
    return f->type && f->type->kind == TYPE_BOOL;
}

/* env { NAME value } */
static struct value map_block(struct check *c, struct scope *s,
                              const struct schema_field *f,
                              const struct ast_block *b)
{
    struct value out = {.kind = VALUE_MAP};

    s = body_scope(c, s, b);
    out.map.pairs = arena_array(c->a, struct value_pair, b->n);
    for (size_t i = 0; i < b->n; i++) {
        if (b->items[i]->kind != AST_NODE)
            continue;
        const struct ast_node *n = ast_node(b->items[i]);

        if (n->args.n != 1 || n->n_named || n->block) {
            struct diag *g = diag_add(c->d, DIAG_E0505, n->head.span,
                                      "'" STR_FMT "' takes names with one "
                                      "value each", STR_ARG(f->name));

            diag_help(c->d, g, STR_FMT " { NAME \"value\" }", STR_ARG(f->name));
            continue;
        }
        if (value_get(&out, n->name)) {
            diag_add(c->d, DIAG_E0415, n->name_span,
                     "'" STR_FMT "' is there already", STR_ARG(n->name));
            continue;
        }
        char room[LABEL_ROOM];
        struct typed t = infer_fit(c, s, n->args.items[0], f->type->of,
                                   body_label(c, room, n->name,
                                              (struct str){0}));

        out.map.pairs[out.map.n++] = (struct value_pair){
            n->name, typed_value(c, &t, n->args.items[0]->span)};
    }
    return out;
}

static void report_shape(struct check *c, const struct schema_field *f,
                         const struct ast_node *n)
{
    if (n->args.n == 0) {
        diag_add(c->d, DIAG_E0505, n->name_span,
                 "'" STR_FMT "' lacks its value: " STR_FMT, STR_ARG(f->name),
                 STR_ARG(type_show(c, f->type)));
        return;
    }
    struct diag *g = diag_add(c->d, DIAG_E0506, n->args.items[1]->span,
                              "'" STR_FMT "' takes one value: " STR_FMT,
                              STR_ARG(f->name), STR_ARG(type_show(c, f->type)));

    if (f->type->kind == TYPE_LIST)
        diag_help(c->d, g, "put them in brackets: [a, b]");
}

static void scalar(struct check *c, struct scope *s,
                   const struct schema_field *f, struct slot *slot,
                   const struct ast_node *n)
{
    char room[LABEL_ROOM];
    struct str what = body_label(c, room, f->name, (struct str){0});

    if (n->block && f->type->kind == TYPE_MAP && n->args.n == 0) {
        c->open_sink = true;
        store(c, f, slot, map_block(c, s, f, n->block), n->name_span);
        c->open_sink = false;
        return;
    }
    for (size_t i = 0; i < n->n_named; i++)
        diag_add(c->d, DIAG_E0503, n->named[i].key_span,
                 "'" STR_FMT "' takes no '" STR_FMT "='", STR_ARG(f->name),
                 STR_ARG(n->named[i].key));
    if (n->block)
        diag_add(c->d, DIAG_E0509, n->name_span,
                 "'" STR_FMT "' takes a value, not a block", STR_ARG(f->name));
    if (n->args.n == 0 && is_bool(f)) {
        store(c, f, slot, value_bool(true), n->name_span);
        return;
    }
    if ((n->args.n == 0 && !n->block) || (n->args.n > 1 && !f->repeat)) {
        report_shape(c, f, n);
        return;
    }
    for (size_t i = 0; i < n->args.n; i++) {
        const struct ast *x = n->args.items[i];
        struct typed t = infer_fit(c, s, x, f->type, what);

        store(c, f, slot, typed_value(c, &t, x->span), n->name_span);
        limits_value(c, f->range, &slot->v, x->span, what);
    }
}

/* A condition that the run evaluates again and again, with names of its own
 * such as result: kept as it is, not as what it is now. */
static struct value condition(struct check *c, struct scope *s,
                              const struct schema_field *f,
                              const struct ast *x)
{
    struct scope *in = scope_create(c, s);
    struct err e = {0};

    for (size_t i = 0; i < f->n_scope; i++) {
        struct str type, name = str_cut(f->scope[i], ':', &type);
        struct symbol *y = scope_local(c, in, name, (struct span){0, 0});
        const struct type *t = type_parse(c->a, type, &e);

        *y->value = (struct typed){.type = t ? t : type_simple(TYPE_ANY),
                                   .x = {.kind = EXPR_VAR, .name = name},
                                   .phase = PHASE_RUN};
    }
    char room[LABEL_ROOM];
    struct typed t = infer_fit(c, in, x, type_simple(TYPE_BOOL),
                               body_label(c, room, f->name,
                                          (struct str){0}));

    if (typed_known(&t)) {
        struct diag *g = diag_add(c->d, DIAG_W0605, x->span,
                                  "this condition is always %s",
                                  t.x.lit.kind == VALUE_BOOL && t.x.lit.b
                                      ? "true" : "false");

        diag_help(c->d, g, "use '" STR_FMT "' in it",
                  STR_ARG(str_cut(f->scope[0], ':', &(struct str){0})));
    }
    struct value v = typed_value(c, &t, x->span);

    if (t.type && v.kind != VALUE_EXPR) {
        struct expr *kept = arena_new(c->a, struct expr);

        *kept = t.x;
        v = (struct value){.kind = VALUE_EXPR, .expr = kept};
    }
    return v;
}

static void report_entry(struct check *c, const struct schema_field *f,
                         struct str name, struct span at)
{
    struct near near = {.word = name};
    struct diag *g = diag_add(c->d, DIAG_E0510, at,
                              "there is no " STR_FMT " '" STR_FMT "'",
                              STR_ARG(f->family), STR_ARG(name));

    catalogue_near(c, f->family, &near);
    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else
        diag_help(c->d, g, "'pipec kinds' lists the ones there are");
}

static void family(struct check *c, struct scope *s,
                   const struct schema_field *f, struct slot *slot,
                   const struct ast_node *n)
{
    if (n->args.n == 0 || n->args.items[0]->kind != AST_NAME) {
        struct diag *g = diag_add(c->d, DIAG_E0505, n->name_span,
                                  "'" STR_FMT "' lacks the name of a " STR_FMT,
                                  STR_ARG(f->name), STR_ARG(f->family));

        diag_help(c->d, g, "'pipec kinds' lists the ones there are");
        return;
    }
    struct str name = ast_name(n->args.items[0])->name;
    const struct schema_entry *e = catalogue_find(c, f->family, name);

    if (e)
        store(c, f, slot, body_check(c, s, n, 1, &e->body, e->name),
              n->name_span);
    else
        report_entry(c, f, name, n->args.items[0]->span);
}

void field_statement(struct check *c, struct scope *s,
                     const struct schema_field *f, struct slot *slot,
                     const struct ast_node *n)
{
    if (!field_claim(c, slot, f->name, f->repeat, n->name_span))
        return;
    if (f->n_scope && n->args.n == 1 && !n->block)
        store(c, f, slot, condition(c, s, f, n->args.items[0]), n->name_span);
    else if (f->n_scope)
        diag_add(c->d, DIAG_E0505, n->name_span,
                 "'" STR_FMT "' takes one condition", STR_ARG(f->name));
    else if (f->type)
        scalar(c, s, f, slot, n);
    else if (f->family.n)
        family(c, s, f, slot, n);
    else
        store(c, f, slot, body_check(c, s, n, 0, &f->body, (struct str){0}),
              n->name_span);
}

void field_named(struct check *c, struct scope *s,
                 const struct schema_field *f, struct slot *slot,
                 const struct ast_named *n)
{
    char room[LABEL_ROOM];
    struct str what = body_label(c, room, f->name, (struct str){0});

    if (!field_claim(c, slot, f->name, f->repeat, n->key_span))
        return;
    if (f->n_scope) {
        store(c, f, slot, condition(c, s, f, n->value), n->key_span);
    } else if (f->type) {
        struct typed t = infer_fit(c, s, n->value, f->type, what);

        store(c, f, slot, typed_value(c, &t, n->value->span), n->key_span);
        limits_value(c, f->range, &slot->v, n->value->span, what);
    } else {
        struct ast *arg = n->value;
        struct ast_node as = {.head = {.kind = AST_NODE, .span = n->key_span},
                              .name = n->key, .name_span = n->key_span,
                              .args = {&arg, 1}};

        if (f->family.n)
            family(c, s, f, slot, &as);
        else
            store(c, f, slot, body_check(c, s, &as, 0, &f->body,
                                         (struct str){0}), n->key_span);
    }
}
