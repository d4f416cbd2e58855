#ifndef RUNTIME_LUA_WORKER_H
#define RUNTIME_LUA_WORKER_H

#include "base/err.h"

#include <stdbool.h>

/* One attempt of one stage, in a process of its own (docs/internals/worker.md):
 * reads the start message from the socket fd, runs hooks, commands and the
 * kind, and says how it ended. False: it could not even do that, because the
 * socket was closed or the start message is wrong. */
bool worker_run(int fd, struct err *e);

#endif
