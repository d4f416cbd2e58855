#ifndef RUNTIME_ROLLOUT_ANALYSIS_H
#define RUNTIME_ROLLOUT_ANALYSIS_H

#include "base/str.h"
#include "runtime/rollout/sequential.h"

#include <stdbool.h>
#include <stdint.h>

/* The arithmetic of one analysis: a measurement becomes a verdict, verdicts
 * become counters, counters a phase; and when to measure next. Pure. The
 * counters are those of Argo Rollouts (its limits are "more than"), to which
 * come consecutive failures, rules for no data, and a fixed-rate schedule.
 * All times are milliseconds of one clock, the caller's. */

enum {
    LIMIT_OFF = -1,              /* of failures, consecutive failures... */
    ANALYSIS_RETRY_MS = 10000,   /* after an error, where `every` is longer */
    ANALYSIS_ERRORS_DEFAULT = 4, /* consecutive ones tolerated */
    ANALYSIS_NO_DATA_MS = 600000, /* how long `no-data hold` holds */
    ANALYSIS_TIMEOUT_MS = 60000, /* of one measurement unless said */
};

#define TIME_NEVER INT64_MAX

/* Of one measurement. */
enum verdict {
    VERDICT_NONE, /* nothing measured yet */
    VERDICT_PASSED,
    VERDICT_FAILED,
    VERDICT_INCONCLUSIVE,
    VERDICT_ERROR,   /* could not be measured or judged */
    VERDICT_NO_DATA, /* measured, and there was nothing: no series, NaN, or
                        fewer samples than asked for */
};

/* Of an analysis as a whole. */
enum analysis_phase {
    ANALYSIS_IDLE, /* not begun */
    ANALYSIS_RUNNING,
    ANALYSIS_PASSED, /* this and the following are final */
    ANALYSIS_INCONCLUSIVE,
    ANALYSIS_ERROR,
    ANALYSIS_FAILED,
    ANALYSIS_STOPPED, /* ended from outside before it had a verdict */
};

enum no_data_policy {
    NO_DATA_HOLD, /* counts for nothing; the rollout waits; an error when it
                     has lasted no_data_ms */
    NO_DATA_FAIL, /* a failure each, once it has lasted no_data_ms */
    NO_DATA_PASS, /* a pass each, once it has lasted no_data_ms */
};

/* What an analysis that ends badly does to its rollout. */
enum remedy { REMEDY_ABORT, REMEDY_HOLD, REMEDY_CONTINUE };

enum compare_kind {
    COMPARE_NONE,
    COMPARE_JUDGE,      /* Mann-Whitney over the series (judge.h) */
    COMPARE_SEQUENTIAL, /* anytime-valid test of two proportions */
};

struct analysis_spec {
    struct str name;
    bool in_step;  /* an `analyze once` step runs it, nothing else */
    bool dry_run;  /* measured, counted and told, but decides nothing */
    uint32_t from; /* index of the step with which it begins */
    int64_t every_ms;         /* 0: once */
    int64_t initial_delay_ms; /* before the first measurement */
    int64_t within_ms;        /* no verdict by then is an error; 0: no limit */
    int64_t timeout_ms;       /* of one measurement; late is an error */
    int32_t count;            /* measurements; 0: without end */
    int32_t failures;             /* more than this many: FAILED; LIMIT_OFF */
    int32_t consecutive_failures; /* same, in a row */
    int32_t errors;               /* more in a row: ERROR */
    int32_t inconclusive;         /* more than this many: INCONCLUSIVE */
    int32_t successes; /* this many in a row: PASSED; 0: not asked for */
    enum no_data_policy no_data;
    int64_t no_data_ms;
    int64_t samples_min; /* a measurement of fewer is NO_DATA; 0: any */
    enum remedy on_failed, on_inconclusive, on_error;
    enum compare_kind compare;
    double alpha; /* of COMPARE_SEQUENTIAL: the false-abort probability */
};

