#include "runtime/rollout/analysis.h"

#include "base/buf.h"
#include "base/clock.h"

#include <inttypes.h>

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {
        [VERDICT_NONE] = "none",
        [VERDICT_PASSED] = "passed",
        [VERDICT_FAILED] = "failed",
        [VERDICT_INCONCLUSIVE] = "inconclusive",
        [VERDICT_ERROR] = "error",
        [VERDICT_NO_DATA] = "no data",
    };

    return names[v];
}

const char *analysis_phase_name(enum analysis_phase p)
{
    static const char *const names[] = {
        [ANALYSIS_IDLE] = "idle",
        [ANALYSIS_RUNNING] = "running",
        [ANALYSIS_PASSED] = "passed",
        [ANALYSIS_INCONCLUSIVE] = "inconclusive",
        [ANALYSIS_ERROR] = "error",
        [ANALYSIS_FAILED] = "failed",
        [ANALYSIS_STOPPED] = "stopped",
    };

    return names[p];
}

static void add_duration(struct buf *out, int64_t ms)
{
    struct arena a = {0};

    buf_add(out, clock_duration(&a, ms));
    arena_free(&a);
}

static void explain_times(struct buf *out, const char *what, int32_t n,
                          int32_t limit, const char *row)
{
    buf_addf(out, "%s %" PRId32 " %s%s, more than the %" PRId32 " allowed",
             what, n, n == 1 ? "time" : "times", row, limit);
}

static void explain_failure(const struct analysis_spec *p,
                            const struct analysis_state *s, struct buf *out)
{
    if (s->cause == CAUSE_WORSE)
        buf_addf(out,
                 "shows the canary to be worse than stable: %" PRId64
                 " of %" PRId64 " requests bad against %" PRId64 " of %" PRId64
                 ", p <= %.2g",
                 s->sequential.canary_bad, s->sequential.canary_n,
                 s->sequential.stable_bad, s->sequential.stable_n,
                 sequential_p(&s->sequential));
    else if (p->failures != LIMIT_OFF && s->failed > p->failures)
        explain_times(out, "failed", s->failed, p->failures, "");
    else if (p->consecutive_failures != LIMIT_OFF &&
             s->consecutive_failed > p->consecutive_failures)
        explain_times(out, "failed", s->consecutive_failed,
                      p->consecutive_failures, " in a row");
    else
        buf_addf(out, "never passed %" PRId32 " times in a row", p->successes);
}

static void explain_error(const struct analysis_spec *p,
                          const struct analysis_state *s, struct buf *out)
{
    switch (s->cause) {
    case CAUSE_NO_DATA:
        buf_adds(out, "had no data for ");
        add_duration(out, p->no_data_ms);
        return;
    case CAUSE_WITHIN:
        buf_adds(out, "came to no verdict within ");
        add_duration(out, p->within_ms);
        return;
    case CAUSE_COUNTERS:
    case CAUSE_WORSE:
        explain_times(out, "could not be measured", s->consecutive_errors,
                      p->errors, " in a row");
        return;
    }
}

void analysis_explain(const struct analysis_spec *p,
                      const struct analysis_state *s, struct buf *out)
{
    switch (s->phase) {
    case ANALYSIS_FAILED:
        explain_failure(p, s, out);
        return;
    case ANALYSIS_ERROR:
        explain_error(p, s, out);
        return;
    case ANALYSIS_INCONCLUSIVE:
        if (s->inconclusive > p->inconclusive)
            explain_times(out, "was inconclusive", s->inconclusive,
                          p->inconclusive, "");
        else
            buf_addf(out, "never passed %" PRId32 " times in a row",
                     p->successes);
        return;
    case ANALYSIS_PASSED:
        buf_addf(out, "passed %" PRId32 " of %" PRId32 " times", s->passed,
                 s->count);
        return;
    case ANALYSIS_IDLE:
    case ANALYSIS_RUNNING:
    case ANALYSIS_STOPPED:
        buf_adds(out, "has no verdict");
        return;
    }
}
