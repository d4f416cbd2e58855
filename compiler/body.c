#include "compiler/body.h"

#include <string.h>

/* n empty slots. A hundred thousand stages use the same ones in turn. */
static struct slot *take_slots(struct check *c, size_t n)
{
    if (c->slots.cap - c->slots.n < n) {
        c->slots.cap = 2 * c->slots.cap + n;
        c->slots.items = arena_array(c->a, struct slot, c->slots.cap);
        c->slots.n = 0;
    }
    struct slot *slots = c->slots.items + c->slots.n;

    c->slots.n += n;
    if (n)
        memset(slots, 0, n * sizeof(*slots));
    return slots;
}

void body_open(struct check *c, struct body *b,
               const struct schema_body *schema)
{
    size_t n = schema->n_args + schema->n_fields + schema->n_families;

    *b = (struct body){.schema = schema};
    b->args = take_slots(c, n);
    b->fields = b->args + schema->n_args;
    b->families = b->fields + schema->n_fields;
    b->chunk = c->slots.items;
    b->mark = (size_t)(b->args - b->chunk);
    b->lists = c->n_lists;
}

void body_close(struct check *c, const struct body *b)
{
    if (b->chunk == c->slots.items)
        c->slots.n = b->mark;
    c->n_lists = b->lists;
}

static struct slot_list *take_list(struct check *c)
{
    if (c->n_lists == c->lists.n)
        arena_push(c->a, &c->lists, arena_new(c->a, struct slot_list));
    struct slot_list *l = c->lists.items[c->n_lists++];

    *l = (struct slot_list){.items = &l->first, .cap = 1};
    return l;
}

static void report_too_many(struct check *c, const struct body *b,
                            const struct ast_node *n, size_t i)
{
    struct diag *g = diag_add(
        c->d, DIAG_E0506, n->args.items[i]->span, "'" STR_FMT "' takes %s%zu "
        "argument%s", STR_ARG(n->name), b->schema->n_args ? "only " : "",
        b->schema->n_args, b->schema->n_args == 1 ? "" : "s");
    struct str known = {0};

    for (size_t k = 0; k < b->schema->n_args; k++)
        known = arena_printf(c->a, STR_FMT "%s" STR_FMT, STR_ARG(known),
                             k ? ", " : "",
                             STR_ARG(b->schema->args[k].name));
    if (known.n)
        diag_help(c->d, g, "they are: " STR_FMT, STR_ARG(known));
    else if (b->schema->n_fields)
        diag_help(c->d, g, "it takes key=value or a block; 'pipec kinds' "
                           "shows which");
}

void body_positionals(struct check *c, struct scope *s, struct body *b,
                      const struct ast_node *n, size_t first)
{
    const struct schema_body *schema = b->schema;
    size_t j = 0;

    for (size_t i = first; i < n->args.n; i++) {
        const struct ast *x = n->args.items[i];

        while (j < schema->n_args && schema->args[j].optional &&
               schema->args[j].type->kind == TYPE_SYMBOL &&
               schema->args[j].type->n && x->kind != AST_NAME)
            j++;
        if (j == schema->n_args) {
            report_too_many(c, b, n, i);
            return;
        }
        const struct schema_arg *a = &schema->args[j];
        struct slot *slot = &b->args[j];
        char room[LABEL_ROOM];
        struct str what = body_label(c, room, a->name, n->name);
        struct typed t = infer_fit(c, s, x, a->type, what);

        if (!slot->set)
            slot->at = x->span;
        slot->set = true;
        slot->v = typed_value(c, &t, x->span);
        limits_value(c, a->range, &slot->v, x->span, what);
        if (a->rest)
            body_push(c, slot, slot->v, x->span);
        else
            j++;
    }
}

bool body_named(struct check *c, struct scope *s, struct body *b,
                const struct ast_named *n)
{
    const struct schema_field *f = schema_field(b->schema, n->key);

    if (f) {
        field_named(c, s, f, &b->fields[f - b->schema->fields], n);
        return true;
    }
    for (size_t i = 0; i < b->schema->n_args; i++) {
        const struct schema_arg *a = &b->schema->args[i];

        if (!str_eq(a->name, n->key))
            continue;
        if (!field_claim(c, &b->args[i], n->key, false, n->key_span))
            return true;
        char room[LABEL_ROOM];
        struct str what = body_label(c, room, n->key, (struct str){0});
        struct typed t = infer_fit(c, s, n->value, a->type, what);

        b->args[i].v = typed_value(c, &t, n->value->span);
        limits_value(c, a->range, &b->args[i].v, n->value->span, what);
        if (a->rest)
            body_push(c, &b->args[i], b->args[i].v, n->key_span);
        return true;
    }
    return false;
}

