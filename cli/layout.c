#include "cli/graph_picture.h"

#include <stdlib.h>

/* A spot is a node, or a bend of an edge that passes through a layer. */
enum { SWEEPS = 12, GAP_X = 64, GAP_Y = 20, BEND_HEIGHT = 10 };

struct spot {
    uint32_t node; /* UINT32_MAX: a bend */
    uint32_t layer;
    double y, want;
    uint32_t *before, *after; /* spots in the layers beside it */
    size_t n_before, n_after, cap_before, cap_after;
};

struct layer {
    uint32_t *items;
    size_t n, cap;
    double x, width;
};

struct state {
    struct arena *a;
    const struct graph *g;
    const double *widths;
    struct { struct spot *items; size_t n, cap; } spots;
    struct layer *layers;
    size_t n_layers;
    struct layout out;
};

static void find_layers(struct state *s)
{
    uint32_t *order = graph_order(s->a, s->g);
    struct spot *spots = s->spots.items;

    s->n_layers = 1;
    for (size_t i = 0; i < s->g->n_nodes; i++) {
        const struct graph_node *n = &s->g->nodes[order[i]];
        uint32_t layer = 0;

        for (size_t k = 0; k < n->n_edges; k++)
            if (spots[n->edges[k].from].layer + 1 > layer)
                layer = spots[n->edges[k].from].layer + 1;
        spots[order[i]].layer = layer;
        if (layer + 1 > s->n_layers)
            s->n_layers = layer + 1;
    }
}

static void link(struct state *s, uint32_t from, uint32_t to)
{
    struct { uint32_t *items; size_t n, cap; } v;
    struct spot *f = &s->spots.items[from], *t = &s->spots.items[to];

    v.items = f->after, v.n = f->n_after, v.cap = f->cap_after;
    arena_push(s->a, &v, to);
    f->after = v.items, f->n_after = v.n, f->cap_after = v.cap;
    v.items = t->before, v.n = t->n_before, v.cap = t->cap_before;
    arena_push(s->a, &v, from);
    t->before = v.items, t->n_before = v.n, t->cap_before = v.cap;
}

/* Bends in every layer that an edge passes. */
static void add_edge(struct state *s, uint32_t from, uint32_t to,
                     struct layout_edge *out)
{
    uint32_t first = s->spots.items[from].layer;
    uint32_t last = s->spots.items[to].layer, at = from;

    out->from = from;
    out->to = to;
    out->n = last - first + 1;
    out->points = arena_array(s->a, struct layout_point, out->n);
    for (uint32_t l = first + 1; l < last; l++) {
        struct spot bend = {.node = UINT32_MAX, .layer = l};
        uint32_t i = (uint32_t)s->spots.n;

        arena_push(s->a, &s->spots, bend);
        link(s, at, i);
        out->points[l - first].x = i; /* until the bend has a place */
        at = i;
    }
    link(s, at, to);
}

static void add_edges(struct state *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->g->n_nodes; i++)
        n += s->g->nodes[i].n_edges;
    s->out.edges = arena_array(s->a, struct layout_edge, n);
    for (size_t i = 0; i < s->g->n_nodes; i++) {
        const struct graph_node *node = &s->g->nodes[i];

        for (size_t k = 0; k < node->n_edges; k++)
            if (!k || node->edges[k].from != node->edges[k - 1].from)
                add_edge(s, node->edges[k].from, (uint32_t)i,
                         &s->out.edges[s->out.n_edges++]);
    }
}

static void fill_layers(struct state *s)
{
    s->layers = arena_array(s->a, struct layer, s->n_layers);
    for (size_t i = 0; i < s->spots.n; i++) {
        struct layer *l = &s->layers[s->spots.items[i].layer];

        arena_push(s->a, l, (uint32_t)i);
        if (i < s->g->n_nodes && s->widths[i] > l->width)
            l->width = s->widths[i];
    }
}

static double height_of(const struct spot *p)
{
    return p->node == UINT32_MAX ? BEND_HEIGHT : LAYOUT_HEIGHT;
}

/* Puts a layer's spots as near to where they want to be as their order and
 * heights allow: each run of spots that push each other shares the shift. */
