#include "compiler/body.h"
#include "compiler/effects.h"

/* before { } after { } on failure { } on success { } always { }, and of
 * rollouts on abort { } and on promote { }. */

static const struct {
    struct str name;
    bool on;
    enum graph_hook_phase phase;
} phases[] = {
    {{"before", 6}, false, HOOK_BEFORE}, {{"after", 5}, false, HOOK_AFTER},
    {{"always", 6}, false, HOOK_ALWAYS}, {{"failure", 7}, true, HOOK_FAILURE},
    {{"success", 7}, true, HOOK_SUCCESS}, {{"abort", 5}, true, HOOK_ABORT},
    {{"promote", 7}, true, HOOK_PROMOTE},
};

enum { PHASES = sizeof(phases) / sizeof(*phases) };

static bool is_file(struct str s)
{
    return str_ends(s, STR(".lua")) && str_find(s, '\n') == s.n;
}

static void report_lua(struct check *c, const struct ast_node *n)
{
    struct diag *g = diag_add(c->d, DIAG_E0505, n->name_span,
                              "'lua' takes a text, or a file and call=");

    diag_help(c->d, g, "lua \"ci/hooks.lua\" call=check_size");
}

/* The file is read again when the hook runs; a stage before it may have made
 * it, so that it is no mistake if it is not there yet. */
static void take_lua(struct check *c, const struct graph_step *s,
                     struct graph_node *node)
{
    const struct compile_host *h = c->o->host;
    struct str text = s->lua;
    struct err none = {0};

    if (s->file.n && c->o->facts && h->read &&
        h->read(h->ctx, c->a, s->file, &text, &none))
        facts_file(c, s->file, text);
    effects_lua(c, text, node);
}

/* lua "ci/hooks.lua" call=check_size, or lua <<~LUA ... LUA. */
static bool step_lua(struct check *c, const struct ast_node *n,
                     struct graph_node *node, struct graph_step *out)
{
    const struct ast *x = n->args.n == 1 ? n->args.items[0] : NULL;

    out->kind = STEP_LUA;
    if (x && x->kind == AST_TEMPLATE) {
        struct diag *g = diag_add(c->d, DIAG_E0705, x->span,
                                  "a value put into Lua text would be run as "
                                  "code");

        diag_help(c->d, g, "read it there: stage.name, ctx.vars, or env { } "
                           "and ctx.env; for a literal text write <<~'LUA'");
        return false;
    }
    if (!x || x->kind != AST_STRING || n->block) {
        report_lua(c, n);
        return false;
    }
    struct str text = ast_string(x)->value;

    for (size_t i = 0; i < n->n_named; i++) {
        const struct ast *v = n->named[i].value;

        if (!str_eq(n->named[i].key, STR("call")) ||
            (v->kind != AST_NAME && v->kind != AST_STRING)) {
            diag_add(c->d, DIAG_E0503, n->named[i].key_span,
                     "'lua' takes call=NAME only");
            return false;
        }
        out->call = v->kind == AST_NAME ? ast_name(v)->name
                                        : ast_string(v)->value;
    }
    if (is_file(text) || out->call.n)
        out->file = text;
    else
        out->lua = text;
    take_lua(c, out, node);
    return true;
}

static bool step_run(struct check *c, struct scope *s,
                     const struct ast_node *n, struct graph_step *out)
{
    if (n->args.n != 1 || n->n_named || n->block) {
        diag_add(c->d, DIAG_E0505, n->name_span, "'run' takes one command");
        return false;
    }
    struct typed t = infer_fit(c, s, n->args.items[0],
                               type_simple(TYPE_COMMAND), STR("'run'"));

    out->kind = STEP_COMMAND;
    out->command = typed_value(c, &t, n->args.items[0]->span);
    return t.type != NULL;
}

static void report_step(struct check *c, const struct ast_node *n)
{
    struct near near = {.word = n->name};
    struct diag *g = diag_add(c->d, DIAG_E0511, n->name_span,
                              "a hook has no step '" STR_FMT "'",
                              STR_ARG(n->name));

    near_consider(&near, STR("run"));
    near_consider(&near, STR("lua"));
    near_consider(&near, STR("notify"));
    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else
        diag_help(c->d, g, "its steps are run, lua, and kinds that need no "
                           "name, such as notify");
}

