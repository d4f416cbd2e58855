#ifndef RUNTIME_PROC_CHANNEL_H
#define RUNTIME_PROC_CHANNEL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "runtime/loop/loop.h"

#include <stdbool.h>

/* Framed messages over a stream socket: a 32-bit little-endian length, then
 * that many bytes. One end is on the loop (struct channel), the other plain
 * and blocking (channel_write, channel_read). */
struct channel;

enum {
    CHANNEL_FRAME_MAX = 16 * 1024 * 1024,
    CHANNEL_QUEUE_MAX = 32 * 1024 * 1024, /* not yet taken by the other end */
};

/* One message, borrowed for the call. */
typedef void channel_frame_fn(void *ctx, struct str frame);
/* The other end is gone, or broke the rules: e says which. Once, last. */
typedef void channel_closed_fn(void *ctx, const struct err *e);

/* A connected pair, close-on-exec. */
bool channel_pair(int fds[2], struct err *e);

/* Takes over fd. NULL where it cannot be watched; fd is closed then. */
struct channel *channel_create(struct loop *l, int fd, channel_frame_fn *frame,
                               channel_closed_fn *closed, void *ctx,
                               struct err *e);
/* From the next message on others hear of it. */
void channel_hand_over(struct channel *c, channel_frame_fn *frame,
                       channel_closed_fn *closed, void *ctx);
/* Whether something has come that was not read yet. */
bool channel_waits(const struct channel *c);
/* Closes it; no callback any more. NULL is fine. */
void channel_destroy(struct channel *c);
/* Sends now what the socket takes, the rest later. False where the other end
 * takes nothing for long: too much is queued. */
bool channel_send(struct channel *c, struct str frame, struct err *e);

/* Blocking, whole. */
bool channel_write(int fd, struct str frame, struct err *e);
/* Blocking: the next message, in buf. At the orderly end of the stream false
 * with e->kind ERR_CANCELLED. */
bool channel_read(int fd, struct buf *buf, struct err *e);

#endif
