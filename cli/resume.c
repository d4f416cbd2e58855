/* pipec resume: go on with a run that died, failed or waits; or with a
 * rollout that was paused. */
#include "cli/command.h"

#include "cli/option.h"
#include "cli/run.h"
#include "cli/steer.h"
#include "cli/stored.h"

#include <stdio.h>

command_fn command_resume;

static const char about[] =
    "Goes on with a run that died, failed, or waited for an approval: with\n"
    "what had not passed. A run that is alive is asked to go on with a rollout\n"
    "that was paused. The latest run without a number.\n";

/* What of the command line of the run still holds. */
static void recall(struct arena *a, const struct store_run *r,
                   struct run_options *o)
{
    struct value v;
    struct err e = {0};

    if (!r->options.n || !value_from_json(a, r->options, &v, &e))
        return;
    if (!o->jobs)
        o->jobs = (int)value_get_int(&v, "jobs", 0);
    o->allow_rejected |= value_get_bool(&v, "allow_rejected", false);
    o->keep_going |= value_get_bool(&v, "keep_going", false);
    o->only = arena_dup(a, value_get_str(&v, "only", STR(""))).s;
    o->from = arena_dup(a, value_get_str(&v, "from", STR(""))).s;
    o->until = arena_dup(a, value_get_str(&v, "until", STR(""))).s;
}

/* True where the run is to be executed here; *code is set else. */
static bool prepare(struct arena *a, struct run_options *o, const char *run,
                    struct graph *g, struct str *json, bool *alive,
                    struct err *e)
{
    struct store *s = stored_open(a, o->state, e);
    struct stored_run r;
    bool ok = s && stored_run(a, s, run, &r, e);

    if (ok) {
        *alive = r.alive;
        o->resume = r.run.id;
        o->state = arena_dup(a, str_of(store_dir(s))).s;
        recall(a, &r.run, o);
        ok = *alive || (store_get_plan(a, s, r.run.plan, json, e) &&
                        graph_load(a, *json, g, e));
    }
    if (ok && str_eq(r.run.result, STR("passed")))
        ok = err_set(e, ERR_USAGE, "run %lld passed: there is nothing to go "
                     "on with", (long long)r.run.id);
    store_close(s);
    return ok;
}

int command_resume(int argc, char **argv)
{
    struct run_options o = {0};
    const char *by = NULL;
    const struct option table[] = {
        {'j', "jobs", OPTION_NUMBER, &o.jobs, "N", "stages at once"},
        {'k', "keep-going", OPTION_FLAG, &o.keep_going, NULL, "after a "
         "failure, run what does not depend on it"},
        {0, "allow-rejected", OPTION_FLAG, &o.allow_rejected, NULL, "also "
         "versions that were rolled back"},
        {0, "wait", OPTION_FLAG, &o.wait, NULL, "for approvals, though this "
         "is no terminal"},
        {0, "format", OPTION_TEXT, &o.format, "tty|plain|json|github|gitlab",
         "how to show it"},
        {0, "report", OPTION_TEXT, &o.report, "DIR", "write report.html, "
         "junit.xml and results.sarif there when the run ends"},
        {0, "by", OPTION_TEXT, &by, "NAME", "who asks; default: you"},
        {0, "state", OPTION_TEXT, &o.state, "DIR", "where runs are "
         "remembered"},
        {0, "stdlib", OPTION_TEXT, &o.stdlib, "DIR", "take the standard "
         "library from there"},
        {0},
    };
    const struct option_usage usage = {"resume", "[RUN] [STAGE]", 2, about};
    struct arena a = {0};
    struct graph g = {0};
    struct str json;
    struct err e = {0};
    bool alive = false;
    char **copy = arena_array(&a, char *, (size_t)argc + 1);
    int parsed = argc, code;

    for (int i = 0; i < argc; i++)
        copy[i] = argv[i];
    code = option_parse(&usage, table, &parsed, copy);
    if (code < 0 && !prepare(&a, &o, parsed > 1 ? copy[1] : NULL, &g, &json,
                             &alive, &e)) {
        fprintf(stderr, "pipec resume: %s\n", e.msg);
        code = e.kind == ERR_USAGE ? EXIT_INPUT : EXIT_INTERNAL;
    } else if (code < 0 && alive) {
        code = steer_command("resume", about, argc, argv);
    } else if (code < 0) {
        code = run_graph(&a, &o, &g, json);
    }
    arena_free(&a);
    return code;
}
