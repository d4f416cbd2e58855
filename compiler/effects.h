#ifndef COMPILER_EFFECTS_H
#define COMPILER_EFFECTS_H

#include "compiler/check.h"

/* What a stage does to the outside world, by what it was given: an entry's own
 * effects, those of the fields that are set, and those of the entries of other
 * families (scanners, routers, providers) that it uses. */

/* Adds to the node what an entry does with such a config. May add an effect
 * that is there already. */
void effects_take(struct check *c, const struct schema_entry *entry,
                  const struct value *config, struct graph_node *node);
/* Adds one. */
void effects_add(struct check *c, struct str effect, struct graph_node *node);
/* Adds what a Lua text does by the functions of ctx that it names. What it
 * reaches otherwise shows only when it runs. */
void effects_lua(struct check *c, struct str text, struct graph_node *node);
/* Sorts the node's effects and leaves out those that are there twice. */
void effects_settle(struct graph_node *node);

#endif
