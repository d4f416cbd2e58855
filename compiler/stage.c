#include "compiler/body.h"
#include "compiler/effects.h"

/* One stage, or one instance of for=: its statements become a node. */

struct work {
    struct check *c;
    struct stage *t;
    struct scope *s;
    struct draft *out;
    struct body own, common; /* of the kind; of all kinds */
    bool common_open;
    const struct ast *when;
};

static struct body *common_body(struct work *w)
{
    if (!w->common_open)
        body_open(w->c, &w->common, catalogue_own(w->c, "common"));
    w->common_open = true;
    return &w->common;
}

/* needs, when, for and environment, as key=value or as statement. */
static bool wiring(struct work *w, struct str key, const struct ast *value,
                   struct span at)
{
    if (str_eq(key, STR("for")))
        return true;
    if (str_eq(key, STR("needs"))) {
        needs_check(w->c, w->s, value);
        return true;
    }
    if (str_eq(key, STR("when"))) {
        if (w->when) {
            struct diag *g = diag_add(w->c->d, DIAG_E0507, at,
                                      "'when' is given twice");
            diag_help(w->c->d, g, "join the conditions with &&");
        }
        w->when = value;
        return true;
    }
    if (!str_eq(key, STR("environment")))
        return false;
    w->out->environment = environment_find(w->c, value);
    return true;
}

static void near_all(struct work *w, struct near *near)
{
    static const char *const more[] = {
        "needs", "when", "for", "environment", "before", "after", "on",
        "always", NULL,
    };

    if (w->t->entry)
        body_near(w->c, &w->t->entry->body, near);
    body_near(w->c, catalogue_own(w->c, "common"), near);
    for (size_t i = 0; more[i]; i++)
        near_consider(near, str_of(more[i]));
}

static void check_named(struct work *w)
{
    const struct ast_node *n = w->t->symbol.call;

    for (size_t i = 0; i < n->n_named; i++) {
        const struct ast_named *k = &n->named[i];
        struct near near = {.word = k->key};

        if (wiring(w, k->key, k->value, k->key_span) || !w->t->entry ||
            body_named(w->c, w->s, &w->own, k) ||
            body_named(w->c, w->s, common_body(w), k))
            continue;
        struct diag *g = diag_add(w->c->d, DIAG_E0503, k->key_span,
                                  "a " STR_FMT " stage takes no '" STR_FMT
                                  "='", STR_ARG(n->name), STR_ARG(k->key));

        near_all(w, &near);
        diag_help_near(w->c->d, g, &near);
    }
}

/* `on drift abort` is the field `drift abort`. */
static bool on_field(struct work *w, const struct ast_node *n)
{
    struct ast_node as = *n;

    if (!str_eq(n->name, STR("on")) || n->block || n->args.n != 2 ||
        n->args.items[0]->kind != AST_NAME)
        return false;
    as.name = ast_name(n->args.items[0])->name;
    as.name_span = n->args.items[0]->span;
    as.args.items++;
    as.args.n--;
    return schema_field(w->own.schema, as.name) &&
           body_statement(w->c, w->s, &w->own, &as);
}

static void check_statement(struct work *w, const struct ast_node *n)
{
    struct near near = {.word = n->name};

    if (on_field(w, n) || hook_check(w->c, w->t, w->s, n, w->out))
        return;
    if (body_statement(w->c, w->s, &w->own, n) ||
        body_statement(w->c, w->s, common_body(w), n))
        return;
    if (n->args.n == 1 && !n->block &&
        wiring(w, n->name, n->args.items[0], n->name_span))
        return;
    near_all(w, &near);
    body_report_unknown(w->c, n, w->t->symbol.call->name, &near);
}

static void check_block(struct work *w)
{
    const struct ast_block *b = w->t->symbol.call->block;

    if (!b)
        return;
    w->s = body_scope(w->c, w->s, b);
    for (size_t i = 0; w->t->entry && i < b->n; i++)
        if (b->items[i]->kind == AST_NODE)
            check_statement(w, ast_node(b->items[i]));
}

static void take_strings(struct work *w, const struct slot *slot,
                         struct str what, struct str **out, size_t *n)
{
    struct check *c = w->c;

    if (!slot->list)
        return; /* wrong, and that has been said */
    *out = arena_array(c->a, struct str, slot->list->n);
    for (size_t i = 0; i < slot->list->n; i++) {
        const struct value *v = &slot->list->items[i].v;

        if (v->kind == VALUE_STRING)
            (*out)[(*n)++] = v->s;
        else if (v->kind == VALUE_EXPR && expr_waits_for(v->expr).n)
            typed_report_early(c, &(struct typed){.x = *v->expr}, slot->at,
                               what);
    }
}

