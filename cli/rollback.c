/* pipec rollback: takes back what the latest run did to an environment, or all
 * that came after a run. */
#include "cli/command.h"

#include "base/buf.h"
#include "base/clock.h"
#include "cli/option.h"
#include "cli/rollback.h"
#include "cli/run.h"
#include "cli/steer.h"

#include <stdio.h>
#include <stdlib.h>

command_fn command_rollback;

enum { SHA_SHOWN = 12 };

static const char about[] =
    "Takes back what the latest run did to an environment: all traffic to its\n"
    "stable version, verified, then a revert of each commit. With --to, all "
    "that came\nafter that run. The version is refused from then on, until it "
    "changes or\n'pipec run --allow-rejected' says so. An environment without a "
    "name is meant by its\nrollout's.\n";

struct rollback_options {
    struct run_options run;
    const char *to, *reason, *by;
    bool dry_run;
};

/* ---- what it is going to do ---------------------------------------------- */

static void print_traffic(const struct graph *g)
{
    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct value *router = value_get(&g->nodes[i].config,
                                               STR("router"));

        if (router)
            printf("  traffic  of " STR_FMT " to stable, through " STR_FMT
                   ", verified\n", STR_ARG(g->nodes[i].id),
                   STR_ARG(value_get_str(router, "is", STR("its router"))));
    }
}

static void print_commits(const struct rollback *b)
{
    for (size_t i = 0; i < b->commits.n; i++) {
        const struct rollback_commit *c = &b->commits.items[i];

        if (!c->undone)
            printf("  revert   " STR_FMT " \"" STR_FMT "\" on " STR_FMT
                   " of " STR_FMT ", of run %lld\n",
                   STR_ARG(str_sub(c->sha, 0, SHA_SHOWN)), STR_ARG(c->title),
                   STR_ARG(c->branch), STR_ARG(c->url), (long long)c->run);
    }
    for (size_t i = 0; i < b->commits.n; i++)
        if (!b->commits.items[i].undone && b->commits.items[i].version.n)
            printf("  refuse   " STR_FMT "\n",
                   STR_ARG(b->commits.items[i].version));
}

static void print_versions(const struct rollback *b)
{
    size_t refused = b->versions.n;

    for (size_t i = 0; i < b->versions.n; i++)
        printf("  refuse   " STR_FMT "\n",
               STR_ARG(b->versions.items[i].version));
    for (size_t i = 0; i < b->commits.n; i++)
        refused += !b->commits.items[i].undone &&
                   b->commits.items[i].version.n > 0;
    if (!refused)
        puts("  refuse   nothing: no commit, build or version= names what was "
             "rolled out");
}

static void print(const struct rollback *b, const struct graph *g)
{
    if (b->to)
        printf(STR_FMT " back to what run %lld left: " STR_FMT "\n",
               STR_ARG(b->environment), (long long)b->to, STR_ARG(b->reason));
    else
        printf(STR_FMT " back to before run %lld: " STR_FMT "\n",
               STR_ARG(b->environment),
               (long long)(b->commits.n ? b->commits.items[b->commits.n - 1].run
                                        : b->base.run.id),
               STR_ARG(b->reason));
    print_traffic(g);
    print_commits(b);
    print_versions(b);
    fflush(stdout);
}

/* ---- doing it ------------------------------------------------------------ */

/* What goes is refused from now on. */
static bool remember(const char *state, const struct rollback *b,
                     struct err *e)
{
    struct store *s = store_open(state, STORE_WRITE, e);
    bool ok = s != NULL;

    for (size_t i = 0; ok && i < b->commits.n; i++) {
        const struct rollback_commit *c = &b->commits.items[i];

        if (!c->undone && c->version.n)
            ok = store_reject(s, c->environment, c->version, c->run,
                              b->reason, e);
    }
    for (size_t i = 0; ok && i < b->versions.n; i++) {
        const struct rollback_version *v = &b->versions.items[i];

        ok = store_reject(s, v->environment, v->version, v->run, b->reason, e);
    }
    store_close(s);
    return ok;
}

static bool prepare(struct arena *a, struct rollback_options *o,
                    struct rollback *b, struct graph *g, struct err *e)
{
    struct store *s = stored_open(a, o->run.state, e);
    bool ok = s && (!o->to || stored_number(o->to, &b->to, e)) &&
              rollback_find(a, s, b, e) && rollback_graph(a, s, b, g, e);

    if (ok)
        o->run.state = arena_dup(a, str_of(store_dir(s))).s;
    store_close(s);
    return ok;
}

static int roll_back(struct arena *a, struct rollback_options *o,
                     const char *environment)
{
    struct rollback b = {.environment = str_of(environment)};
    struct graph g = {0};
    struct buf json = {0};
    struct err e = {0};
    int code = EXIT_DONE;

    b.reason = arena_printf(a, "rolled back by %s%s%s", o->by,
                            o->reason ? ": " : "", o->reason ? o->reason : "");
    if (!prepare(a, o, &b, &g, &e)) {
        fprintf(stderr, "pipec rollback: %s\n", e.msg);
        return e.kind == ERR_USAGE ? EXIT_INPUT : EXIT_INTERNAL;
    }
    print(&b, &g);
    if (o->dry_run)
        return code;
    if (!remember(o->run.state, &b, &e)) {
        fprintf(stderr, "pipec rollback: %s\n", e.msg);
        return EXIT_INTERNAL;
    }
    graph_json(&json, &g);
    code = run_graph(a, &o->run, &g, buf_str(&json));
    buf_free(&json);
    return code;
}

int command_rollback(int argc, char **argv)
{
    struct rollback_options o = {.by = steer_own_name()};
    const struct option table[] = {
        {0, "to", OPTION_TEXT, &o.to, "RUN", "back to what that run left"},
        {0, "reason", OPTION_TEXT, &o.reason, "TEXT", "why, in one sentence"},
        {'n', "dry-run", OPTION_FLAG, &o.dry_run, NULL, "only say what it "
         "would do"},
        {0, "by", OPTION_TEXT, &o.by, "NAME", "who asks; default: you"},
        {0, "format", OPTION_TEXT, &o.run.format,
         "tty|plain|json|github|gitlab", "how to show it"},
        {0, "state", OPTION_TEXT, &o.run.state, "DIR", "where runs are "
         "remembered"},
        {0, "stdlib", OPTION_TEXT, &o.run.stdlib, "DIR", "take the standard "
         "library from there"},
        {0},
    };
    const struct option_usage usage = {"rollback", "ENVIRONMENT", 1, about};
    struct arena a = {0};
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;
    if (argc < 2) {
        fprintf(stderr, "pipec rollback: which environment?\n");
        return EXIT_INPUT;
    }
    code = roll_back(&a, &o, argv[1]);
    arena_free(&a);
    return code;
}
