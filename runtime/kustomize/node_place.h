#ifndef RUNTIME_KUSTOMIZE_NODE_PLACE_H
#define RUNTIME_KUSTOMIZE_NODE_PLACE_H

#include "runtime/yaml/ynode.h"

/* Where everything stands in the text that an object becomes on the
 * reference's way through JSON: two columns a level, lists not indented under
 * their keys, no line folded. */

/* A string as that text has it: its style as in the reference's nodes, its
 * characters, its lines. */
struct node_shape {
    int style;
    uint32_t width, lines;
};

enum { NODE_DOUBLE = 2, NODE_SINGLE = 4, NODE_LITERAL = 8 };

struct node_shape node_shape(struct str s, bool key);
/* Gives every node of the tree, whose keys are in order, its line and column;
 * they are in no file then. */
void node_place(struct ynode *root);

#endif
