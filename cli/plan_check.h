#ifndef CLI_PLAN_CHECK_H
#define CLI_PLAN_CHECK_H

#include "base/err.h"
#include "cli/option.h"
#include "graph/graph.h"

/* Looks again at every fact that a saved plan was made from, and at the params
 * ("name=value") that are given now. False where one differs; the message names
 * it, what it was and what it is. */
bool plan_check(const struct graph *g, const struct option_list *params,
                struct err *e);

#endif
