#ifndef RUNTIME_YAML_YHINT_H
#define RUNTIME_YAML_YHINT_H

#include "runtime/yaml/ynode.h"

/* Comments that say how a list is to be merged, as the reference heeds them:
 *     items: # {"x-kubernetes-patch-strategy": "merge"}
 * A sequence keeps what its field's comment says in its tag. */

enum yhint {
    YHINT_NONE,
    YHINT_MERGE_VALUES, /* elements are scalars, and their own keys */
    YHINT_MERGE_NAMES,  /* the key is 'name' */
};

/* Puts the hints of the text, whose first line is the given one, into its
 * tree. Costs one search where there are none. */
void yhint_read(struct str text, uint32_t line, struct ynode *n);
enum yhint yhint_of(const struct ynode *n);

#endif
