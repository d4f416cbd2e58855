#ifndef RUNTIME_SCHED_PART_H
#define RUNTIME_SCHED_PART_H

#include "base/arena.h"
#include "base/map.h"
#include "runtime/proc/capture.h"
#include "runtime/proc/channel.h"
#include "runtime/proc/container.h"
#include "runtime/proc/mask.h"
#include "runtime/proc/proc.h"
#include "runtime/sched/supervisor.h"

/* The inside of the supervisor, for the files of this folder. Who owns what:
 * sched has the attempts that are alive; an attempt has its process, its
 * channel and its arena, and is gone when it has ended. */

struct attempt;

/* What ended is on record within this time, so that little is done again after
 * a kill -9. A commit in WAL mode waits for no disk. */
enum { FLUSH_MS = 5 };

/* A secret of the graph, read when a stage first needs it. */
struct secret {
    enum { SECRET_UNREAD, SECRET_READING, SECRET_READ, SECRET_FAILED } state;
    struct str value;
    struct str why; /* it failed */
    struct buf text; /* of a command that prints it, so far */
    struct sched *sched;
    struct proc *proc;
};

/* An output of a stage. */
struct output {
    struct str name;
    struct value value;
    struct output *next;
};

/* What is kept of a stage from its first attempt on. */
struct stage {
    struct output *outputs;
    int base;   /* attempts made by earlier processes of this run */
    bool begun; /* an earlier process was at it when it died */
    bool left_behind; /* and something of it still ran when we came */
    bool asked; /* `when` said yes */
    struct sched *sched;
    struct loop_timer *backoff;
};

struct sched {
    struct sched_spec spec;
    const struct graph *graph;
    struct arena arena; /* as long as the run */
    struct loop *loop;
    struct proc_host *host;
    struct nursery *nursery; /* of workers, once there were some; or NULL */
    size_t workers;          /* started so far */
    struct idle *idle;       /* workers that wait for a stage */
    struct value sources;    /* users' Lua files, for workers, once listed */
    struct plan *plan;
    struct store *store;
    struct mask *mask;
    struct stage *stages;   /* by node */
    struct secret *secrets; /* by index in the graph */
    struct map node_index;  /* id -> &graph->nodes[i] */
    struct attempt *live;
    const char *const *envp;
    struct str run_dir_entry; /* of envp: "PIPEC_RUN_DIR=..." */
    struct loop_timer *steer;
    struct loop_timer *flush; /* armed while something is not committed */
    struct {
        struct store_steer *items;
        size_t n, cap;
    } pending; /* requests that nobody was there to hear */
    int64_t run, seq, started, flushed_ms;
    int interrupts;
    bool stopped;   /* because of failure */
    bool aborted;   /* a rollout was */
    bool waiting;   /* ends because nobody is there to approve */
    uint32_t cause; /* the stage that failed first */
    struct str cause_why, cause_lines;
    struct err failure; /* of pipec itself */
};

enum part { PART_BEFORE, PART_MAIN, PART_AFTER, PART_OUTCOME, PART_ALWAYS,
            PART_END };

struct effect_id {
    int64_t id, seq; /* the worker's, the store's */
    struct str effect, key;
};

/* One attempt of one stage. */
struct attempt {
    struct sched *s;
    struct attempt *prev, *next;
    uint32_t index;
    const struct graph_node *node;
    int number; /* from 1, over all processes of the run */
    struct arena arena;
    struct capture *capture;
    struct proc *proc;
    struct loop_timer *timer;  /* timeout, grace, lock or hook limit */
    struct loop_timer *grace;  /* of a worker that was asked to stop */
    int64_t started, started_ms;
    bool announced; /* stage.started was told */
    bool recorded;  /* the store knows that it runs */
    bool cancelled, timed_out, killed;
    bool needs_secret; /* that is being read */
    bool ending;       /* attempt_end() was called */
    bool cleared;      /* what an earlier attempt left behind is gone */
    struct str reason; /* of the cancellation */

    /* of commands */
    enum part part;
    size_t hook, step;
    const char *command_text; /* of the running one, for messages */
    const char *const *envp;
    const char *dir;
    const char *container;
    int *lock_fds; /* locks shared with other runs; n_locks of the node */

    /* of a worker */
    struct channel *channel;
    const char *phase;
    int deaths;
    struct proc_end end; /* of its process, before it was done */
    bool done, stays, proc_over, idle;
    struct str waits_for;
    struct {
        struct effect_id *items;
        size_t n, cap;
    } effects;
    struct arena scratch; /* as long as one message of its */

    /* how it ended */
    bool failed, aborted, skipped, cached;
    bool refused; /* not let in: trying again would be no use */
    struct str why;
    struct str cache_key;
    int code, sig;
    int64_t cpu_ms, rss_kib;
};

/* ---- attempt.c: from its start to its end -------------------------------- */

