#ifndef RUNTIME_LUA_ASK_H
#define RUNTIME_LUA_ASK_H

/* Asks a function a question in a short-lived child: a fork without exec, so
 * that people's Lua can be run while planning, in limits that are the system's
 * (CPU, time, no files written, no new processes) and not only Lua's. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

enum {
    ASK_TIME_MS = 30000,         /* then the child is killed */
    ASK_CPU_S = 8,
    ASK_ANSWER_MAX = 64 << 20,   /* bytes */
};

/* Runs in the child: writes the answer, or says why there is none. */
typedef bool ask_fn(void *ctx, struct buf *answer, struct err *e);

/* The answer lives in the arena. False: the function's own error, or that the
 * child was killed by its limits. `what` names the question: "ci/x.lua". */
bool ask(struct arena *a, const char *what, ask_fn *fn, void *ctx,
         struct str *answer, struct err *e);

#endif
