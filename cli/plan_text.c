#include "cli/plan_view.h"

#include "base/clock.h"

/* A plan for the terminal. */

static const struct {
    const char *word, *color;
} actions[] = {
    [ACTION_RUNS] = {"runs", "\33[32m"},
    [ACTION_SKIPPED] = {"skipped", "\33[2m"},
    [ACTION_DEPENDS] = {"depends", "\33[33m"},
};

enum { HEAD_COLUMNS = 44, BAR_CELLS = 20 };

struct page {
    struct buf *out;
    struct arena a;
    bool color;
};

static void paint(struct page *p, const char *code)
{
    if (p->color)
        buf_adds(p->out, code);
}

static void plain(struct page *p)
{
    paint(p, "\33[0m");
}

/* A text of several lines, each with the indentation. */
static void block(struct page *p, const char *first, const char *rest,
                  struct str text)
{
    const char *lead = first;

    while (text.n && text.s[text.n - 1] == '\n')
        text.n--;
    do {
        struct str line = str_cut(text, '\n', &text);

        buf_addf(p->out, "%s" STR_FMT "\n", lead, STR_ARG(line));
        lead = rest;
    } while (text.n);
}

static void write_line(struct page *p, const struct plan_line *l)
{
    struct str lead;

    switch (l->kind) {
    case LINE_COMMAND:
        block(p, "       $ ", "         ", l->text);
        return;
    case LINE_NOTE:
        block(p, "       ", "         ", l->text);
        return;
    case LINE_HOOK:
    case LINE_LIMIT:
        lead = arena_printf(&p->a, "       " STR_FMT ": ", STR_ARG(l->label));
        paint(p, "\33[2m");
        block(p, lead.s, "         ", l->text);
        plain(p);
        return;
    }
}

static void bar(struct page *p, double weight)
{
    size_t filled = (size_t)(weight / 100 * BAR_CELLS + 0.5);

    for (size_t i = 0; i < BAR_CELLS; i++)
        buf_adds(p->out, i < filled ? "█" : "·");
}

static void write_timeline(struct page *p, const struct plan_timeline *t)
{
    for (size_t i = 0; i < t->n_steps; i++) {
        const struct plan_step *s = &t->steps[i];
        struct str at = s->at_ms ? clock_duration(&p->a, s->at_ms)
                                 : STR("start");

        buf_addf(p->out, "       %*s" STR_FMT "  ", at.n < 7 ? (int)(7 - at.n)
                 : 0, "", STR_ARG(at));
        paint(p, "\33[36m");
        bar(p, s->weight);
        plain(p);
        buf_addf(p->out, " %3g%%  " STR_FMT, s->weight, STR_ARG(s->text));
        if (s->analyses.n)
            buf_addf(p->out, "  [" STR_FMT "]", STR_ARG(s->analyses));
        buf_addc(p->out, '\n');
    }
    for (size_t i = 0; i < t->n_analyses; i++)
        buf_addf(p->out, "       analysis " STR_FMT ": " STR_FMT "\n",
                 STR_ARG(t->analyses[i].name), STR_ARG(t->analyses[i].measure));
    buf_addf(p->out, "       in all " STR_FMT,
             STR_ARG(clock_duration(&p->a, t->total_ms)));
    if (t->waits)
        buf_adds(p->out, ", and as long as people take to approve");
    if (t->within_ms)
        buf_addf(p->out, "; aborted after " STR_FMT,
                 STR_ARG(clock_duration(&p->a, t->within_ms)));
    buf_addc(p->out, '\n');
}

static void write_diff(struct page *p, const struct plan_diff *d)
{
    struct str text = d->text;

    buf_addf(p->out, "       " STR_FMT ":", STR_ARG(d->title));
    if (d->note.n || !text.n)
        buf_addf(p->out, " " STR_FMT, STR_ARG(d->note.n ? d->note
                                                        : STR("no change")));
    buf_addc(p->out, '\n');
    for (size_t i = 0; i < d->n_warnings; i++) {
        paint(p, "\33[33m");
        buf_addf(p->out, "         warning: " STR_FMT,
                 STR_ARG(d->warnings[i]));
        plain(p);
        buf_addc(p->out, '\n');
    }
    while (text.n) {
        struct str line = str_cut(text, '\n', &text);
        char c = line.n ? line.s[0] : ' ';

        paint(p, c == '+' ? "\33[32m" : c == '-' ? "\33[31m" : "\33[2m");
        buf_addf(p->out, "         " STR_FMT, STR_ARG(line));
        plain(p);
        buf_addc(p->out, '\n');
    }
}

