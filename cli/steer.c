/* pipec approve, promote, abort, pause, retry: ask something of a run that
 * another process executes. */
#include "cli/command.h"

#include "base/buf.h"
#include "base/clock.h"
#include "cli/option.h"
#include "cli/steer.h"
#include "cli/stored.h"
#include "graph/value.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

command_fn command_approve, command_promote, command_abort, command_pause,
    command_retry;

enum { SEARCHED_RUNS = 100 };

const char *steer_own_name(void)
{
    struct passwd *p = getpwuid(getuid());

    return p ? p->pw_name : "somebody";
}

/* Without a number: the latest run that is running or waits. */
static bool find_run(struct arena *a, struct store *s, int64_t *id,
                     struct err *e)
{
    struct store_run *runs;
    size_t n;

    if (!store_list_runs(a, s, SEARCHED_RUNS, &runs, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (str_eq(runs[i].result, STR("waiting")) ||
            store_run_alive(s, runs[i].id)) {
            *id = runs[i].id;
            return true;
        }
    return err_set(e, ERR_USAGE, "no run is running or waits");
}

/* What is asked, and of whom. */
struct request {
    const char *action, *run, *stage, *by, *reason;
    bool full;
};

/* What goes along with it, as JSON. */
static struct str args_of(const struct request *q, struct buf *b)
{
    struct value reason = value_string(str_of(q->reason ? q->reason : ""));

    if (!q->full && !q->reason)
        return STR("");
    buf_addf(b, "{\"full\":%s,\"reason\":", q->full ? "true" : "false");
    value_json(b, &reason, false);
    buf_addc(b, '}');
    return buf_str(b);
}

static bool put(struct store *s, int64_t id, const struct request *q,
                struct err *e)
{
    struct buf args = {0};
    bool ok = store_put_steer(s, &(struct store_steer){
        .run = id,
        .node = q->stage ? str_of(q->stage) : (struct str){0},
        .action = str_of(q->action),
        .by = str_of(q->by),
        .args = args_of(q, &args),
        .at = clock_wall_ms()}, e);

    buf_free(&args);
    return ok;
}

static bool ask(struct arena *a, struct store *s, const struct request *q,
                struct err *e)
{
    struct store_run r;
    int64_t id = 0;
    bool found = q->run ? stored_number(q->run, &id, e)
                        : find_run(a, s, &id, e);

    if (!found || !store_get_run(a, s, id, &r, e))
        return false;

    bool alive = store_run_alive(s, id);

    if (!alive && strcmp(q->action, "approve") != 0)
        return err_set(e, ERR_USAGE, "run %lld is not running",
                       (long long)id);
    if (!put(s, id, q, e))
        return false;
    if (alive)
        printf("asked run %lld to %s\n", (long long)id, q->action);
    else
        printf("noted; 'pipec resume %lld' goes on\n", (long long)id);
    return true;
}

/* "approve 7 go-live", "approve go-live", "approve 7". */
static void split(int argc, char **argv, const char **run, const char **stage)
{
    int64_t number;

    for (int i = 1; i < argc; i++)
        if (!*run && str_int(str_of(argv[i]), &number))
            *run = argv[i];
        else
            *stage = argv[i];
}

int steer_command(const char *action, const char *about, int argc,
                  char **argv)
{
    const char *state = NULL;
    struct request q = {.action = action, .by = steer_own_name()};
    struct option table[] = {
        {0, "by", OPTION_TEXT, &q.by, "NAME", "who asks; default: you"},
        {0, "state", OPTION_TEXT, &state, "DIR", "where runs are remembered"},
        {0},
        {0},
    };
    const struct option_usage usage = {action, "[RUN] [STAGE]", 2, about};
    struct arena a = {0};
    struct err e = {0};
    int code;

    if (strcmp(action, "promote") == 0)
        table[2] = (struct option){0, "full", OPTION_FLAG, &q.full, NULL,
                                   "all steps at once, to the end"};
    if (strcmp(action, "abort") == 0)
        table[2] = (struct option){0, "reason", OPTION_TEXT, &q.reason, "TEXT",
                                   "why, in one sentence"};
    code = option_parse(&usage, table, &argc, argv);
    if (code >= 0)
        return code;
    split(argc, argv, &q.run, &q.stage);

    struct store *s = stored_open(&a, state, &e);
    bool ok = s && ask(&a, s, &q, &e);

    if (!ok)
        fprintf(stderr, "pipec %s: %s\n", action, e.msg);
    store_close(s);
    arena_free(&a);
    return ok ? EXIT_DONE : e.kind == ERR_USAGE ? EXIT_INPUT : EXIT_INTERNAL;
}

int command_approve(int argc, char **argv)
{
    return steer_command("approve", "Says yes to what a run waits for.\n",
                         argc, argv);
}

int command_promote(int argc, char **argv)
{
    return steer_command("promote", "Takes a rollout past what its step "
                         "waits for.\n",
                         argc, argv);
}

int command_abort(int argc, char **argv)
{
    return steer_command("abort", "Aborts a rollout, or stops a run in "
                         "order.\n", argc, argv);
}

int command_pause(int argc, char **argv)
{
    return steer_command("pause", "Holds a rollout where it is.\n", argc,
                         argv);
}

int command_retry(int argc, char **argv)
{
    return steer_command("retry", "Lets a rollout that is stuck try again.\n",
                         argc, argv);
}
