#include "cli/simulation.h"

#include <inttypes.h>
#include <math.h>

static void add_text(struct buf *out, const char *key, struct str s)
{
    struct value v = value_string(s);

    buf_addf(out, ",\"%s\":", key);
    value_json(out, &v, false);
}

static void add_real(struct buf *out, const char *key, double d)
{
    struct value v = value_float(d);

    buf_addf(out, ",\"%s\":", key);
    value_json(out, &v, false);
}

/* What JSON has no number for is "NaN", "+Inf", "-Inf", as in a series. */
static void add_value(struct buf *out, const struct value *v)
{
    if (v->kind == VALUE_FLOAT && !isfinite(v->d)) {
        buf_addf(out, "\"%s\"",
                 isnan(v->d) ? "NaN" : v->d > 0 ? "+Inf" : "-Inf");
    } else if (v->kind == VALUE_LIST) {
        for (size_t i = 0; i < v->list.n; i++) {
            buf_addc(out, i ? ',' : '[');
            add_value(out, &v->list.items[i]);
        }
        buf_adds(out, v->list.n ? "]" : "[]");
    } else {
        value_json(out, v, false);
    }
}

static void add_judged(struct buf *out, const struct judge_result *r)
{
    buf_addf(out, ",\"judge\":{\"class\":\"%s\",\"critical\":%s",
             judge_class_name(r->class), r->critical ? "true" : "false");
    add_real(out, "low", r->interval.low);
    add_real(out, "high", r->interval.high);
    add_real(out, "estimate", r->interval.estimate);
    add_real(out, "effect", r->effect);
    buf_addf(out, ",\"stable_n\":%zu,\"canary_n\":%zu}", r->stable_n,
             r->canary_n);
}

static void add_note(struct buf *out, const struct simulation *s,
                     const struct simulate_note *x)
{
    static const char *const kinds[] = {
        [NOTE_NOTICE] = NULL,
        [NOTE_WEIGHT] = "weight",
        [NOTE_MEASUREMENT] = "measurement",
        [NOTE_COMMAND] = "command",
        [NOTE_REVERT] = "revert",
        [NOTE_DRIFT] = "drift",
        [NOTE_ROUTER] = "router silent",
    };
    struct buf step = {0};

    buf_addf(out, "{\"t\":%" PRId64 ",\"event\":\"%s\"", x->at,
             kinds[x->kind] ? kinds[x->kind] : rollout_notice_name(x->notice));
    if (x->step < s->spec.n_steps) {
        canary_step_show(&s->spec.steps[x->step], &step);
        buf_addf(out, ",\"step\":%" PRIu32, x->step + 1);
        add_text(out, "at", buf_str(&step));
    }
    buf_addf(out, ",\"weight\":%g", x->weight / 100.0);
    if (x->kind == NOTE_MEASUREMENT) {
        add_text(out, "analysis", s->spec.analyses[x->analysis].spec.name);
        buf_addf(out, ",\"verdict\":\"%s\",\"phase\":\"%s\",\"value\":",
                 verdict_name(x->verdict), analysis_phase_name(x->phase));
        add_value(out, &x->result);
        if (x->samples >= 0)
            buf_addf(out, ",\"samples\":%" PRId64, x->samples);
    }
    if (x->judged)
        add_judged(out, &x->judge);
    if (x->text.n)
        add_text(out, "why", x->text);
    buf_addc(out, '}');
    buf_free(&step);
}

static void add_analysis(struct buf *out, const struct rollout_spec *p,
                         const struct analysis_state *s, uint32_t i)
{
    const struct analysis_spec *x = &p->analyses[i].spec;
    struct buf why = {0};

    analysis_explain(x, s, &why);
    buf_addf(out, "%s{\"phase\":\"%s\"", i ? "," : "",
             analysis_phase_name(s->phase));
    add_text(out, "name", x->name);
    add_text(out, "why", buf_str(&why));
    buf_addf(out,
             ",\"dry_run\":%s,\"count\":%" PRId32 ",\"passed\":%" PRId32
             ",\"failed\":%" PRId32 ",\"inconclusive\":%" PRId32
             ",\"errors\":%" PRId32 ",\"no_data\":%" PRId32
             ",\"consecutive_passed\":%" PRId32
             ",\"consecutive_failed\":%" PRId32
             ",\"consecutive_errors\":%" PRId32 "}",
             x->dry_run ? "true" : "false", s->count, s->passed, s->failed,
             s->inconclusive, s->errors, s->no_data, s->consecutive_passed,
             s->consecutive_failed, s->consecutive_errors);
    buf_free(&why);
}