static void settle(struct state *s, struct layer *l)
{
    double *sum = arena_array(s->a, double, l->n + 1);
    size_t *count = arena_array(s->a, size_t, l->n + 1), runs = 0;
    double offset = 0;

    for (size_t i = 0; i < l->n; i++) {
        struct spot *p = &s->spots.items[l->items[i]];
        double h = height_of(p);

        p->y = offset; /* relative to its run, were all one */
        sum[runs] = p->want - h / 2 - offset;
        count[runs++] = 1;
        while (runs > 1 && sum[runs - 2] / (double)count[runs - 2] >
                               sum[runs - 1] / (double)count[runs - 1]) {
            sum[runs - 2] += sum[runs - 1];
            count[runs - 2] += count[runs - 1];
            runs--;
        }
        offset += h + GAP_Y;
    }
    for (size_t r = 0, i = 0; r < runs; r++)
        for (size_t k = 0; k < count[r]; k++, i++) {
            struct spot *p = &s->spots.items[l->items[i]];

            p->y += sum[r] / (double)count[r] + height_of(p) / 2;
        }
}

static double middle(const struct state *s, const uint32_t *items, size_t n,
                     double dflt)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += s->spots.items[items[i]].y;
    return n ? sum / (double)n : dflt;
}

struct key {
    double want;
    uint32_t spot, at;
};

static int by_want(const void *a, const void *b)
{
    const struct key *x = a, *y = b;

    if (x->want != y->want)
        return x->want < y->want ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static void sweep_layer(struct state *s, struct layer *l, bool forward,
                        bool sort)
{
    struct key *keys = arena_array(s->a, struct key, l->n + 1);

    for (size_t i = 0; i < l->n; i++) {
        struct spot *p = &s->spots.items[l->items[i]];

        p->want = forward ? middle(s, p->before, p->n_before, p->y)
                          : middle(s, p->after, p->n_after, p->y);
        keys[i] = (struct key){p->want, l->items[i], (uint32_t)i};
    }
    if (sort)
        qsort(keys, l->n, sizeof(*keys), by_want);
    for (size_t i = 0; i < l->n; i++)
        l->items[i] = keys[i].spot;
    settle(s, l);
}

static void sweep(struct state *s)
{
    for (size_t i = 0; i < s->n_layers; i++)
        settle(s, &s->layers[i]);
    for (int k = 0; k < SWEEPS; k++) {
        bool sort = k < SWEEPS - 4;

        for (size_t i = 1; i < s->n_layers; i++)
            sweep_layer(s, &s->layers[i], true, sort);
        for (size_t i = s->n_layers; i-- > 1;)
            sweep_layer(s, &s->layers[i - 1], false, sort);
    }
}

static void place(struct state *s)
{
    double x = LAYOUT_MARGIN, top = 0, bottom = 0;

    for (size_t i = 0; i < s->n_layers; i++) {
        s->layers[i].x = x;
        x += s->layers[i].width + GAP_X;
    }
    for (size_t i = 0; i < s->spots.n; i++) {
        const struct spot *p = &s->spots.items[i];
        double h = height_of(p) / 2;

        top = i == 0 || p->y - h < top ? p->y - h : top;
        bottom = i == 0 || p->y + h > bottom ? p->y + h : bottom;
    }
    for (size_t i = 0; i < s->spots.n; i++)
        s->spots.items[i].y += LAYOUT_MARGIN - top;
    s->out.width = x - GAP_X + LAYOUT_MARGIN;
    s->out.height = bottom - top + 2 * LAYOUT_MARGIN;
    s->out.boxes = arena_array(s->a, struct layout_box, s->g->n_nodes);
    for (size_t i = 0; i < s->g->n_nodes; i++) {
        const struct layer *l = &s->layers[s->spots.items[i].layer];

        s->out.boxes[i] = (struct layout_box){l->x, s->spots.items[i].y,
                                              s->widths[i]};
    }
}

static void place_edges(struct state *s)
{
    for (size_t i = 0; i < s->out.n_edges; i++) {
        struct layout_edge *e = &s->out.edges[i];
        const struct layout_box *f = &s->out.boxes[e->from];
        const struct layout_box *t = &s->out.boxes[e->to];

        e->points[0] = (struct layout_point){f->x + f->width, f->y};
        for (size_t k = 1; k + 1 < e->n; k++) {
            const struct spot *bend =
                &s->spots.items[(uint32_t)e->points[k].x];
            const struct layer *l = &s->layers[bend->layer];

            e->points[k] = (struct layout_point){l->x + l->width / 2, bend->y};
        }
        e->points[e->n - 1] = (struct layout_point){t->x, t->y};
    }
}

struct layout layout_layers(struct arena *a, const struct graph *g,
                            const double *widths)
{
    struct state s = {.a = a, .g = g, .widths = widths};

    for (size_t i = 0; i < g->n_nodes; i++) {
        struct spot p = {.node = (uint32_t)i};

        arena_push(a, &s.spots, p);
    }
    find_layers(&s);
    add_edges(&s);
    fill_layers(&s);
    sweep(&s);
    place(&s);
    place_edges(&s);
    return s.out;
}
