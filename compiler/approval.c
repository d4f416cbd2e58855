#include "compiler/check.h"

#include <stdio.h>

/* One approval a run for each environment that asks for it: a stage before
 * all stages of the environment, after everything those wait for. */

static bool of_environment(const struct draft *d, const struct environment *v)
{
    return d->environment == v;
}

/* Marks what comes after the environment's stages, themselves included: the
 * approval cannot wait for that. order: dependencies first. */
static bool *downstream(struct check *c, const struct environment *v,
                        const uint32_t *order)
{
    bool *after = arena_array(c->a, bool, c->n_drafts + 1);

    for (size_t i = 0; i < c->n_drafts; i++) {
        const struct draft *d = &c->drafts[order[i]];

        after[order[i]] = of_environment(d, v);
        for (size_t k = 0; k < d->n_refs && !after[order[i]]; k++)
            after[order[i]] = after[d->refs[k].from];
    }
    return after;
}

static struct value either(struct check *c, const struct value *a,
                           const struct value *b)
{
    struct expr *x = arena_new(c->a, struct expr);

    if (a->kind == VALUE_BOOL)
        return a->b ? *a : *b;
    if (b->kind == VALUE_BOOL)
        return b->b ? *b : *a;
    *x = (struct expr){.kind = EXPR_BINARY, .op = OP_OR, .n = 2,
                       .kids = arena_array(c->a, struct expr, 2)};
    x->kids[0] = *a->expr;
    x->kids[1] = *b->expr;
    return (struct value){.kind = VALUE_EXPR, .expr = x};
}

/* The approval's edges: those of the environment's stages that lead outside. */
static void gather(struct check *c, const struct environment *v,
                   const bool *after, struct draft *out)
{
    bool first = true;

    c->refs.n = 0;
    for (size_t i = 0; i < c->n_drafts; i++) {
        struct draft *d = &c->drafts[i];

        if (!of_environment(d, v))
            continue;
        out->node->when = first ? d->node->when
                               : either(c, &out->node->when, &d->node->when);
        if (d->node->extra->when_text.n)
            node_extra(c, out->node)->when_text = d->node->extra->when_text;
        first = false;
        for (size_t k = 0; k < d->n_refs; k++) {
            struct ref r = d->refs[k];

            r.reason = EDGE_NEEDS;
            r.text = c->nodes[r.from].id;
            if (!after[r.from])
                arena_push(c->a, &c->refs, r);
        }
    }
    link_refs(c, out);
}

static void attach(struct check *c, const struct environment *v,
                   uint32_t approval)
{
    for (size_t i = 0; i < c->n_drafts; i++) {
        struct draft *d = &c->drafts[i];

        if (!of_environment(d, v))
            continue;
        c->refs.n = 0;
        for (size_t k = 0; k < d->n_refs; k++)
            arena_push(c->a, &c->refs, d->refs[k]);
        struct ref r = {.from = approval, .reason = EDGE_APPROVE,
                        .text = arena_printf(c->a, "environment " STR_FMT,
                                             STR_ARG(v->name)),
                        .span = v->span};

        arena_push(c->a, &c->refs, r);
        link_refs(c, d);
    }
}

static void add(struct check *c, struct environment *v,
                const struct value *approve, const uint32_t *order)
{
    const struct schema_entry *e = catalogue_find(c, STR("kind"),
                                                  STR("approve"));
    struct draft d = {.node = &c->nodes[c->n_drafts], .span = v->span};
    bool *after = downstream(c, v, order);

    d.node->id = arena_printf(c->a, "approve(" STR_FMT ")", STR_ARG(v->name));
    d.node->name = v->name;
    d.node->kind = STR("approve");
    d.node->place = place_of(c, v->span);
    d.node->environment = v->name;
    d.node->config = *approve;
    d.node->extra = c->plain;
    d.node->worker = !e || e->runs;
    gather(c, v, after, &d);
    attach(c, v, (uint32_t)c->n_drafts);
    c->drafts[c->n_drafts++] = d;
}

void environment_approvals(struct check *c, const uint32_t *order)
{
    for (size_t i = 0; i < c->environments.n; i++) {
        struct environment *v = c->environments.items[i];
        const struct value *approve = value_get(&v->config, STR("approve"));
        bool used = false;

        for (size_t k = 0; approve && k < c->n_drafts && !used; k++)
            used = of_environment(&c->drafts[k], v);
        if (used)
            add(c, v, approve, order);
    }
}
