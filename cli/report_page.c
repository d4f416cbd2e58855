#include "cli/report_page.h"

#include "base/clock.h"
#include "runtime/report/html.h"

#include <inttypes.h>

static enum chart_mark mark_of(struct str result)
{
    if (str_eq(result, STR("passed")) || str_eq(result, STR("cached")))
        return CHART_OK;
    if (str_eq(result, STR("skipped")) || str_eq(result, STR("cancelled")) ||
        result.n == 0)
        return CHART_DIM;
    return CHART_BAD;
}

static const char *class_of(struct str result)
{
    static const char *const classes[] = {
        [CHART_OK] = "ok", [CHART_BAD] = "bad", [CHART_WARN] = "warn",
        [CHART_DIM] = "dim",
    };

    return classes[mark_of(result)];
}

static void head(struct arena *a, struct buf *out, const struct page_run *p)
{
    const struct store_run *r = &p->x.r.run;
    struct value git = {0};
    struct err e = {0};
    size_t optional = 0;

    for (size_t i = 0; i < p->x.r.n_stages; i++)
        optional += p->x.r.stages[i].last && p->x.r.stages[i].last->optional &&
                    stored_failed(p->x.r.stages[i].last);
    buf_adds(out, "<h1>");
    html_text(out, r->pipeline);
    buf_addf(out, " <span class=\"dim\">run %" PRId64 "</span> ", r->id);
    html_badge(out, class_of(r->result), r->result.n ? r->result
                                                     : STR("did not end"));
    buf_adds(out, "</h1>\n<p class=\"dim\">");
    buf_add(out, clock_rfc3339(a, r->started));
    if (r->ended)
        buf_addf(out, ", " STR_FMT,
                 STR_ARG(clock_duration(a, r->ended - r->started)));
    if (r->git.n && value_from_json(a, r->git, &git, &e)) {
        buf_adds(out, ", commit ");
        html_text(out, value_get_str(&git, "short", STR("unknown")));
        buf_adds(out, " on ");
        html_text(out, value_get_str(&git, "branch", STR("no branch")));
    }
    buf_addf(out, "</p>\n<p>%" PRId64 " stages: %" PRId64 " passed, %" PRId64
             " failed", r->stages, r->passed, r->failed);
    if (optional)
        buf_addf(out, ", %zu failed but optional", optional);
    buf_addf(out, ", %" PRId64 " skipped</p>\n", r->skipped);
}

static void cause(struct arena *a, struct buf *out, const struct page_run *p)
{
    struct value v = {0};
    struct err e = {0};

    if (p->x.r.run.cause.n == 0 ||
        !value_from_json(a, p->x.r.run.cause, &v, &e))
        return;
    buf_adds(out, "<div class=\"card\"><strong class=\"bad\">");
    html_text(out, value_get_str(&v, "stage", STR("")));
    buf_adds(out, "</strong>: ");
    html_text(out, value_get_str(&v, "why", STR("")));
    buf_adds(out, "</div>\n");
}

static void timeline(struct arena *a, struct buf *out,
                     const struct page_run *p)
{
    struct timeline_row *rows = arena_array(a, struct timeline_row,
                                            p->x.r.n_attempts);
    double x_max = 0;
    size_t n = 0;

    for (size_t i = 0; i < p->x.r.n_attempts; i++) {
        const struct store_attempt *t = &p->x.r.attempts[i];
        struct timeline_row *r = &rows[n];
        int64_t ended = t->ended ? t->ended : t->started;

        if (t->attempt == 0)
            continue;
        r->label = t->attempt > 1
            ? arena_printf(a, STR_FMT " (%d)", STR_ARG(t->id), t->attempt)
            : t->id;
        r->from = (double)(t->started - p->x.r.run.started);
        r->to = (double)(ended - p->x.r.run.started);
        r->mark = mark_of(t->result);
        r->note = clock_duration(a, ended - t->started);
        r->title = arena_printf(a, STR_FMT ": " STR_FMT " " STR_FMT,
                                STR_ARG(t->id), STR_ARG(t->result),
                                STR_ARG(t->why));
        x_max = r->to > x_max ? r->to : x_max;
        n++;
    }
    if (n == 0)
        return;
    buf_adds(out, "<h2>Stages</h2>\n<div class=\"card scroll\">\n");
    timeline_svg(out, rows, n, x_max);
    buf_adds(out, "</div>\n");
}

static void edges(struct buf *out, const struct graph *g,
                  const struct graph_node *n)
{
    for (size_t k = 0; k < n->n_edges; k++) {
        if (k && n->edges[k].from == n->edges[k - 1].from)
            continue;
        if (k)
            buf_adds(out, ", ");
        html_text(out, g->nodes[n->edges[k].from].id);
    }
}

static void stages(struct buf *out, const struct page_run *p)
{
    buf_adds(out, "<div class=\"scroll\"><table><tr><th>stage"
                  "<th class=\"spare\">kind<th>result"
                  "<th class=\"spare\">after<th>why</tr>\n");
    for (size_t i = 0; i < p->x.r.n_attempts; i++) {
        const struct store_attempt *t = &p->x.r.attempts[i];

        buf_adds(out, "<tr><td>");
        html_text(out, t->id);
        buf_adds(out, "<td class=\"dim spare\">");
        html_text(out, t->kind);
        buf_addf(out, "<td class=\"%s\">", class_of(t->result));
        html_text(out, t->result);
        buf_adds(out, "<td class=\"dim spare\">");
        if (t->node < p->x.r.graph.n_nodes)
            edges(out, &p->x.r.graph, &p->x.r.graph.nodes[t->node]);
        buf_adds(out, "<td class=\"wide\">");
        html_text(out, t->why);
        buf_adds(out, "</tr>\n");
    }
    buf_adds(out, "</table></div>\n");
}

static void effects(struct arena *a, struct buf *out, const struct page_run *p)
{
    if (p->x.n_effects == 0)
        return;
    buf_adds(out, "<h2>Done to the outside world</h2>\n<div class=\"scroll\">"
                  "<table><tr><th class=\"spare\">at<th>stage<th>effect<th>state"
                  "<th>what</tr>"
                  "\n");
    for (size_t i = 0; i < p->x.n_effects; i++) {
        const struct store_effect *x = &p->x.effects[i];
        bool fine = str_eq(x->state, STR("done"));

        buf_addf(out, "<tr><td class=\"dim spare\">+" STR_FMT "<td>",
                 STR_ARG(clock_duration(a, x->at - p->x.r.run.started)));
        html_text(out, x->node);
        buf_adds(out, "<td>");
        html_text(out, x->effect);
        buf_addf(out, "<td class=\"%s\">", fine ? "ok" : "warn");
        html_text(out, x->state);
        buf_adds(out, "<td class=\"wide\">");
        html_text(out, x->key);
        buf_adds(out, "</tr>\n");
    }
    buf_adds(out, "</table></div>\n");
}

void page_html(struct arena *a, struct buf *out, const struct page_run *p)
{
    html_open(out, arena_printf(a, STR_FMT " run %" PRId64,
                                STR_ARG(p->x.r.run.pipeline), p->x.r.run.id));
    head(a, out, p);
    cause(a, out, p);
    timeline(a, out, p);
    stages(out, p);
    page_rollouts(a, out, p);
    effects(a, out, p);
    if (p->log_of.n) {
        buf_adds(out, "<h2>Log of ");
        html_text(out, p->log_of);
        buf_adds(out, "</h2>\n<pre>");
        html_text(out, p->log);
        buf_adds(out, "</pre>\n");
    }
    html_close(out);
}
