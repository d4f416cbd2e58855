#ifndef GRAPH_GRAPH_LOAD_H
#define GRAPH_GRAPH_LOAD_H

#include "graph/graph.h"

/* The parts of reading a saved plan (graph_load() in graph.h). */

struct graph_loader {
    struct arena *a;
    struct graph *g;
    struct str json;
    size_t cap; /* of the graph's nodes */
    struct graph_extra *extra; /* in which all is empty, or NULL yet */
    struct err *e;
};

/* Sets the error "'what' is not wanted"; false. */
bool graph_load_wrong(struct graph_loader *l, const char *what,
                      const char *wanted);
/* Which of the words s is; false where it is none. */
bool graph_load_word(struct str s, const char *const *words, unsigned *out);

/* The members of an object, asked for in the order of their keys, in which
 * graph_json() wrote them: so each question looks at one. What is wrong with
 * one is told at the end. */
struct members {
    struct graph_loader *l;
    const struct value_pair *next;
    size_t left;
    bool ok;
};

struct members members_of(struct graph_loader *l, const struct value *v);
/* NULL where it is not the next one. */
const struct value *member(struct members *m, const char *key);
/* Empty, 0, false, NONE where absent. */
struct str member_text(struct members *m, const char *key);
int64_t member_int(struct members *m, const char *key);
bool member_flag(struct members *m, const char *key);
struct value member_value(struct members *m, const char *key);
/* An empty list where absent. */
const struct value *member_list(struct members *m, const char *key);
/* "place": [line, column] in the pipeline, or [file, line, column]. */
struct graph_place member_place(struct members *m);
/* False where one was of another type, or one is left. */
bool members_end(struct members *m);

/* Members whose memory is the graph's, and stay as they are read. */
extern const char *const graph_load_kept[];

/* A stage, from its JSON. out: zeroed. */
bool graph_load_node(struct graph_loader *l, const struct value *v,
                     struct graph_node *out);

#endif
