/* pipec status: where a run is, stage by stage. */
#include "cli/command.h"

#include "base/buf.h"
#include "base/clock.h"
#include "cli/option.h"
#include "cli/stored.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

command_fn command_status;

enum { WATCH_US = 500 * 1000, NAME_COLUMNS_MAX = 40 };

static struct str waiting_text(struct arena *a, const struct value *data)
{
    struct str why = value_get_str(data, "why", STR(""));
    struct str what = value_get_str(data, "what", STR(""));

    if (str_eq(why, STR("steer")))
        return arena_printf(a, "is held: " STR_FMT, STR_ARG(what));
    return arena_printf(a, "waits for " STR_FMT ": " STR_FMT, STR_ARG(why),
                        STR_ARG(what));
}

/* What a running stage waits for: its last stage.waiting, if nothing of it
 * came after. */
static struct str waits_for(struct arena *a, struct store *s,
                            const struct stored_run *r, struct str stage)
{
    struct store_event *v;
    struct value data;
    struct err e = {0};
    size_t n;

    if (!store_list_events(a, s, r->run.id, 0, stage, &v, &n, &e))
        return STR("");
    for (size_t i = n; i-- > 0;) {
        if (str_eq(v[i].name, STR("approval.given")) ||
            str_eq(v[i].name, STR("rollout.steered")) ||
            str_eq(v[i].name, STR("rollout.weight")))
            return STR("");
        if (str_eq(v[i].name, STR("stage.waiting")) &&
            value_from_json(a, v[i].data, &data, &e))
            return waiting_text(a, &data);
    }
    return STR("");
}

static struct str id_of(const struct stored_stage *t)
{
    return t->node ? t->node->id : t->last ? t->last->id : STR("?");
}

static struct str remark(struct arena *a, struct store *s,
                         const struct stored_run *r,
                         const struct stored_stage *t)
{
    if (!t->last)
        return STR("");
    if (!t->last->result.n)
        return waits_for(a, s, r, t->last->id);
    return t->last->why;
}

static void print_text(struct arena *a, struct store *s,
                       const struct stored_run *r)
{
    int64_t ended = r->run.ended ? r->run.ended : clock_wall_ms();
    size_t width = 0;

    printf("run %lld: %s, %s %s %s\n", (long long)r->run.id,
           r->run.pipeline.s, stored_state(r),
           r->run.ended ? "after" : "for",
           clock_duration(a, ended - r->run.started).s);
    for (size_t i = 0; i < r->n_stages; i++)
        if (id_of(&r->stages[i]).n > width)
            width = id_of(&r->stages[i]).n;
    if (width > NAME_COLUMNS_MAX)
        width = NAME_COLUMNS_MAX;
    for (size_t i = 0; i < r->n_stages; i++) {
        const struct stored_stage *t = &r->stages[i];
        int64_t ms = stored_stage_ms(t);
        struct str why = remark(a, s, r, t);

        printf("  %-*.*s  %-10s %8s%s%.*s\n", (int)width,
               STR_ARG(id_of(t)), stored_stage_state(r, t),
               t->last && t->last->attempt ? clock_duration(a, ms).s : "",
               why.n ? "  " : "", STR_ARG(why));
    }
}

static void print_json(struct arena *a, struct store *s,
                       const struct stored_run *r)
{
    struct value *stages = arena_array(a, struct value, r->n_stages + 1);
    struct buf b = {0};

    for (size_t i = 0; i < r->n_stages; i++) {
        const struct stored_stage *t = &r->stages[i];
        struct value_pair *pairs = arena_array(a, struct value_pair, 5);

        pairs[0] = (struct value_pair){STR("attempts"),
                                       value_int(t->attempts)};
        pairs[1] = (struct value_pair){STR("duration_ms"),
                                       value_int(stored_stage_ms(t))};
        pairs[2] = (struct value_pair){STR("stage"), value_string(id_of(t))};
        pairs[3] = (struct value_pair){
            STR("state"), value_string(str_of(stored_stage_state(r, t)))};
        pairs[4] = (struct value_pair){STR("why"),
                                       value_string(remark(a, s, r, t))};
        stages[i] = (struct value){.kind = VALUE_MAP, .map = {pairs, 5}};
    }

    struct value_pair pairs[] = {
        {STR("alive"), value_bool(r->alive)},
        {STR("pipeline"), value_string(r->run.pipeline)},
        {STR("run"), value_int(r->run.id)},
        {STR("stages"), {.kind = VALUE_LIST, .list = {stages, r->n_stages}}},
        {STR("state"), value_string(str_of(stored_state(r)))},
    };
    struct value map = {.kind = VALUE_MAP, .map = {pairs, 5}};

    value_json(&b, &map, false);
    puts(buf_cstr(&b));
    buf_free(&b);
}

static bool show(struct store *s, const char *run, bool json, bool clear,
                 bool *over, struct err *e)
{
    struct arena a = {0};
    struct stored_run r;
    bool ok = stored_run(&a, s, run, &r, e);

    if (ok && clear)
        fputs("\033[H\033[2J", stdout);
    if (ok && json)
        print_json(&a, s, &r);
    else if (ok)
        print_text(&a, s, &r);
    *over = ok && !r.alive;
    fflush(stdout);
    arena_free(&a);
    return ok;
}

int command_status(int argc, char **argv)
{
    const char *state = NULL, *format = "text";
    bool watch = false, over = false;
    const struct option table[] = {
        {'w', "watch", OPTION_FLAG, &watch, NULL, "look again until it ends"},
        {0, "format", OPTION_TEXT, &format, "text|json", "how to print it"},
        {0, "state", OPTION_TEXT, &state, "DIR", "where runs are remembered"},
        {0},
    };
    const struct option_usage usage = {
        "status", "[RUN]", 1,
        "Tells where a run is, the latest one without a number.\n"};
    struct arena a = {0};
    struct err e = {0};
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;

    struct store *s = stored_open(&a, state, &e);
    const char *run = argc > 1 ? argv[1] : NULL;
    bool ok = s != NULL;

    while (ok && !over) {
        ok = show(s, run, !strcmp(format, "json"),
                  watch && isatty(STDOUT_FILENO), &over, &e);
        if (!watch)
            break;
        if (ok && !over)
            usleep(WATCH_US);
    }
    if (!ok)
        fprintf(stderr, "pipec status: %s\n", e.msg);
    store_close(s);
    arena_free(&a);
    return ok ? EXIT_DONE : e.kind == ERR_USAGE ? EXIT_INPUT : EXIT_INTERNAL;
}
