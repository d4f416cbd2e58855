#include "compiler/rollout_check.h"

#include <math.h>

/* Whether a rollout can do what it says: its weights, and its analyses in the
 * time that the steps give them (docs/internals/rollout.md has the config). */

static const struct value *steps_of(const struct value *config, bool *canary)
{
    const struct value *way = value_get(config, STR("canary"));

    *canary = way != NULL;
    if (!way)
        way = value_get(config, STR("bluegreen"));
    way = value_get(way, STR("steps"));
    return way && way->kind == VALUE_LIST ? way : NULL;
}

/* The i-th statement in a block; kind of name where that is not empty. */
static const struct ast_node *nth(const struct ast_block *b, struct str name,
                                  size_t i)
{
    for (size_t k = 0; b && k < b->n; k++) {
        if (b->items[k]->kind != AST_NODE)
            continue;
        const struct ast_node *n = ast_node(b->items[k]);

        if ((!name.n || str_eq(n->name, name)) && i-- == 0)
            return n;
    }
    return NULL;
}

static struct span step_span(const struct rollout *r, size_t i)
{
    const struct ast_node *n = nth(r->t->symbol.call->block, r->canary
                                   ? STR("canary") : STR("bluegreen"), 0);
    const struct ast_node *step = n ? nth(n->block, (struct str){0}, i) : NULL;

    return step ? step->head.span : r->t->symbol.span;
}

static struct span router_span(const struct rollout *r)
{
    const struct ast_node *n = nth(r->t->symbol.call->block, STR("router"), 0);

    return n ? n->head.span : r->t->symbol.span;
}

struct span rollout_analysis_span(const struct rollout *r, size_t i,
                                  const char *key)
{
    const struct ast_node *n = nth(r->t->symbol.call->block, STR("analyze"), i);
    const struct ast_node *inner;

    if (!n)
        return r->t->symbol.span;
    for (size_t k = 0; k < n->n_named; k++)
        if (str_eq(n->named[k].key, str_of(key)))
            return span_join(n->named[k].key_span,
                             n->named[k].value->span);
    inner = *key ? nth(n->block, str_of(key), 0) : NULL;
    return inner ? inner->head.span
         : n->args.n ? n->args.items[0]->span : n->name_span;
}

static bool weight_of(const struct value *step, double *out)
{
    const struct value *w = value_get(step, STR("weight"));

    if (!w || w->kind != VALUE_PERCENT)
        return false;
    *out = w->d;
    return true;
}

static void check_weight(struct check *c, struct rollout *r, size_t i,
                         double weight)
{
    struct diag *g;

    if (!(weight >= 0 && weight <= 100)) {
        diag_add(c->d, DIAG_E0801, step_span(r, i),
                 "a weight is 0%% to 100%%, not %g%%", weight);
        weight = weight > 100 ? 100 : r->weight;
    } else if (r->weighted && !(weight > r->weight)) {
        g = diag_add(c->d, DIAG_E0802, step_span(r, i),
                     "the weight does not rise: %g%% after %g%%", weight,
                     r->weight);
        diag_also(c->d, g, step_span(r, r->weight_step), "the one before");
        diag_help(c->d, g, "going back is what an abort does");
    }
    r->weighted = true;
    r->weight = weight;
    r->weight_step = i;
}

static void check_end(struct check *c, const struct rollout *r, bool unknown)
{
    struct diag *g;

    if (!r->canary && !r->switched) {
        g = diag_add(c->d, DIAG_E0803, r->t->symbol.span,
                     "this rollout never switches to the new version");
        diag_help(c->d, g, "add the step switch");
    }
    if (!r->canary || unknown || (r->weighted && r->weight >= 100))
        return;
    if (!r->weighted)
        g = diag_add(c->d, DIAG_E0803, r->t->symbol.span,
                     "this canary never sends the new version any traffic");
    else
        g = diag_add(c->d, DIAG_E0803, step_span(r, r->weight_step),
                     "this canary ends at %g%%, so both versions stay",
                     r->weight);
    diag_help(c->d, g, "end with weight 100%%");
}