static bool step(struct check *c, struct scope *s, const struct ast_node *n,
                 struct draft *d, struct graph_step *out)
{
    const struct schema_entry *e;

    out->place = place_of(c, n->name_span);
    if (str_eq(n->name, STR("run"))) {
        effects_add(c, STR("exec"), d->node);
        return step_run(c, s, n, out);
    }
    d->node->worker = true;
    if (str_eq(n->name, STR("lua")))
        return step_lua(c, n, d->node, out);
    e = catalogue_find(c, STR("kind"), n->name);
    if (!e || !e->anonymous) {
        report_step(c, n);
        return false;
    }
    out->kind = STEP_STAGE;
    out->stage_kind = e->name;
    out->config = body_check(c, s, n, 0, &e->body, (struct str){0});
    effects_take(c, e, &out->config, d->node);
    return true;
}

static void report_phase(struct check *c, const struct ast_node *n,
                         struct str name)
{
    struct near near = {.word = name};
    struct diag *g = diag_add(c->d, DIAG_E0512, n->name_span,
                              "there is no hook 'on " STR_FMT "'",
                              STR_ARG(name));

    for (size_t i = 0; i < PHASES; i++)
        if (phases[i].on)
            near_consider(&near, phases[i].name);
    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else
        diag_help(c->d, g, "write on failure { } or on success { }");
}

/* Whether n opens a hook; NULL and true where it does so wrongly. */
static bool phase_of(struct check *c, const struct ast_node *n, size_t *out)
{
    bool on = str_eq(n->name, STR("on"));
    struct str name = n->name;

    if (on && (n->args.n == 0 || n->args.items[0]->kind != AST_NAME)) {
        report_phase(c, n, STR("..."));
        *out = PHASES;
        return true;
    }
    if (on)
        name = ast_name(n->args.items[0])->name;
    for (*out = 0; *out < PHASES; ++*out)
        if (phases[*out].on == on && str_eq(name, phases[*out].name))
            return true;
    if (on)
        report_phase(c, n, name);
    return on;
}

static struct graph_hook *hook_for(struct check *c, struct graph_node *node,
                                   enum graph_hook_phase phase)
{
    struct graph_extra *x = node_extra(c, node);
    struct graph_hook *all;

    for (size_t i = 0; i < x->n_hooks; i++)
        if (x->hooks[i].phase == phase)
            return &x->hooks[i];
    all = arena_array(c->a, struct graph_hook, x->n_hooks + 1);
    for (size_t i = 0; i < x->n_hooks; i++)
        all[i] = x->hooks[i];
    all[x->n_hooks].phase = phase;
    x->hooks = all;
    return &x->hooks[x->n_hooks++];
}

/* What runs after a stage may speak of what the stage itself gave. */
static void forget_own(struct check *c, size_t from, const struct draft *d)
{
    size_t kept = from;

    for (size_t i = from; i < c->refs.n; i++)
        if (&c->drafts[c->refs.items[i].from] != d)
            c->refs.items[kept++] = c->refs.items[i];
    c->refs.n = kept;
}

bool hook_check(struct check *c, struct stage *t, struct scope *s,
                const struct ast_node *n, struct draft *out)
{
    size_t p;
    struct graph_hook *h;

    if (!phase_of(c, n, &p))
        return false;
    if (p == PHASES)
        return true;
    if (!n->block) {
        diag_add(c->d, DIAG_E0509, n->name_span, "a hook needs a block: { }");
        return true;
    }
    size_t refs = c->refs.n;

    h = hook_for(c, out->node, phases[p].phase);
    struct graph_step *steps = arena_array(c->a, struct graph_step,
                                           h->n + n->block->n);

    for (size_t i = 0; i < h->n; i++)
        steps[i] = h->steps[i];
    h->steps = steps;
    s = scope_create(c, s);
    s->hook = true;
    s->stage = t;
    s = body_scope(c, s, n->block);
    for (size_t i = 0; i < n->block->n; i++)
        if (n->block->items[i]->kind == AST_NODE &&
            step(c, s, ast_node(n->block->items[i]), out, &steps[h->n]))
            h->n++;
    if (phases[p].phase != HOOK_BEFORE)
        forget_own(c, refs, out);
    return true;
}
