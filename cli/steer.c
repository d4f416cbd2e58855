/* pipec approve, promote, abort, pause, retry: ask something of a run that
 * another process executes. */
#include "cli/command.h"

#include "base/clock.h"
#include "cli/option.h"
#include "cli/steer.h"
#include "cli/stored.h"

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

static bool ask(struct arena *a, struct store *s, const char *action,
                const char *run, const char *stage, const char *by,
                struct err *e)
{
    struct store_run r;
    int64_t id = 0;
    bool found = run ? stored_number(run, &id, e) : find_run(a, s, &id, e);

    if (!found || !store_get_run(a, s, id, &r, e))
        return false;

    bool alive = store_run_alive(s, id);

    if (!alive && strcmp(action, "approve") != 0)
        return err_set(e, ERR_USAGE, "run %lld is not running",
                       (long long)id);
    if (!store_put_steer(s, &(struct store_steer){
            .run = id,
            .node = stage ? str_of(stage) : (struct str){0},
            .action = str_of(action),
            .by = str_of(by),
            .at = clock_wall_ms()}, e))
        return false;
    if (alive)
        printf("asked run %lld to %s\n", (long long)id, action);
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
    const char *state = NULL, *by = steer_own_name(), *run = NULL, *stage = NULL;
    const struct option table[] = {
        {0, "by", OPTION_TEXT, &by, "NAME", "who asks; default: you"},
        {0, "state", OPTION_TEXT, &state, "DIR", "where runs are remembered"},
        {0},
    };
    const struct option_usage usage = {action, "[RUN] [STAGE]", 2, about};
    struct arena a = {0};
    struct err e = {0};
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;
    split(argc, argv, &run, &stage);

    struct store *s = stored_open(&a, state, &e);
    bool ok = s && ask(&a, s, action, run, stage, by, &e);

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
    return steer_command("promote", "Takes a rollout to its end at once.\n",
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
