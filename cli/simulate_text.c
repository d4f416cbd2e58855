#include "cli/simulation.h"

#include "base/clock.h"

#include <inttypes.h>
#include <math.h>

enum { LINES_MAX = 400, NAME_COLUMNS = 18, FIGURE_COLUMNS = 12 };

static const char *color_of(enum verdict v)
{
    switch (v) {
    case VERDICT_PASSED:
        return "\033[32m";
    case VERDICT_FAILED:
    case VERDICT_ERROR:
        return "\033[31m";
    case VERDICT_INCONCLUSIVE:
    case VERDICT_NO_DATA:
        return "\033[33m";
    case VERDICT_NONE:
        break;
    }
    return "";
}

static void add_padded(struct buf *out, struct str s, size_t columns)
{
    buf_add(out, s);
    if (s.n < columns)
        buf_pad(out, ' ', columns - s.n);
}

static void add_measurement(struct buf *out, const struct simulation *s,
                            const struct simulate_note *x, bool color)
{
    add_padded(out, s->spec.analyses[x->analysis].spec.name, NAME_COLUMNS);
    buf_addf(out, " %s%-12s%s " STR_FMT, color ? color_of(x->verdict) : "",
             verdict_name(x->verdict), color ? "\033[0m" : "",
             STR_ARG(x->text));
}

static void add_notice(struct buf *out, const struct simulation *s,
                       const struct simulate_note *x)
{
    switch (x->notice) {
    case NOTICE_STEP:
        buf_addf(out, "step %" PRIu32 ": ", x->step + 1);
        canary_step_show(&s->spec.steps[x->step], out);
        return;
    case NOTICE_WAITING:
        buf_adds(out, "waits for somebody to say yes");
        return;
    case NOTICE_HELD:
    case NOTICE_ABORTING:
        buf_addf(out, "%s: " STR_FMT, rollout_notice_name(x->notice),
                 STR_ARG(x->text));
        return;
    case NOTICE_STARTED:
    case NOTICE_ABORTED:
    case NOTICE_PROMOTED:
        buf_adds(out, rollout_notice_name(x->notice));
        return;
    }
}

static void add_note(struct arena *a, struct buf *out,
                     const struct simulation *s, const struct simulate_note *x,
                     bool color)
{
    struct str at = clock_duration(a, x->at);

    buf_pad(out, ' ', at.n < 8 ? 8 - at.n : 0);
    buf_addf(out, STR_FMT "  ", STR_ARG(at));
    switch (x->kind) {
    case NOTE_NOTICE:
        add_notice(out, s, x);
        break;
    case NOTE_WEIGHT:
        buf_addf(out, "canary takes %g%%", x->weight / 100.0);
        break;
    case NOTE_MEASUREMENT:
        add_measurement(out, s, x, color);
        break;
    case NOTE_COMMAND:
        buf_adds(out, "the command runs");
        break;
    case NOTE_REVERT:
        buf_adds(out, "what was committed is reverted");
        break;
    case NOTE_DRIFT:
        buf_addf(out, "somebody else gives the canary %g%%", x->weight / 100.0);
        break;
    case NOTE_ROUTER:
        buf_adds(out, "the router does not answer");
        break;
    }
    buf_addc(out, '\n');
}

static void run_text(struct arena *a, struct buf *out,
                     const struct simulation *s, bool color)
{
    const struct simulate_outcome *o = &s->outcome;
    size_t left_out = s->notes.n > LINES_MAX ? s->notes.n - LINES_MAX : 0;

    buf_addf(out, "rollout " STR_FMT "\n", STR_ARG(s->name));
    for (size_t i = 0; i < s->notes.n; i++) {
        if (left_out && i == LINES_MAX / 2) {
            buf_addf(out, "     ...  %zu more\n", left_out);
            i += left_out;
        }
        add_note(a, out, s, &s->notes.items[i], color);
    }
    buf_addf(out, "\n%s after " STR_FMT, rollout_outcome_name(o->outcome),
             STR_ARG(clock_duration(a, o->took_ms)));
    if (o->reason[0])
        buf_addf(out, ": %s", o->reason);
    buf_addf(out, "\nthe new version served %.0f requests of %g a second",
             o->exposed, s->in.model.rate);
    if (s->in.modelled)
        buf_addf(out, ", %.0f of them badly", o->exposed_bad);
    if (o->detect_ms >= 0)
        buf_addf(out, "; found out after " STR_FMT,
                 STR_ARG(clock_duration(a, o->detect_ms)));
    if (o->score >= 0)
        buf_addf(out, "\nthe judge's score: %g", o->score);
    buf_adds(out, "\n");
}

/* ---- many runs ----------------------------------------------------------- */

static void add_figure(struct buf *out, struct str s)
{
    buf_pad(out, ' ', s.n < FIGURE_COLUMNS ? FIGURE_COLUMNS - s.n : 1);
    buf_add(out, s);
}

static void add_spread(struct arena *a, struct buf *out, const char *name,
                       const struct simulate_spread *x, bool time)
{
    double v[] = {x->mean, x->p50, x->p95, x->max};

    buf_addf(out, "  %-18s", name);
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        add_figure(out, x->n == 0 ? STR("-")
                        : time    ? clock_duration(a, (int64_t)v[i])
                                  : arena_printf(a, "%.0f", v[i]));
    buf_addc(out, '\n');
}

static void summary_text(struct arena *a, struct buf *out,
                         const struct simulation *s)
{
    const struct simulate_summary *x = &s->summary;
    double n = (double)x->runs;

    buf_addf(out, "rollout " STR_FMT ", %" PRIu64 " runs, seed %" PRIu64
                  ", %" PRIu64 " measurements\n",
             STR_ARG(s->name), x->runs, s->in.seed, x->measurements);
    buf_addf(out, "  promoted %6.2f%%%s\n", 100 * (double)x->promoted / n,
             x->worse && x->promoted
                 ? "   all of them missed: the new version is worse" : "");
    buf_addf(out, "  aborted  %6.2f%%%s\n", 100 * (double)x->aborted / n,
             !x->worse && x->aborted
                 ? "   all of them false: the new version is as good" : "");
    if (x->stranded)
        buf_addf(out, "  stranded %6.2f%%   the router did not show that "
                      "stable serves all\n", 100 * (double)x->stranded / n);
    buf_addf(out, "%-20s%12s%12s%12s%12s\n", "", "mean", "p50", "p95", "max");
    add_spread(a, out, "time to the end", &x->took_ms, true);
    add_spread(a, out, "time to detect", &x->detect_ms, true);
    add_spread(a, out, "requests exposed", &x->exposed, false);
    add_spread(a, out, "bad requests", &x->exposed_bad, false);
}

void simulation_text(struct arena *a, struct buf *out,
                     const struct simulation *s, size_t n, bool color)
{
    for (size_t i = 0; i < n; i++) {
        if (n > 1)
            buf_addf(out, "%s" STR_FMT "\n", i ? "\n" : "",
                     STR_ARG(s[i].file));
        if (s[i].runs == 1)
            run_text(a, out, &s[i], color);
        else
            summary_text(a, out, &s[i]);
    }
}
