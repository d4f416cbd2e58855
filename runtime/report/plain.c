/* One line after the other. */
#include "base/clock.h"
#include "runtime/report/part.h"

#include <inttypes.h>

static void say_started(struct report *r, const struct event *v)
{
    struct str sha = value_get_str(&v->run_started.git, "short", STR(""));
    struct str branch = value_get_str(&v->run_started.git, "branch", STR(""));

    buf_addf(&r->out, "run %" PRId64 ": ", v->run);
    report_tint(r, TINT_BOLD, v->graph->pipeline);
    if (sha.n)
        buf_addf(&r->out, " at " STR_FMT, STR_ARG(sha));
    if (branch.n)
        buf_addf(&r->out, " on " STR_FMT, STR_ARG(branch));
    buf_addf(&r->out, ", %zu stage%s, %zu at a time\n", v->run_started.stages,
             v->run_started.stages == 1 ? "" : "s", v->run_started.jobs);
}

static enum tint result_tint(enum event_result result)
{
    switch (result) {
    case EVENT_PASSED: case EVENT_CACHED:
        return TINT_GREEN;
    case EVENT_SKIPPED: case EVENT_WAITING:
        return TINT_YELLOW;
    case EVENT_FAILED: case EVENT_CANCELLED: case EVENT_TIMEOUT:
    case EVENT_ABORTED: case EVENT_INTERRUPTED:
        break;
    }
    return TINT_RED;
}

static void say_finished(struct report *r, const struct event *v)
{
    enum event_result result = v->finished.result;

    report_prefix(r, v);
    report_tint(r, result_tint(result), str_of(event_result_name(result)));
    if (v->finished.duration_ms || result == EVENT_PASSED)
        buf_addf(&r->out, " in " STR_FMT,
                 STR_ARG(clock_duration(&r->a, v->finished.duration_ms)));
    if (v->finished.why.n)
        buf_addf(&r->out, ": " STR_FMT, STR_ARG(v->finished.why));
    if (v->finished.optional && result != EVENT_PASSED)
        buf_adds(&r->out, " (optional)");
    buf_addc(&r->out, '\n');
}

static void say_retrying(struct report *r, const struct event *v)
{
    report_prefix(r, v);
    report_tint(r, TINT_YELLOW, STR("failed"));
    buf_addf(&r->out, ": " STR_FMT "; again in " STR_FMT ", %" PRId64
             " attempt%s left\n", STR_ARG(v->retrying.error),
             STR_ARG(clock_duration(&r->a, v->retrying.in_ms)),
             v->retrying.left, v->retrying.left == 1 ? "" : "s");
}

/* How to answer. */
static void say_how(struct report *r, const struct event *v)
{
    struct str id = v->graph->nodes[v->node].id;

    if (r->options.asks)
        buf_adds(&r->out, " (y or n, then Enter)");
    else
        buf_addf(&r->out, " ('pipec approve %" PRId64 " " STR_FMT "' says yes)",
                 v->run, STR_ARG(id));
}

static void say_other(struct report *r, const struct event *v)
{
    struct str line = report_describe(&r->a, v);

    if (line.n == 0)
        return;
    report_prefix(r, v);
    report_safe(&r->out, line);
    if (v->node != EVENT_NO_NODE && str_eq(v->other.name, STR("approval.asked")))
        say_how(r, v);
    buf_addc(&r->out, '\n');
}

static void say_waiting(struct report *r, const struct event *v)
{
    struct str what = v->waiting.what.n ? v->waiting.what : v->waiting.why;

    if (str_eq(v->waiting.why, STR("approval")))
        return; /* what is asked is said next */
    report_prefix(r, v);
    buf_addf(&r->out, "waits for " STR_FMT "\n", STR_ARG(what));
}

void report_summary(struct report *r, const struct event *v)
{
    uint32_t cause = v->run_finished.cause;
    enum event_result result = v->run_finished.result;

    if (cause != EVENT_NO_NODE) {
        const struct graph_node *n = &v->graph->nodes[cause];

        buf_addc(&r->out, '\n');
        report_tint(r, TINT_RED, n->id);
        buf_addf(&r->out, " (" STR_FMT ":%" PRIu32 "): " STR_FMT "\n",
                 STR_ARG(n->place.file), n->place.line,
                 STR_ARG(v->run_finished.why));
        for (struct str rest = v->run_finished.lines; rest.n;) {
            buf_adds(&r->out, "  ");
            report_safe(&r->out, str_cut(rest, '\n', &rest));
            buf_addc(&r->out, '\n');
        }
    }
    buf_addf(&r->out, "\nrun %" PRId64 " ", v->run);
    report_tint(r, result_tint(result), str_of(event_result_name(result)));
    buf_addf(&r->out, " in " STR_FMT ": " STR_FMT "\n",
             STR_ARG(clock_duration(&r->a, v->run_finished.duration_ms)),
             STR_ARG(report_counts(&r->a, v)));
    if (result == EVENT_WAITING)
        buf_addf(&r->out, "'pipec approve %" PRId64 "' says yes, and 'pipec "
                 "resume %" PRId64 "' goes on with it\n", v->run, v->run);
}

void report_event(struct report *r, const struct event *v)
{
    switch (v->kind) {
    case EVENT_RUN_STARTED:
        say_started(r, v);
        break;
    case EVENT_STAGE_WAITING:
        say_waiting(r, v);
        break;
    case EVENT_STAGE_STARTED:
        report_prefix(r, v);
        buf_adds(&r->out, v->attempt > 1 ? "started again\n" : "started\n");
        break;
    case EVENT_STAGE_RETRYING:
        say_retrying(r, v);
        break;
    case EVENT_STAGE_FINISHED:
        say_finished(r, v);
        break;
    case EVENT_OTHER:
        say_other(r, v);
        break;
    case EVENT_RUN_INTERRUPTED:
        buf_adds(&r->out, v->interrupted.times == 1
                 ? "interrupted: stopping in order; once more stops at once\n"
                 : "interrupted again: stopping at once\n");
        break;
    case EVENT_RUN_FINISHED:
        report_summary(r, v);
        break;
    case EVENT_STAGE_LOG: case EVENT_STAGE_READY: case EVENT_STAGE_OUTPUT:
        break;
    }
}
