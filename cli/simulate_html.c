/* The page of `pipec simulate`: the weight and each metric over time, or how
 * many runs have been aborted by when. */
#include "cli/simulation.h"

#include "base/clock.h"
#include "cli/report_page.h"
#include "runtime/report/html.h"

#include <inttypes.h>
#include <math.h>

enum { THRESHOLDS_MAX = 8 };

static enum chart_mark mark_of(enum verdict v)
{
    switch (v) {
    case VERDICT_PASSED:
        return CHART_OK;
    case VERDICT_FAILED:
    case VERDICT_ERROR:
        return CHART_BAD;
    case VERDICT_INCONCLUSIVE:
    case VERDICT_NO_DATA:
        return CHART_WARN;
    case VERDICT_NONE:
        break;
    }
    return CHART_DIM;
}

static void weight_chart(struct arena *a, struct buf *out,
                         const struct simulation *s)
{
    struct chart_point *points =
        arena_array(a, struct chart_point, s->notes.n + 2);
    struct chart c = {.title = STR("weight of the new version"),
                      .unit = STR("%"), .x_max = (double)s->outcome.took_ms,
                      .y_max = 100, .steps = points};

    for (size_t i = 0; i < s->notes.n; i++)
        if (s->notes.items[i].kind == NOTE_WEIGHT)
            points[c.n_steps++] = (struct chart_point){
                .x = (double)s->notes.items[i].at,
                .y = s->notes.items[i].weight / 100.0,
            };
    chart_svg(out, &c);
}

static double number_in(const struct value *v)
{
    double d;

    if (v->kind == VALUE_LIST && v->list.n > 0)
        v = &v->list.items[0];
    return value_number(v, &d) ? d : NAN;
}

static void analysis_chart(struct arena *a, struct buf *out,
                           const struct simulation *s, uint32_t i)
{
    const struct rollout_analysis *x = &s->spec.analyses[i];
    struct chart_point *points =
        arena_array(a, struct chart_point, s->notes.n + 1);
    double limits[THRESHOLDS_MAX];
    struct chart c = {.title = x->spec.name, .points = points,
                      .x_max = (double)s->outcome.took_ms,
                      .thresholds = limits};

    for (size_t k = 0; k < s->notes.n; k++) {
        const struct simulate_note *n = &s->notes.items[k];

        if (n->kind == NOTE_MEASUREMENT && n->analysis == i)
            points[c.n_points++] = (struct chart_point){
                .x = (double)n->at, .y = number_in(&n->result),
                .mark = mark_of(n->verdict),
                .title = arena_printf(a, "%s: " STR_FMT,
                                      verdict_name(n->verdict),
                                      STR_ARG(n->text)),
            };
    }
    if (x->pass)
        page_thresholds(x->pass, limits, THRESHOLDS_MAX, &c.n_thresholds);
    if (x->fail)
        page_thresholds(x->fail, limits, THRESHOLDS_MAX, &c.n_thresholds);
    chart_svg(out, &c);
}

static void aborts_chart(struct arena *a, struct buf *out,
                         const struct simulation *s)
{
    const struct simulate_summary *x = &s->summary;
    struct chart_point *points =
        arena_array(a, struct chart_point, SIMULATE_QUANTILES + 2);
    double share = 100 * (double)x->aborted / (double)x->runs;
    struct chart c = {.title = STR("runs aborted by then"), .unit = STR("%"),
                      .x_max = x->took_ms.max, .y_max = 100, .steps = points};

    points[c.n_steps++] = (struct chart_point){0};
    for (int i = 0; i <= SIMULATE_QUANTILES && x->aborted; i++)
        points[c.n_steps++] = (struct chart_point){
            .x = x->aborted_at[i], .y = share * i / SIMULATE_QUANTILES};
    chart_svg(out, &c);
}

static void add_text_part(struct arena *a, struct buf *out,
                          const struct simulation *s)
{
    struct buf text = {0};

    simulation_text(a, &text, s, 1, false);
    buf_adds(out, "<pre>");
    html_text(out, buf_str(&text));
    buf_adds(out, "</pre>\n");
    buf_free(&text);
}

static void add_policy(struct arena *a, struct buf *out,
                       const struct simulation *s)
{
    bool good = s->outcome.outcome == OUTCOME_PROMOTED;

    buf_adds(out, "<h2>Rollout ");
    html_text(out, s->name);
    if (s->runs == 1) {
        buf_addc(out, ' ');
        html_badge(out, good ? "ok" : "bad",
                   str_of(rollout_outcome_name(s->outcome.outcome)));
    }
    buf_adds(out, "</h2>\n<p>");
    html_text(out, s->file);
    buf_adds(out, "</p>\n<div class=\"card\">\n");
    if (s->runs == 1) {
        weight_chart(a, out, s);
        for (uint32_t i = 0; i < s->spec.n_analyses; i++)
            analysis_chart(a, out, s, i);
    } else {
        aborts_chart(a, out, s);
    }
    buf_adds(out, "</div>\n");
    add_text_part(a, out, s);
}

void simulation_html(struct arena *a, struct buf *out,
                     const struct simulation *s, size_t n)
{
    html_open(out, STR("pipec simulate"));
    buf_adds(out, "<h1>Simulated rollout</h1>\n");
    for (size_t i = 0; i < n; i++)
        add_policy(a, out, &s[i]);
    html_close(out);
}
