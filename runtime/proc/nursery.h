#ifndef RUNTIME_PROC_NURSERY_H
#define RUNTIME_PROC_NURSERY_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* A process that is ready for work and does nothing but fork: its forks begin
 * where it stands, with all loaded and linked, which costs a third of starting
 * the program anew. They are made as the caller's own children, so that they
 * are reaped, stopped and counted like any. */
struct nursery;

enum { NURSERY_ANSWER_MS = 30000 };

/* Starts it: argv is to end in nursery_serve() on descriptor 3. */
struct nursery *nursery_create(const char *const *argv,
                               const char *const *envp, const char *dir,
                               struct err *e);
/* A new child, leader of its own group, with out as its stdout and stderr,
 * extra as its 3 and stdin empty. Both stay the caller's. After ERR_TIMEOUT nobody knows whether
 * there is one: use neither descriptor again. */
bool nursery_fork(struct nursery *n, int out, int extra, pid_t *pid,
                  struct err *e);
/* NULL is fine. */
void nursery_destroy(struct nursery *n);

/* What a fork does; the result is its exit code. */
typedef int nursery_fn(void *ctx);
/* The other side: forks on demand until the socket fd closes. Single-threaded
 * callers only. */
bool nursery_serve(int fd, nursery_fn *fn, void *ctx, struct err *e);

#endif
