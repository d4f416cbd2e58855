/* pipec plan: what a run would do, and why. Executes nothing. */
#include "cli/command.h"

#include "base/file.h"
#include "cli/graph_picture.h"
#include "cli/option.h"
#include "cli/plan_diff.h"
#include "cli/plan_view.h"
#include "cli/project.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

command_fn command_plan;

/* As other planners have it: 0 nothing outside changes, 1 error, 2 something
 * does. */
enum { DETAILED_SAME = 0, DETAILED_ERROR = 1, DETAILED_CHANGES = 2 };

struct plan_options {
    struct project_options project;
    const char *format, *out;
    bool detailed;
};

static void print(const struct buf *out)
{
    if (out->n)
        fwrite(out->s, 1, out->n, stdout);
}

static void render(struct project *p, const struct plan_options *o,
                   const struct plan_view *v)
{
    struct buf out = {0};
    bool color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");

    if (!strcmp(o->format, "json"))
        plan_json(&p->arena, &out, v);
    else if (!strcmp(o->format, "markdown"))
        plan_markdown(&out, v);
    else if (!strcmp(o->format, "dot"))
        graph_dot(&out, &p->graph);
    else if (!strcmp(o->format, "mermaid"))
        graph_mermaid(&out, &p->graph);
    else
        plan_text(&out, v, color);
    print(&out);
    buf_free(&out);
}

static bool save(struct project *p, const char *path)
{
    struct buf out = {0};
    struct err e = {0};

    graph_json(&out, &p->graph);
    bool ok = file_write(path, buf_str(&out), 0644, &e);

    buf_free(&out);
    if (!ok)
        fprintf(stderr, "pipec plan: %s\n", e.msg);
    return ok;
}

static int plan(struct project *p, const struct plan_options *o)
{
    bool ok = project_compile(p, &o->project, true);
    struct plan_sources from = {.ctx = p};
    struct plan_view v;

    project_report(p, DIAG_TEXT);
    if (!ok)
        return o->detailed ? DETAILED_ERROR : EXIT_INPUT;
    plan_sources_open(p, &from);
    v = plan_view(&p->arena, &p->graph, &from);
    render(p, o, &v);
    if (o->out && !save(p, o->out))
        return o->detailed ? DETAILED_ERROR : EXIT_INTERNAL;
    if (!o->detailed)
        return EXIT_DONE;
    return plan_changes(&v) ? DETAILED_CHANGES : DETAILED_SAME;
}

int command_plan(int argc, char **argv)
{
    struct project p = {0};
    struct plan_options o = {.format = "text"};
    struct err e = {0};
    const struct option table[] = {
        {0, "format", OPTION_TEXT, &o.format,
         "text|json|markdown|dot|mermaid", "how to write it"},
        {'o', "out", OPTION_TEXT, &o.out, "FILE",
         "save the plan: pipec run FILE does just that"},
        {0, "detailed-exitcode", OPTION_FLAG, &o.detailed, NULL,
         "0: nothing outside changes, 1: error, 2: something does"},
        {'p', "param", OPTION_LIST, &o.project.params, "NAME=VALUE",
         "give a param a value"},
        {0, "stdlib", OPTION_TEXT, &o.project.stdlib_dir, "DIR",
         "read the kinds from DIR"},
        {0},
    };
    static const struct option_usage usage = {
        "plan", "[FILE]", 1,
        "Says what a run would do: the stages in order, why each runs or is\n"
        "skipped, its commands, its effects on the outside world, the change of\n"
        "manifests, and a rollout's timeline. Runs nothing and connects to\n"
        "nothing.\n",
    };
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;
    o.project.file = argc > 1 ? argv[1] : NULL;
    if (project_open(&p, &o.project, &e)) {
        code = plan(&p, &o);
    } else {
        fprintf(stderr, "pipec plan: %s\n", e.msg);
        code = o.detailed ? DETAILED_ERROR : EXIT_INPUT;
    }
    project_close(&p);
    return code;
}
