#ifndef GRAPH_WORDS_H
#define GRAPH_WORDS_H

/* The words of the canonical JSON for the graph's enums, in their order, NULL
 * at the end. */
extern const char *const graph_reasons[];
extern const char *const graph_phases[];
extern const char *const graph_facts[];
extern const char *const graph_secrets[];

#endif
