#include "cli/plan_view.h"

/* Why a stage runs or does not, the whole chain. */

enum { WHY_BYTES_MAX = 2000 };

static bool word_at(struct str text, size_t i, struct str word)
{
    char before = i ? text.s[i - 1] : ' ';
    char after = i + word.n < text.n ? text.s[i + word.n] : ' ';

    return !((before >= 'a' && before <= 'z') || before == '_' ||
             before == '.') &&
           !((after >= 'a' && after <= 'z') || after == '_');
}

static bool mentions(struct str text, struct str word)
{
    size_t from = 0;

    while (word.n && from + word.n <= text.n) {
        size_t i = from + str_search(str_skip(text, from), word);

        if (i >= text.n)
            return false;
        if (word_at(text, i, word))
            return true;
        from = i + 1;
    }
    return false;
}

/* What the facts in a condition are: 'git.branch is "fix"'. */
static struct str facts_in(struct arena *a, const struct graph *g,
                           struct str text)
{
    struct str out = {0};

    for (size_t i = 0; i < g->n_facts; i++) {
        const struct graph_fact *f = &g->facts[i];
        struct value v = value_string(f->value);
        struct str name = f->name;

        if (f->kind == FACT_GIT)
            name = arena_printf(a, "git." STR_FMT, STR_ARG(f->name));
        else if (f->kind != FACT_PARAM)
            continue;
        if (mentions(text, name))
            out = arena_printf(a, STR_FMT "%s" STR_FMT " is " STR_FMT,
                               STR_ARG(out), out.n ? ", " : "", STR_ARG(name),
                               STR_ARG(value_show(a, &v)));
    }
    return out;
}

static struct str condition(struct arena *a, const struct graph *g,
                            const struct graph_node *n, const char *is)
{
    struct str facts = facts_in(a, g, n->extra->when_text);

    return arena_printf(a, STR_FMT " %s%s" STR_FMT,
                        STR_ARG(n->extra->when_text), is,
                        facts.n ? ": " : "", STR_ARG(facts));
}

static struct str chain(struct arena *a, const struct plan_stage *before)
{
    const struct graph_node *n = before->node;
    struct str why = before->why;

    if (why.n > WHY_BYTES_MAX)
        why = STR("...");
    return arena_printf(a, STR_FMT " " STR_FMT " is skipped: " STR_FMT,
                        STR_ARG(n->kind), STR_ARG(n->id), STR_ARG(why));
}

static void decide(struct arena *a, const struct graph *g,
                   struct plan_stage *all, struct plan_stage *s)
{
    const struct graph_node *n = s->node;
    const struct plan_stage *maybe = NULL;

    if (n->when.kind == VALUE_BOOL && !n->when.b) {
        s->action = ACTION_SKIPPED;
        s->why = condition(a, g, n, "does not hold");
        return;
    }
    for (size_t i = 0; i < n->n_edges; i++) {
        const struct plan_stage *before = &all[n->edges[i].from];

        if (before->action == ACTION_SKIPPED) {
            s->action = ACTION_SKIPPED;
            s->why = chain(a, before);
            return;
        }
        if (before->action == ACTION_DEPENDS && !maybe)
            maybe = before;
    }
    if (n->when.kind == VALUE_EXPR) {
        struct str waits = expr_waits_for(n->when.expr);

        s->action = ACTION_DEPENDS;
        s->why = arena_printf(a, "only when " STR_FMT " (known %s" STR_FMT ")",
                              STR_ARG(n->extra->when_text), waits.n ? "after "
                                                             : "in the run",
                              STR_ARG(waits));
    } else if (maybe) {
        s->action = ACTION_DEPENDS;
        s->why = arena_printf(a, "only if " STR_FMT " " STR_FMT " runs",
                              STR_ARG(maybe->node->kind),
                              STR_ARG(maybe->node->id));
    } else if (n->extra->when_text.n) {
        s->why = condition(a, g, n, "holds");
    }
}

void plan_reasons(struct arena *a, const struct graph *g,
                  const uint32_t *order, struct plan_stage *by_node)
{
    for (size_t i = 0; i < g->n_nodes; i++)
        decide(a, g, by_node, &by_node[order[i]]);
}
