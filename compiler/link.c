#include "compiler/check.h"

#include <stdlib.h>

/* Edges, and that they make no circle. */

static int by_from(const void *a, const void *b)
{
    const struct ref *x = a, *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->reason != y->reason)
        return x->reason < y->reason ? -1 : 1;
    return str_cmp(x->text, y->text);
}

void link_refs(struct check *c, struct draft *d)
{
    size_t n = 0;

    if (c->refs.n == 0)
        return;
    d->refs = arena_array(c->a, struct ref, c->refs.n);
    qsort(c->refs.items, c->refs.n, sizeof(struct ref), by_from);
    for (size_t i = 0; i < c->refs.n; i++)
        if (n == 0 || d->refs[n - 1].from != c->refs.items[i].from ||
            d->refs[n - 1].reason != c->refs.items[i].reason)
            d->refs[n++] = c->refs.items[i];
    d->n_refs = n;
    c->refs.n = 0;
}

/* One node on the path of the search, and its edge that is followed. */
struct frame {
    uint32_t node;
    size_t edge;
};

struct search {
    struct check *c;
    struct frame *path;
    size_t n;
    char *color; /* 0 not seen, 1 on the path, 2 done */
    uint32_t *order;
    size_t done;
    size_t reported;
};

enum { CYCLES_MAX = 20, CYCLE_SHOWN_MAX = 12 };

static void report(struct search *s, uint32_t back)
{
    struct check *c = s->c;
    size_t from = s->n - 1;
    const struct ref *first;
    struct str text = {0};

    while (s->path[from].node != back)
        from--;
    /* An edge points to what has to come first: shown the way it waits. */
    for (size_t i = from; i < s->n && i - from < CYCLE_SHOWN_MAX; i++)
        text = arena_printf(c->a, STR_FMT STR_FMT " -> ", STR_ARG(text),
                            STR_ARG(c->drafts[s->path[i].node].node->id));
    if (s->n - from > CYCLE_SHOWN_MAX)
        text = arena_printf(c->a, STR_FMT "... -> ", STR_ARG(text));
    first = &c->drafts[back].refs[s->path[from].edge - 1];
    struct diag *g = diag_add(c->d, DIAG_E0602, first->span,
                              "stages wait for each other: " STR_FMT STR_FMT,
                              STR_ARG(text),
                              STR_ARG(c->drafts[back].node->id));
    const struct frame *last = &s->path[s->n - 1];

    if (s->n - 1 > from)
        diag_also(c->d, g, c->drafts[last->node].refs[last->edge - 1].span,
                  "which waits for the first again");
    diag_help(c->d, g, "take out one of these: needs=, or the use of an output");
    s->reported++;
}

static void visit(struct search *s, uint32_t root)
{
    s->path[0] = (struct frame){.node = root};
    s->n = 1;
    s->color[root] = 1;
    while (s->n) {
        struct frame *f = &s->path[s->n - 1];
        const struct draft *d = &s->c->drafts[f->node];

        if (f->edge == d->n_refs) {
            s->color[f->node] = 2;
            s->order[s->done++] = f->node;
            s->n--;
            continue;
        }
        uint32_t to = d->refs[f->edge++].from;

        if (s->color[to] == 1 && s->reported < CYCLES_MAX)
            report(s, to);
        if (s->color[to])
            continue;
        s->color[to] = 1;
        s->path[s->n++] = (struct frame){.node = to};
    }
}

uint32_t *link_cycles(struct check *c)
{
    struct search s = {
        .c = c,
        .path = arena_array(c->a, struct frame, c->n_drafts + 1),
        .color = arena_array(c->a, char, c->n_drafts + 1),
        .order = arena_array(c->a, uint32_t, c->n_drafts + 1),
    };

    for (size_t i = 0; i < c->n_drafts; i++)
        if (!s.color[i])
            visit(&s, (uint32_t)i);
    return s.order;
}
