#include "base/sigpipe.h"

#include <time.h>

static bool pending(void)
{
    sigset_t set;

    sigpending(&set);
    return sigismember(&set, SIGPIPE) == 1;
}

void sigpipe_block(struct sigpipe_guard *g)
{
    sigset_t pipe_only;

    g->was_pending = pending();
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &g->before);
}

void sigpipe_restore(const struct sigpipe_guard *g)
{
    const struct timespec now = {0};
    sigset_t pipe_only;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    if (!g->was_pending && pending())
        sigtimedwait(&pipe_only, NULL, &now);
    pthread_sigmask(SIG_SETMASK, &g->before, NULL);
}
