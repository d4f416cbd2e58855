#include "cli/graph_picture.h"

/* The drawing. Colours say what a stage touches: its own machine, the network,
 * Git, traffic; dashes that it may not run. */

enum { CHAR_WIDTH = 8, BOX_MIN = 96, PAD = 28, LABEL_CHARS_MAX = 40 };

static void escape(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.s[i];

        if (c == '<')
            buf_adds(out, "&lt;");
        else if (c == '>')
            buf_adds(out, "&gt;");
        else if (c == '&')
            buf_adds(out, "&amp;");
        else if (c == '"')
            buf_adds(out, "&quot;");
        else if ((unsigned char)c >= 0x20)
            buf_addc(out, c);
    }
}

/* At most so many characters, whole ones. */
static struct str shortened(struct str s, size_t chars)
{
    size_t n = 0;

    for (size_t k = 0; n < s.n && k < chars; k++) {
        size_t step = str_utf8(str_skip(s, n));

        n += step ? step : 1;
    }
    return str_sub(s, 0, n);
}

static size_t chars_of(struct str s)
{
    size_t n = 0;

    while (s.n) {
        size_t step = str_utf8(s);

        s = str_skip(s, step ? step : 1);
        n++;
    }
    return n;
}

static double width_of(const struct graph_node *n)
{
    size_t chars = chars_of(n->id), kind = chars_of(n->kind);

    if (kind > chars)
        chars = kind;
    if (chars > LABEL_CHARS_MAX)
        chars = LABEL_CHARS_MAX;
    double w = (double)(chars * CHAR_WIDTH + PAD);

    return w < BOX_MIN ? BOX_MIN : w;
}

static const char *class_of(const struct graph_node *n)
{
    static const char *const by_effect[][2] = {
        {"traffic", "traffic"}, {"git push", "git"}, {"registry", "net"},
        {"network", "net"}, {"exec", "exec"},
    };

    if (str_eq(n->kind, STR("approve")))
        return "ask";
    for (size_t i = 0; i < sizeof(by_effect) / sizeof(*by_effect); i++)
        for (size_t k = 0; k < n->n_effects; k++)
            if (str_eq(n->effects[k], str_of(by_effect[i][0])))
                return by_effect[i][1];
    return "pure";
}

static const char style[] =
    "<style>\n"
    "text{font:500 13px ui-sans-serif,system-ui,'Segoe UI',sans-serif;"
    "fill:#1d2430}\n"
    ".kind{font-size:11px;fill:#6a7485}\n"
    ".box{fill:#fff;stroke:#c9d0db;stroke-width:1.2}\n"
    ".mark{fill:#9aa5b5}.exec .mark{fill:#4c8bf5}.net .mark{fill:#8a63d2}\n"
    ".git .mark{fill:#e0882b}.traffic .mark{fill:#d9415f}"
    ".ask .mark{fill:#1f9d6b}\n"
    ".off .box{stroke-dasharray:5 4;fill:#f4f6f9}.off text{opacity:.6}\n"
    ".edge{fill:none;stroke:#aab4c3;stroke-width:1.4}\n"
    ".needs{stroke-dasharray:2 4}.tip{fill:#aab4c3}\n"
    "@media(prefers-color-scheme:dark){text{fill:#e6eaf0}"
    ".kind{fill:#97a3b6}.box{fill:#1c222c;stroke:#3b4657}"
    ".off .box{fill:#161b23}.edge{stroke:#556274}.tip{fill:#556274}}\n"
    "</style>\n"
    "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
    "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
    "<path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n";

static bool only_needs(const struct graph *g, const struct layout_edge *e)
{
    const struct graph_node *n = &g->nodes[e->to];

    for (size_t i = 0; i < n->n_edges; i++)
        if (n->edges[i].from == e->from && n->edges[i].reason == EDGE_REFERENCE)
            return false;
    return true;
}

/* Curves that leave and arrive level. */
static void write_edge(struct buf *out, const struct graph *g,
                       const struct layout_edge *e)
{
    buf_addf(out, "<path class=\"edge%s\" marker-end=\"url(#tip)\" d=\"M%.1f "
             "%.1f", only_needs(g, e) ? " needs" : "", e->points[0].x,
             e->points[0].y);
    for (size_t i = 1; i < e->n; i++) {
        struct layout_point a = e->points[i - 1], b = e->points[i];
        double half = (b.x - a.x) / 2;

        buf_addf(out, "C%.1f %.1f %.1f %.1f %.1f %.1f", a.x + half, a.y,
                 b.x - half, b.y, b.x, b.y);
    }
    buf_adds(out, "\"><title>");
    escape(out, g->nodes[e->from].id);
    buf_adds(out, " → ");
    escape(out, g->nodes[e->to].id);
    buf_adds(out, "</title></path>\n");
}

static void write_box(struct buf *out, const struct graph_node *n,
                      const struct layout_box *b)
{
    bool off = n->when.kind == VALUE_EXPR ||
               (n->when.kind == VALUE_BOOL && !n->when.b);
    double top = b->y - LAYOUT_HEIGHT / 2.0;
    struct str label = shortened(n->id, LABEL_CHARS_MAX);

    buf_addf(out, "<g class=\"%s%s\"><title>", class_of(n), off ? " off" : "");
    escape(out, n->kind);
    buf_addc(out, ' ');
    escape(out, n->id);
    if (n->extra->when_text.n) {
        buf_adds(out, "\nwhen ");
        escape(out, n->extra->when_text);
    }
    buf_addf(out, "</title><rect class=\"box\" x=\"%.1f\" y=\"%.1f\" "
             "width=\"%.1f\" height=\"%d\" rx=\"8\"/>", b->x, top, b->width,
             LAYOUT_HEIGHT);
    buf_addf(out, "<rect class=\"mark\" x=\"%.1f\" y=\"%.1f\" width=\"4\" "
             "height=\"%d\" rx=\"2\"/>", b->x + 7, top + 9,
             LAYOUT_HEIGHT - 18);
    buf_addf(out, "<text class=\"kind\" x=\"%.1f\" y=\"%.1f\">", b->x + 18,
             b->y - 4);
    escape(out, shortened(n->kind, LABEL_CHARS_MAX));
    buf_addf(out, "</text><text x=\"%.1f\" y=\"%.1f\">", b->x + 18,
             b->y + 12);
    escape(out, label);
    buf_adds(out, "</text></g>\n");
}

void graph_svg(struct buf *out, const struct graph *g)
{
    struct arena a = {0};
    double *widths = arena_array(&a, double, g->n_nodes);

    for (size_t i = 0; i < g->n_nodes; i++)
        widths[i] = width_of(&g->nodes[i]);
    struct layout l = layout_layers(&a, g, widths);

    buf_addf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
             "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n<title>",
             l.width, l.height, l.width, l.height);
    escape(out, g->pipeline);
    buf_adds(out, "</title>\n");
    buf_adds(out, style);
    for (size_t i = 0; i < l.n_edges; i++)
        write_edge(out, g, &l.edges[i]);
    for (size_t i = 0; i < g->n_nodes; i++)
        write_box(out, &g->nodes[i], &l.boxes[i]);
    buf_adds(out, "</svg>\n");
    arena_free(&a);
}