/* A value the graph holds as a number has to be known in the plan. */
static int64_t take_number(struct check *c, const struct value *v,
                           struct span at, const char *what)
{
    if (v->kind == VALUE_EXPR && expr_waits_for(v->expr).n)
        typed_report_early(c, &(struct typed){.x = *v->expr}, at,
                           arena_printf(c->a, "'%s'", what));
    return v->kind == VALUE_INT || v->kind == VALUE_DURATION ? v->i : 0;
}

static void take_timeout(struct work *w, const struct slot *slot)
{
    w->out->node->timeout_ms = take_number(w->c, &slot->v, slot->at,
                                           "timeout");
}

static void take_retry(struct work *w, const struct slot *slot)
{
    static const struct value none = {.kind = VALUE_NONE};
    const struct value *limit = value_get(&slot->v, STR("limit"));
    const struct value *backoff = value_get(&slot->v, STR("backoff"));
    const struct value *max = value_get(&slot->v, STR("max"));
    const struct value *factor = value_get(&slot->v, STR("factor"));
    struct graph_retry *out = &node_extra(w->c, w->out->node)->retry;

    out->limit = take_number(w->c, limit ? limit : &none, slot->at, "retry");
    out->backoff_ms = take_number(w->c, backoff ? backoff : &none, slot->at,
                                  "backoff");
    out->max_ms = take_number(w->c, max ? max : &none, slot->at, "max");
    out->factor = factor && factor->kind == VALUE_FLOAT ? factor->d : 1;
}

static void take_env(struct work *w, const struct slot *slot)
{
    const struct value *map = &slot->v;
    struct graph_extra *out = node_extra(w->c, w->out->node);

    if (map->kind != VALUE_MAP)
        return;
    out->env = arena_array(w->c->a, struct graph_env, map->map.n);
    for (size_t i = 0; i < map->map.n; i++)
        out->env[out->n_env++] = (struct graph_env){map->map.pairs[i].key,
                                                    map->map.pairs[i].value};
}

static void take_dir(struct work *w, const struct slot *slot)
{
    node_extra(w->c, w->out->node)->dir = slot->v;
}

static void take_optional(struct work *w, const struct slot *slot)
{
    w->out->node->optional = slot->v.kind == VALUE_BOOL && slot->v.b;
}

/* Whether the stage starts commands, as far as one can see. */
static bool starts_commands(const struct graph_node *n)
{
    if (graph_has_effect(n, STR("exec")))
        return true;
    for (size_t i = 0; i < n->extra->n_hooks; i++)
        for (size_t k = 0; k < n->extra->hooks[i].n; k++)
            if (n->extra->hooks[i].steps[k].kind == STEP_LUA)
                return true;
    return false;
}

static void take_container(struct work *w, const struct slot *slot)
{
    struct check *c = w->c;
    const struct value *v = &slot->v;

    if (v->kind == VALUE_STRING)
        node_extra(c, w->out->node)->container = v->s;
    else if (v->kind == VALUE_EXPR && expr_waits_for(v->expr).n)
        typed_report_early(c, &(struct typed){.x = *v->expr}, slot->at,
                           STR("'container'"));
    if (!w->t->entry || starts_commands(w->out->node))
        return;
    struct diag *g = diag_add(c->d, DIAG_E0517, slot->at, "this " STR_FMT
                              " stage runs no command that could be in a "
                              "container", STR_ARG(w->t->symbol.call->name));

    diag_help(c->d, g, "take 'container' out, or put it where a command is");
}

static void take_inputs(struct work *w, const struct slot *slot)
{
    struct graph_extra *x = node_extra(w->c, w->out->node);

    take_strings(w, slot, STR("'inputs'"), &x->inputs, &x->n_inputs);
}

static void take_outputs(struct work *w, const struct slot *slot)
{
    struct graph_extra *x = node_extra(w->c, w->out->node);

    take_strings(w, slot, STR("'outputs'"), &x->outputs, &x->n_outputs);
}

static void take_lock(struct work *w, const struct slot *slot)
{
    struct graph_extra *x = node_extra(w->c, w->out->node);

    take_strings(w, slot, STR("'lock'"), &x->locks, &x->n_locks);
}

