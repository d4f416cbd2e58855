#include "cli/plan_view.h"

#include "base/clock.h"

/* A plan as a comment on a pull request: a table, details folded away. */

static const char *const marks[] = {
    [ACTION_RUNS] = "▶ runs",
    [ACTION_SKIPPED] = "⏭ skipped",
    [ACTION_DEPENDS] = "◇ decided in the run",
};

enum { COMMENT_BYTES_MAX = 60000, CELL_BYTES_MAX = 300 };

/* Text in a table's cell: nothing in it is markup. */
static void cell(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n && i < CELL_BYTES_MAX; i++) {
        char c = s.s[i];

        if (c == '\n' || c == '\r')
            buf_addc(out, ' ');
        else if (c == '<')
            buf_adds(out, "&lt;");
        else if (c == '&')
            buf_adds(out, "&amp;");
        else {
            if (c == '|' || c == '`' || c == '*' || c == '_' || c == '\\' ||
                c == '[' || c == ']')
                buf_addc(out, '\\');
            buf_addc(out, c);
        }
    }
}

/* A fence longer than any run of backquotes in what it holds. */
static void fence(struct buf *out, struct str text, const char *language)
{
    size_t most = 2, run = 0;

    for (size_t i = 0; i < text.n; i++) {
        run = text.s[i] == '`' ? run + 1 : 0;
        most = run > most ? run : most;
    }
    buf_pad(out, '`', most + 1);
    buf_addf(out, "%s\n", language);
    buf_add(out, text);
    if (!text.n || text.s[text.n - 1] != '\n')
        buf_addc(out, '\n');
    buf_pad(out, '`', most + 1);
    buf_adds(out, "\n\n");
}

static void write_row(struct buf *out, size_t number,
                      const struct plan_stage *s)
{
    const struct graph_node *n = s->node;

    buf_addf(out, "| %zu | ", number);
    cell(out, n->kind);
    buf_adds(out, " **");
    cell(out, n->id);
    buf_addf(out, "** | %s | ", marks[s->action]);
    for (size_t i = 0; i < s->n_effects && s->action != ACTION_SKIPPED; i++) {
        buf_adds(out, i ? ", " : "");
        cell(out, s->effects[i]);
    }
    buf_adds(out, " | ");
    cell(out, s->why);
    buf_adds(out, " |\n");
}

static void write_timeline(struct arena *a, struct buf *out,
                           const struct plan_timeline *t)
{
    buf_adds(out, "| at | weight | step | measured by |\n"
                  "| ---: | ---: | --- | --- |\n");
    for (size_t i = 0; i < t->n_steps; i++) {
        const struct plan_step *s = &t->steps[i];

        buf_addf(out, "| " STR_FMT " | %g%% | ",
                 STR_ARG(s->at_ms ? clock_duration(a, s->at_ms)
                                  : STR("start")), s->weight);
        cell(out, s->text);
        buf_adds(out, " | ");
        cell(out, s->analyses);
        buf_adds(out, " |\n");
    }
    buf_addf(out, "\nIn all " STR_FMT "%s.\n\n",
             STR_ARG(clock_duration(a, t->total_ms)),
             t->waits ? ", and as long as people take to approve" : "");
}

static void write_lines(struct arena *a, struct buf *out,
                        const struct plan_stage *s)
{
    struct buf text = {0};

    for (size_t i = 0; i < s->n_lines; i++) {
        const struct plan_line *l = &s->lines[i];

        if (l->label.n)
            buf_addf(&text, STR_FMT ": ", STR_ARG(l->label));
        else if (l->kind == LINE_COMMAND)
            buf_adds(&text, "$ ");
        buf_add(&text, l->text);
        buf_addc(&text, '\n');
    }
    if (text.n)
        fence(out, buf_str(&text), "");
    buf_free(&text);
    if (s->timeline)
        write_timeline(a, out, s->timeline);
}

static void write_details(struct arena *a, struct buf *out,
                          const struct plan_stage *s)
{
    if (s->action == ACTION_SKIPPED)
        return;
    buf_adds(out, "<details><summary>");
    buf_addf(out, STR_FMT " <b>" STR_FMT "</b>", STR_ARG(s->node->kind),
             STR_ARG(s->node->name));
    if (s->node->key.n) {
        buf_adds(out, " ");
        cell(out, s->node->key);
    }
    buf_adds(out, "</summary>\n\n");
    write_lines(a, out, s);
    for (size_t i = 0; i < s->n_diffs; i++) {
        buf_adds(out, "**");
        cell(out, s->diffs[i].title);
        buf_adds(out, "** ");
        cell(out, s->diffs[i].note);
        buf_adds(out, "\n\n");
        for (size_t k = 0; k < s->diffs[i].n_warnings; k++) {
            buf_adds(out, "- warning: ");
            cell(out, s->diffs[i].warnings[k]);
            buf_adds(out, k + 1 < s->diffs[i].n_warnings ? "\n" : "\n\n");
        }
        if (s->diffs[i].text.n)
            fence(out, s->diffs[i].text, "diff");
    }
    buf_adds(out, "</details>\n");
}

void plan_markdown(struct buf *out, const struct plan_view *v)
{
    struct arena a = {0};
    size_t left = 0;

    buf_adds(out, "### Plan of ");
    cell(out, v->graph->pipeline);
    buf_addf(out, "\n\n%zu run, %zu skipped", v->runs, v->skipped);
    if (v->depends)
        buf_addf(out, ", %zu decided in the run", v->depends);
    buf_adds(out, ". Outside effects: ");
    for (size_t i = 0; i < v->n_effects; i++)
        buf_addf(out, "%s" STR_FMT " ×%zu", i ? ", " : "",
                 STR_ARG(v->effects[i].name), v->effects[i].stages);
    if (!v->n_effects)
        buf_adds(out, "none");
    if (v->lua_hooks)
        buf_addf(out, "; %zu Lua hook%s may have more when the run gets there",
                 v->lua_hooks, v->lua_hooks == 1 ? "" : "s");
    buf_adds(out, ".\n\n");
    buf_adds(out, "| # | stage | | effects | because |\n"
                  "| ---: | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < v->n_stages; i++)
        if (out->n < COMMENT_BYTES_MAX / 2)
            write_row(out, i + 1, &v->stages[i]);
        else
            left++;
    if (left)
        buf_addf(out, "\n%zu more stages are left out here.\n", left);
    buf_addc(out, '\n');
    for (size_t i = 0; i < v->n_stages && out->n < COMMENT_BYTES_MAX; i++)
        write_details(&a, out, &v->stages[i]);
    buf_addf(out, "\n<sub>plan %s</sub>\n", v->digest);
    arena_free(&a);
}