static void write_head(struct page *p, size_t number,
                       const struct plan_stage *s)
{
    const struct graph_node *n = s->node;
    struct str head = arena_printf(&p->a, STR_FMT " " STR_FMT,
                                   STR_ARG(n->kind), STR_ARG(n->id));

    buf_addf(p->out, "%4zu. ", number);
    paint(p, s->action == ACTION_SKIPPED ? "\33[2m" : "\33[1m");
    buf_add(p->out, head);
    plain(p);
    buf_pad(p->out, ' ', head.n < HEAD_COLUMNS ? HEAD_COLUMNS - head.n : 1);
    paint(p, actions[s->action].color);
    buf_adds(p->out, actions[s->action].word);
    plain(p);
    for (size_t i = 0; i < s->n_effects; i++)
        buf_addf(p->out, "%s" STR_FMT, i ? ", " : "  ",
                 STR_ARG(s->effects[i]));
    buf_addc(p->out, '\n');
}

static void write_stage(struct page *p, size_t number,
                        const struct plan_stage *s)
{
    write_head(p, number, s);
    if (s->why.n)
        block(p, "       because ", "         ", s->why);
    if (s->action == ACTION_SKIPPED)
        return;
    if (s->node->environment.n)
        buf_addf(p->out, "       to " STR_FMT "\n",
                 STR_ARG(s->node->environment));
    for (size_t i = 0; i < s->n_after; i++)
        buf_addf(p->out, "%s" STR_FMT "%s", i ? ", " : "       after ",
                 STR_ARG(s->after[i]), i + 1 == s->n_after ? "\n" : "");
    for (size_t i = 0; i < s->n_lines; i++)
        write_line(p, &s->lines[i]);
    if (s->timeline)
        write_timeline(p, s->timeline);
    for (size_t i = 0; i < s->n_diffs; i++)
        write_diff(p, &s->diffs[i]);
}

static void write_effects(struct page *p, const struct plan_view *v)
{
    buf_adds(p->out, "Outside effects: ");
    for (size_t i = 0; i < v->n_effects; i++)
        buf_addf(p->out, "%s" STR_FMT " in %zu stage%s", i ? ", " : "",
                 STR_ARG(v->effects[i].name), v->effects[i].stages,
                 v->effects[i].stages == 1 ? "" : "s");
    if (!v->n_effects)
        buf_adds(p->out, "none");
    if (v->lua_hooks)
        buf_addf(p->out, "; %zu Lua hook%s may have more when the run gets "
                 "there", v->lua_hooks, v->lua_hooks == 1 ? "" : "s");
    buf_adds(p->out, "\n\n");
}

void plan_text(struct buf *out, const struct plan_view *v, bool color)
{
    struct page p = {.out = out, .color = color};

    paint(&p, "\33[1m");
    buf_addf(out, "Plan of " STR_FMT ": %zu stage%s", STR_ARG(v->graph->pipeline),
             v->n_stages, v->n_stages == 1 ? "" : "s");
    plain(&p);
    buf_addf(out, ", %zu run%s", v->runs, v->runs == 1 ? "s" : "");
    if (v->depends)
        buf_addf(out, ", %zu decided in the run", v->depends);
    if (v->skipped)
        buf_addf(out, ", %zu skipped", v->skipped);
    if (v->rollouts_ms)
        buf_addf(out, "; rollout " STR_FMT,
                 STR_ARG(clock_duration(&p.a, v->rollouts_ms)));
    buf_addc(out, '\n');
    write_effects(&p, v);
    for (size_t i = 0; i < v->n_stages; i++)
        write_stage(&p, i + 1, &v->stages[i]);
    buf_addf(out, "\nDigest %s\n", v->digest);
    arena_free(&p.a);
}
