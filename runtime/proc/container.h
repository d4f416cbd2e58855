#ifndef RUNTIME_PROC_CONTAINER_H
#define RUNTIME_PROC_CONTAINER_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

/* Commands in a container: docker's or podman's client runs them, with folders
 * at their own places. Values of variables go through the client's
 * environment, so that none stands on a command line. */

struct container {
    const char *image;
    const char *const *folders; /* that it sees; NULL-ended, absolute */
    const char *dir;            /* where it starts; absolute */
    const char *const *names;   /* variables that it gets; NULL-ended */
    const char *const *envp;    /* whose PATH has the client; NULL-ended */
    bool stdin_used;            /* it reads standard input */
};

/* The command that runs argv so; NULL where there is no client. */
const char *const *container_argv(struct arena *a, const struct container *c,
                                  const char *const *argv, struct err *e);

#endif
