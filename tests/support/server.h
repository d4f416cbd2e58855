#ifndef TESTS_SUPPORT_SERVER_H
#define TESTS_SUPPORT_SERVER_H

/* For unit tests: a scratch folder, child programs and servers that die with
 * the test. All static, so that a test stays one binary of one file. */

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static inline void pause_ms(int ms)
{
    struct timespec t = {.tv_sec = ms / 1000,
                         .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static inline bool port_free(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

    close(fd);
    return ok;
}

/* A port of 127.0.0.1 that nobody uses now, below those the kernel gives to
 * outgoing connections (see free-port). */
static inline int free_port(void)
{
    enum { FIRST = 10000, PORTS = 22000 };
    uint16_t r;
    int port;

    do {
        if (getrandom(&r, sizeof r, 0) != sizeof r)
            abort();
        port = FIRST + r % PORTS;
    } while (!port_free(port));
    return port;
}

static inline bool port_open(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

    close(fd);
    return ok;
}

static inline bool wait_port(int port)
{
    for (int i = 0; i < 1000; i++, pause_ms(10))
        if (port_open(port))
            return true;
    return false;
}

/* Starts `sh -c command` in a process group of its own; its output is a
 * comment of the test's. Ended by server_stop(). */
static inline pid_t server_start(const char *command)
{
    pid_t pid = fork();

    if (pid == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(2, 1);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    setpgid(pid, pid);
    return pid;
}

static inline void server_stop(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(-pid, SIGTERM);
    for (int i = 0; i < 200; i++, pause_ms(10))
        if (waitpid(pid, NULL, WNOHANG) == pid)
            return;
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* Exit status of `sh -ec command`, its output kept off the TAP stream. */
static inline int sh(const char *command)
{
    char *argv[] = {(char[]){"sh"}, (char[]){"-ec"},
                    (char *)(uintptr_t)command, NULL};
    posix_spawn_file_actions_t to_stderr;
    int status;
    pid_t pid;

    posix_spawn_file_actions_init(&to_stderr);
    posix_spawn_file_actions_adddup2(&to_stderr, 2, 1);
    if (posix_spawn(&pid, "/bin/sh", &to_stderr, NULL, argv, environ) != 0)
        return -1;
    posix_spawn_file_actions_destroy(&to_stderr);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* The same with a format, in an arena. */
#define SH(a, ...) sh(arena_printf((a), __VA_ARGS__).s)

/* What a command printed, without the last line end. */
static inline struct str sh_output(struct arena *a, const char *command)
{
    struct str out = {"", 0};
    struct err e = {0};
    int fd[2];

    if (pipe(fd) != 0)
        abort();
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fd[1], 1);
        close(fd[0]);
        close(fd[1]);
        execl("/bin/sh", "sh", "-ec", command, (char *)NULL);
        _exit(127);
    }
    close(fd[1]);
    file_read_fd(a, fd[0], 1 << 20, &out, &e);
    close(fd[0]);
    waitpid(pid, NULL, 0);
    return arena_dup(a, str_trim(out));
}

static inline struct str scratch_make(struct arena *a)
{
    char *p = (char *)(uintptr_t)arena_printf(
        a, "%s/pipec-test-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR")
                                                   : "/tmp").s;
    if (!mkdtemp(p))
        abort();
    return str_of(p);
}

static inline void scratch_remove(struct arena *a, struct str dir)
{
    SH(a, "rm -rf '" STR_FMT "'", STR_ARG(dir));
}

static inline void scratch_write(struct arena *a, struct str dir,
                                 const char *name, const char *text)
{
    struct err e = {0};
    struct str path = file_join(a, dir, str_of(name));

    if (!file_mkdirs(arena_dup(a, file_dir(path)).s, 0777, &e) ||
        !file_write(path.s, str_of(text), 0666, &e))
        abort();
}

#endif
