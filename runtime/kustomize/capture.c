#include "runtime/kustomize/capture.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

struct stream {
    int fd;
    struct buf *into;
};

static void read_some(struct stream *s)
{
    buf_reserve(s->into, CHUNK);
    ssize_t n = read(s->fd, s->into->s + s->into->n, CHUNK);

    if (n > 0) {
        s->into->n += (size_t)n;
    } else if (n == 0 || errno != EINTR) {
        close(s->fd);
        s->fd = -1;
    }
}

static bool over_ceiling(const struct stream *s)
{
    return s->into->max && s->into->n > s->into->max;
}

/* Until both streams are at their end. */
static bool drain(struct stream *s, struct err *e)
{
    int64_t end = clock_monotonic_ms() + CAPTURE_TIMEOUT_MS;

    while (s[0].fd >= 0 || s[1].fd >= 0) {
        struct pollfd p[2] = {{s[0].fd, POLLIN, 0}, {s[1].fd, POLLIN, 0}};
        int64_t left = end - clock_monotonic_ms();

        if (left <= 0)
            return err_set(e, ERR_TIMEOUT, "did not end in %d seconds",
                           CAPTURE_TIMEOUT_MS / 1000);
        if (poll(p, 2, (int)left) < 0 && errno != EINTR)
            return err_errno(e, "poll");
        for (size_t i = 0; i < 2; i++)
            if (p[i].fd >= 0 && p[i].revents)
                read_some(&s[i]);
        if (over_ceiling(&s[0]))
            return err_set(e, ERR_IO, "printed more than %d MiB",
                           CAPTURE_OUT_MAX >> 20);
        if (over_ceiling(&s[1]))
            s[1].into->n = s[1].into->max;
    }
    return true;
}

static int spawn(pid_t *pid, char *const *argv, char *const *env, int out,
                 int errors)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, errors, 2);
    posix_spawnattr_init(&attr);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    int failed = posix_spawnp(pid, argv[0], &actions, &attr, argv, env);

    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static bool end(pid_t pid, bool ok, const char *name, struct err *e)
{
    int status;

    if (!ok)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!ok)
        return err_wrap(e, "'%s'", name);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFEXITED(status))
        return err_set(e, ERR_IO, "'%s' ended with exit status %d", name,
                       WEXITSTATUS(status));
    return err_set(e, ERR_IO, "'%s' ended by signal %d", name,
                   WTERMSIG(status));
}

bool capture_run(char *const *argv, char *const *env, struct buf *out,
                 struct buf *errors, struct err *e)
{
    int o[2], r[2];
    pid_t pid;

    out->max = CAPTURE_OUT_MAX;
    errors->max = CAPTURE_ERR_MAX;
    if (pipe2(o, O_CLOEXEC))
        return err_errno(e, "pipe");
    if (pipe2(r, O_CLOEXEC)) {
        close(o[0]);
        close(o[1]);
        return err_errno(e, "pipe");
    }
    int failed = spawn(&pid, argv, env, o[1], r[1]);

    close(o[1]);
    close(r[1]);
    struct stream s[2] = {{o[0], out}, {r[0], errors}};
    bool ok = !failed && drain(s, e);

    for (size_t i = 0; i < 2; i++)
        if (s[i].fd >= 0)
            close(s[i].fd);
    if (failed)
        return err_set(e, ERR_IO, "cannot start '%s': %s; is it installed?",
                       argv[0], strerror(failed));
    return end(pid, ok, argv[0], e);
}
