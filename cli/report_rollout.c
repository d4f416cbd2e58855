/* Of the page about a run: each rollout's weight over time, each analysis'
 * measurements against its threshold, and the evidence behind them. */
#include "cli/report_page.h"

#include "base/clock.h"
#include "runtime/report/html.h"

#include <inttypes.h>
#include <math.h>

enum { RAW_SHOWN_MAX = 2000 };

static enum chart_mark verdict_mark(struct str verdict)
{
    if (str_eq(verdict, STR("passed")))
        return CHART_OK;
    if (str_eq(verdict, STR("failed")) || str_eq(verdict, STR("error")))
        return CHART_BAD;
    return CHART_WARN;
}

/* The rollout's weights, and how long it lasted. */
static struct chart_point *weights(struct arena *a, const struct page_run *p,
                                   struct str id, int64_t since, size_t *n,
                                   double *x_max)
{
    struct chart_point *points = arena_array(a, struct chart_point,
                                             p->x.n_events + 1);
    struct err e = {0};

    *n = 0;
    for (size_t i = 0; i < p->x.n_events; i++) {
        const struct store_event *v = &p->x.events[i];
        struct value data = {0};
        double weight;

        if (!str_eq(v->stage, id))
            continue;
        *x_max = fmax(*x_max, (double)(v->at - since));
        if (!str_eq(v->name, STR("rollout.weight")) ||
            !value_from_json(a, v->data, &data, &e))
            continue;
        const struct value *w = value_get(&data, STR("weight"));

        if (w && value_number(w, &weight))
            points[(*n)++] = (struct chart_point){
                .x = (double)(v->at - since), .y = weight,
            };
    }
    return points;
}

void page_thresholds(const struct expr *x, double *out, size_t max, size_t *n)
{
    bool compares = x->kind == EXPR_BINARY && x->op >= OP_EQ && x->op <= OP_GE;

    for (size_t i = 0; i < x->n; i++) {
        const struct expr *kid = &x->kids[i];

        if (compares && kid->kind == EXPR_LITERAL && *n < max &&
            value_number(&kid->lit, &out[*n]))
            ++*n;
        else
            page_thresholds(kid, out, max, n);
    }
}

static size_t thresholds(const struct page_run *p, struct str id,
                         struct str analysis, double *out, size_t max)
{
    const struct graph_node *node = graph_find(&p->x.r.graph, id);
    const struct value *list = node ? value_get(&node->config, STR("analyze"))
                                    : NULL;
    size_t n = 0;

    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n;
         i++) {
        const struct value *x = &list->list.items[i];
        const struct value *pass = value_get(x, STR("pass"));
        const struct value *fail = value_get(x, STR("fail"));

        if (!str_eq(value_get_str(x, "name", STR("")), analysis))
            continue;
        if (pass && pass->kind == VALUE_EXPR)
            page_thresholds(pass->expr, out, max, &n);
        if (fail && fail->kind == VALUE_EXPR)
            page_thresholds(fail->expr, out, max, &n);
    }
    return n;
}

static double number_of(struct arena *a, struct str json)
{
    struct value v = {0};
    struct err e = {0};
    double d;

    if (json.n == 0 || !value_from_json(a, json, &v, &e))
        return NAN;
    if (v.kind == VALUE_LIST && v.list.n)
        v = v.list.items[0];
    return value_number(&v, &d) ? d : NAN;
}

static void analysis_chart(struct arena *a, struct buf *out,
                           const struct page_run *p, struct str id,
                           struct str analysis, int64_t since, double x_max)
{
    struct chart_point *points = arena_array(a, struct chart_point,
                                             p->x.n_measurements);
    double limits[8];
    struct chart c = {.title = analysis, .x_max = x_max, .points = points,
                      .thresholds = limits};

