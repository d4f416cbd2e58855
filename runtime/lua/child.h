#ifndef RUNTIME_LUA_CHILD_H
#define RUNTIME_LUA_CHILD_H

/* Runs one command of a worker and waits for it, while the worker's socket is
 * heeded too: a cancellation ends the command. Children stay in the worker's
 * process group, so that killing that ends all of them; one that is stopped
 * here takes its descendants along. */

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "runtime/lua/wire.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    CHILD_OUTPUT_MAX = 1 << 20,  /* bytes kept of each stream, unless asked */
    CHILD_KILL_GRACE_MS = 5000,  /* from TERM to KILL */
    CHILD_DRAIN_GRACE_MS = 200,  /* for output after its end */
};

struct child_spec {
    const char *const *argv; /* NULL-ended */
    const char *const *envp; /* NULL-ended */
    const char *dir;         /* NULL: here */
    struct str input;        /* its stdin; NULL s: empty */
    int64_t timeout_ms;      /* 0: none */
    bool inherit;            /* output goes where the worker's goes, unseen */
    bool quiet;              /* output is kept, and shown nowhere */
    bool shielded;           /* a cancellation does not end it */
    size_t output_max;       /* 0: CHILD_OUTPUT_MAX */
};

/* A zeroed struct is ready; child_clear() in the end. */
struct child_result {
    int code;          /* -1 where a signal ended it */
    int sig;
    bool timed_out;
    bool cancelled;
    struct buf out, err; /* not where inherited */
};

/* False where it could not be started. */
bool child_run(struct wire *w, const struct child_spec *spec,
               struct child_result *r, struct err *e);
void child_clear(struct child_result *r);
/* Signals a process and all that descends from it. */
void child_signal(pid_t pid, int sig);

#endif
