#ifndef CLI_PLAN_DIFF_H
#define CLI_PLAN_DIFF_H

#include "cli/plan_view.h"
#include "cli/project.h"

/* What a plan is told by the rooms of runtime/: the kinds' own words and the
 * change of manifests. Reads files and local Git repositories; connects to
 * nothing. */
void plan_sources_open(struct project *p, struct plan_sources *from);

#endif
