#ifndef RUNTIME_LOOP_LOOP_H
#define RUNTIME_LOOP_LOOP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The one place that blocks. Everything the program waits for is a file
 * descriptor, a deadline, a signal or a child's end. Single-threaded;
 * callbacks run from loop_run() only, and may add and remove watches freely,
 * their own too. A thin layer over libuv, which stays behind it. */
struct loop;
struct loop_watch;
struct loop_timer;
struct loop_signal;

enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2 };

typedef void loop_ready_fn(void *ctx, int events);
typedef void loop_fn(void *ctx);
typedef void loop_signal_fn(void *ctx, int signum);
/* status as wait4() gives it; times are user + system CPU. */
struct loop_exit {
    pid_t pid;
    int status;
    int64_t cpu_ms;
    int64_t rss_kib; /* largest resident size */
};
typedef void loop_exit_fn(void *ctx, const struct loop_exit *x);

/* NULL where the system gives no epoll descriptor. */
struct loop *loop_create(struct err *e);
/* Whatever is still watched is dropped; descriptors stay open. */
void loop_destroy(struct loop *l);

/* Runs callbacks until loop_stop() or until nothing is watched. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* Monotonic milliseconds, read once a turn. */
int64_t loop_now_ms(const struct loop *l);

/* Calls fn when fd can be read or written (a hang-up counts as both). The
 * descriptor becomes non-blocking and stays the caller's; unwatch before
 * closing it. */
struct loop_watch *loop_watch(struct loop *l, int fd, int events,
                              loop_ready_fn *fn, void *ctx, struct err *e);
/* Waits for other events from now on; 0 pauses. */
void loop_watch_events(struct loop_watch *w, int events);
/* NULL is fine. */
void loop_unwatch(struct loop_watch *w);

/* Calls fn once, after ms; the timer is gone when fn is called. */
struct loop_timer *loop_after(struct loop *l, int64_t ms, loop_fn *fn,
                              void *ctx);
/* Before it fired only; NULL is fine. */
void loop_cancel(struct loop_timer *t);

/* Calls fn at each arrival of the signal. Does not keep loop_run() going. */
struct loop_signal *loop_on_signal(struct loop *l, int signum,
                                   loop_signal_fn *fn, void *ctx,
                                   struct err *e);
void loop_unsignal(struct loop_signal *s);

/* Reaps the child and calls fn with how it ended. One call a child. */
void loop_child(struct loop *l, pid_t pid, loop_exit_fn *fn, void *ctx);
/* Forgets the child: it is still reaped, but fn is not called. */
void loop_forget_child(struct loop *l, pid_t pid);

/* Calls fn at the end of each turn, before blocking: for what is gathered in
 * a turn and written at once. One a loop. */
void loop_each_turn(struct loop *l, loop_fn *fn, void *ctx);

#endif
