#include "runtime/k8s/plugin.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MAX = 1024 * 1024, CHUNK = 16 * 1024 };

extern char **environ;

/* ---- starting it --------------------------------------------------------- */

struct texts {
    char **items;
    size_t n, cap;
};

static void add(struct arena *a, struct texts *t, struct str s)
{
    arena_push(a, t, (char *)(uintptr_t)arena_dup(a, s).s);
}

static char **arguments(struct arena *a, const struct ynode *exec,
                        struct str folder)
{
    struct str command = ynode_get_text(exec, "command");
    const struct ynode *args = ynode_get(exec, "args");
    struct texts t = {0};

    if (str_find(command, '/') < command.n)
        command = file_join(a, folder, command);
    add(a, &t, command);
    for (size_t i = 0; ynode_is_seq(args) && i < args->seq.n; i++)
        add(a, &t, ynode_text(args->seq.items[i]));
    arena_push(a, &t, NULL);
    return t.items;
}

static char **environment(struct arena *a, const struct ynode *exec)
{
    const struct ynode *more = ynode_get(exec, "env");
    struct texts t = {0};

    for (char **v = environ; *v; v++)
        add(a, &t, str_of(*v));
    for (size_t i = 0; ynode_is_seq(more) && i < more->seq.n; i++)
        add(a, &t, arena_printf(
            a, STR_FMT "=" STR_FMT,
            STR_ARG(ynode_get_text(more->seq.items[i], "name")),
            STR_ARG(ynode_get_text(more->seq.items[i], "value"))));
    add(a, &t, arena_printf(
        a, "KUBERNETES_EXEC_INFO={\"apiVersion\":\"" STR_FMT "\",\"kind\":"
        "\"ExecCredential\",\"spec\":{\"interactive\":false}}",
        STR_ARG(ynode_get_text(exec, "apiVersion"))));
    arena_push(a, &t, NULL);
    return t.items;
}

/* In a group of its own, so that its children end with it. */
static bool start(char **argv, char **env, int out, pid_t *pid, struct err *e)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
                                        POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    int code = posix_spawnp(pid, argv[0], &files, &attr, argv, env);

    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    errno = code;
    return code == 0 || err_errno(e, "cannot start '%s'", argv[0]);
}

/* ---- hearing it ---------------------------------------------------------- */

static bool hear(int fd, struct buf *b, struct err *e)
{
    int64_t deadline = clock_monotonic_ms() + K8S_EXEC_MS;

    for (;;) {
        int64_t left = deadline - clock_monotonic_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) == 0)
            return err_set(e, ERR_TIMEOUT, "no answer within %d s",
                           K8S_EXEC_MS / 1000);
        buf_reserve(b, CHUNK);
        ssize_t n = read(fd, b->s + b->n, CHUNK);
        if (n == 0)
            return true;
        if (n > 0)
            b->n += (size_t)n;
        else if (errno != EINTR)
            return err_errno(e, "cannot read its answer");
        if (b->n > ANSWER_MAX)
            return err_set(e, ERR_INPUT, "its answer is larger than %d bytes",
                           ANSWER_MAX);
    }
}

static bool end(pid_t pid, bool ok, struct err *e)
{
    int status = 0;

    if (!ok)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (ok && !WIFEXITED(status))
        return err_set(e, ERR_INPUT, "ended by signal %d", WTERMSIG(status));
    if (ok && WEXITSTATUS(status) != 0)
        return err_set(e, ERR_INPUT, "ended with status %d",
                       WEXITSTATUS(status));
    return ok;
}

static bool run(char **argv, char **env, struct buf *answer, struct err *e)
{
    int pipe_fd[2];
    pid_t pid;

    if (pipe2(pipe_fd, O_CLOEXEC) < 0)
        return err_errno(e, "cannot make a pipe");
    bool ok = start(argv, env, pipe_fd[1], &pid, e);

    close(pipe_fd[1]);
    if (ok)
        ok = end(pid, hear(pipe_fd[0], answer, e), e);
    close(pipe_fd[0]);
    return ok;
}

/* ---- believing it -------------------------------------------------------- */

static struct str member(struct arena *a, const json_t *status,
                         const char *key)
{
    const char *s = json_string_value(json_object_get(status, key));

    return s ? arena_dup(a, str_of(s)) : STR("");
}

static bool take(struct arena *a, struct str answer, struct k8s_access *out,
                 struct err *e)
{
    json_error_t why;
    json_t *j = json_loadb(answer.s, answer.n, 0, &why);
    const json_t *status = json_object_get(j, "status");

    out->token = member(a, status, "token");
    out->tls.cert_pem = member(a, status, "clientCertificateData");
    out->tls.key_pem = member(a, status, "clientKeyData");
    json_decref(j);
    if (!j)
        return err_set(e, ERR_INPUT, "its answer is not JSON");
    if (!out->token.n && !out->tls.cert_pem.n)
        return err_set(e, ERR_INPUT, "its answer has neither a token nor a "
                       "certificate");
    return true;
}

bool plugin_run(struct arena *a, const struct ynode *exec, struct str folder,
                struct k8s_access *out, struct err *e)
{
    struct buf answer = {0};
    char **argv = arguments(a, exec, folder);
    bool ok = run(argv, environment(a, exec), &answer, e) &&
              take(a, buf_str(&answer), out, e);

    out->renewable = true;
    if (answer.s)
        explicit_bzero(answer.s, answer.cap);
    buf_free(&answer);
    return ok || err_wrap(e, "the kubeconfig's plugin '%s'", argv[0]);
}
