#include "compiler/check.h"

/* policy NAME { each KIND, ...; require COND, "why"; deny COND, "why";
 * warn COND, "why" }: conditions over `stage`, asked of every stage. What the
 * plan does not know yet holds nothing against a stage. */

enum { STAGE_MEMBERS = 16 };

struct rule {
    const struct ast_node *ast;
    bool violated_if, warning;
    struct expr cond;
    struct str message;
};

struct policy {
    struct str name;
    struct str *kinds; /* of `each`; none: all */
    size_t n_kinds;
    struct rule *rules;
    size_t n_rules;
};

static void put(struct value *map, const char *key, struct value v)
{
    map->map.pairs[map->map.n++] = (struct value_pair){str_of(key), v};
}

static struct value strings(struct check *c, const struct str *items, size_t n)
{
    struct value v = {.kind = VALUE_LIST};

    v.list.items = arena_array(c->a, struct value, n);
    for (size_t i = 0; i < n; i++)
        v.list.items[v.list.n++] = value_string(items[i]);
    return v;
}

static struct value needs(struct check *c, const struct draft *d)
{
    struct value v = {.kind = VALUE_LIST};

    v.list.items = arena_array(c->a, struct value, d->n_refs);
    for (size_t i = 0; i < d->n_refs; i++)
        v.list.items[v.list.n++] =
            value_string(c->drafts[d->refs[i].from].node->id);
    return v;
}

static struct value commands(struct check *c, const struct graph_node *n)
{
    struct value v = {.kind = VALUE_LIST};

    v.list.items = arena_array(c->a, struct value, n->n_commands);
    for (size_t i = 0; i < n->n_commands; i++)
        v.list.items[v.list.n++] = n->commands[i].command;
    return v;
}

/* What a rule sees of a stage: grammar/policy.md. */
static struct value stage_value(struct check *c, const struct draft *d)
{
    const struct graph_node *n = d->node;
    struct value v = {.kind = VALUE_MAP};
    struct value timeout = {.kind = VALUE_DURATION, .i = n->timeout_ms};

    v.map.pairs = arena_array(c->a, struct value_pair, STAGE_MEMBERS);
    put(&v, "id", value_string(n->id));
    put(&v, "name", value_string(n->name));
    put(&v, "kind", value_string(n->kind));
    put(&v, "environment", value_string(n->environment));
    put(&v, "effects", strings(c, n->effects, n->n_effects));
    put(&v, "needs", needs(c, d));
    put(&v, "commands", commands(c, n));
    put(&v, "timeout", timeout);
    put(&v, "retries", value_int(n->extra->retry.limit));
    put(&v, "optional", value_bool(n->optional));
    put(&v, "container", value_string(n->extra->container));
    put(&v, "when", value_string(n->extra->when_text));
    put(&v, "config", n->config);
    return v;
}

static void report_rule(struct check *c, const struct ast_node *n)
{
    struct near near = {.word = n->name};
    struct diag *g = diag_add(c->d, DIAG_E1006, n->name_span,
                              "a policy has no rule '" STR_FMT "'",
                              STR_ARG(n->name));

    near_consider(&near, STR("require"));
    near_consider(&near, STR("deny"));
    near_consider(&near, STR("warn"));
    near_consider(&near, STR("each"));
    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else
        diag_help(c->d, g, "its rules are require, deny and warn");
}

static bool read_rule(struct check *c, struct scope *s,
                      const struct ast_node *n, struct rule *out)
{
    struct value message;

    out->ast = n;
    out->warning = str_eq(n->name, STR("warn"));
    out->violated_if = out->warning || str_eq(n->name, STR("deny"));
    if (!out->violated_if && !str_eq(n->name, STR("require"))) {
        report_rule(c, n);
        return false;
    }
    if (n->args.n != 2 || n->n_named || n->block) {
        struct diag *g = diag_add(c->d, DIAG_E1006, n->name_span,
                                  "'" STR_FMT "' takes a condition and a "
                                  "message", STR_ARG(n->name));

        diag_help(c->d, g, STR_FMT " stage.timeout > 0s, \"give it a timeout\"",
                  STR_ARG(n->name));
        return false;
    }
    struct typed t = infer_fit(c, s, n->args.items[0], type_simple(TYPE_BOOL),
                               arena_printf(c->a, "'" STR_FMT "'",
                                            STR_ARG(n->name)));

    out->cond = t.x;
    if (!infer_known(c, s, n->args.items[1], type_simple(TYPE_STRING),
                     STR("a policy's message"), &message))
        return false;
    out->message = message.s;
    return t.type != NULL;
}