/* What the graph keeps of the fields that all kinds have. */
static void take_common(struct work *w)
{
    static const struct {
        struct str name;
        void (*take)(struct work *w, const struct slot *slot);
    } takers[] = {
        {{"timeout", 7}, take_timeout},     {{"retry", 5}, take_retry},
        {{"env", 3}, take_env},             {{"dir", 3}, take_dir},
        {{"optional", 8}, take_optional},   {{"inputs", 6}, take_inputs},
        {{"outputs", 7}, take_outputs},     {{"lock", 4}, take_lock},
        {{"container", 9}, take_container},
    };
    const struct schema_body *schema = w->common.schema;

    for (size_t i = 0; i < schema->n_fields; i++)
        for (size_t k = 0; w->common.fields[i].set &&
                           k < sizeof(takers) / sizeof(*takers); k++)
            if (str_eq(schema->fields[i].name, takers[k].name))
                takers[k].take(w, &w->common.fields[i]);
}

/* The program a command starts, where the text says it plainly. */
static void note_tool(struct check *c, const struct value *command)
{
    struct str word = {0};
    const struct value *v = command;

    if (v->kind == VALUE_LIST && v->list.n)
        v = &v->list.items[0];
    if (v->kind == VALUE_STRING)
        word = str_trim(v->s);
    for (size_t i = 0; i < word.n; i++) {
        char ch = word.s[i];
        bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                     (ch >= '0' && ch <= '9') || ch == '-' || ch == '_' ||
                     ch == '.' || ch == '+';

        if (plain)
            continue;
        word.n = ch == ' ' || ch == '\n' || ch == '\t' ? i : 0;
    }
    if (word.n)
        facts_tool(c, word);
}

static void take_commands(struct work *w)
{
    const struct schema_entry *e = w->t->entry;
    struct graph_node *n = w->out->node;
    struct slot *slot = e->commands.n ? body_slot(&w->own, e->commands) : NULL;

    if (!slot || !slot->set)
        return;
    struct slot_item one = {slot->v, slot->at};
    const struct slot_item *items = slot->list ? slot->list->items : &one;
    size_t count = slot->list ? slot->list->n : 1;

    n->commands = arena_array(w->c->a, struct graph_step, count);
    for (size_t i = 0; i < count; i++) {
        n->commands[i].kind = STEP_COMMAND;
        n->commands[i].command = items[i].v;
        n->commands[i].place = place_of(w->c, items[i].at);
        note_tool(w->c, &items[i].v);
    }
    n->n_commands = count;
}

static void take_effects(struct work *w)
{
    struct graph_node *n = w->out->node;

    effects_take(w->c, w->t->entry, &n->config, n);
    if (n->n_commands)
        effects_add(w->c, STR("exec"), n);
    effects_settle(n);
}

static struct scope *cell_scope(struct check *c, struct stage *t, size_t cell)
{
    struct scope *s = t->symbol.scope;

    if (!t->symbol.each)
        return s;
    s = scope_create(c, s);
    *scope_local(c, s, t->symbol.each->name,
                 cell == 0 ? t->symbol.each->name_span : (struct span){0, 0})
         ->value = t->cells[cell].value;
    return s;
}

static void identify(struct work *w, size_t cell)
{
    struct graph_node *n = w->out->node;

    n->kind = w->t->symbol.call->name;
    n->name = w->t->symbol.name;
    n->key = w->t->cells[cell].key;
    n->place = place_of(w->c, w->t->symbol.span);
    n->when = value_bool(true);
    n->extra = w->c->plain;
    w->out->stage = w->t;
    w->out->span = w->t->symbol.span;
}

void stage_check(struct check *c, struct stage *t, size_t cell,
                 struct draft *out)
{
    struct work w = {.c = c, .t = t, .out = out};

    w.s = cell_scope(c, t, cell);
    identify(&w, cell);
    if (t->entry) {
        body_open(c, &w.own, &t->entry->body);
        body_positionals(c, w.s, &w.own, t->symbol.call, 1);
    }
    check_named(&w);
    check_block(&w);
    if (t->entry) {
        body_missing(c, &w.own, t->symbol.call);
        take_commands(&w);
        out->node->config = body_value(c, &w.own, (struct str){0},
                                      t->entry->commands);
        out->node->worker |= t->entry->runs;
        if (!str_starts(t->entry->source, STR("stdlib/")))
            node_extra(c, out->node)->source = t->entry->source;
        take_effects(&w);
    }
    if (w.common_open)
        take_common(&w);
    instance_wiring(c, t, out);
    when_check(c, t, w.s, w.when, out);
    if (out->environment)
        out->node->environment = out->environment->name;
    if (w.common_open)
        body_close(c, &w.common);
    if (t->entry)
        body_close(c, &w.own);
}
