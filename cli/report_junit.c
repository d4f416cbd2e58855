/* Of the reports about a run: JUnit XML. */
#include "cli/report_page.h"

#include "base/clock.h"
#include "runtime/report/xml.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum verdict { PASSED, FAILED, SKIPPED };

struct totals {
    int64_t tests, failed, skipped, ms;
};

static enum verdict verdict_of(const struct stored_run *r,
                               const struct stored_stage *t)
{
    const char *state = stored_stage_state(r, t);

    if (!strcmp(state, "passed") || !strcmp(state, "cached"))
        return PASSED;
    if (!t->last || !t->last->attempt || t->last->optional ||
        !strcmp(state, "skipped") || !strcmp(state, "cancelled"))
        return SKIPPED;
    return FAILED;
}

static struct totals count(const struct stored_run *r)
{
    struct totals sum = {0};

    for (size_t i = 0; i < r->n_stages; i++) {
        enum verdict v = verdict_of(r, &r->stages[i]);

        sum.tests++;
        sum.failed += v == FAILED;
        sum.skipped += v == SKIPPED;
        sum.ms += stored_stage_ms(&r->stages[i]);
    }
    return sum;
}

static void put_number(struct xml *x, const char *name, int64_t n)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRId64, n);
    xml_attr(x, name, str_of(text));
}

static void put_seconds(struct xml *x, int64_t ms)
{
    char text[32];

    ms = ms > 0 ? ms : 0;
    snprintf(text, sizeof(text), "%" PRId64 ".%03" PRId64, ms / 1000,
             ms % 1000);
    xml_attr(x, "time", str_of(text));
}

static void put_totals(struct xml *x, const struct totals *sum)
{
    put_number(x, "tests", sum->tests);
    put_number(x, "failures", sum->failed);
    put_number(x, "errors", 0);
    put_number(x, "skipped", sum->skipped);
    put_seconds(x, sum->ms);
}

static void put_property(struct xml *x, const char *name, struct str value)
{
    if (!value.n)
        return;
    xml_start(x, "property");
    xml_attr(x, "name", str_of(name));
    xml_attr(x, "value", value);
    xml_end(x);
}

static void put_properties(struct arena *a, struct xml *x,
                           const struct stored_run *r)
{
    struct value git = {0};
    struct err none = {0};

    xml_start(x, "properties");
    put_property(x, "run", arena_printf(a, "%" PRId64, r->run.id));
    put_property(x, "result", str_of(stored_state(r)));
    put_property(x, "plan", r->run.plan);
    if (r->run.git.n && value_from_json(a, r->run.git, &git, &none)) {
        put_property(x, "commit", value_get_str(&git, "sha", STR("")));
        put_property(x, "branch", value_get_str(&git, "branch", STR("")));
    }
    xml_end(x);
}

/* A failed stage, or one that pipec did not live to see the end of. */
static void put_failure(struct arena *a, struct xml *x,
                        const struct page_run *p, const struct stored_stage *t)
{
    const char *state = stored_stage_state(&p->x.r, t);
    struct str why = t->last->why;

    xml_start(x, "failure");
    xml_attr(x, "message", why.n ? why : str_of(state));
    xml_attr(x, "type", str_of(state));
    xml_text(x, stored_log_end(a, p->store, t->last, PAGE_TAIL_BYTES));
    xml_end(x);
}

static void put_skip(struct arena *a, struct xml *x, const struct stored_run *r,
                     const struct stored_stage *t)
{
    const char *state = stored_stage_state(r, t);
    struct str why = t->last ? t->last->why : (struct str){0};
    bool failed = t->last && stored_failed(t->last);

    xml_start(x, "skipped");
    xml_attr(x, "message", arena_printf(a, "%s%s%s" STR_FMT, state,
             failed ? ", but optional" : "", why.n ? ": " : "", STR_ARG(why)));
    xml_end(x);
}

static void put_stage(struct arena *a, struct xml *x, const struct page_run *p,
                      const struct stored_stage *t)
{
    const struct stored_run *r = &p->x.r;
    const struct graph_node *n = t->node;

    if (!n && !t->last)
        return;
    xml_start(x, "testcase");
    xml_attr(x, "classname", arena_printf(a, STR_FMT "." STR_FMT,
             STR_ARG(r->run.pipeline), STR_ARG(n ? n->kind : t->last->kind)));
    xml_attr(x, "name", n ? n->id : t->last->id);
    put_seconds(x, stored_stage_ms(t));
    if (n) {
        xml_attr(x, "file", n->place.file);
        put_number(x, "line", n->place.line);
    }
    switch (verdict_of(r, t)) {
    case PASSED:
        break;
    case FAILED:
        put_failure(a, x, p, t);
        break;
    case SKIPPED:
        put_skip(a, x, r, t);
        break;
    }
    xml_end(x);
}

bool page_junit(struct arena *a, struct buf *out, const struct page_run *p,
                struct err *e)
{
    const struct stored_run *r = &p->x.r;
    struct totals sum = count(r);
    struct xml *x = xml_open(e);

    if (!x)
        return false;
    xml_start(x, "testsuites");
    xml_attr(x, "name", STR("pipec"));
    put_totals(x, &sum);
    xml_start(x, "testsuite");
    xml_attr(x, "name", r->run.pipeline);
    put_totals(x, &sum);
    xml_attr(x, "timestamp",
             str_sub(clock_rfc3339(a, r->run.started), 0, 19));
    put_properties(a, x, r);
    for (size_t i = 0; i < r->n_stages; i++)
        put_stage(a, x, p, &r->stages[i]);
    return xml_close(x, out, e);
}
