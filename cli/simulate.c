/* pipec simulate: what a rollout would decide, on a virtual clock. */
#include "cli/command.h"

#include "base/file.h"
#include "cli/option.h"
#include "cli/project.h"
#include "cli/simulation.h"
#include "runtime/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

command_fn command_simulate;

enum { CONFIG_BYTES_MAX = 4 * 1024 * 1024 };

struct simulate_options {
    struct project_options project;
    const char *rollout, *series, *against, *format, *seed, *runs, *run, *state;
    struct option_list model;
};

/* ---- policies ------------------------------------------------------------ */

static bool from_json(struct arena *a, const char *path, struct simulation *s,
                      struct err *e)
{
    struct str text;

    s->name = STR("rollout");
    return file_read(a, path, CONFIG_BYTES_MAX, &text, e) &&
           (rollout_spec_from_json(a, text, &s->spec, e) ||
            err_wrap(e, "%s", path));
}

static const struct graph_node *rollout_of(const struct graph *g,
                                           const char *name, struct err *e)
{
    const struct graph_node *found = NULL;

    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *node = &g->nodes[i];

        if (!str_eq(node->kind, STR("rollout")) ||
            (name && !str_eq(node->id, str_of(name))))
            continue;
        if (found) {
            err_set(e, ERR_USAGE, "there are several rollouts, '" STR_FMT
                    "' and '" STR_FMT "': say which with --rollout",
                    STR_ARG(found->id), STR_ARG(node->id));
            return NULL;
        }
        found = node;
    }
    if (!found)
        err_set(e, ERR_USAGE, name ? "there is no rollout '%s'"
                                   : "there is no rollout in it%s",
                name ? name : "");
    return found;
}

static bool from_pipeline(struct project *p, const struct simulate_options *o,
                          const char *file, struct simulation *s,
                          struct err *e)
{
    struct project_options po = o->project;
    const struct graph_node *node;

    po.file = file;
    if (!project_open(p, &po, e))
        return false;
    if (!project_compile(p, &po, true)) {
        project_report(p, DIAG_TEXT);
        return err_set(e, ERR_INPUT, "'" STR_FMT "' does not compile",
                       STR_ARG(p->path));
    }
    s->file = p->path;
    node = rollout_of(&p->graph, o->rollout, e);
    if (!node)
        return false;
    s->name = node->id;
    return rollout_spec_load(&p->arena, &node->config, &s->spec, e) ||
           err_wrap(e, "rollout '" STR_FMT "'", STR_ARG(node->id));
}

static bool load_policy(struct project *p, const struct simulate_options *o,
                        const char *file, struct simulation *s, struct err *e)
{
    s->file = str_of(file ? file : "");
    if (file && str_ends(str_of(file), STR(".json")))
        return from_json(&p->arena, file, s, e);
    return from_pipeline(p, o, file, s, e);
}

/* ---- what is measured ---------------------------------------------------- */

static bool read_series(struct arena *a, const char *path,
                        struct simulate_set *out, struct err *e)
{
    struct str text;
    bool csv = str_ends(str_of(path), STR(".csv"));

    if (strcmp(path, "-") == 0
            ? !file_read_fd(a, STDIN_FILENO, SIMULATE_BYTES_MAX, &text, e)
            : !file_read(a, path, SIMULATE_BYTES_MAX, &text, e))
        return false;
    if (csv ? simulate_series_csv(a, text, out, e)
            : simulate_series_json(a, text, out, e))
        return true;
    return err_wrap(e, "series '%s'", path);
}

static void add_recorded(struct arena *a, struct buf *json,
                         const struct store_measurement *m, int64_t since)
{
    struct value why = value_string(m->why);

    buf_addf(json, "%s{\"t\":%lld,\"value\":" STR_FMT,
             json->s[json->n - 1] == '[' ? "" : ",",
             (long long)(m->at > since ? m->at - since : 0),
             STR_ARG(m->value.n ? m->value : STR("null")));
    if (str_eq(m->verdict, STR("error"))) {
        buf_adds(json, ",\"error\":");
        value_json(json, &why, false);
    }
    buf_addc(json, '}');
    (void)a;
}