void attempt_start(struct sched *s, uint32_t node);
/* Goes on: locks, secrets, values, then the process. */
void attempt_prepare(struct attempt *a);
/* The one way out. */
void attempt_end(struct attempt *a);
/* Notes the first failure. */
void attempt_fail(struct attempt *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* In order: TERM, or a worker's own way. */
void attempt_cancel(struct attempt *a, struct str reason);
void attempt_kill(struct attempt *a);
/* No attempt follows if this one fails. */
bool attempt_is_last(const struct attempt *a);

/* ---- command.c: attempts without Lua -------------------------------------- */

/* Starts the next command, or ends the attempt. */
void command_next(struct attempt *a);
/* What the children of an attempt print goes into its capture. */
void command_output(void *ctx, struct str bytes);
/* "exit code 3", "killed by signal 9" into a->why. */
void command_note_end(struct attempt *a, const struct proc_end *end);

/* ---- sweep.c: containers whose client was killed ---------------------------- */

/* Removes the containers of the attempt's stage, then calls `then`; at once
 * where it has none, or there is no client to ask. */
void sweep(struct attempt *a, void (*then)(struct attempt *a));

/* ---- worker.c: attempts in Lua --------------------------------------------- */

void worker_start(struct attempt *a, const char *phase);
void worker_cancel(struct attempt *a);
void worker_steer(struct attempt *a, const struct store_steer *r);
/* It is done, and its process ready for another attempt. */
void worker_stays(struct attempt *a);
/* worker_frame.c: one message of a worker's. */
void worker_frame(void *ctx, struct str frame);
/* worker_message.c: the text of the first message. */
bool worker_start_message(struct attempt *a, struct buf *out, struct err *e);

/* ---- crew.c: workers that wait for their next attempt ----------------------- */

/* Takes over a worker's process and channel. */
void crew_give(struct sched *s, struct proc *p, struct channel *c);
/* One of them, to be handed over; false where there is none. */
bool crew_take(struct sched *s, struct proc **p, struct channel **c);
/* Their sockets close: they end. */
void crew_dismiss(struct sched *s);

/* ---- resolve.c: what is known now that the stages before have ended --------- */

/* The environment of expressions; ctx is the attempt. */
struct expr_env resolve_env(struct attempt *a);
bool resolve_when(struct attempt *a, bool *yes, struct err *e);
/* "NAME=value" replaces an entry of that name, or is added: there has to be
 * room for it and for the NULL at the end. */
void resolve_set_variable(const char **envp, size_t *n, const char *entry);
/* a->dir, a->envp, a->container. */
bool resolve_place(struct attempt *a, struct err *e);
/* All of v, secrets replaced by their content. */
bool resolve_value(struct attempt *a, const struct value *v, struct value *out,
                   struct err *e);
void resolve_add_output(struct sched *s, uint32_t node, struct str name,
                        const struct value *v);

/* ---- steer.c: what people ask of a run ---------------------------------------- */

void steer_take(struct sched *s, const struct store_steer *r);
/* Its stage moves traffic. */
bool steer_has_traffic(const struct attempt *a);
/* A worker waits: it gets what was asked of it before. */
void steer_waits(struct attempt *a);

/* ---- secret.c ---------------------------------------------------------------- */

/* Reads what the attempt's stage needs. False where one failed; *wait where
 * one is being read still: attempt_prepare() is called again then. */
bool secret_need(struct attempt *a, bool *wait, struct err *e);
/* The content of one that was read; NULL else. */
const struct str *secret_value(const struct sched *s, struct str name);
void secret_stop_all(struct sched *s);

/* ---- lock.c: locks shared with other runs of this store ----------------------- */

/* Takes the node's locks; *wait where another run has one (told in *what). */
bool lock_take(struct attempt *a, bool *wait, struct str *what, struct err *e);
void lock_release(struct attempt *a);

/* ---- cache.c: stages whose inputs did not change -------------------------------- */

/* Whether the attempt need not run: its outputs are as they were then. */
bool cache_hit(struct attempt *a);
/* The attempt passed: remembers its outputs. */
void cache_keep(struct attempt *a);

/* ---- tell.c: events to the sinks and the store ----------------------------------- */

struct event tell_event(struct sched *s, enum event_kind kind, uint32_t node,
                        int attempt);
void tell(struct sched *s, struct event *v);
void tell_log(struct attempt *a, enum event_stream stream, struct str text);
/* A named event with data, masked, to sinks and store. */
void tell_other(struct attempt *a, struct str name, const struct value *data);
void tell_waiting(struct attempt *a, struct str why, struct str what);
void tell_settled(struct sched *s, uint32_t node);
void tell_finished(struct attempt *a, enum event_result result);
/* Strings of v masked. */
struct value tell_mask(struct arena *a, const struct mask *m,
                       const struct value *v);
struct str tell_mask_str(struct arena *a, const struct mask *m, struct str s);
void tell_record(struct attempt *a, const char *result);

#endif
