/* Charts as SVG. Heights are pixels and widths are per cent of the page's, so
 * that letters are as large on a phone as on a desk; what stands left of the
 * canvas and right of it hangs over into margins that the page's style leaves.
 * Colours come from there too. */
#include "runtime/report/html.h"

#include "base/arena.h"
#include "base/clock.h"

#include <math.h>

enum {
    HEIGHT = 190, TOP = 24, BOTTOM = 24, TICKS = 4, ROW = 24,
    LABEL = 128, LABEL_CHARS = 18, /* at the left of a timeline */
};

static const char *const marks[] = {
    [CHART_OK] = "f-ok", [CHART_BAD] = "f-bad", [CHART_WARN] = "f-warn",
    [CHART_DIM] = "f-dim",
};

struct frame {
    double x_max, x_step, low, high, y_step;
};

/* Per cent of the width. */
static double at_x(const struct frame *f, double x)
{
    return x / f->x_max * 100;
}

static double at_y(const struct frame *f, double y)
{
    double share = (y - f->low) / (f->high - f->low);

    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
}

/* ---- round numbers -------------------------------------------------------- */

/* The smallest of 1, 2, 2.5, 5, 10 times a power of ten that parts a range into
 * TICKS at most. */
static double round_step(double range)
{
    static const double heads[] = {1, 2, 2.5, 5, 10};
    double least = range / TICKS, power = pow(10, floor(log10(least)));

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (heads[i] * power >= least * (1 - 1e-9))
            return heads[i] * power;
    return 10 * power;
}

/* The same for milliseconds, in the steps that clocks have. */
static double round_time(double range)
{
    static const double steps_ms[] = {
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3,
        60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3, 7200e3, 10800e3,
        21600e3, 43200e3,
    };
    const double day = 86400e3;

    for (size_t i = 0; i < sizeof steps_ms / sizeof *steps_ms; i++)
        if (range / steps_ms[i] <= TICKS + 1)
            return steps_ms[i];
    return ceil(range / TICKS / day) * day;
}

static void widen(struct frame *f, double y)
{
    if (isnan(y) || isinf(y))
        return;
    f->low = fmin(f->low, y);
    f->high = fmax(f->high, y);
}

/* Low and high fitted to what is shown, on multiples of the step. */
static void fit(struct frame *f, const struct chart *c)
{
    f->low = INFINITY, f->high = -INFINITY;
    for (size_t i = 0; i < c->n_points; i++)
        widen(f, c->points[i].y);
    for (size_t i = 0; i < c->n_thresholds; i++)
        widen(f, c->thresholds[i]);
    if (isinf(f->low))
        f->low = 0, f->high = 1;
    if (f->high - f->low < 1e-9 * (1 + fabs(f->high)))
        f->low -= fabs(f->low) * 0.1, f->high += fabs(f->high) * 0.1 + 1e-9;
    f->y_step = round_step(f->high - f->low);
    f->low = floor(f->low / f->y_step) * f->y_step;
    f->high = ceil(f->high / f->y_step) * f->y_step;
}

static struct frame frame_of(const struct chart *c)
{
    struct frame f = {.x_max = c->x_max > 0 ? c->x_max : 1,
                      .low = c->y_min, .high = c->y_max};

    f.x_step = round_time(f.x_max);
    if (c->y_min == 0 && c->y_max == 0)
        fit(&f, c);
    else
        f.y_step = round_step(f.high - f.low);
    return f;
}

/* ---- a chart --------------------------------------------------------------- */

static void axes(struct buf *out, const struct chart *c, const struct frame *f)
{
    struct arena a = {0};
    double y;

    for (int i = 0; (y = f->low + i * f->y_step) <= f->high + f->y_step / 2;
         i++) {
        double shown = fabs(y) < f->y_step * 1e-6 ? 0 : y;

        buf_addf(out, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" "
                 "y2=\"%.1f\"/><text x=\"-6\" y=\"%.1f\" text-anchor=\"end\">"
                 "%.6g", at_y(f, y), at_y(f, y), at_y(f, y) + 4, shown);
        html_text(out, c->unit);
        buf_adds(out, "</text>");
    }
    for (double x = 0; x <= f->x_max; x += f->x_step)
        buf_addf(out, "<text x=\"%.2f%%\" y=\"%d\" text-anchor=\"middle\">"
                 STR_FMT "</text>", at_x(f, x), HEIGHT - 8,
                 x == 0 ? 1 : (int)clock_duration(&a, (int64_t)x).n,
                 x == 0 ? "0" : clock_duration(&a, (int64_t)x).s);
    arena_free(&a);
}

