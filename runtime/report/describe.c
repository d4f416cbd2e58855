/* Events as sentences. */
#include "runtime/report/report.h"

#include "base/buf.h"
#include "base/clock.h"

#include <inttypes.h>

static struct str member(const struct event *v, const char *key)
{
    return value_get_str(&v->other.data, key, STR(""));
}

/* A member's text, whatever its type. */
static struct str shown(struct arena *a, const struct event *v,
                        const char *key)
{
    const struct value *m = value_get(&v->other.data, str_of(key));
    struct str s;

    if (!m || m->kind == VALUE_NONE)
        return STR("");
    return value_text(a, m, &s) ? s : value_show(a, m);
}

static struct str rollout(struct arena *a, const struct event *v,
                          struct str what)
{
    struct str weight = shown(a, v, "weight"), why = member(v, "why");

    if (str_eq(what, STR("weight")))
        return arena_printf(a, "weight " STR_FMT "%%", STR_ARG(weight));
    if (str_eq(what, STR("aborted")))
        return arena_printf(a, "aborted: " STR_FMT,
                            STR_ARG(member(v, "reason")));
    if (str_eq(what, STR("waiting")))
        return arena_printf(a, "waits: " STR_FMT, STR_ARG(why.n ? why :
                            member(v, "for")));
    struct str reason = member(v, "reason");

    return arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(what),
                        reason.n ? ": " : "", STR_ARG(reason));
}

static struct str tests(struct arena *a, const struct event *v)
{
    struct buf b = {0};
    struct str coverage = shown(a, v, "coverage");

    buf_addf(&b, STR_FMT " tests, " STR_FMT " passed",
             STR_ARG(shown(a, v, "tests")), STR_ARG(shown(a, v, "passed")));
    if (value_get_int(&v->other.data, "failed", 0))
        buf_addf(&b, ", " STR_FMT " failed", STR_ARG(shown(a, v, "failed")));
    if (value_get_int(&v->other.data, "skipped", 0))
        buf_addf(&b, ", " STR_FMT " skipped", STR_ARG(shown(a, v, "skipped")));
    if (value_get_int(&v->other.data, "flaky", 0))
        buf_addf(&b, ", " STR_FMT " flaky", STR_ARG(shown(a, v, "flaky")));
    if (coverage.n)
        buf_addf(&b, ", coverage " STR_FMT "%%", STR_ARG(coverage));
    struct str s = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return s;
}

static struct str finding(struct arena *a, const struct event *v)
{
    struct str file = member(v, "file"), rule = member(v, "rule");
    int64_t line = value_get_int(&v->other.data, "line", 0);
    struct str at = line ? arena_printf(a, ":%" PRId64, line) : STR("");

    return arena_printf(a, STR_FMT STR_FMT "%s" STR_FMT ": " STR_FMT "%s"
                        STR_FMT "%s", STR_ARG(file), STR_ARG(at),
                        file.n ? ": " : "", STR_ARG(member(v, "severity")),
                        STR_ARG(member(v, "message")), rule.n ? " [" : "",
                        STR_ARG(rule), rule.n ? "]" : "");
}

static struct str measured(struct arena *a, const struct event *v)
{
    struct str value = shown(a, v, "value"), why = member(v, "why");

    return arena_printf(a, STR_FMT " " STR_FMT ": " STR_FMT,
                        STR_ARG(member(v, "analysis")),
                        STR_ARG(member(v, "verdict")),
                        STR_ARG(why.n ? why : value));
}

/* What says no more than another event, or than the plan, is not shown. */
static bool dull(const struct event *v)
{
    static const char *const names[] = {
        "rollout.started", "rollout.hold", "rollout.verdict",
        "effect.intended", NULL,
    };

    for (size_t i = 0; names[i]; i++)
        if (str_eq(v->other.name, str_of(names[i])))
            return true;
    return str_eq(v->other.name, STR("effect.done")) &&
           str_eq(member(v, "effect"), STR("traffic"));
}

struct str report_describe(struct arena *a, const struct event *v)
{
    struct str name = v->other.name, rest;
    struct str room = str_cut(name, '.', &rest);

    if (dull(v))
        return (struct str){0};
    if (str_eq(name, STR("rollout.steered")))
        return arena_printf(a, STR_FMT ": asked by " STR_FMT,
                            STR_ARG(member(v, "action")),
                            STR_ARG(member(v, "by")));
    if (str_eq(room, STR("rollout")))
        return rollout(a, v, rest);
    if (str_eq(name, STR("measurement")))
        return measured(a, v);
    if (str_eq(name, STR("test.summary")))
        return tests(a, v);
    if (str_eq(name, STR("test.case")))
        return arena_printf(a, "%s: " STR_FMT "%s" STR_FMT "%s" STR_FMT,
            value_get_bool(&v->other.data, "flaky", false) ? "flaky" : "failed",
            STR_ARG(member(v, "suite")), member(v, "suite").n ? " / " : "",
            STR_ARG(member(v, "name")), member(v, "message").n ? ": " : "",
            STR_ARG(member(v, "message")));
    if (str_eq(name, STR("finding")))
        return finding(a, v);
    if (str_eq(room, STR("effect")))
        return arena_printf(a, STR_FMT " " STR_FMT ": " STR_FMT,
                            STR_ARG(member(v, "effect")),
                            STR_ARG(member(v, "key")), STR_ARG(rest));
    if (str_eq(name, STR("approval.asked")))
        return arena_printf(a, "asks for approval: " STR_FMT,
                            STR_ARG(member(v, "what")));
    if (str_eq(name, STR("approval.given")))
        return arena_printf(a, "approved by " STR_FMT,
                            STR_ARG(member(v, "by")));
    return (struct str){0};
}

struct str report_counts(struct arena *a, const struct event *v)
{
    struct str s = arena_printf(a, "%zu passed", v->run_finished.passed);
    size_t optional = v->run_finished.optional;
    size_t failed = v->run_finished.failed - optional;

    if (failed)
        s = arena_printf(a, STR_FMT ", %zu failed", STR_ARG(s), failed);
    if (optional)
        s = arena_printf(a, STR_FMT ", %zu failed but optional", STR_ARG(s),
                         optional);
    if (v->run_finished.skipped)
        s = arena_printf(a, STR_FMT ", %zu skipped", STR_ARG(s),
                         v->run_finished.skipped);
    return s;
}
