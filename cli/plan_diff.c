#include "cli/plan_diff.h"

void plan_sources_open(struct project *p, struct plan_sources *from)
{
    from->ctx = p;
}
