#include "compiler/check.h"

void policy_check(struct check *c)
{
    (void)c;
}
