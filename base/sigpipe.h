#ifndef BASE_SIGPIPE_H
#define BASE_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

/* Keeps SIGPIPE from the calling thread while a library writes to a socket
 * whose other end may be gone; the write fails with EPIPE instead. */
struct sigpipe_guard {
    sigset_t before;
    bool was_pending;
};

void sigpipe_block(struct sigpipe_guard *g);
/* Takes away the SIGPIPE that came meanwhile. */
void sigpipe_restore(const struct sigpipe_guard *g);

#endif
