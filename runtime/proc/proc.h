#ifndef RUNTIME_PROC_PROC_H
#define RUNTIME_PROC_PROC_H

#include "base/err.h"
#include "base/str.h"
#include "runtime/loop/loop.h"

#include <stdbool.h>
#include <stdint.h>

/* One child on the loop. It is over when two facts are in, in either order:
 * reaped, and drained (its output at the end). Once reaped, the output gets a
 * grace, so that a child that backgrounds a process does not hold us up. It
 * is stopped by TERM to its process group, then KILL. */
struct proc;
struct nursery;

enum {
    PROC_DRAIN_GRACE_MS = 200,
    PROC_KILL_GRACE_MS = 5000, /* where the spec says none */
    PROC_CHUNK_MAX = 64 * 1024,
};

struct proc_end {
    int code;      /* exit code; -1 where a signal ended it */
    int sig;       /* that signal, else 0 */
    bool timed_out;
    bool stopped;  /* proc_stop() or proc_kill() was called before its end */
    int64_t duration_ms, cpu_ms, rss_kib;
};

struct proc_spec {
    const char *const *argv; /* NULL-ended; or... */
    const char *shell;       /* ...text for sh -eu -c */
    const char *const *envp; /* NULL-ended */
    const char *dir;         /* NULL: here */
    bool only_stdout;        /* what it prints on stderr is dropped */
    int extra;               /* a descriptor that becomes 3; 0 or -1: none */
    struct nursery *nursery; /* forks it instead, argv, envp and dir being the
                                nursery's; NULL: it is started */
    int64_t timeout_ms;      /* 0: none */
    int64_t kill_grace_ms;   /* from TERM to KILL; 0: the default */
    /* What it printed on stdout and stderr, in its order, as it arrives: at
     * most PROC_CHUNK_MAX bytes, borrowed for the call. */
    void (*on_output)(void *ctx, struct str bytes);
    /* Once, last; the proc is gone when this is called. */
    void (*on_end)(void *ctx, const struct proc_end *end);
    void *ctx;
};

/* What children share: the loop, a read buffer, /dev/null. */
struct proc_host;
struct proc_host *proc_host_create(struct loop *l, struct err *e);
/* Children that still run are killed and forgotten, on_end uncalled. */
void proc_host_destroy(struct proc_host *h);

/* NULL where it cannot be started; then no callback comes. All strings of the
 * spec are borrowed for the call. */
struct proc *proc_start(struct proc_host *h, const struct proc_spec *spec,
                        struct err *e);
/* TERM now, KILL after the grace; again: KILL at once. */
void proc_stop(struct proc *p);
void proc_kill(struct proc *p);
/* Takes in what it has printed by now; then others hear of it. Not to be
 * called from its own callbacks. */
void proc_hand_over(struct proc *p,
                    void (*on_output)(void *ctx, struct str bytes),
                    void (*on_end)(void *ctx, const struct proc_end *end),
                    void *ctx);
pid_t proc_pid(const struct proc *p);

#endif
