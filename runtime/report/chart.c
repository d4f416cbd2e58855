/* Charts as SVG, in units of a 720 wide canvas; colours come from the page. */
#include "runtime/report/html.h"

#include "base/arena.h"
#include "base/clock.h"

#include <math.h>

enum {
    WIDTH = 720, HEIGHT = 190, LEFT = 52, RIGHT = 12, TOP = 24, BOTTOM = 24,
    TICKS = 4, ROW = 24, LABEL = 170, NOTE = 70,
};

static const char *const marks[] = {
    [CHART_OK] = "f-ok", [CHART_BAD] = "f-bad", [CHART_WARN] = "f-warn",
    [CHART_DIM] = "f-dim",
};

struct frame {
    double x_max, low, high;
};

static double at_x(const struct frame *f, double x)
{
    return LEFT + x / f->x_max * (WIDTH - LEFT - RIGHT);
}

static double at_y(const struct frame *f, double y)
{
    double share = (y - f->low) / (f->high - f->low);

    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
}

static void widen(struct frame *f, double y)
{
    if (isnan(y) || isinf(y))
        return;
    f->low = fmin(f->low, y);
    f->high = fmax(f->high, y);
}

static struct frame frame_of(const struct chart *c)
{
    struct frame f = {c->x_max > 0 ? c->x_max : 1, c->y_min, c->y_max};

    if (c->y_min != 0 || c->y_max != 0)
        return f;
    f.low = INFINITY, f.high = -INFINITY;
    for (size_t i = 0; i < c->n_points; i++)
        widen(&f, c->points[i].y);
    for (size_t i = 0; i < c->n_thresholds; i++)
        widen(&f, c->thresholds[i]);
    if (isinf(f.low))
        f.low = 0, f.high = 1;
    double room = (f.high - f.low) * 0.1;

    if (room == 0)
        room = fabs(f.high) * 0.1 + 1e-9;
    bool positive = f.low >= 0;

    f.low -= room, f.high += room;
    if (positive && f.low < 0)
        f.low = 0;
    return f;
}

static void axes(struct buf *out, const struct chart *c, const struct frame *f)
{
    struct arena a = {0};

    for (int i = 0; i <= TICKS; i++) {
        double y = f->low + (f->high - f->low) * i / TICKS;
        double x = f->x_max * i / TICKS;

        buf_addf(out, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" "
                 "y2=\"%.1f\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">"
                 "%.4g", LEFT, WIDTH - RIGHT, at_y(f, y), at_y(f, y), LEFT - 6,
                 at_y(f, y) + 4, y);
        html_text(out, c->unit);
        buf_addf(out, "</text><text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">"
                 STR_FMT "</text>", at_x(f, x), HEIGHT - 8,
                 i == 0 ? "start" : i == TICKS ? "end" : "middle",
                 STR_ARG(clock_duration(&a, (int64_t)x / 1000 * 1000)));
    }
    arena_free(&a);
}

static void staircase(struct buf *out, const struct chart *c,
                      const struct frame *f)
{
    double y = f->low;

    if (c->n_steps == 0)
        return;
    buf_addf(out, "<path class=\"area\" d=\"M%.1f %.1f", at_x(f, 0),
             at_y(f, y));
    for (size_t i = 0; i < c->n_steps; i++) {
        buf_addf(out, "L%.1f %.1f", at_x(f, c->steps[i].x), at_y(f, y));
        y = c->steps[i].y;
        buf_addf(out, "L%.1f %.1f", at_x(f, c->steps[i].x), at_y(f, y));
    }
    buf_addf(out, "L%.1f %.1fL%.1f %.1fZ\"/>", at_x(f, f->x_max), at_y(f, y),
             at_x(f, f->x_max), at_y(f, f->low));
}

static void series(struct buf *out, const struct chart *c,
                   const struct frame *f)
{
    bool pen = false;

    buf_adds(out, "<path class=\"series\" d=\"");
    for (size_t i = 0; i < c->n_points; i++) {
        bool gap = isnan(c->points[i].y);

        if (!gap)
            buf_addf(out, "%c%.1f %.1f", pen ? 'L' : 'M',
                     at_x(f, c->points[i].x), at_y(f, c->points[i].y));
        pen = !gap;
    }
    buf_adds(out, "\"/>");
    for (size_t i = 0; i < c->n_points; i++) {
        const struct chart_point *p = &c->points[i];
        double y = isnan(p->y) ? f->low : p->y;

        buf_addf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" "
                 "r=\"3.5\"><title>", marks[p->mark], at_x(f, p->x),
                 at_y(f, y));
        html_text(out, p->title);
        buf_adds(out, "</title></circle>");
    }
}

void chart_svg(struct buf *out, const struct chart *c)
{
    struct frame f = frame_of(c);

    buf_addf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
             WIDTH, HEIGHT);
    html_text(out, c->title);
    buf_addf(out, "\"><text class=\"name\" x=\"%d\" y=\"14\">", LEFT);
    html_text(out, c->title);
    buf_adds(out, "</text>");
    axes(out, c, &f);
    staircase(out, c, &f);
    for (size_t i = 0; i < c->n_thresholds; i++)
        buf_addf(out, "<line class=\"limit\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" "
                 "y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT,
                 at_y(&f, c->thresholds[i]), at_y(&f, c->thresholds[i]));
    if (c->n_points)
        series(out, c, &f);
    buf_adds(out, "</svg>\n");
}

void timeline_svg(struct buf *out, const struct timeline_row *rows, size_t n,
                  double x_max)
{
    double scale = (WIDTH - LABEL - NOTE) / (x_max > 0 ? x_max : 1);

    buf_addf(out, "<svg viewBox=\"0 0 %d %zu\" role=\"img\" "
             "aria-label=\"when each stage ran\">", WIDTH, n * ROW + 4);
    for (size_t i = 0; i < n; i++) {
        const struct timeline_row *r = &rows[i];
        double x = LABEL + r->from * scale, y = (double)(i * ROW);
        double wide = fmax((r->to - r->from) * scale, 2);

        buf_addf(out, "<line class=\"grid\" x1=\"0\" x2=\"%d\" y1=\"%.0f\" "
                 "y2=\"%.0f\"/><text class=\"name\" x=\"0\" y=\"%.0f\">",
                 WIDTH, y + ROW, y + ROW, y + 16);
        html_text(out, str_sub(r->label, 0, 24));
        buf_addf(out, "</text><rect class=\"%s\" x=\"%.1f\" y=\"%.0f\" "
                 "width=\"%.1f\" height=\"%d\" rx=\"3\"><title>",
                 marks[r->mark], x, y + 5, wide, ROW - 9);
        html_text(out, r->title);
        buf_addf(out, "</title></rect><text x=\"%.1f\" y=\"%.0f\">",
                 fmin(x + wide + 6, WIDTH - NOTE + 4), y + 16);
        html_text(out, r->note);
        buf_adds(out, "</text>");
    }
    buf_adds(out, "</svg>\n");
}
