#ifndef RUNTIME_LUA_WIRE_H
#define RUNTIME_LUA_WIRE_H

/* The worker's end of its socket (docs/internals/worker.md): frames of JSON to
 * the supervisor, its answers kept until somebody asks. Blocking. Once the
 * socket is closed, sending does nothing and `closed` says so. */

#include "base/arena.h"
#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct wire {
    int fd;
    bool closed;      /* the supervisor is gone */
    bool cancelled;   /* it asked to stop, or is gone */
    char reason[120]; /* why, for a sentence's end */
    json_t *acks;     /* ids of intents that are on disk, a list; negative
                         where they cannot be */
    json_t *steers;   /* what people asked for, oldest first, a list */
};

void wire_init(struct wire *w, int fd);
void wire_clear(struct wire *w);
/* The first message. The caller owns it. */
json_t *wire_start(struct wire *w, struct err *e);
/* The next start message: what still comes for the stage before it is passed
 * over. NULL once the supervisor wants no more. The caller owns it. */
json_t *wire_next(struct wire *w);
/* Sends and drops the message. */
void wire_send(struct wire *w, json_t *message);
/* Waits at most ms (-1: for ever) until something came, and takes it in.
 * False when nothing did. */
bool wire_poll(struct wire *w, int64_t ms);
/* Waits for the acknowledgement of an intent. False where it does not come: the
 * supervisor is gone, or its store takes nothing any more. */
bool wire_await_ack(struct wire *w, int64_t id);
/* The oldest steer of these actions ("approve abort"), the caller's now, or
 * NULL. */
json_t *wire_take_steer(struct wire *w, const char *actions);

#endif
