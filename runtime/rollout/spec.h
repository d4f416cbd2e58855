#ifndef RUNTIME_ROLLOUT_SPEC_H
#define RUNTIME_ROLLOUT_SPEC_H

#include "base/arena.h"
#include "base/err.h"
#include "graph/value.h"
#include "runtime/rollout/analysis.h"
#include "runtime/rollout/judge.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a rollout is to do: the resolved config of its node, as the engine
 * reads it. A canary and a blue-green rollout are the same thing, a list of
 * steps: `preview` a command, `switch` a weight of 100%, `keep` a hold. */

enum {
    ROLLOUT_STEPS_MAX = 200,
    ROLLOUT_ANALYSES_MAX = 16,
    ROLLOUT_GROUPS_MAX = 16, /* of one analysis; and that have a weight */
    WEIGHT_FULL = 10000, /* weights are in hundredths of a percent */
    ROLLOUT_WITHIN_MS = 86400000, /* the whole of it, unless said: a day */
    ROLLOUT_STRANDED_MS = 600000, /* how long an abort tries the router */
    ROLLOUT_WATCH_MS = 15000,     /* between looks at the router's weight */
    ROLLOUT_ROUTER_MS = 60000,    /* for a set weight to show, and for one
                                     call to the router to answer */
};

enum canary_step_kind {
    CANARY_WEIGHT,  /* traffic to the canary; then hold, then approval */
    CANARY_HOLD,    /* time, an approval, or neither: until `promote` */
    CANARY_ANALYZE, /* one analysis to its end */
    CANARY_MIRROR,  /* copies of requests to the canary */
    CANARY_HEADER,  /* requests with a header to the canary */
    CANARY_COMMAND, /* `run`, `lua`, `preview`: done once, by the driver */
};

struct canary_step {
    enum canary_step_kind kind;
    int32_t weight;      /* WEIGHT, MIRROR: in hundredths of a percent */
    int64_t hold_ms;     /* WEIGHT, HOLD; 0: none */
    bool until_approved; /* WEIGHT, HOLD: somebody has to approve */
    uint32_t analysis;   /* ANALYZE: index */
    int64_t timeout_ms;  /* COMMAND; 0: the rollout's own limit */
    struct str text;     /* the header; the analysis; the command, "switch",
                            "keep", for messages; else empty */
    const struct value *config; /* the step as the graph has it */
};

enum drift_policy { DRIFT_ABORT, DRIFT_RESTORE, DRIFT_HOLD };
enum crash_policy { CRASH_ABORT, CRASH_RESUME };

struct rollout_analysis {
    struct analysis_spec spec;
    struct judge_config judge;  /* COMPARE_JUDGE */
    const struct str *groups; /* of COMPARE_JUDGE, in the score */
    size_t n_groups;
    double group_weight;      /* of them, of 100; below 0: as score_weights
                                 has it, or a share of what is left */
    bool counts_good; /* COMPARE_SEQUENTIAL: the rate is of good requests */
    const struct expr *pass, *fail; /* over `result`; NULL: none */
    const struct value *config; /* the analysis as the graph has it, with the
                                   provider in it */
};

struct rollout_spec {
    bool bluegreen;
    struct canary_step *steps;
    uint32_t n_steps;
    struct rollout_analysis *analyses;
    uint32_t n_analyses;
    int64_t within_ms; /* the whole rollout, waiting included */
    int64_t watch_ms;  /* 0: the weight is not looked at between steps */
    int64_t verify_ms; /* a weight that was set has to show within this */
    enum drift_policy on_drift;
    enum crash_policy on_crash;
    double score_pass, score_marginal; /* verdicts of COMPARE_JUDGE by the
                                          score of all; pass below 0: each by
                                          its own class */
    struct judge_group *score_weights; /* of the groups, by name */
    size_t n_score_weights;
    bool revert; /* an abort reverts what was committed */
};

/* Reads the config of a rollout node (docs/internals/rollout.md has the form).
 * Durations are typed or plain milliseconds, percents typed or plain numbers.
 * Strict: an unknown analysis, limits that contradict each other, or too many
 * steps are errors that name what is wrong. Everything points into the arena
 * and into v, which has to live as long. */
bool rollout_spec_load(struct arena *a, const struct value *v,
                       struct rollout_spec *out, struct err *e);
/* Same, from its JSON. */
bool rollout_spec_from_json(struct arena *a, struct str json,
                            struct rollout_spec *out, struct err *e);

#endif
