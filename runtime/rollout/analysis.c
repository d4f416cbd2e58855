#include "runtime/rollout/analysis.h"

enum verdict verdict_of(enum condition pass, enum condition fail)
{
    if (pass == CONDITION_BROKEN || fail == CONDITION_BROKEN)
        return VERDICT_ERROR;
    if (fail == CONDITION_TRUE)
        return VERDICT_FAILED;
    if (pass == CONDITION_TRUE)
        return VERDICT_PASSED;
    if (pass == CONDITION_ABSENT)
        return VERDICT_PASSED;
    return fail == CONDITION_ABSENT ? VERDICT_FAILED : VERDICT_INCONCLUSIVE;
}

bool analysis_over(const struct analysis_state *s)
{
    return s->phase > ANALYSIS_RUNNING;
}

void analysis_begin(const struct analysis_spec *p, struct analysis_state *s,
                    int64_t now)
{
    *s = (struct analysis_state){
        .phase = ANALYSIS_RUNNING,
        .begun_at = now,
        .next_at = now + p->initial_delay_ms,
        .no_data_since = TIME_NEVER,
    };
}

/* Of a measurement that brought nothing, by the policy: VERDICT_NO_DATA while
 * it is being waited for. */
static enum verdict without_data(const struct analysis_spec *p,
                                 struct analysis_state *s, int64_t now)
{
    s->no_data++;
    if (s->no_data_since == TIME_NEVER)
        s->no_data_since = now;
    if (p->no_data == NO_DATA_HOLD || now - s->no_data_since < p->no_data_ms)
        return VERDICT_NO_DATA;
    return p->no_data == NO_DATA_FAIL ? VERDICT_FAILED : VERDICT_PASSED;
}

static void tally(struct analysis_state *s, enum verdict v)
{
    switch (v) {
    case VERDICT_NONE:
        return;
    case VERDICT_PASSED:
        s->passed++;
        s->consecutive_passed++;
        s->consecutive_failed = 0;
        s->consecutive_errors = 0;
        s->count++;
        return;
    case VERDICT_FAILED:
        s->failed++;
        s->consecutive_failed++;
        s->consecutive_passed = 0;
        s->consecutive_errors = 0;
        s->count++;
        return;
    case VERDICT_INCONCLUSIVE:
        s->inconclusive++;
        s->consecutive_passed = 0;
        s->consecutive_failed = 0;
        s->consecutive_errors = 0;
        s->count++;
        return;
    case VERDICT_ERROR:
        s->errors++;
        s->consecutive_errors++;
        s->consecutive_passed = 0;
        return;
    case VERDICT_NO_DATA:
        s->consecutive_passed = 0;
        return;
    }
}

static bool over_limit(int32_t n, int32_t limit)
{
    return limit != LIMIT_OFF && n > limit;
}

/* Of no verdict and no end either, when it was asked for once. */
static int32_t wanted_count(const struct analysis_spec *p)
{
    return p->count == 0 && p->every_ms == 0 ? 1 : p->count;
}

enum analysis_phase analysis_assess(const struct analysis_spec *p,
                                    const struct analysis_state *s,
                                    bool terminating)
{
    if (analysis_over(s))
        return s->phase;
    if (s->last == VERDICT_NONE && !s->measuring)
        return terminating ? ANALYSIS_PASSED : ANALYSIS_RUNNING;
    if (s->measuring)
        return ANALYSIS_RUNNING;

    if (over_limit(s->consecutive_errors, p->errors))
        return ANALYSIS_ERROR;
    if (over_limit(s->inconclusive, p->inconclusive))
        return ANALYSIS_INCONCLUSIVE;
    if (over_limit(s->failed, p->failures) ||
        over_limit(s->consecutive_failed, p->consecutive_failures))
        return ANALYSIS_FAILED;
    if (p->successes > 0 && s->consecutive_passed >= p->successes)
        return ANALYSIS_PASSED;
    if (wanted_count(p) > 0 && s->count >= wanted_count(p)) {
        if (p->successes == 0)
            return ANALYSIS_PASSED;
        return p->failures == LIMIT_OFF ? ANALYSIS_FAILED
                                        : ANALYSIS_INCONCLUSIVE;
    }
    return terminating ? ANALYSIS_PASSED : ANALYSIS_RUNNING;
}

/* The first point of the fixed-rate grid that is after now: a measurement
 * that took long delays none of those after it. */
static int64_t grid_after(const struct analysis_spec *p,
                          const struct analysis_state *s, int64_t now)
{
    int64_t base = s->begun_at + p->initial_delay_ms;

    if (p->every_ms <= 0)
        return TIME_NEVER;
    if (now < base)
        return base;
    return base + ((now - base) / p->every_ms + 1) * p->every_ms;
}

static void plan_next(const struct analysis_spec *p, struct analysis_state *s,
                      int64_t now)
{
    s->next_at = grid_after(p, s, now);
    if ((s->last == VERDICT_ERROR || s->last == VERDICT_NO_DATA) &&
        s->next_at > now + ANALYSIS_RETRY_MS)
        s->next_at = now + ANALYSIS_RETRY_MS;
    if (analysis_over(s))
        s->next_at = TIME_NEVER;
}

