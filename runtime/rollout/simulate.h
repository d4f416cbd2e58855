#ifndef RUNTIME_ROLLOUT_SIMULATE_H
#define RUNTIME_ROLLOUT_SIMULATE_H

#include "base/arena.h"
#include "base/err.h"
#include "graph/value.h"
#include "runtime/rollout/measurement.h"
#include "runtime/rollout/rollout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A rollout on a virtual clock: the same rollout_step() as in `run`, with a
 * world that is made up. Metrics come from recorded series or from a model;
 * router, people and commands do what the model says: obey, agree and succeed
 * at once. Pure
 * and deterministic: the same input and seed give the same output. */

/* ---- recorded series ---------------------------------------------------- */

enum {
    SIMULATE_SERIES_MAX = 64,
    SIMULATE_POINTS_MAX = 1000000, /* of all series */
    SIMULATE_BYTES_MAX = 64 * 1024 * 1024, /* of a file */
};

struct simulate_point {
    int64_t at; /* from the start of the rollout; ordered */
    struct measurement m;
};

struct simulate_series {
    struct str name; /* of the analysis */
    struct simulate_point *points;
    size_t n;
    bool counted; /* the k-th measurement takes the k-th point */
};

struct simulate_set {
    struct simulate_series *items;
    size_t n;
};

/* Reads {"NAME": [POINT, ...], ...}. A POINT is {"t": "90s" or milliseconds,
 * "value": V, "stable": V, "samples": N, "stable-samples": N, "error": TEXT},
 * or a bare V, where the k-th measurement takes the k-th. V is what a provider
 * could have answered: a number, bool, string, list or object; null is no
 * data, "NaN", "Inf" and "-Inf" are those numbers. Between two points the
 * earlier one holds, before the first there is no data, after the last it
 * stays. Where samples are left out there are taken to be enough. */
bool simulate_series_json(struct arena *a, struct str json,
                          struct simulate_set *out, struct err *e);
/* Reads CSV: a header "t,NAME,..." and rows of times ("90s", or seconds) and
 * values. NAME.stable, NAME.samples and NAME.stable-samples belong to NAME. An
 * empty cell is no data, "error: TEXT" an error. The text has to live as long
 * as what is read. */
bool simulate_series_csv(struct arena *a, struct str csv,
                         struct simulate_set *out, struct err *e);

/* "90s", "1h30m", "250ms", "2d". */
bool simulate_duration(struct str text, int64_t *ms);

/* ---- the model ---------------------------------------------------------- */

enum simulate_measure { MEASURE_SUCCESS, MEASURE_ERRORS, MEASURE_LATENCY };

struct simulate_side {
    double errors;     /* share of requests that fail, 0 to 1 */
    double latency_ms; /* as the metric would show it */
};

struct simulate_model {
    double rate;             /* requests a second, both versions together */
    struct simulate_side stable, canary;
    double noise;            /* relative deviation of a measured latency */
    int64_t from_ms;         /* until then the canary is as stable is */
    int64_t window_ms;       /* that a measurement looks back */
    int64_t outage_from_ms, outage_until_ms; /* measurements fail */
    int64_t approve_ms;      /* people answer after this; below 0: never */
    int64_t command_ms;      /* what a command takes */
    int64_t drift_ms;        /* somebody else sets the weight; and again, each
                                drift_every_ms, where that is not 0 */
    int64_t drift_every_ms;
    int32_t drift_weight;    /* to this, in hundredths of a percent */
    int64_t router_from_ms, router_until_ms; /* the router does not answer */
};

struct simulate_model simulate_model_default(void);
/* Sets one of: rate errors latency stable.errors stable.latency noise from
 * window outage (5m..7m) approve (10m, or never) command drift (5m:50%, or
 * 5m:50%:30s for again and again) router (5m..7m). */
bool simulate_model_set(struct simulate_model *m, struct str key,
                        struct str text, struct err *e);
/* Whether its canary is worse than its stable version: then a promotion is a
 * miss, otherwise an abort is a false one. */
bool simulate_model_worse(const struct simulate_model *m);
/* What an analysis measures, by its name: "latency", "p95", "duration" and
 * "time" are latency, "error" and "fail" the share of bad, else of good. */
enum simulate_measure simulate_measure_of(struct str analysis);

/* ---- one run ------------------------------------------------------------ */

enum simulate_note_kind {
    NOTE_NOTICE,      /* of the engine: a step, a hold, the end... */
    NOTE_WEIGHT,      /* the router's weight is now `weight` */
    NOTE_MEASUREMENT,
    NOTE_COMMAND,
    NOTE_REVERT,
    NOTE_DRIFT,  /* somebody else has set `weight` */
    NOTE_ROUTER, /* it did not answer */
};

struct simulate_note {
    int64_t at; /* from the start */
    enum simulate_note_kind kind;
    enum rollout_notice notice;
    uint32_t step, analysis;
    int32_t weight;
    enum verdict verdict;
    enum analysis_phase phase; /* after that measurement */
    int64_t samples;           /* below 0: not known */
    struct str text;     /* why: of a measurement, of a hold or an abort */
    struct value result; /* of a measurement */
    bool judged;         /* by COMPARE_JUDGE; then what it found: */
    struct judge_result judge;
};

struct simulate_outcome {
    enum rollout_outcome outcome;
    char reason[ROLLOUT_REASON_BYTES];
    int64_t took_ms;
    int64_t detect_ms;    /* from the first bad request possible to the abort
                             decision; below 0 where there was none */
    double exposed;       /* requests that the canary served */
    double exposed_bad;   /* those of them that failed */
    int32_t peak;         /* the highest weight */
    double score;         /* of all that was judged; below 0: nothing was */
    uint64_t measurements;
    struct analysis_state analyses[ROLLOUT_ANALYSES_MAX]; /* at the end */
};

struct simulate_notes {
    struct simulate_note *items;
    size_t n, cap;
};

struct simulate_input {
    const struct rollout_spec *spec;
    const struct simulate_set *series; /* NULL: only the model */
    struct simulate_model model;
    bool modelled; /* analyses without a series are measured by the model;
                      else they have no data */
    uint64_t seed;
};

/* One run. notes may be NULL, which is faster; they live in a. */
bool simulate_run(struct arena *a, const struct simulate_input *in,
                  struct simulate_outcome *out, struct simulate_notes *notes,
                  struct err *e);

/* ---- many runs ---------------------------------------------------------- */

enum { SIMULATE_RUNS_MAX = 1000 * 1000, SIMULATE_QUANTILES = 100 };

struct simulate_spread { /* of a figure over the runs it exists in */
    double mean, p50, p95, max;
    uint64_t n;
};

struct simulate_summary {
    uint64_t runs, promoted, measurements;
    uint64_t aborted;  /* and the router showed that stable serves all */
    uint64_t stranded; /* the router could not be made to show that */
    struct simulate_spread took_ms, detect_ms, exposed, exposed_bad;
    bool worse; /* the model's canary is: aborts are right, else false */
    double aborted_at[SIMULATE_QUANTILES + 1]; /* when, each hundredth of the
                                                  aborts; ms */
};

/* Runs with the seeds seed, seed + 1... */
bool simulate_many(const struct simulate_input *in, uint64_t runs,
                   struct simulate_summary *out, struct err *e);

#endif
