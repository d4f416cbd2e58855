/* pipec run: executes a pipeline, or a saved plan. */
#include "cli/command.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/sha256.h"
#include "cli/ask.h"
#include "cli/option.h"
#include "cli/plan_check.h"
#include "cli/project.h"
#include "cli/report_page.h"
#include "cli/run.h"
#include "runtime/report/report.h"
#include "runtime/sched/supervisor.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

command_fn command_run;

enum {
    PLAN_BYTES_MAX = 256 * 1024 * 1024,
    COMPACT_BYTES = 256 * 1024, /* of a plan whose run gives memory back */
};

static int fail(int code, const struct err *e)
{
    fprintf(stderr, "pipec run: %s\n", e->msg);
    return code;
}

static enum report_format format_of(const char *word)
{
    static const char *const words[] = {
        [REPORT_TTY] = "tty",       [REPORT_PLAIN] = "plain",
        [REPORT_JSON] = "json",     [REPORT_GITHUB] = "github",
        [REPORT_GITLAB] = "gitlab",
    };

    for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
        if (!strcmp(word, words[i]))
            return (enum report_format)i;
    return report_detect(STDOUT_FILENO);
}

struct value run_git(struct arena *a, const struct graph *g)
{
    struct {
        struct value_pair *items;
        size_t n, cap;
    } v = {0};

    for (size_t i = 0; i < g->n_facts; i++) {
        struct value_pair pair = {g->facts[i].name,
                                  value_string(g->facts[i].value)};

        if (str_eq(pair.key, STR("dirty")))
            pair.value = value_bool(str_eq(pair.value.s, STR("true")));
        if (g->facts[i].kind == FACT_GIT)
            arena_push(a, &v, pair);
    }
    return (struct value){.kind = VALUE_MAP, .map = {v.items, v.n}};
}

/* A saved plan begins as JSON does; a pipeline cannot. */
static bool is_plan(const char *path)
{
    char first = 0;
    FILE *f = path && strcmp(path, "-") != 0 ? fopen(path, "re") : NULL;

    if (f && fread(&first, 1, 1, f) != 1)
        first = 0;
    if (f)
        fclose(f);
    return first == '{';
}

static struct str text_of(const char *s)
{
    return s ? str_of(s) : (struct str){0};
}

/* Absolute, for workers and commands change folders. */
static const char *absolute(struct arena *a, const char *path, struct err *e)
{
    char here[PATH_MAX];

    if (*path == '/')
        return path;
    if (!getcwd(here, sizeof here)) {
        err_errno(e, "this folder");
        return NULL;
    }
    if (!strcmp(path, "."))
        return arena_dup(a, str_of(here)).s;
    return file_join(a, str_of(here), str_of(path)).s;
}

/* What the store keeps of the command line. */
static struct str options_json(struct arena *a, const struct run_options *o,
                               struct buf *b)
{
    struct value_pair pairs[] = {
        {STR("allow_rejected"), value_bool(o->allow_rejected)},
        {STR("from"), value_string(text_of(o->from))},
        {STR("jobs"), value_int(o->jobs)},
        {STR("keep_going"), value_bool(o->keep_going)},
        {STR("only"), value_string(text_of(o->only))},
        {STR("until"), value_string(text_of(o->until))},
    };
    struct value map = {.kind = VALUE_MAP, .map = {pairs, 6}};

    (void)a;
    value_json(b, &map, false);
    return buf_str(b);
}

static int execute(struct sched_spec *spec, enum report_format format,
                   bool quiet, int64_t *run)
{
    struct report_options options = {
        .format = format,
        .fd = STDOUT_FILENO,
        .colour = report_colour(STDOUT_FILENO),
        .quiet = quiet,
        .asks = isatty(STDIN_FILENO),
    };
    struct report *report = report_create(&options);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct ask *ask = ask_create(report);
    struct event_sink sinks[] = {report_sink(report), ask_sink(ask)};
    struct sched_result result = {.code = EXIT_INTERNAL};
    struct err e = {0};
    struct sched *s;
    bool ok;

    /* Who looks on may go away; what was begun is brought to its end. */
    sigaction(SIGPIPE, &ignore, NULL);
    spec->sinks = sinks;
    spec->n_sinks = sizeof sinks / sizeof *sinks;
    s = sched_create(spec, &e);
    if (s && isatty(STDIN_FILENO))
        ask_listen(ask, s);
    ok = s && sched_run(s, &result, &e);
    *run = result.run;
    ask_destroy(ask);
    sched_destroy(s);
    report_destroy(report);
    if (ok)
        return result.code;
    return fail(e.kind == ERR_USAGE ? EXIT_INPUT : EXIT_INTERNAL, &e);
}

/* Before the run, whether its reports will have a place; after it, however
 * it ended, the reports. */
static bool make_place(const char *dir, struct err *e)
{
    if (!dir)
        return true;
    if (!file_mkdirs(dir, 0755, e))
        return err_wrap(e, "--report");
    return !access(dir, W_OK) || err_errno(e, "--report: '%s'", dir);
}

static int report_run(struct arena *a, struct store *s, int64_t run,
                      const char *dir, int code)
{
    struct err e = {0};

    if (!dir || !run || page_write_all(a, s, run, dir, &e))
        return code;
    return fail(code ? code : EXIT_INTERNAL, &e);
}

