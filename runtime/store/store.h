#ifndef RUNTIME_STORE_STORE_H
#define RUNTIME_STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* What pipec remembers: DIR/state.db (SQLite, WAL) and DIR/logs/. One process
 * writes a run; others read, and leave requests in `steering`.
 *
 * Writes are gathered in one transaction until store_flush(), and return
 * nothing: the first failure is kept, everything after it is dropped, and
 * store_flush() or store_intent() reports it. What must be on disk before the
 * world is touched goes through store_intent(). Texts are borrowed for the
 * call; those read are copied into the given arena. Times are wall-clock
 * milliseconds; JSON members are JSON texts, empty where there is none. */
struct store;

enum {
    STORE_VERSION = 1,
    STORE_BUSY_MS = 5000, /* waits so long for another process's write */
};

enum store_mode {
    STORE_READ,  /* an absent store is an error of kind ERR_USAGE */
    STORE_WRITE, /* made if absent */
};

/* NULL and an error that tells a full disk, a locked database, one of a newer
 * version and one that is damaged apart. */
struct store *store_open(const char *dir, enum store_mode mode, struct err *e);
/* Flushes first. NULL is fine. */
void store_close(struct store *s);
const char *store_dir(const struct store *s);
/* Commits what was gathered. */
bool store_flush(struct store *s, struct err *e);
/* Whether anything waits for store_flush(). */
bool store_dirty(const struct store *s);
/* Whether a write failed; then the run had better end. */
bool store_failed(const struct store *s, struct err *e);
/* The database grows no further than this many pages of 4 KiB; the disk is
 * full for it then. */
void store_limit_pages(struct store *s, int64_t pages);
/* Path of an attempt's log file, DIR/logs/RUN/N.ATTEMPT.log, N the node's
 * index. The folder is there from store_begin() on. */
struct str store_log_path(struct arena *a, const struct store *s, int64_t run,
                          uint32_t node, int attempt);

/* ---- runs ---------------------------------------------------------------- */

struct store_run {
    int64_t id;
    struct str pipeline, file, dir; /* dir: absolute, of the pipeline file */
    struct str plan;    /* digest; its text is in `plans` */
    struct str git;     /* JSON */
    struct str options; /* JSON: jobs, only, from, until, keep_going... */
    struct str result;  /* empty while it runs, or died */
    struct str cause;   /* JSON: {stage, why, lines} */
    int64_t started, ended; /* ended 0: not yet */
    int code;
    int64_t stages, passed, failed, skipped;
};

/* A new run's id, durable, and its lock held until store_close(): while it is,
 * store_run_alive() tells other processes so. 0 and an error. */
int64_t store_begin(struct store *s, const struct store_run *r,
                    struct str plan_json, struct err *e);
/* Takes over a run that died or failed, to go on with it under its number.
 * False and ERR_USAGE where it is alive. */
bool store_adopt(struct store *s, int64_t run, struct err *e);
void store_end(struct store *s, const struct store_run *r);
bool store_run_alive(const struct store *s, int64_t run);
/* id 0: the latest. False and ERR_USAGE where there is none. */
bool store_get_run(struct arena *a, struct store *s, int64_t id,
                   struct store_run *out, struct err *e);
/* The latest first, at most max. */
bool store_list_runs(struct arena *a, struct store *s, size_t max,
                     struct store_run **out, size_t *n, struct err *e);
bool store_get_plan(struct arena *a, struct store *s, struct str digest,
                    struct str *json, struct err *e);

/* ---- attempts of nodes --------------------------------------------------- */

struct store_attempt {
    int64_t run;
    uint32_t node;      /* index in the plan */
    int attempt;        /* from 1; 0: never started (skipped) */
    struct str id, kind;
    struct str result;  /* empty while it runs */
    struct str why;
    int64_t started, ended;
    int code, sig;
    int64_t cpu_ms, rss_kib, log_bytes;
    bool optional;
};

/* Inserts or replaces. */
void store_put_attempt(struct store *s, const struct store_attempt *t);
bool store_list_attempts(struct arena *a, struct store *s, int64_t run,
                         struct store_attempt **out, size_t *n,
                         struct err *e);
/* How long each node of the pipeline took when it last passed: calls fn with
 * id and milliseconds. */
typedef void store_duration_fn(void *ctx, struct str id, int64_t ms);
bool store_durations(struct store *s, struct str pipeline,
                     store_duration_fn *fn, void *ctx, struct err *e);

