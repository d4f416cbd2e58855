#include "runtime/lua/child.h"

#include "base/clock.h"
#include "base/file.h"
#include "runtime/proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CHUNK = 64 << 10,     /* bytes a read */
    FAMILY_DEPTH_MAX = 64,
    CHILDREN_BYTES_MAX = 64 << 10,
};

struct stream {
    int from, to; /* -1: closed, shown nowhere */
    struct buf *keep;
};

struct running {
    struct wire *wire;
    const struct child_spec *spec;
    struct child_result *result;
    pid_t pid;
    int pidfd;
    struct stream out, err;
    bool reaped;
    int64_t deadline; /* of the command; then of its grace; 0: none */
    int64_t drain_by; /* once reaped */
    bool termed;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* The descendants first: a parent that sees a child die may start another. */
static void signal_family(pid_t pid, int sig, int depth)
{
    char path[64], list[CHILDREN_BYTES_MAX];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, list, sizeof list - 1);
    close_fd(&fd);
    list[n > 0 ? n : 0] = '\0';
    for (char *p = list, *end; depth < FAMILY_DEPTH_MAX; p = end) {
        long kid = strtol(p, &end, 10);
        if (end == p)
            break;
        signal_family((pid_t)kid, sig, depth + 1);
    }
    kill(pid, sig);
}

void child_signal(pid_t pid, int sig)
{
    signal_family(pid, sig, 0);
}

static int input_fd(struct str text, struct err *e)
{
    if (!text.s)
        return spawn_devnull(e);
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || !file_write_fd(fd, text, e) || lseek(fd, 0, SEEK_SET) < 0) {
        close_fd(&fd);
        err_errno(e, "cannot hold a command's input");
    }
    return fd;
}

static bool open_pipe(struct stream *s, int *write_end, struct err *e)
{
    int p[2];
    if (pipe2(p, O_CLOEXEC) < 0)
        return err_errno(e, "cannot make a pipe");
    s->from = p[0];
    *write_end = p[1];
    return true;
}

static bool start(struct running *r, struct err *e)
{
    struct spawn s = {.argv = r->spec->argv, .envp = r->spec->envp,
                      .dir = r->spec->dir, .in = -1, .out = -1, .err = -1,
                      .extra = -1, .same_group = true};
    s.in = input_fd(r->spec->input, e);
    bool ok = s.in >= 0;
    if (ok && r->spec->inherit) {
        s.out = fcntl(1, F_DUPFD_CLOEXEC, 3);
        s.err = fcntl(2, F_DUPFD_CLOEXEC, 3);
    } else if (ok) {
        ok = open_pipe(&r->out, &s.out, e) && open_pipe(&r->err, &s.err, e);
    }
    ok = ok && spawn(&s, &r->pid, e);
    close_fd(&s.in);
    close_fd(&s.out);
    close_fd(&s.err);
    if (!ok)
        return false;

    r->pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
    return r->pidfd >= 0 || err_errno(e, "cannot watch a child");
}

static void take_output(struct stream *s)
{
    char chunk[CHUNK];
    ssize_t n = read(s->from, chunk, sizeof chunk);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        close_fd(&s->from);
        return;
    }
    struct err ignored = {0};
    buf_add(s->keep, (struct str){chunk, (size_t)n});
    if (s->to >= 0)
        file_write_fd(s->to, (struct str){chunk, (size_t)n}, &ignored);
}

static void reap(struct running *r)
{
    int status = 0;
    if (waitpid(r->pid, &status, 0) < 0)
        status = 127 << 8;
    r->reaped = true;
    r->result->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    r->result->sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    r->drain_by = clock_monotonic_ms() + CHILD_DRAIN_GRACE_MS;
    close_fd(&r->pidfd);
}

static void stop(struct running *r)
{
    signal_family(r->pid, r->termed ? SIGKILL : SIGTERM, 0);
    r->termed = true;
    r->deadline = clock_monotonic_ms() + CHILD_KILL_GRACE_MS;
}

static void check_time(struct running *r, int64_t now)
{
    if (r->reaped || !r->deadline || now < r->deadline)
        return;
    if (!r->termed)
        r->result->timed_out = true;
    stop(r);
}

static void check_cancel(struct running *r)
{
    wire_poll(r->wire, 0);
    if (!r->wire->cancelled || r->spec->shielded || r->termed)
        return;
    r->result->cancelled = true;
    stop(r);
}

static bool over(const struct running *r, int64_t now)
{
    if (!r->reaped)
        return false;
    return (r->out.from < 0 && r->err.from < 0) || now >= r->drain_by;
}

static void turn(struct running *r)
{
    int64_t now = clock_monotonic_ms();
    int64_t until = r->reaped ? r->drain_by : r->deadline;
    int ms = !until ? -1 : until > now + 60000 ? 60000
                                               : (int)(until - now + 1);
    struct pollfd p[] = {
        {.fd = r->out.from, .events = POLLIN},
        {.fd = r->err.from, .events = POLLIN},
        {.fd = r->pidfd, .events = POLLIN},
        {.fd = r->wire->closed ? -1 : r->wire->fd, .events = POLLIN},
    };
    poll(p, 4, ms < 0 || ms > 0 ? ms : 0);
    if (p[0].revents)
        take_output(&r->out);
    if (p[1].revents)
        take_output(&r->err);
    if (p[2].revents)
        reap(r);
    if (p[3].revents)
        check_cancel(r);
    check_time(r, clock_monotonic_ms());
}

bool child_run(struct wire *w, const struct child_spec *spec,
               struct child_result *result, struct err *e)
{
    struct running r = {
        .wire = w, .spec = spec, .result = result, .pidfd = -1,
        .out = {-1, spec->quiet ? -1 : 1, &result->out},
        .err = {-1, spec->quiet ? -1 : 2, &result->err},
    };
    size_t max = spec->output_max ? spec->output_max : CHILD_OUTPUT_MAX;
    result->out.max = result->err.max = max;
    bool ok = start(&r, e);
    if (ok && spec->timeout_ms)
        r.deadline = clock_monotonic_ms() + spec->timeout_ms;
    if (ok)
        check_cancel(&r);
    while (ok && !over(&r, clock_monotonic_ms()))
        turn(&r);
    close_fd(&r.out.from);
    close_fd(&r.err.from);
    close_fd(&r.pidfd);
    return ok;
}

void child_clear(struct child_result *r)
{
    buf_free(&r->out);
    buf_free(&r->err);
}
