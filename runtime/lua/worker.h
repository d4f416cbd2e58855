#ifndef RUNTIME_LUA_WORKER_H
#define RUNTIME_LUA_WORKER_H

#include "base/err.h"

#include <stdbool.h>

/* Attempts of stages, in a process of their own (docs/internals/worker.md):
 * reads a start message from the socket fd, runs hooks, commands and the
 * kind, and says how it ended. Where the attempt left the process as it was,
 * and the supervisor wishes so, it waits for the next start: each has a fresh
 * Lua state. */

enum { WORKER_CPU_MAX_MS = 15 * 60000 }; /* Lua computing; waiting is free */

struct worker;

/* A Lua state with all in it that no start message changes: made before a
 * fork, it is there for each of the forks. */
struct worker *worker_create(struct err *e);
void worker_destroy(struct worker *w);

/* w may be NULL; where it is not, the process is to end after this: nothing is
 * given back. False: it could not even begin, because the
 * socket was closed or the start message is wrong. */
bool worker_run(struct worker *w, int fd, struct err *e);

#endif
