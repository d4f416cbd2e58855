#ifndef CLI_PLAN_CHECK_H
#define CLI_PLAN_CHECK_H

#include "base/err.h"
#include "graph/graph.h"

/* Looks again at every fact that a saved plan was made from. False where one
 * changed; the message names it, what it was and what it is. */
bool plan_check(const struct graph *g, struct err *e);

#endif
