#ifndef RUNTIME_PROC_ORPHAN_H
#define RUNTIME_PROC_ORPHAN_H

#include "base/str.h"

#include <stdbool.h>

enum {
    ORPHAN_GRACE_MS = 10000, /* from TERM to KILL */
    ORPHAN_LOOK_MS = 50,
};

/* Ends what a killed supervisor's stages left running, before they are run
 * again beside it: every process of this machine that we may read, whose
 * environment holds the entry `run` ("NAME=value") and one that begins with
 * `stage` ("NAME=") whose value is_ours() says yes to; never this process and
 * its ancestors. TERM first, KILL after ORPHAN_GRACE_MS; waits for their end.
 * is_ours() may be asked several times for the same process. */
void orphan_stop(struct str run, struct str stage,
                 bool (*is_ours)(void *ctx, struct str stage), void *ctx);

#endif
