#include "runtime/git/guard.h"

#include "base/clock.h"
#include "base/die.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

enum { AGAIN_MS = 50 };

static bool is_socket(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static void shut_down(const struct guard *g)
{
    for (int fd = 0; fd < GUARD_FD_MAX; fd++)
        if (!g->before[fd] && is_socket(fd))
            shutdown(fd, SHUT_RDWR);
}

/* Again and again: a library may try the next address of a host. */
static void *watch(void *ctx)
{
    struct guard *g = ctx;
    int64_t until = g->deadline_ms;

    pthread_mutex_lock(&g->lock);
    while (!g->over) {
        struct timespec t = {.tv_sec = until / 1000,
                             .tv_nsec = (long)(until % 1000) * 1000000};
        pthread_cond_timedwait(&g->ended, &g->lock, &t);
        if (g->over || clock_monotonic_ms() < until)
            continue;
        g->fired = true;
        shut_down(g);
        until = clock_monotonic_ms() + AGAIN_MS;
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

void guard_begin(struct guard *g, int64_t timeout_ms)
{
    pthread_condattr_t attr;

    *g = (struct guard){.deadline_ms = clock_monotonic_ms() + timeout_ms};
    for (int fd = 0; fd < GUARD_FD_MAX; fd++)
        g->before[fd] = fcntl(fd, F_GETFD) >= 0;
    pthread_mutex_init(&g->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&g->ended, &attr);
    pthread_condattr_destroy(&attr);
    sigpipe_block(&g->sigpipe);
    if (pthread_create(&g->thread, NULL, watch, g) != 0)
        die_oom();
}

bool guard_end(struct guard *g)
{
    pthread_mutex_lock(&g->lock);
    g->over = true;
    pthread_cond_signal(&g->ended);
    pthread_mutex_unlock(&g->lock);
    pthread_join(g->thread, NULL);
    sigpipe_restore(&g->sigpipe);
    pthread_cond_destroy(&g->ended);
    pthread_mutex_destroy(&g->lock);
    return g->fired;
}

bool guard_fired(struct guard *g)
{
    pthread_mutex_lock(&g->lock);
    bool fired = g->fired;
    pthread_mutex_unlock(&g->lock);
    return fired;
}
