#ifndef RUNTIME_REPORT_HTML_H
#define RUNTIME_REPORT_HTML_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Self-contained HTML pages: no script, no file, no request beside them. They
 * follow the reader's light or dark scheme, and fold up on a narrow screen. */

/* Text, with what HTML would read as markup escaped; control characters but
 * tab and newline are left out. */
void html_text(struct buf *out, struct str s);
/* Everything up to <body>, and after it. */
void html_open(struct buf *out, struct str title);
void html_close(struct buf *out);
/* A small coloured label: class one of ok bad warn dim. */
void html_badge(struct buf *out, const char *class, struct str text);

/* ---- charts over time, as SVG -------------------------------------------- */

enum chart_mark { CHART_OK, CHART_BAD, CHART_WARN, CHART_DIM };

struct chart_point {
    double x;  /* milliseconds since the chart's begin */
    double y;
    enum chart_mark mark;
    struct str title; /* shown when pointed at; may be empty */
};

struct chart {
    struct str title;
    struct str unit;   /* after the labels of the y axis: "%" */
    double x_max;      /* milliseconds */
    double y_min, y_max; /* both 0: fitted to the points and thresholds */
    const struct chart_point *steps; /* drawn as a filled staircase */
    size_t n_steps;
    const struct chart_point *points; /* drawn as a line with marks */
    size_t n_points;
    const double *thresholds; /* horizontal dashed lines */
    size_t n_thresholds;
};

void chart_svg(struct buf *out, const struct chart *c);

/* A row of a timeline: when something ran. */
struct timeline_row {
    struct str label, note, title;
    double from, to; /* milliseconds since the begin */
    enum chart_mark mark;
};
void timeline_svg(struct buf *out, const struct timeline_row *rows, size_t n,
                  double x_max);

#endif
