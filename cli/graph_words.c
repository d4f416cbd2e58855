#include "cli/graph_picture.h"

/* A graph as text, for Graphviz and for Mermaid. */

void graph_text(struct buf *out, const struct graph *g)
{
    struct arena a = {0};
    uint32_t *order = graph_order(&a, g);

    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *n = &g->nodes[order[i]];
        bool first = true;

        buf_addf(out, STR_FMT " " STR_FMT, STR_ARG(n->kind), STR_ARG(n->id));
        for (size_t k = 0; k < n->n_edges; k++) {
            if (k && n->edges[k].from == n->edges[k - 1].from)
                continue;
            buf_addf(out, "%s" STR_FMT, first ? "  <- " : ", ",
                     STR_ARG(g->nodes[n->edges[k].from].id));
            first = false;
        }
        buf_addc(out, '\n');
    }
    arena_free(&a);
}

static void quoted(struct buf *out, struct str s)
{
    buf_addc(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.s[i] == '"' || s.s[i] == '\\')
            buf_addc(out, '\\');
        buf_addc(out, s.s[i]);
    }
    buf_addc(out, '"');
}

void graph_dot(struct buf *out, const struct graph *g)
{
    static const char *const looks[] = {
        [EDGE_REFERENCE] = "", [EDGE_NEEDS] = " [style=dashed]",
        [EDGE_APPROVE] = " [style=bold]",
    };

    buf_adds(out, "digraph ");
    quoted(out, g->pipeline);
    buf_adds(out, " {\n  rankdir=LR;\n"
                  "  node [shape=box style=rounded fontname=\"sans-serif\"];\n");
    for (size_t i = 0; i < g->n_nodes; i++) {
        buf_adds(out, "  ");
        quoted(out, g->nodes[i].id);
        buf_adds(out, " [tooltip=");
        quoted(out, g->nodes[i].kind);
        buf_adds(out, "];\n");
    }
    for (size_t i = 0; i < g->n_nodes; i++)
        for (size_t k = 0; k < g->nodes[i].n_edges; k++) {
            const struct graph_edge *e = &g->nodes[i].edges[k];

            if (k && e->from == e[-1].from)
                continue;
            buf_adds(out, "  ");
            quoted(out, g->nodes[e->from].id);
            buf_adds(out, " -> ");
            quoted(out, g->nodes[i].id);
            buf_addf(out, "%s;\n", looks[e->reason]);
        }
    buf_adds(out, "}\n");
}

/* Mermaid has no escapes but entities. */
static void entity(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.s[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || c == ' ' || c == '.' ||
                     c == '-' || c == '_' || c == '/' ||
                     (unsigned char)c >= 0x80;

        if (plain)
            buf_addc(out, c);
        else
            buf_addf(out, "#%d;", c);
    }
}

void graph_mermaid(struct buf *out, const struct graph *g)
{
    buf_adds(out, "flowchart LR\n");
    for (size_t i = 0; i < g->n_nodes; i++) {
        buf_addf(out, "  n%zu[\"", i);
        entity(out, g->nodes[i].kind);
        buf_addc(out, ' ');
        entity(out, g->nodes[i].id);
        buf_adds(out, "\"]\n");
    }
    for (size_t i = 0; i < g->n_nodes; i++)
        for (size_t k = 0; k < g->nodes[i].n_edges; k++) {
            const struct graph_edge *e = &g->nodes[i].edges[k];

            if (k && e->from == e[-1].from)
                continue;
            buf_addf(out, "  n%u %s n%zu\n", (unsigned)e->from,
                     e->reason == EDGE_REFERENCE ? "-->" : "-.->", i);
        }
}