/* The measurements of a run as the series they were. */
static bool recorded(struct arena *a, const struct simulate_options *o,
                     struct simulate_set *out, struct err *e)
{
    struct store *s = store_open(o->state, STORE_READ, e);
    struct store_measurement *m = NULL;
    struct buf json = {0};
    size_t n = 0, first = 0;
    int64_t run = 0;
    bool ok = s && str_int(str_of(o->run), &run) &&
              store_list_measurements(a, s, run, &m, &n, e);

    store_close(s);
    if (!ok || n == 0)
        return err_set(e, ERR_USAGE, "run '%s' has no measurements", o->run);
    buf_addc(&json, '{');
    for (size_t i = 0; i < n; i = first) {
        struct value name = value_string(m[i].analysis);

        buf_adds(&json, i ? "]," : "");
        value_json(&json, &name, false);
        buf_adds(&json, ":[");
        for (size_t k = first = i; k < n; k++) {
            if (!str_eq(m[k].analysis, name.s))
                continue;
            add_recorded(a, &json, &m[k], m[0].at);
            struct store_measurement done = m[k];

            m[k] = m[first];
            m[first++] = done;
        }
    }
    buf_adds(&json, "]}");
    ok = simulate_series_json(a, arena_dup(a, buf_str(&json)), out, e);
    buf_free(&json);
    return ok;
}

static bool set_model(struct simulate_input *in, const struct option_list *list,
                      struct err *e)
{
    for (size_t i = 0; i < list->n; i++) {
        struct str rest = str_of(list->items[i]);

        while (rest.n > 0) {
            struct str text, key, item = str_cut(rest, ',', &rest);

            key = str_cut(item, '=', &text);
            if (!simulate_model_set(&in->model, str_trim(key), str_trim(text),
                                    e))
                return false;
            in->modelled = true;
        }
    }
    return true;
}

static bool prepare(struct arena *a, const struct simulate_options *o,
                    struct simulate_input *in, uint64_t *runs,
                    struct err *e)
{
    struct simulate_set *set = arena_new(a, struct simulate_set);
    int64_t n = 1, seed = 1;

    in->model = simulate_model_default();
    if (!str_int(str_of(o->seed), &seed) || !str_int(str_of(o->runs), &n) ||
        n < 1)
        return err_set(e, ERR_USAGE, "--runs and --seed take whole numbers");
    in->seed = (uint64_t)seed;
    *runs = (uint64_t)n;
    if (!set_model(in, &o->model, e))
        return false;
    if (o->series && o->run)
        return err_set(e, ERR_USAGE, "either --series or --run");
    if (o->series || o->run) {
        in->series = set;
        return o->series ? read_series(a, o->series, set, e)
                         : recorded(a, o, set, e);
    }
    in->modelled = true;
    return true;
}

/* ---- the command --------------------------------------------------------- */

/* Most likely a name that is misspelt. */
static void warn_of_names(const struct simulation *s,
                          const struct simulate_set *set)
{
    for (uint32_t i = 0; i < s->spec.n_analyses; i++) {
        struct str name = s->spec.analyses[i].spec.name;
        size_t k = 0;

        while (k < set->n && !str_eq(set->items[k].name, name))
            k++;
        if (k == set->n)
            fprintf(stderr, "pipec simulate: no series for analysis '" STR_FMT
                    "'%s\n", STR_ARG(name),
                    s->in.modelled ? ", the model measures it"
                                   : ": it has no data");
    }
    for (size_t k = 0; k < set->n; k++) {
        struct str name = set->items[k].name;
        uint32_t i = 0;

        while (i < s->spec.n_analyses &&
               !str_eq(s->spec.analyses[i].spec.name, name))
            i++;
        if (i == s->spec.n_analyses)
            fprintf(stderr, "pipec simulate: no analysis takes the series '"
                    STR_FMT "'\n", STR_ARG(name));
    }
}