static void line(struct buf *out, const char *class, double x1, double y1,
                 double x2, double y2)
{
    buf_addf(out, "<line class=\"%s\" x1=\"%.2f%%\" y1=\"%.1f\" x2=\"%.2f%%\" "
             "y2=\"%.1f\"/>", class, x1, y1, x2, y2);
}

static void staircase(struct buf *out, const struct chart *c,
                      const struct frame *f)
{
    double y = f->low;

    for (size_t i = 0; i < c->n_steps; i++) {
        double x = at_x(f, c->steps[i].x);
        double to = i + 1 < c->n_steps ? at_x(f, c->steps[i + 1].x) : 100;
        double top = at_y(f, c->steps[i].y);

        buf_addf(out, "<rect class=\"area\" x=\"%.2f%%\" y=\"%.1f\" "
                 "width=\"%.2f%%\" height=\"%.1f\"/>", x, top, fmax(to - x, 0),
                 at_y(f, f->low) - top);
        line(out, "edge", x, at_y(f, y), x, top);
        line(out, "edge", x, top, fmax(to, x), top);
        y = c->steps[i].y;
    }
}

static void series(struct buf *out, const struct chart *c,
                   const struct frame *f)
{
    for (size_t i = 1; i < c->n_points; i++) {
        const struct chart_point *p = &c->points[i - 1], *q = &c->points[i];

        if (!isnan(p->y) && !isnan(q->y))
            line(out, "series", at_x(f, p->x), at_y(f, p->y), at_x(f, q->x),
                 at_y(f, q->y));
    }
    for (size_t i = 0; i < c->n_points; i++) {
        const struct chart_point *p = &c->points[i];
        double y = isnan(p->y) ? f->low : p->y;

        buf_addf(out, "<circle class=\"%s%s\" cx=\"%.2f%%\" cy=\"%.1f\" "
                 "r=\"3.5\"><title>", marks[p->mark],
                 isnan(p->y) ? " hollow" : "", at_x(f, p->x), at_y(f, y));
        html_text(out, p->title);
        buf_adds(out, "</title></circle>");
    }
}

void chart_svg(struct buf *out, const struct chart *c)
{
    struct frame f = frame_of(c);

    buf_addf(out, "<svg class=\"chart\" height=\"%d\" role=\"img\" "
             "aria-label=\"", HEIGHT);
    html_text(out, c->title);
    buf_adds(out, "\"><text class=\"name\" x=\"0\" y=\"14\">");
    html_text(out, c->title);
    buf_adds(out, "</text>");
    axes(out, c, &f);
    staircase(out, c, &f);
    for (size_t i = 0; i < c->n_thresholds; i++)
        line(out, "limit", 0, at_y(&f, c->thresholds[i]), 100,
             at_y(&f, c->thresholds[i]));
    series(out, c, &f);
    buf_adds(out, "</svg>\n");
}

/* ---- a timeline ------------------------------------------------------------ */

static void timeline_row(struct buf *out, const struct timeline_row *r,
                         size_t i, double x_max)
{
    double x = r->from / x_max * 100, y = (double)(i * ROW);
    double wide = fmin(fmax((r->to - r->from) / x_max * 100, 1), 100);
    bool right = x + wide > 99; /* the note goes past the canvas' end */

    buf_addf(out, "<line class=\"grid\" x1=\"%d\" x2=\"100%%\" y1=\"%.0f\" "
             "y2=\"%.0f\"/><text class=\"name\" x=\"%d\" y=\"%.0f\">",
             -LABEL, y + ROW, y + ROW, -LABEL, y + 16);
    html_text(out, str_sub(r->label, 0, LABEL_CHARS));
    buf_adds(out, r->label.n > LABEL_CHARS ? "…" : "");
    buf_addf(out, "</text><rect class=\"%s\" x=\"%.2f%%\" y=\"%.0f\" "
             "width=\"%.2f%%\" height=\"%d\" rx=\"3\"><title>",
             marks[r->mark], fmin(x, 99), y + 5, wide, ROW - 9);
    html_text(out, r->title);
    buf_addf(out, "</title></rect><text x=\"%.2f%%\" dx=\"6\" y=\"%.0f\">",
             right ? 100 : x + wide, y + 16);
    html_text(out, r->note);
    buf_adds(out, "</text>");
}

void timeline_svg(struct buf *out, const struct timeline_row *rows, size_t n,
                  double x_max)
{
    buf_addf(out, "<svg class=\"times\" height=\"%zu\" role=\"img\" "
             "aria-label=\"when each stage ran\">", n * ROW + 4);
    for (size_t i = 0; i < n; i++)
        timeline_row(out, &rows[i], i, x_max > 0 ? x_max : 1);
    buf_adds(out, "</svg>\n");
}