void analysis_count(const struct analysis_spec *p, struct analysis_state *s,
                    enum verdict v, int64_t samples, int64_t now)
{
    if (s->phase != ANALYSIS_RUNNING || v == VERDICT_NONE)
        return;
    if (v != VERDICT_ERROR && p->samples_min > 0 && samples < p->samples_min)
        v = VERDICT_NO_DATA;
    if (v == VERDICT_NO_DATA)
        v = without_data(p, s, now);
    else if (v != VERDICT_ERROR)
        s->no_data_since = TIME_NEVER;

    s->measuring = 0;
    s->last = v;
    tally(s, v);
    s->phase = analysis_assess(p, s, false);
    plan_next(p, s, now);
}

void analysis_count_pair(const struct analysis_spec *p,
                         struct analysis_state *s,
                         const struct sequential_counts *c, int64_t now)
{
    bool data = c->stable_n > 0 && c->canary_n > 0;

    if (s->phase != ANALYSIS_RUNNING)
        return;
    sequential_add(&s->sequential, c);
    if (sequential_worse(&s->sequential, p->alpha)) {
        s->measuring = 0;
        s->last = VERDICT_FAILED;
        tally(s, VERDICT_FAILED);
        s->phase = ANALYSIS_FAILED;
        s->cause = CAUSE_WORSE;
        s->next_at = TIME_NEVER;
        return;
    }
    analysis_count(p, s, data ? VERDICT_PASSED : VERDICT_NO_DATA,
                   s->sequential.canary_n, now);
}

static void end_early(struct analysis_state *s, enum analysis_cause cause)
{
    s->phase = ANALYSIS_ERROR;
    s->cause = cause;
    s->measuring = 0;
    s->next_at = TIME_NEVER;
}

static int64_t within_at(const struct analysis_spec *p,
                         const struct analysis_state *s)
{
    return p->within_ms > 0 ? s->begun_at + p->within_ms : TIME_NEVER;
}

static int64_t no_data_at(const struct analysis_spec *p,
                          const struct analysis_state *s)
{
    if (p->no_data != NO_DATA_HOLD || s->no_data_since == TIME_NEVER)
        return TIME_NEVER;
    return s->no_data_since + p->no_data_ms;
}

void analysis_tick(const struct analysis_spec *p, struct analysis_state *s,
                   int64_t now)
{
    if (s->phase != ANALYSIS_RUNNING)
        return;
    if (s->measuring && now >= s->started_at + p->timeout_ms)
        analysis_count(p, s, VERDICT_ERROR, -1, now);
    if (s->phase != ANALYSIS_RUNNING)
        return;
    if (now >= no_data_at(p, s))
        end_early(s, CAUSE_NO_DATA);
    else if (now >= within_at(p, s))
        end_early(s, CAUSE_WITHIN);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t analysis_wake(const struct analysis_spec *p,
                      const struct analysis_state *s)
{
    int64_t t = s->measuring ? s->started_at + p->timeout_ms : s->next_at;

    if (s->phase != ANALYSIS_RUNNING)
        return TIME_NEVER;
    return earlier(t, earlier(within_at(p, s), no_data_at(p, s)));
}

static enum remedy remedy_of(const struct analysis_spec *p, enum verdict v)
{
    switch (v) {
    case VERDICT_FAILED:
        return p->on_failed;
    case VERDICT_INCONCLUSIVE:
        return p->on_inconclusive;
    case VERDICT_ERROR:
    case VERDICT_NO_DATA:
        return p->on_error;
    case VERDICT_NONE:
        return REMEDY_HOLD;
    case VERDICT_PASSED:
        break;
    }
    return REMEDY_CONTINUE;
}

enum remedy analysis_remedy(const struct analysis_spec *p,
                            const struct analysis_state *s)
{
    if (p->dry_run)
        return REMEDY_CONTINUE;
    switch (s->phase) {
    case ANALYSIS_FAILED:
        return p->on_failed;
    case ANALYSIS_INCONCLUSIVE:
        return p->on_inconclusive;
    case ANALYSIS_ERROR:
        return p->on_error;
    case ANALYSIS_IDLE:
    case ANALYSIS_RUNNING:
    case ANALYSIS_PASSED:
    case ANALYSIS_STOPPED:
        break;
    }
    return REMEDY_CONTINUE;
}

bool analysis_allows(const struct analysis_spec *p,
                     const struct analysis_state *s, int64_t now)
{
    if (p->dry_run || s->phase == ANALYSIS_IDLE)
        return true;
    if (analysis_over(s))
        return analysis_remedy(p, s) == REMEDY_CONTINUE;
    if (now < s->begun_at + p->initial_delay_ms)
        return true;
    if (s->measuring || s->next_at <= now)
        return false;
    return remedy_of(p, s->last) == REMEDY_CONTINUE;
}

enum analysis_phase analysis_worse(enum analysis_phase a,
                                   enum analysis_phase b)
{
    static const int rank[] = {
        [ANALYSIS_PASSED] = 0,       [ANALYSIS_STOPPED] = 0,
        [ANALYSIS_RUNNING] = 1,      [ANALYSIS_IDLE] = 2,
        [ANALYSIS_INCONCLUSIVE] = 3, [ANALYSIS_ERROR] = 4,
        [ANALYSIS_FAILED] = 5,
    };

    return rank[a] >= rank[b] ? a : b;
}