static bool carry_out(struct arena *a, struct simulation *s,
                      const struct simulate_input *in, uint64_t runs,
                      struct err *e)
{
    s->in = *in;
    s->in.spec = &s->spec;
    s->runs = runs;
    if (in->series)
        warn_of_names(s, in->series);
    if (runs == 1)
        return simulate_run(a, &s->in, &s->outcome, &s->notes, e);
    return simulate_many(&s->in, runs, &s->summary, e);
}

static void print(struct arena *a, const struct simulation *s, size_t n,
                  const char *format)
{
    struct buf out = {0};
    bool color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");

    if (!strcmp(format, "json"))
        simulation_json(a, &out, s, n);
    else if (!strcmp(format, "html"))
        simulation_html(a, &out, s, n);
    else
        simulation_text(a, &out, s, n, color);
    if (out.n)
        fwrite(out.s, 1, out.n, stdout);
    buf_free(&out);
}

static bool simulate(struct project *p, const struct simulate_options *o,
                     struct err *e)
{
    struct simulation s[2] = {0};
    struct simulate_input in = {0};
    size_t n = o->against ? 2 : 1;
    uint64_t runs = 1;

    if (!prepare(&p[0].arena, o, &in, &runs, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!load_policy(&p[i], o, i ? o->against : o->project.file, &s[i],
                         e) ||
            !carry_out(&p[i].arena, &s[i], &in, runs, e))
            return false;
    print(&p[0].arena, s, n, o->format);
    return true;
}

int command_simulate(int argc, char **argv)
{
    struct simulate_options o = {.format = "text", .seed = "1", .runs = "1",
                                 .state = ".pipec"};
    struct project p[2] = {0};
    struct err e = {0};
    const struct option table[] = {
        {0, "rollout", OPTION_TEXT, &o.rollout, "NAME", "which, of several"},
        {0, "series", OPTION_TEXT, &o.series, "FILE",
         "recorded metrics, JSON or .csv"},
        {0, "run", OPTION_TEXT, &o.run, "RUN",
         "metrics that a run of the store measured"},
        {'m', "model", OPTION_LIST, &o.model, "KEY=VALUE,...",
         "a made-up world: rate, errors, latency, ..."},
        {0, "runs", OPTION_TEXT, &o.runs, "N", "many runs: the distribution"},
        {0, "seed", OPTION_TEXT, &o.seed, "N", "of the dice (1)"},
        {0, "against", OPTION_TEXT, &o.against, "OTHER",
         "the same world for another policy"},
        {0, "format", OPTION_TEXT, &o.format, "text|json|html", "how to tell"},
        {'p', "param", OPTION_LIST, &o.project.params, "NAME=VALUE",
         "give a param a value"},
        {0, "state", OPTION_TEXT, &o.state, "DIR", "the store (.pipec)"},
        {0, "stdlib", OPTION_TEXT, &o.project.stdlib_dir, "DIR",
         "read the kinds from DIR"},
        {0},
    };
    static const struct option_usage usage = {
        "simulate", "[FILE]", 1,
        "Runs a rollout of FILE on a virtual clock, against recorded metrics "
        "or a\nmodel, and tells what it decides, when, and how many requests "
        "the new version\nserved before that. FILE may also be a rollout's "
        "config as JSON. The model's keys:\n"
        "  rate=100             requests a second\n"
        "  errors=5% stable.errors=0.1%   of requests, per version\n"
        "  latency=250ms stable.latency=100ms noise=5%\n"
        "  from=2m              until then the new version is like the old\n"
        "  window=1m            that a measurement looks back\n"
        "  outage=5m..7m        nothing can be measured\n"
        "  approve=10m          people say yes after; or never\n"
        "  command=30s          that a step's command takes\n"
        "  drift=5m:50%         somebody else sets the canary's weight; with :30s "
        "again\n"
        "  router=5m..7m        the router does not answer\n",
    };
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;
    o.project.file = argc > 1 ? argv[1] : NULL;
    code = EXIT_DONE;
    if (!simulate(p, &o, &e)) {
        fprintf(stderr, "pipec simulate: %s\n", e.msg);
        code = EXIT_INPUT;
    }
    project_close(&p[0]);
    project_close(&p[1]);
    return code;
}
