#ifndef RUNTIME_PROC_SPAWN_H
#define RUNTIME_PROC_SPAWN_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* One program started, and nothing else: what to run, where its descriptors
 * go. By vfork, so that the cost does not grow with this process's memory. */
struct spawn {
    const char *const *argv; /* NULL-ended; [0] is looked up in the PATH of
                                envp where it holds no '/' */
    const char *const *envp; /* NULL-ended */
    const char *dir;         /* NULL: here */
    int in, out, err;        /* become 0, 1, 2; all above 2 */
    int extra;               /* becomes 3; -1: none */
    bool same_group;         /* stays in this process's group: a worker's
                                children, which are stopped with it */
};

enum { SPAWN_ARGS_MAX = 65536 };

/* Starts it in a process group of its own, signals unblocked and default. All
 * other descriptors must be close-on-exec. False where the program or the
 * directory is not there; the message names it. */
bool spawn(const struct spawn *s, pid_t *pid, struct err *e);

/* A descriptor of /dev/null above 2, close-on-exec; also sees to it that 0, 1
 * and 2 are open. -1 and an error. */
int spawn_devnull(struct err *e);

#endif
