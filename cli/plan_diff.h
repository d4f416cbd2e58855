#ifndef CLI_PLAN_DIFF_H
#define CLI_PLAN_DIFF_H

#include "cli/plan_view.h"
#include "cli/project.h"

/* What a plan is told by the rooms of runtime/: the kinds' own words and the
 * change of manifests. Reads files and local Git repositories; connects to
 * nothing. */
void plan_sources_open(struct project *p, struct plan_sources *from);
/* plan_remote.c: whether a stage renders a kustomization, seen from the folder
 * dir, that has a base elsewhere. */
bool plan_goes_remote(struct str dir, const struct graph_node *n);

#endif