/* A step of a sequence: a field's or a family entry's value with its name. */
static void sequence_step(struct check *c, struct scope *s, struct body *b,
                          const struct schema_field *f,
                          const struct ast_node *n)
{
    struct slot one = {0};
    struct value v;

    field_statement(c, s, f, &one, n);
    v = one.v;
    bool structured = !f->type && !f->family.n && !f->n_scope;
    size_t more = structured && v.kind == VALUE_MAP ? v.map.n : 1;
    struct value_pair *pairs = arena_array(c->a, struct value_pair, more + 2);

    pairs[0] = (struct value_pair){STR("is"), value_string(f->name)};
    pairs[1] = (struct value_pair){f->name, v};
    if (structured)
        for (size_t i = 0; i < v.map.n; i++)
            pairs[i + 1] = v.map.pairs[i];
    if (structured && v.kind != VALUE_MAP)
        more = 0;
    struct value step = {.kind = VALUE_MAP, .map = {pairs, more + 1}};

    body_push(c, &b->steps, step, n->name_span);
}

static bool family_statement(struct check *c, struct scope *s, struct body *b,
                             const struct ast_node *n)
{
    for (size_t i = 0; i < b->schema->n_families; i++) {
        const struct schema_entry *e =
            catalogue_find(c, b->schema->families[i], n->name);

        if (!e)
            continue;
        struct slot *slot = b->schema->sequence ? &b->steps : &b->families[i];
        struct value v = body_check(c, s, n, 0, &e->body, e->name);

        if (!slot->set)
            slot->at = n->name_span;
        slot->set = true;
        body_push(c, slot, v, n->name_span);
        return true;
    }
    return false;
}

bool body_statement(struct check *c, struct scope *s, struct body *b,
                    const struct ast_node *n)
{
    const struct schema_field *f = schema_field(b->schema, n->name);

    if (f && f->deprecated) {
        struct diag *g = diag_add(c->d, DIAG_W0516, n->name_span,
                                  "'" STR_FMT "' should not be used any more",
                                  STR_ARG(n->name));

        if (f->doc.n)
            diag_help(c->d, g, STR_FMT, STR_ARG(f->doc));
    }
    if (f && b->schema->sequence)
        sequence_step(c, s, b, f, n);
    else if (f)
        field_statement(c, s, f, &b->fields[f - b->schema->fields], n);
    return f || family_statement(c, s, b, n);
}

void body_missing(struct check *c, const struct body *b,
                  const struct ast_node *owner)
{
    const struct schema_body *schema = b->schema;

    for (size_t i = 0; i < schema->n_args; i++) {
        const struct schema_arg *a = &schema->args[i];

        if (b->args[i].set || a->optional || a->dflt)
            continue;
        struct diag *g = diag_add(
            c->d, DIAG_E0505, owner->name_span, "'" STR_FMT "' lacks its "
            "argument '" STR_FMT "': " STR_FMT, STR_ARG(owner->name),
            STR_ARG(a->name), STR_ARG(type_show(c, a->type)));

        if (a->doc.n)
            diag_help(c->d, g, "'" STR_FMT "' is " STR_FMT, STR_ARG(a->name),
                      STR_ARG(a->doc));
    }
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct schema_field *f = &schema->fields[i];

        if (b->fields[i].set || !f->required)
            continue;
        struct diag *g = diag_add(c->d, DIAG_E0504, owner->name_span,
                                  "'" STR_FMT "' lacks '" STR_FMT "'",
                                  STR_ARG(owner->name), STR_ARG(f->name));

        if (f->doc.n)
            diag_help(c->d, g, "add " STR_FMT ": " STR_FMT, STR_ARG(f->name),
                      STR_ARG(f->doc));
    }
    limits_body(c, b, owner);
}

void body_push(struct check *c, struct slot *slot, struct value v,
               struct span at)
{
    struct slot_item item = {v, at};

    if (!slot->list)
        slot->list = take_list(c);
    arena_push(c->a, slot->list, item);
}

static struct value list_value(struct check *c, const struct slot *slot)
{
    struct value v = {.kind = VALUE_LIST};

    v.list.n = slot->list ? slot->list->n : 0;
    v.list.items = arena_array(c->a, struct value, v.list.n);
    for (size_t i = 0; i < v.list.n; i++)
        v.list.items[i] = slot->list->items[i].v;
    return v;
}

