/* A saved plan of any bytes: what is taken is a graph without circles that
 * is written and read again as the same bytes. */
#include "base/buf.h"
#include "base/die.h"
#include "graph/graph.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *a, const struct graph *g)
{
    struct buf first = {0}, again = {0};
    struct graph back;
    struct err e = {0};

    if (!graph_order(a, g))
        BUG("a circle is taken");
    for (size_t i = 0; i < g->n_nodes; i++)
        if (!graph_find(g, g->nodes[i].id) || !g->nodes[i].extra)
            BUG("a stage is not found");
    graph_json(&first, g);
    if (!graph_load(a, buf_str(&first), &back, &e))
        BUG("what was taken is refused: %s", e.msg);
    graph_json(&again, &back);
    if (!str_eq(buf_str(&first), buf_str(&again)))
        BUG("a plan changes when it is read and written");
    buf_free(&first);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct graph g;
    struct err e = {0};

    if (graph_load(&a, (struct str){(const char *)data, size}, &g, &e))
        check(&a, &g);
    else if (!e.msg[0])
        BUG("refused without a word");
    arena_free(&a);
    return 0;
}