static void read_kinds(struct check *c, const struct ast_node *n,
                       struct policy *out)
{
    out->kinds = arena_array(c->a, struct str, n->args.n);
    for (size_t i = 0; i < n->args.n; i++) {
        const struct ast *x = n->args.items[i];

        if (x->kind == AST_NAME)
            out->kinds[out->n_kinds++] = ast_name(x)->name;
        else
            diag_add(c->d, DIAG_E1006, x->span,
                     "'each' takes bare names of kinds");
    }
}

static void read_policy(struct check *c, const struct ast_node *n,
                        struct policy *out)
{
    struct scope *s = scope_create(c, c->root->scope);
    struct symbol *stage = scope_local(c, s, STR("stage"), (struct span){0, 0});

    *stage->value = (struct typed){.type = type_simple(TYPE_ANY),
                                  .x = {.kind = EXPR_VAR, .name = STR("stage")},
                                  .phase = PHASE_PLAN};
    if (n->args.n == 1 && n->args.items[0]->kind == AST_NAME)
        out->name = ast_name(n->args.items[0])->name;
    else
        diag_add(c->d, DIAG_E1006, n->name_span, "a policy needs a name");
    if (!n->block) {
        diag_add(c->d, DIAG_E1006, n->name_span, "a policy needs a block: { }");
        return;
    }
    out->rules = arena_array(c->a, struct rule, n->block->n);
    for (size_t i = 0; i < n->block->n; i++) {
        if (n->block->items[i]->kind != AST_NODE)
            continue;
        const struct ast_node *r = ast_node(n->block->items[i]);

        if (str_eq(r->name, STR("each")))
            read_kinds(c, r, out);
        else if (read_rule(c, s, r, &out->rules[out->n_rules]))
            out->n_rules++;
    }
}

static bool lookup(void *ctx, const struct expr *name, struct value *out,
                   struct err *e)
{
    (void)e;
    if (name->kind == EXPR_VAR && str_eq(name->name, STR("stage")))
        *out = *(const struct value *)ctx;
    else
        *out = (struct value){.kind = VALUE_UNKNOWN};
    return true;
}

static void apply(struct check *c, const struct policy *p,
                  const struct rule *r, const struct draft *d,
                  struct value *stage)
{
    struct expr_env env = {.lookup = lookup, .ctx = stage, .lenient = true};
    struct value v;
    struct err e = {0};
    struct diag *g;

    if (!expr_eval(c->a, &r->cond, &env, &v, &e)) {
        g = diag_add(c->d, DIAG_E1006, r->ast->args.items[0]->span,
                     "cannot be asked of the stage '" STR_FMT "': %s",
                     STR_ARG(d->node->id), e.msg);
        diag_help(c->d, g, "narrow it with each KIND");
        return;
    }
    if (v.kind != VALUE_BOOL || v.b != r->violated_if)
        return;
    g = diag_add(c->d, r->warning ? DIAG_W1005 : DIAG_E1004, d->span,
                 "policy " STR_FMT ": " STR_FMT, STR_ARG(p->name),
                 STR_ARG(r->message));
    diag_also(c->d, g, r->ast->name_span, "by this rule");
}

static bool concerns(const struct policy *p, const struct draft *d)
{
    for (size_t i = 0; i < p->n_kinds; i++)
        if (str_eq(p->kinds[i], d->node->kind))
            return true;
    return p->n_kinds == 0;
}

void policy_read(struct check *c)
{
    c->read_policies = arena_array(c->a, struct policy, c->policies.n);
    for (size_t i = 0; i < c->policies.n; i++)
        read_policy(c, c->policies.items[i], &c->read_policies[i]);
}

void policy_check(struct check *c)
{
    for (size_t k = 0; c->policies.n && k < c->n_drafts; k++) {
        struct value stage = stage_value(c, &c->drafts[k]);

        for (size_t i = 0; i < c->policies.n; i++) {
            const struct policy *p = &c->read_policies[i];

            for (size_t r = 0; concerns(p, &c->drafts[k]) && r < p->n_rules;
                 r++)
                apply(c, p, &p->rules[r], &c->drafts[k], &stage);
        }
    }
}