/* What ended an analysis, where it was not its counters. */
enum analysis_cause {
    CAUSE_COUNTERS,
    CAUSE_NO_DATA, /* for too long */
    CAUSE_WITHIN,  /* no verdict in time */
    CAUSE_WORSE,   /* than stable, as proved by COMPARE_SEQUENTIAL */
};

struct analysis_state {
    int64_t begun_at;      /* where phase is not IDLE */
    int64_t next_at;       /* of the next measurement; TIME_NEVER: none */
    int64_t started_at;    /* of the measurement in flight */
    int64_t no_data_since; /* TIME_NEVER: the last one had data */
    struct sequential sequential; /* COMPARE_SEQUENTIAL only */
    uint32_t measuring;    /* id of the measurement in flight, 0: none */
    int32_t count;         /* those that had a verdict: no errors, no no-data */
    int32_t passed, failed, inconclusive, errors, no_data;
    int32_t consecutive_passed, consecutive_failed, consecutive_errors;
    enum analysis_phase phase;
    enum analysis_cause cause;
    enum verdict last; /* as counted: no-data under NO_DATA_PASS is PASSED */
};

/* What is known about one condition of an analysis. */
enum condition {
    CONDITION_ABSENT,
    CONDITION_FALSE,
    CONDITION_TRUE,
    CONDITION_BROKEN, /* its evaluation failed */
};

/* The table: failure wins over success, neither is inconclusive, no condition
 * at all is a pass, a broken one an error. */
enum verdict verdict_of(enum condition pass, enum condition fail);
/* "passed" "failed" "inconclusive" "error" "no data" "none" */
const char *verdict_name(enum verdict v);
const char *analysis_phase_name(enum analysis_phase p);

bool analysis_over(const struct analysis_state *s);
/* Begins it, from nothing. */
void analysis_begin(const struct analysis_spec *p, struct analysis_state *s,
                    int64_t now);
/* Counts the measurement that ended now, sets the phase and plans the next
 * one. samples: what it was made from, below 0 where unknown. Nothing
 * happens where the analysis is over. */
void analysis_count(const struct analysis_spec *p, struct analysis_state *s,
                    enum verdict v, int64_t samples, int64_t now);
/* Same for a measurement of COMPARE_SEQUENTIAL: fails as soon as the canary is
 * proved worse, has no data where a side had no request, and passes else. */
void analysis_count_pair(const struct analysis_spec *p,
                         struct analysis_state *s,
                         const struct sequential_counts *c, int64_t now);
/* What the passing of time alone does: a measurement's timeout, `within`, and
 * no data for too long. */
void analysis_tick(const struct analysis_spec *p, struct analysis_state *s,
                   int64_t now);
/* The next time at which something is to be done for it: a measurement,
 * analysis_tick(), or the timeout of the one in flight; TIME_NEVER. */
int64_t analysis_wake(const struct analysis_spec *p,
                      const struct analysis_state *s);
/* The phase by the counters alone: FAILED over nothing, INCONCLUSIVE over
 * FAILED, ERROR over both; then successes; then count. terminating: it is
 * being ended from outside, and passes unless it has failed. */
enum analysis_phase analysis_assess(const struct analysis_spec *p,
                                    const struct analysis_state *s,
                                    bool terminating);
/* Whether a rollout may go on past it: it has ended well, or its latest
 * measurement passed and none is due or in flight. Before its initial delay is
 * over, and where it decides nothing, it is in nobody's way. */
bool analysis_allows(const struct analysis_spec *p,
                     const struct analysis_state *s, int64_t now);
/* The worse of two: FAILED, ERROR, INCONCLUSIVE, RUNNING or IDLE, PASSED. */
enum analysis_phase analysis_worse(enum analysis_phase a,
                                   enum analysis_phase b);
/* What a phase that is over calls for; CONTINUE where it ended well. */
enum remedy analysis_remedy(const struct analysis_spec *p,
                            const struct analysis_state *s);

struct buf;
/* Why the phase is what it is, as the end of a sentence: "failed 4 times, more
 * than the 3 allowed". */
void analysis_explain(const struct analysis_spec *p,
                      const struct analysis_state *s, struct buf *out);

#endif