static void add_run(struct buf *out, const struct simulation *s)
{
    const struct simulate_outcome *o = &s->outcome;

    buf_addf(out, ",\"outcome\":\"%s\"", rollout_outcome_name(o->outcome));
    add_text(out, "reason", str_of(o->reason));
    buf_addf(out, ",\"took\":%" PRId64 ",\"detect\":", o->took_ms);
    if (o->detect_ms < 0)
        buf_adds(out, "null");
    else
        buf_addf(out, "%" PRId64, o->detect_ms);
    buf_addf(out,
             ",\"exposed\":%.0f,\"exposed_bad\":%.0f,\"peak\":%g,"
             "\"measurements\":%" PRIu64 ",\"analyses\":[",
             o->exposed, o->exposed_bad, o->peak / 100.0, o->measurements);
    for (uint32_t i = 0; i < s->spec.n_analyses; i++)
        add_analysis(out, &s->spec, &o->analyses[i], i);
    buf_addc(out, ']');
    if (o->score >= 0)
        add_real(out, "score", o->score);
    buf_adds(out, ",\"events\":[");
    for (size_t i = 0; i < s->notes.n; i++) {
        buf_adds(out, i ? ",\n" : "\n");
        add_note(out, s, &s->notes.items[i]);
    }
    buf_addc(out, ']');
}

static void add_spread(struct buf *out, const char *key,
                       const struct simulate_spread *x)
{
    buf_addf(out,
             ",\"%s\":{\"runs\":%" PRIu64 ",\"mean\":%.6g,\"p50\":%.6g,"
             "\"p95\":%.6g,\"max\":%.6g}",
             key, x->n, x->mean, x->p50, x->p95, x->max);
}

static void add_summary(struct buf *out, const struct simulation *s)
{
    const struct simulate_summary *x = &s->summary;
    double n = (double)x->runs;

    buf_addf(out,
             ",\"runs\":%" PRIu64 ",\"seed\":%" PRIu64
             ",\"promoted\":%.6g,\"aborted\":%.6g,\"stranded\":%.6g,"
             "\"canary_worse\":%s,\"false_aborts\":",
             x->runs, s->in.seed, (double)x->promoted / n,
             (double)x->aborted / n, (double)x->stranded / n,
             x->worse ? "true" : "false");
    if (x->worse)
        buf_addf(out, "null,\"missed\":%.6g", (double)x->promoted / n);
    else
        buf_addf(out, "%.6g,\"missed\":null", (double)x->aborted / n);
    buf_addf(out, ",\"measurements\":%" PRIu64, x->measurements);
    add_spread(out, "took", &x->took_ms);
    add_spread(out, "detect", &x->detect_ms);
    add_spread(out, "exposed", &x->exposed);
    add_spread(out, "exposed_bad", &x->exposed_bad);
}

static void add_simulation(struct buf *out, const struct simulation *s)
{
    struct value name = value_string(s->name);

    buf_adds(out, "{\"rollout\":");
    value_json(out, &name, false);
    add_text(out, "file", s->file);
    if (s->runs == 1)
        add_run(out, s);
    else
        add_summary(out, s);
    buf_addc(out, '}');
}

void simulation_json(struct arena *a, struct buf *out,
                     const struct simulation *s, size_t n)
{
    (void)a;
    if (n > 1)
        buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        buf_adds(out, i ? ",\n" : "");
        add_simulation(out, &s[i]);
    }
    buf_adds(out, n > 1 ? "]\n" : "\n");
}
