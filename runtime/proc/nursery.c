#include "runtime/proc/nursery.h"

#include "base/die.h"
#include "runtime/proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FDS = 2, EXTRA_FD = 3 };

struct nursery {
    int fd;
    pid_t pid;
};

union control {
    struct cmsghdr head;
    char room[CMSG_SPACE(FDS * sizeof(int))];
};

static bool send_fds(int fd, int out, int extra)
{
    char byte = 'f';
    int fds[FDS] = {out, extra};
    union control c = {0};
    struct iovec io = {&byte, 1};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1,
                       .msg_control = &c, .msg_controllen = sizeof c};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);

    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(h), fds, sizeof fds);
    return sendmsg(fd, &m, MSG_NOSIGNAL) == 1;
}

/* 1: fds are there; 0: the other side is gone; -1: nothing usable came. */
static int receive_fds(int fd, int fds[FDS])
{
    char byte;
    union control c = {0};
    struct iovec io = {&byte, 1};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1,
                       .msg_control = &c, .msg_controllen = sizeof c};
    ssize_t n;

    do
        n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);

    struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

    if (n == 0)
        return 0;
    if (!h || h->cmsg_type != SCM_RIGHTS ||
        h->cmsg_len != CMSG_LEN(FDS * sizeof(int)))
        return -1;
    memcpy(fds, CMSG_DATA(h), FDS * sizeof(int));
    return 1;
}

static bool start(struct nursery *n, const char *const *argv,
                  const char *const *envp, const char *dir, struct err *e)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return err_errno(e, "socketpair");

    struct spawn s = {.argv = argv, .envp = envp, .dir = dir,
                      .in = spawn_devnull(e), .extra = pair[1]};

    s.out = s.err = s.in;
    n->fd = pair[0];

    bool ok = s.in >= 0 && spawn(&s, &n->pid, e);

    if (s.in >= 0)
        close(s.in);
    close(pair[1]);
    if (!ok)
        close(n->fd);
    return ok;
}

struct nursery *nursery_create(const char *const *argv,
                               const char *const *envp, const char *dir,
                               struct err *e)
{
    struct nursery *n = calloc(1, sizeof *n);

    if (!n)
        die_oom();
    if (start(n, argv, envp, dir, e))
        return n;
    free(n);
    return NULL;
}

bool nursery_fork(struct nursery *n, int out, int extra, pid_t *pid,
                  struct err *e)
{
    pid_t answer = -1;
    struct pollfd p = {.fd = n->fd, .events = POLLIN};
    ssize_t got;
    int ready;

    if (!send_fds(n->fd, out, extra))
        return err_errno(e, "the nursery is gone");
    do
        ready = poll(&p, 1, NURSERY_ANSWER_MS);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return err_set(e, ERR_TIMEOUT, "the nursery does not answer");
    do
        got = recv(n->fd, &answer, sizeof answer, 0);
    while (got < 0 && errno == EINTR);
    if (got != sizeof answer || answer <= 0)
        return err_set(e, ERR_IO, "the nursery cannot fork");
    setpgid(answer, answer); /* as it does itself: whoever comes first */
    *pid = answer;
    return true;
}

void nursery_destroy(struct nursery *n)
{
    if (!n)
        return;
    close(n->fd);
    kill(n->pid, SIGKILL); /* it has nothing to put in order */
    waitpid(n->pid, NULL, 0);
    free(n);
}

static _Noreturn void work(const int fds[FDS], nursery_fn *fn, void *ctx)
{
    setpgid(0, 0);
    dup2(fds[0], 1);
    dup2(fds[0], 2);
    dup2(fds[1], EXTRA_FD); /* and so the nursery's own socket goes */
    fcntl(EXTRA_FD, F_SETFD, FD_CLOEXEC);
    for (int i = 0; i < FDS; i++)
        if (fds[i] > EXTRA_FD)
            close(fds[i]);
    _exit(fn(ctx));
}

bool nursery_serve(int fd, nursery_fn *fn, void *ctx, struct err *e)
{
    if (fd != EXTRA_FD)
        return err_set(e, ERR_USAGE, "the nursery's socket is not %d",
                       EXTRA_FD);
    for (;;) {
        int fds[FDS];
        int got = receive_fds(fd, fds);

        if (got <= 0)
            return got == 0 || err_set(e, ERR_IO, "the nursery's socket "
                                                  "says nothing it knows");
        /* The caller's parent is to be the parent: a sibling, not a child. */
        long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

        if (pid == 0)
            work(fds, fn, ctx);

        pid_t answer = (pid_t)pid;

        close(fds[0]);
        close(fds[1]);
        if (send(fd, &answer, sizeof answer, MSG_NOSIGNAL) < 0)
            return true;
    }
}
