/* Loads a saved plan, as `pipec run FILE` begins, and says what it holds.
 *
 *     plan FILE        "STAGES EDGES" on standard output                    */
#include "base/file.h"
#include "graph/graph.h"

#include <stdio.h>

enum { BYTES_MAX = 1 << 30 };

int main(int argc, char **argv)
{
    struct arena a = {0};
    struct graph g;
    struct str json;
    struct err e = {0};
    size_t edges = 0;

    if (argc != 2 || !file_read(&a, argv[1], BYTES_MAX, &json, &e) ||
        !graph_load(&a, json, &g, &e)) {
        fprintf(stderr, "plan: %s\n", e.msg);
        return 1;
    }
    for (size_t i = 0; i < g.n_nodes; i++)
        edges += g.nodes[i].n_edges;
    printf("%zu %zu\n", g.n_nodes, edges);
    return 0;
}