int run_graph(struct arena *a, const struct run_options *o,
              const struct graph *g, struct str json)
{
    char digest[SHA256_HEX_BYTES], program[PATH_MAX];
    struct str folder = arena_dup(a, file_dir(g->file));
    struct err e = {0};
    const char *dir = absolute(a, folder.s, &e);
    const char *state = o->state ? o->state
                                 : file_join(a, folder, STR(".pipec")).s;
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    struct buf options = {0};
    struct store *store;
    int64_t run = 0;
    int code;

    program[n > 0 ? n : 0] = '\0';
    state = dir ? absolute(a, state, &e) : NULL;
    store = state && make_place(o->report, &e)
        ? store_open(state, STORE_WRITE, &e) : NULL;
    if (!store)
        return fail(EXIT_INTERNAL, &e);
    sha256_hex(json, digest);
    code = execute(&(struct sched_spec){
        .graph = g,
        .digest = digest,
        .plan_json = json,
        .store = store,
        .options = options_json(a, o, &options),
        .pipeline_dir = dir,
        .program = program,
        .stdlib = o->stdlib,
        .envp = (const char *const *)environ,
        .git = run_git(a, g),
        .jobs = (size_t)o->jobs,
        .keep_going = o->keep_going,
        .no_cache = o->no_cache,
        .allow_rejected = o->allow_rejected,
        .wait = o->wait || isatty(STDIN_FILENO),
        .select = {text_of(o->only), text_of(o->from), text_of(o->until)},
        .resume = o->resume,
    }, format_of(o->format), o->quiet, &run);
    code = report_run(a, store, run, o->report, code);
    store_close(store);
    buf_free(&options);
    return code;
}

static int run_plan(const struct run_options *o,
                    const struct option_list *params, const char *path)
{
    struct arena a = {0};
    struct graph g = {0};
    struct str json;
    struct err e = {0};
    int code;

    if (!file_read(&a, path, PLAN_BYTES_MAX, &json, &e) ||
        (!graph_load(&a, json, &g, &e) && !err_wrap(&e, "plan '%s'", path)) ||
        (!plan_check(&g, params, &e) && !err_wrap(&e, "plan '%s'", path)))
        code = fail(EXIT_INPUT, &e);
    else
        code = run_graph(&a, o, &g, json);
    arena_free(&a);
    return code;
}

/* What the compiler held is given back: the plan is all that a run needs, and
 * one that is large stays for long. */
static int run_compact(const struct run_options *o, struct project *p,
                       struct str json)
{
    struct arena a = {0};
    struct graph g;
    struct err e = {0};
    int code;

    project_close(p);
    *p = (struct project){0};
    code = graph_load(&a, json, &g, &e) ? run_graph(&a, o, &g, json)
                                        : fail(EXIT_INTERNAL, &e);
    arena_free(&a);
    return code;
}

static int run_pipeline(const struct run_options *o,
                        const struct project_options *from)
{
    struct project p = {0};
    struct buf json = {0};
    struct err e = {0};
    int code = EXIT_INPUT;

    if (!project_open(&p, from, &e)) {
        fail(code, &e);
    } else {
        bool ok = project_compile(&p, from, true);

        project_report(&p, DIAG_TEXT);
        if (ok) {
            graph_json(&json, &p.graph);
            code = json.n > COMPACT_BYTES
                       ? run_compact(o, &p, buf_str(&json))
                       : run_graph(&p.arena, o, &p.graph, buf_str(&json));
        }
    }
    buf_free(&json);
    project_close(&p);
    return code;
}

int command_run(int argc, char **argv)
{
    struct run_options o = {0};
    struct project_options from = {0};
    int resume = 0;
    const struct option table[] = {
        {0, "only", OPTION_TEXT, &o.only, "STAGES", "just these, by comma"},
        {0, "from", OPTION_TEXT, &o.from, "STAGES", "these and all after"},
        {0, "until", OPTION_TEXT, &o.until, "STAGES", "these and all before"},
        {'p', "param", OPTION_LIST, &from.params, "NAME=VALUE", "give a param "
         "a value"},
        {'j', "jobs", OPTION_NUMBER, &o.jobs, "N", "stages at once; default: "
         "the processors"},
        {'k', "keep-going", OPTION_FLAG, &o.keep_going, NULL, "after a "
         "failure, run what does not depend on it"},
        {0, "resume", OPTION_NUMBER, &resume, "RUN", "go on with a run that "
         "died or failed"},
        {0, "no-cache", OPTION_FLAG, &o.no_cache, NULL, "run stages even if "
         "their inputs did not change"},
        {0, "allow-rejected", OPTION_FLAG, &o.allow_rejected, NULL, "also "
         "versions that were rolled back"},
        {0, "wait", OPTION_FLAG, &o.wait, NULL, "for approvals, though this "
         "is no terminal"},
        {0, "format", OPTION_TEXT, &o.format, "tty|plain|json|github|gitlab",
         "how to show it"},
        {0, "report", OPTION_TEXT, &o.report, "DIR", "write report.html, "
         "junit.xml and results.sarif there when the run ends"},
        {'q', "quiet", OPTION_FLAG, &o.quiet, NULL, "show what stages print "
         "only if they fail"},
        {0, "state", OPTION_TEXT, &o.state, "DIR", "where to remember runs; "
         "default: .pipec beside the file"},
        {0, "stdlib", OPTION_TEXT, &from.stdlib_dir, "DIR", "take the standard "
         "library from there"},
        {0},
    };
    const struct option_usage usage = {
        "run", "[FILE|PLANFILE]", 1,
        "Runs the stages of a pipeline, or of a plan saved by 'pipec plan "
        "--out'.\n"};
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;
    o.resume = resume;
    o.stdlib = from.stdlib_dir;
    from.file = argc > 1 ? argv[1] : NULL;
    return is_plan(from.file) ? run_plan(&o, &from.params, from.file)
                              : run_pipeline(&o, &from);
}