static void check_steps(struct check *c, struct rollout *r)
{
    bool unknown = false;
    double weight;

    for (size_t i = 0; i < r->steps->list.n; i++) {
        const struct value *step = &r->steps->list.items[i];
        struct str is = value_get_str(step, "is", STR(""));

        r->switched |= str_eq(is, STR("switch"));
        if (!str_eq(is, STR("weight")))
            continue;
        unknown = !weight_of(step, &weight);
        if (unknown)
            r->weighted = false;
        else
            check_weight(c, r, i, weight);
    }
    check_end(c, r, unknown);
}

/* How long the steps from the i-th on last, at least. False: as long as
 * somebody takes, or not known. */
static bool time_from(const struct rollout *r, size_t i, int64_t *out)
{
    static const char *const holds[] = {"hold", "for"};

    *out = 0;
    for (; i < r->steps->list.n; i++) {
        const struct value *step = &r->steps->list.items[i];
        bool held = false;

        if (value_get(step, STR("until")))
            return false;
        for (size_t k = 0; k < 2; k++) {
            const struct value *v = value_get(step, str_of(holds[k]));

            held |= v != NULL;
            if (v && v->kind != VALUE_DURATION)
                return false;
            if (v && __builtin_add_overflow(*out, v->i, out))
                return false;
        }
        struct str is = value_get_str(step, "is", STR(""));

        if (str_eq(is, STR("analyze")) || str_eq(is, STR("run")) ||
            str_eq(is, STR("lua")) || (str_eq(is, STR("hold")) && !held))
            return false;
    }
    return true;
}

static void check_deadline(struct check *c, const struct rollout *r,
                           const struct value *config)
{
    const struct value *within = value_get(config, STR("within"));
    int64_t total;

    if (!within || within->kind != VALUE_DURATION || !time_from(r, 0, &total) ||
        total <= within->i)
        return;
    struct value t = {.kind = VALUE_DURATION, .i = total};
    struct diag *g = diag_add(
        c->d, DIAG_E0812, r->t->symbol.span, "the steps take " STR_FMT ", and "
        "the rollout is aborted after " STR_FMT,
        STR_ARG(value_show(c->a, &t)), STR_ARG(value_show(c->a, within)));

    diag_help(c->d, g, "raise within=, or hold for less");
}

static void check_strategy(struct check *c, const struct stage *t,
                           const struct value *config)
{
    bool canary = value_get(config, STR("canary"));
    bool blue = value_get(config, STR("bluegreen"));
    struct diag *g;

    if (canary != blue)
        return;
    g = diag_add(c->d, DIAG_E0807, t->symbol.span,
                 canary ? "this rollout is a canary and blue-green at once"
                        : "this rollout is neither a canary nor blue-green");
    diag_help(c->d, g, canary ? "keep one of the two"
                              : "canary { weight 10%% hold=5m; weight 100%% }");
}

void rollout_check(struct check *c, const struct stage *t,
                   const struct draft *d)
{
    struct rollout r = {.t = t};
    const struct value *config = &d->node->config;

    if (!str_eq(d->node->kind, STR("rollout")) || config->kind != VALUE_MAP)
        return;
    check_strategy(c, t, config);
    r.steps = steps_of(config, &r.canary);
    if (!r.steps)
        return;
    check_steps(c, &r);
    r.analyses = value_get(config, STR("analyze"));
    if (r.analyses && r.analyses->kind != VALUE_LIST)
        r.analyses = NULL;
    r.router = value_get(config, STR("router"));
    struct str is = value_get_str(r.router, "is", STR(""));

    r.entry = is.n ? catalogue_find(c, STR("router"), is) : NULL;
    rollout_sides(c, &r, router_span(&r));
    for (size_t i = 0; i < r.steps->list.n; i++) {
        rollout_once(c, &r, &r.steps->list.items[i], step_span(&r, i));
        rollout_router(c, &r, &r.steps->list.items[i], step_span(&r, i));
    }
    for (size_t i = 0; r.analyses && i < r.analyses->list.n; i++) {
        int64_t from = value_get_int(&r.analyses->list.items[i], "from", 1);
        size_t step = from > 0 ? (size_t)from - 1 : 0;
        int64_t ms;
        bool known = step < r.steps->list.n && time_from(&r, step, &ms);

        rollout_analysis(c, &r, i, known ? &ms : NULL);
    }
    check_deadline(c, &r, config);
}
