#ifndef RUNTIME_PROC_CONTAINER_H
#define RUNTIME_PROC_CONTAINER_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

/* Of which run a container is, and of which stage: the variables that every
 * child has, and its labels. */
#define CONTAINER_RUN_DIR "PIPEC_RUN_DIR="
#define CONTAINER_STAGE "PIPEC_STAGE="

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
/* The client that envp's PATH has; NULL: none. */
const char *container_engine(const char *const *envp);
/* The command that removes the containers of one stage of a run, running or
 * not: of a client that was killed, the container lives on. They are known by
 * the values of these two variables in the envp that they were started with. */
const char *const *container_sweep(struct arena *a, const char *engine,
                                   const char *run_dir, const char *stage);

#endif