    for (size_t i = 0; i < p->x.n_measurements; i++) {
        const struct store_measurement *m = &p->x.measurements[i];

        if (str_eq(m->node, id) && str_eq(m->analysis, analysis))
            points[c.n_points++] = (struct chart_point){
                .x = (double)(m->at - since), .y = number_of(a, m->value),
                .mark = verdict_mark(m->verdict),
                .title = arena_printf(a, STR_FMT ": " STR_FMT " " STR_FMT,
                                      STR_ARG(m->value), STR_ARG(m->verdict),
                                      STR_ARG(m->why)),
            };
    }
    c.n_thresholds = thresholds(p, id, analysis, limits, 8);
    chart_svg(out, &c);
}

static bool seen_before(const struct page_run *p, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(p->x.measurements[k].node, p->x.measurements[i].node) &&
            str_eq(p->x.measurements[k].analysis,
                   p->x.measurements[i].analysis))
            return true;
    return false;
}

static void evidence(struct arena *a, struct buf *out,
                     const struct page_run *p, struct str id, int64_t since)
{
    buf_adds(out, "<details><summary>Every measurement</summary>\n"
                  "<div class=\"scroll\"><table><tr><th>at<th>analysis<th>"
                  "value<th>verdict<th>why<th>as asked, as answered</tr>\n");
    for (size_t i = 0; i < p->x.n_measurements; i++) {
        const struct store_measurement *m = &p->x.measurements[i];

        if (!str_eq(m->node, id))
            continue;
        buf_addf(out, "<tr><td class=\"dim\">+" STR_FMT "<td>",
                 STR_ARG(clock_duration(a, m->at - since)));
        html_text(out, m->analysis);
        buf_adds(out, "<td>");
        html_text(out, m->value);
        buf_addf(out, "<td class=\"%s\">",
                 verdict_mark(m->verdict) == CHART_OK ? "ok"
                 : verdict_mark(m->verdict) == CHART_BAD ? "bad" : "warn");
        html_text(out, m->verdict);
        buf_adds(out, "<td class=\"wide\">");
        html_text(out, m->why);
        buf_adds(out, "<td class=\"wide\"><code>");
        html_text(out, m->query);
        buf_adds(out, "</code><br><code class=\"dim\">");
        html_text(out, str_sub(m->raw, 0, RAW_SHOWN_MAX));
        buf_adds(out, "</code></tr>\n");
    }
    buf_adds(out, "</table></div></details>\n");
}

static void one_rollout(struct arena *a, struct buf *out,
                        const struct page_run *p,
                        const struct store_attempt *t)
{
    double x_max = t->ended ? (double)(t->ended - t->started) : 0;
    size_t n;
    struct chart_point *points = weights(a, p, t->id, t->started, &n, &x_max);
    struct chart c = {
        .title = STR("weight of the new version"), .unit = STR("%"),
        .x_max = x_max, .y_max = 100, .steps = points, .n_steps = n,
    };

    buf_adds(out, "<h2>Rollout ");
    html_text(out, t->id);
    buf_adds(out, "</h2>\n");
    if (t->why.n) {
        buf_adds(out, "<p>");
        html_text(out, t->why);
        buf_adds(out, "</p>\n");
    }
    buf_adds(out, "<div class=\"card\">\n");
    chart_svg(out, &c);
    for (size_t i = 0; i < p->x.n_measurements; i++)
        if (str_eq(p->x.measurements[i].node, t->id) && !seen_before(p, i))
            analysis_chart(a, out, p, t->id, p->x.measurements[i].analysis,
                           t->started, x_max);
    buf_adds(out, "</div>\n");
    evidence(a, out, p, t->id, t->started);
}

void page_rollouts(struct arena *a, struct buf *out, const struct page_run *p)
{
    for (size_t i = 0; i < p->x.r.n_attempts; i++)
        if (str_eq(p->x.r.attempts[i].kind, STR("rollout")) &&
            p->x.r.attempts[i].attempt > 0)
            one_rollout(a, out, p, &p->x.r.attempts[i]);
}
