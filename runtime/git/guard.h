#ifndef RUNTIME_GIT_GUARD_H
#define RUNTIME_GIT_GUARD_H

#include "base/sigpipe.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { GUARD_FD_MAX = 1024 };

/* Puts an end to a library's blocking network calls: a thread that, once the
 * time is over, shuts down every socket that was not open at guard_begin().
 * The calls then fail as on a lost connection. It also keeps SIGPIPE away. */
struct guard {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    struct sigpipe_guard sigpipe;
    int64_t deadline_ms;
    bool over;  /* the operation ended */
    bool fired; /* the time was over first */
    bool before[GUARD_FD_MAX];
};

/* Keep the guard where it is until guard_end(). */
void guard_begin(struct guard *g, int64_t timeout_ms);
/* Asks the same while it goes on. */
bool guard_fired(struct guard *g);
/* True where the time limit ended the operation. */
bool guard_end(struct guard *g);

#endif