/* An output of a node; secret ones are not stored. */
struct store_output {
    struct str node, name, value; /* value: JSON */
};
void store_put_output(struct store *s, int64_t run, const struct store_output *o);
bool store_list_outputs(struct arena *a, struct store *s, int64_t run,
                        struct store_output **out, size_t *n, struct err *e);

/* ---- what happened ------------------------------------------------------- */

/* An event of docs/internals/events.md, but for stage.log (in the log files)
 * and the plain course of attempts (in those). */
struct store_event {
    int64_t run, seq, at;
    struct str stage; /* node id or empty */
    struct str name;  /* "rollout.weight" */
    struct str data;  /* JSON object: the further members */
};
void store_put_event(struct store *s, const struct store_event *v);
/* Those after seq, in order; stage empty: of all. */
bool store_list_events(struct arena *a, struct store *s, int64_t run,
                       int64_t after, struct str stage,
                       struct store_event **out, size_t *n, struct err *e);
/* The number of the last stored event; 0: none. */
bool store_last_seq(struct store *s, int64_t run, int64_t *seq,
                    struct err *e);

struct store_measurement {
    int64_t run, at;
    struct str node, analysis, query, raw, value, verdict, why;
};
void store_put_measurement(struct store *s, const struct store_measurement *m);
bool store_list_measurements(struct arena *a, struct store *s, int64_t run,
                             struct store_measurement **out, size_t *n,
                             struct err *e);

/* ---- effects on the outside world ---------------------------------------- */

struct store_effect {
    int64_t run, seq;   /* seq: given by store_intent() */
    int attempt;
    struct str node;
    struct str effect;  /* "traffic" "commit" "push"... */
    struct str key;     /* what makes it the same effect again */
    struct str data, undo; /* JSON */
    struct str state;   /* "intended" "done" "failed" "undone" */
    struct str result;  /* JSON, what came of it */
    int64_t at, ended;
};
/* On disk when it returns true; fills seq. */
bool store_intent(struct store *s, struct store_effect *x, struct err *e);
/* How it ended: of run and seq. */
void store_effect_ended(struct store *s, int64_t run, int64_t seq,
                        struct str state, struct str result);
/* In order; node empty: of all. */
bool store_list_effects(struct arena *a, struct store *s, int64_t run,
                        struct str node, struct store_effect **out, size_t *n,
                        struct err *e);

/* A node's own state (a rollout's), JSON; the last one counts. Durable. */
bool store_save(struct store *s, int64_t run, struct str node, struct str data,
                struct err *e);
/* Empty where nothing was saved. */
bool store_get_saved(struct arena *a, struct store *s, int64_t run,
                     struct str node, struct str *data, struct err *e);

/* A version that a rollout refused: not rolled out again while it stands. */
bool store_reject(struct store *s, struct str environment, struct str version,
                  int64_t run, struct str reason, struct err *e);
bool store_unreject(struct store *s, struct str environment,
                    struct str version, struct err *e);
struct store_rejection {
    struct str environment, version, reason;
    int64_t run, at;
};
/* Those of the environment, and of none, the latest first. */
bool store_list_rejected(struct arena *a, struct store *s,
                         struct str environment, struct store_rejection **out,
                         size_t *n, struct err *e);
/* Empty where it is not rejected, else the reason. */
bool store_rejected(struct arena *a, struct store *s, struct str environment,
                    struct str version, struct str *reason, struct err *e);

/* ---- steering from another process ---------------------------------------- */

struct store_steer {
    int64_t id, run, at;
    struct str node;   /* empty: whichever waits */
    struct str action; /* approve promote abort pause resume retry */
    struct str by, args; /* args: JSON */
};
/* Durable at once. */
bool store_put_steer(struct store *s, const struct store_steer *r,
                     struct err *e);
/* Requests not taken yet, each given out once; cheap when nothing changed. */
bool store_take_steers(struct arena *a, struct store *s, int64_t run,
                       struct store_steer **out, size_t *n, struct err *e);

/* ---- stages whose inputs did not change ----------------------------------- */

struct store_cache {
    struct str key;     /* hash of inputs, commands and environment */
    struct str outputs; /* JSON: outputs and files, by the supervisor */
    int64_t run, at;
};
void store_put_cache(struct store *s, const struct store_cache *c);
/* False without an error where there is none. */
bool store_get_cache(struct arena *a, struct store *s, struct str key,
                     struct store_cache *out, struct err *e);

#endif
