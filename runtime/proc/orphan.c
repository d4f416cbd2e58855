#include "runtime/proc/orphan.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    ENVIRON_BYTES_MAX = 4 * 1024 * 1024, /* more than execve() takes */
    FOUND_MAX = 4096,
    ANCESTORS_MAX = 64,
};

struct search {
    struct str run, stage;
    bool (*is_ours)(void *ctx, struct str stage);
    void *ctx;
    pid_t spared[ANCESTORS_MAX];
    size_t n_spared;
    pid_t found[FOUND_MAX];
    size_t n_found;
};

/* A file of a process' folder below /proc, whose size is not known. */
static bool proc_text(struct arena *a, pid_t pid, const char *name,
                      struct str *out)
{
    struct err e = {0};
    int fd = open(arena_printf(a, "/proc/%d/%s", (int)pid, name).s,
                  O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && file_read_fd(a, fd, ENVIRON_BYTES_MAX, out, &e);

    if (fd >= 0)
        close(fd);
    return ok;
}

static pid_t parent_of(struct arena *a, pid_t pid)
{
    struct str stat;

    if (!proc_text(a, pid, "stat", &stat))
        return 0;

    /* PID (NAME) STATE PPID, where the name may hold brackets too. */
    const char *end = memrchr(stat.s, ')', stat.n);

    return end && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10) : 0;
}

static void spare_ancestors(struct arena *a, struct search *s)
{
    for (pid_t p = getpid(); p > 0 && s->n_spared < ANCESTORS_MAX;
         p = parent_of(a, p))
        s->spared[s->n_spared++] = p;
}

static bool spared(const struct search *s, pid_t pid)
{
    for (size_t i = 0; i < s->n_spared; i++)
        if (s->spared[i] == pid)
            return true;
    return false;
}

static bool wanted(struct arena *a, const struct search *s, pid_t pid)
{
    struct str left, entry, stage = {0};
    bool run = false;

    if (spared(s, pid) || !proc_text(a, pid, "environ", &left))
        return false;
    while (left.n) {
        entry = str_cut(left, '\0', &left);
        if (str_eq(entry, s->run))
            run = true;
        else if (str_starts(entry, s->stage))
            stage = str_skip(entry, s->stage.n);
    }
    return run && stage.n && s->is_ours(s->ctx, stage);
}

static void look(struct search *s)
{
    DIR *d = opendir("/proc");
    struct dirent *f;

    s->n_found = 0;
    while (d && (f = readdir(d)) && s->n_found < FOUND_MAX) {
        pid_t pid = (pid_t)strtol(f->d_name, NULL, 10);
        struct arena a = {0};

        if (pid > 1 && wanted(&a, s, pid))
            s->found[s->n_found++] = pid;
        arena_free(&a);
    }
    if (d)
        closedir(d);
}

static void kill_all(const struct search *s, int signum)
{
    for (size_t i = 0; i < s->n_found; i++)
        kill(s->found[i], signum);
}

/* Looks anew each time: a zombie's environment is empty, a process id may be
 * another's by now, and a trap may have started something. */
static void wait_until_gone(struct search *s, int64_t limit_ms)
{
    const struct timespec pause = {.tv_nsec = ORPHAN_LOOK_MS * 1000000L};
    int64_t deadline_ms = clock_monotonic_ms() + limit_ms;

    while (s->n_found && clock_monotonic_ms() < deadline_ms) {
        nanosleep(&pause, NULL);
        look(s);
    }
}

void orphan_stop(struct str run, struct str stage,
                 bool (*is_ours)(void *ctx, struct str stage), void *ctx)
{
    struct search s = {.run = run, .stage = stage, .is_ours = is_ours,
                       .ctx = ctx};
    struct arena a = {0};

    spare_ancestors(&a, &s);
    arena_free(&a);
    look(&s);
    kill_all(&s, SIGTERM);
    wait_until_gone(&s, ORPHAN_GRACE_MS);
    kill_all(&s, SIGKILL);
    wait_until_gone(&s, ORPHAN_GRACE_MS);
}
