#ifndef RUNTIME_LUA_BOX_H
#define RUNTIME_LUA_BOX_H

/* Where a stage has `container`, what its Lua starts runs in there too. */

#include "runtime/lua/child.h"
#include "runtime/lua/host.h"

/* Makes the command one that runs in the stage's container; leaves it where
 * the stage has none. The first n_own of the spec's variables are the
 * command's own. */
bool box_wrap(struct host *h, struct arena *a, struct child_spec *c,
              size_t n_own, struct err *e);

#endif