static void put(struct value *map, struct str key, struct value v)
{
    map->map.pairs[map->map.n++] = (struct value_pair){key, v};
}

static void put_fields(struct check *c, const struct body *b,
                       struct value *out, struct str without)
{
    for (size_t i = 0; i < b->schema->n_fields; i++) {
        const struct schema_field *f = &b->schema->fields[i];
        const struct slot *slot = &b->fields[i];

        if (without.n && str_eq(f->name, without))
            continue;
        if (slot->set && f->repeat)
            put(out, f->name, list_value(c, slot));
        else if (slot->set && slot->v.kind != VALUE_NONE)
            put(out, f->name, slot->v);
        else if (f->dflt && !b->schema->sequence)
            put(out, f->name, *f->dflt);
    }
}

/* How many members the config has, at most. */
static size_t members(const struct body *b, struct str is, struct str without)
{
    const struct schema_body *schema = b->schema;
    size_t n = 0;

    if (is.n)
        n++;
    if (schema->sequence)
        n++;

    for (size_t i = 0; i < schema->n_args; i++)
        n += b->args[i].set || schema->args[i].dflt;
    for (size_t i = 0; i < schema->n_fields; i++)
        if (b->fields[i].set || schema->fields[i].dflt)
            n += !without.n || !str_eq(schema->fields[i].name, without);
    for (size_t i = 0; i < schema->n_families; i++)
        n += b->families[i].set;
    return n;
}

struct value body_value(struct check *c, const struct body *b, struct str is,
                        struct str without)
{
    const struct schema_body *schema = b->schema;
    struct value out = {.kind = VALUE_MAP};

    out.map.pairs = arena_array(c->a, struct value_pair,
                                members(b, is, without));
    if (is.n)
        put(&out, STR("is"), value_string(is));
    for (size_t i = 0; i < schema->n_args; i++) {
        const struct slot *slot = &b->args[i];

        if (slot->set && schema->args[i].rest)
            put(&out, schema->args[i].name, list_value(c, slot));
        else if (slot->set && slot->v.kind != VALUE_NONE)
            put(&out, schema->args[i].name, slot->v);
        else if (schema->args[i].dflt)
            put(&out, schema->args[i].name, *schema->args[i].dflt);
    }
    put_fields(c, b, &out, without);
    for (size_t i = 0; i < schema->n_families && !schema->sequence; i++)
        if (b->families[i].set)
            put(&out, schema->families[i], list_value(c, &b->families[i]));
    if (schema->sequence)
        put(&out, STR("steps"), list_value(c, &b->steps));
    return out;
}

static void report_unknown_key(struct check *c, const struct ast_named *n,
                               struct str owner,
                               const struct schema_body *schema)
{
    struct near near = {.word = n->key};
    struct diag *g = diag_add(c->d, DIAG_E0503, n->key_span,
                              "'" STR_FMT "' takes no '" STR_FMT "='",
                              STR_ARG(owner), STR_ARG(n->key));

    body_near(c, schema, &near);
    diag_help_near(c->d, g, &near);
}

struct value body_check(struct check *c, struct scope *s,
                        const struct ast_node *n, size_t first,
                        const struct schema_body *schema, struct str is)
{
    struct body b;
    const struct ast_block *block = n->block;

    body_open(c, &b, schema);
    body_positionals(c, s, &b, n, first);
    for (size_t i = 0; i < n->n_named; i++)
        if (!body_named(c, s, &b, &n->named[i]))
            report_unknown_key(c, &n->named[i], n->name, schema);
    if (block)
        s = body_scope(c, s, block);
    for (size_t i = 0; block && i < block->n; i++) {
        const struct ast *x = block->items[i];
        struct near near = {0};

        if (x->kind != AST_NODE || body_statement(c, s, &b, ast_node(x)))
            continue;
        near.word = ast_node(x)->name;
        body_near(c, schema, &near);
        body_report_unknown(c, ast_node(x), n->name, &near);
    }
    body_missing(c, &b, n);
    struct value v = body_value(c, &b, is, (struct str){0});

    body_close(c, &b);
    return v;
}

struct slot *body_slot(const struct body *b, struct str name)
{
    const struct schema_field *f = schema_field(b->schema, name);

    return f ? &b->fields[f - b->schema->fields] : NULL;
}

const struct value *body_get(const struct body *b, const char *name)
{
    struct slot *slot = body_slot(b, str_of(name));

    return slot && slot->set ? &slot->v : NULL;
}
