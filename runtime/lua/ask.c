#include "runtime/lua/ask.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 64 << 10, KIND_BYTES = 1 };

static void limit(__rlimit_resource_t what, rlim_t value)
{
    struct rlimit r = {value, value};
    setrlimit(what, &r);
}

/* The first byte says whether it is an answer ('+') or an error: its kind. */
static _Noreturn void child(int fd, ask_fn *fn, void *ctx)
{
    struct buf answer = {0};
    struct err e = {0}, lost = {0};
    limit(RLIMIT_CPU, ASK_CPU_S);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_CORE, 0);
    buf_addc(&answer, '+');
    if (!fn(ctx, &answer, &e)) {
        buf_clear(&answer);
        buf_addc(&answer, (char)('0' + (int)e.kind));
        buf_adds(&answer, e.msg);
    }
    file_write_fd(fd, buf_str(&answer), &lost);
    _exit(0);
}

static bool receive(int fd, struct buf *b, struct err *e)
{
    int64_t until = clock_monotonic_ms() + ASK_TIME_MS;
    for (;;) {
        int64_t left = until - clock_monotonic_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) == 0)
            return err_set(e, ERR_TIMEOUT, "no answer within %d s",
                           ASK_TIME_MS / 1000);
        buf_reserve(b, CHUNK);
        ssize_t n = read(fd, b->s + b->n, CHUNK);
        if (n == 0)
            return true;
        if (n < 0 && errno != EINTR)
            return err_errno(e, "reading the answer");
        if (n > 0)
            b->n += (size_t)n;
        if (b->n > ASK_ANSWER_MAX)
            return err_set(e, ERR_INPUT, "an answer of more than %d MiB",
                           ASK_ANSWER_MAX >> 20);
    }
}

static bool open_answer(struct arena *a, struct buf *b, int status,
                        struct str *answer, struct err *e)
{
    if (b->n >= KIND_BYTES && b->s[0] == '+') {
        *answer = arena_dup(a, str_skip(buf_str(b), KIND_BYTES));
        return true;
    }
    if (b->n >= KIND_BYTES) {
        enum err_kind kind = (enum err_kind)(b->s[0] - '0');
        struct str why = str_skip(buf_str(b), KIND_BYTES);
        return err_set(e, kind, STR_FMT, STR_ARG(why));
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return err_set(e, ERR_TIMEOUT, "it computed for more than %d s",
                       ASK_CPU_S);
    return err_set(e, ERR_INPUT, "it ended without an answer");
}

bool ask(struct arena *a, const char *what, ask_fn *fn, void *ctx,
         struct str *answer, struct err *e)
{
    int p[2];
    if (pipe2(p, O_CLOEXEC) < 0)
        return err_errno(e, "'%s': pipe", what);

    pid_t pid = fork();
    if (pid == 0) {
        close(p[0]);
        child(p[1], fn, ctx);
    }
    close(p[1]);
    struct buf b = {0};
    bool ok = pid > 0 ? receive(p[0], &b, e) : err_errno(e, "fork");
    close(p[0]);
    int status = 0;
    if (pid > 0 && !ok)
        kill(pid, SIGKILL);
    if (pid > 0)
        waitpid(pid, &status, 0);
    /* A Lua message begins with file and line: that says enough. */
    bool answered = ok && b.n > 0;
    ok = ok && open_answer(a, &b, status, answer, e);
    if (!ok && (!answered || str_search(str_of(e->msg), str_of(what)) ==
                                 strlen(e->msg)))
        err_wrap(e, "'%s'", what);
    buf_free(&b);
    return ok;
}
