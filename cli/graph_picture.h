#ifndef CLI_GRAPH_PICTURE_H
#define CLI_GRAPH_PICTURE_H

#include "base/arena.h"
#include "base/buf.h"
#include "graph/graph.h"

#include <stddef.h>
#include <stdint.h>

/* A graph for people's eyes. Deterministic: the same graph, the same bytes. */

enum { PICTURE_NODES_MAX = 5000 }; /* of SVG: more than that nobody can read */

/* A list in order of execution, with what each waits for. */
void graph_text(struct buf *out, const struct graph *g);
void graph_dot(struct buf *out, const struct graph *g);
void graph_mermaid(struct buf *out, const struct graph *g);
/* A drawing by layers, for light and dark pages, that needs no other file. */
void graph_svg(struct buf *out, const struct graph *g);

/* ---- layout.c: where things go ---- */
struct layout_point {
    double x, y;
};

struct layout_box {
    double x, y, width; /* left, middle; all boxes are LAYOUT_HEIGHT high */
};

struct layout_edge {
    uint32_t from, to;
    struct layout_point *points; /* at least two: ends and bends */
    size_t n;
};

struct layout {
    struct layout_box *boxes; /* one a node */
    struct layout_edge *edges;
    size_t n_edges;
    double width, height;
};

enum { LAYOUT_HEIGHT = 44, LAYOUT_MARGIN = 24 };

/* Layers by the longest way from a start; within them ordered so that few
 * edges cross (barycentres, K. Sugiyama et al. 1981); long edges bend around
 * what lies between. widths: of each node's box. */
struct layout layout_layers(struct arena *a, const struct graph *g,
                            const double *widths);

#endif
