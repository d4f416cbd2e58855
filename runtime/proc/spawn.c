#include "runtime/proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Shared with the child until it has executed: it writes why it could not. */
struct launch {
    const struct spawn *s;
    const char *path; /* the PATH to search; NULL: argv[0] is a path */
    const char **sh;  /* "sh", a free place, the arguments after [0] */
    volatile int error;
    volatile bool no_dir;
};

static void try_exec(struct launch *x, const char *file)
{
    execve(file, (char *const *)x->s->argv, (char *const *)x->s->envp);
    if (errno == ENOEXEC) { /* a script without "#!" is sh's, as in execvp */
        x->sh[1] = file;
        execve("/bin/sh", (char *const *)x->sh, (char *const *)x->s->envp);
    }
}

static bool passable(int error)
{
    return error == ENOENT || error == ENOTDIR || error == EACCES;
}

static void exec_in_path(struct launch *x)
{
    const char *name = x->s->argv[0];
    size_t len = strlen(name);
    int error = ENOENT;
    char file[PATH_MAX];

    for (const char *p = x->path; p;) {
        const char *end = strchrnul(p, ':');
        size_t n = (size_t)(end - p);

        if (n + len + 2 <= sizeof file) {
            memcpy(file, p, n);
            file[n] = '/';
            memcpy(file + n + (n > 0), name, len + 1);
            try_exec(x, file);
            if (!passable(errno))
                return;
            if (errno == EACCES)
                error = EACCES;
        }
        p = *end ? end + 1 : NULL;
    }
    errno = error;
}

/* Handlers of ours must not run in the child, which still shares our memory;
 * and a child must not inherit that we ignore SIGPIPE. */
static void reset_signals(void)
{
    static const int ours[] = {SIGINT, SIGQUIT, SIGTERM, SIGPIPE,
                               SIGCHLD, SIGUSR1, SIGUSR2, SIGWINCH};
    struct sigaction dfl = {.sa_handler = SIG_DFL}, old;
    sigset_t none;

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        sigaction(ours[i], &dfl, NULL);
    if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &dfl, NULL); /* nohup stays nohup */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child(struct launch *x)
{
    const struct spawn *s = x->s;

    if (!s->same_group)
        setpgid(0, 0);
    dup2(s->in, 0);
    dup2(s->out, 1);
    dup2(s->err, 2);
    if (s->extra == 3)
        fcntl(3, F_SETFD, 0);
    else if (s->extra >= 0)
        dup2(s->extra, 3);
    reset_signals();
    if (s->dir && chdir(s->dir)) {
        x->no_dir = true;
        x->error = errno;
        _exit(127);
    }
    if (x->path)
        exec_in_path(x);
    else
        try_exec(x, s->argv[0]);
    x->error = errno;
    _exit(127);
}

__attribute__((noinline)) static pid_t start(struct launch *x)
{
    sigset_t all, old;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);

    pid_t pid = vfork();

    if (pid == 0)
        child(x);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return pid;
}

static const char *path_of(const char *const *envp)
{
    for (; *envp; envp++)
        if (!strncmp(*envp, "PATH=", 5))
            return *envp + 5;
    return "/usr/local/bin:/usr/bin:/bin";
}

static bool fail(struct launch *x, struct err *e)
{
    const char *name = x->s->argv[0];

    errno = x->error;
    if (x->no_dir)
        return err_errno(e, "directory '%s'", x->s->dir);
    if (x->error == ENOENT && x->path)
        return err_set(e, ERR_IO, "'%s' is not in PATH", name);
    return err_errno(e, "'%s'", name);
}

bool spawn(const struct spawn *s, pid_t *pid, struct err *e)
{
    size_t argc = 0;

    while (argc < SPAWN_ARGS_MAX && s->argv[argc])
        argc++;
    if (!argc || !*s->argv[0])
        return err_set(e, ERR_IO, "an empty command");
    if (argc == SPAWN_ARGS_MAX)
        return err_set(e, ERR_IO, "'%s' has more than %d arguments",
                       s->argv[0], SPAWN_ARGS_MAX - 1);

    const char **sh = calloc(argc + 2, sizeof *sh);

    if (!sh)
        return err_set(e, ERR_IO, "no memory for '%s'", s->argv[0]);
    sh[0] = "sh";
    memcpy(sh + 2, s->argv + 1, argc * sizeof *sh);

    struct launch x = {
        .s = s,
        .path = strchr(s->argv[0], '/') ? NULL : path_of(s->envp),
        .sh = sh,
    };
    bool ok = true;

    *pid = start(&x);
    if (*pid < 0)
        ok = err_errno(e, "starting '%s'", s->argv[0]);
    else if (x.error)
        ok = fail(&x, e);
    free(sh);
    return ok;
}

int spawn_devnull(struct err *e)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= 2);
    if (fd < 0)
        err_errno(e, "/dev/null");
    return fd;
}
