/* pipec history: the runs of this folder, the latest first. */
#include "cli/command.h"

#include "base/buf.h"
#include "base/clock.h"
#include "cli/option.h"
#include "cli/stored.h"

#include <stdio.h>
#include <string.h>

command_fn command_history;

enum { RUNS_SHOWN = 20 };

static const char *state_of(struct store *s, const struct store_run *r)
{
    return r->result.n                  ? r->result.s
           : store_run_alive(s, r->id)  ? "running"
                                        : "died";
}

/* Of a rollback, which runs it took back; of any run, which one took it back,
 * as far as that is listed too. */
struct mark {
    struct stored_back back;
    int64_t by; /* 0: none */
};

static struct stored_back back_of(struct arena *a, struct store *s,
                                  const struct store_run *r)
{
    static const char word[] = "\"rollback\":{";
    struct graph g = {0};
    struct err e = {0};
    struct str json;

    if (!store_get_plan(a, s, r->plan, &json, &e) ||
        !memmem(json.s, json.n, word, sizeof word - 1) ||
        !graph_load(a, json, &g, &e))
        return (struct stored_back){0};
    return stored_back(a, &g);
}

static struct mark *marks_of(struct arena *a, struct store *s,
                             const struct store_run *r, size_t n)
{
    struct mark *m = arena_array(a, struct mark, n + 1);

    for (size_t i = 0; i < n; i++)
        m[i].back = back_of(a, s, &r[i]);
    for (size_t i = n; i-- > 0;) /* of several, the latest */
        for (size_t j = 0; j < m[i].back.n; j++)
            for (size_t k = i + 1; k < n; k++)
                if (r[k].id == m[i].back.runs[j])
                    m[k].by = r[i].id;
    return m;
}

static struct str mark_text(struct arena *a, const struct mark *m)
{
    struct str s = {"", 0};

    if (m->back.n)
        s = arena_printf(a, "; rollback " STR_FMT,
                         STR_ARG(stored_back_text(a, &m->back)));
    if (m->by)
        s = arena_printf(a, STR_FMT "; taken back by run %lld", STR_ARG(s),
                         (long long)m->by);
    return s;
}

static void print_text(struct arena *a, struct store *s,
                       const struct store_run *r, size_t n)
{
    const struct mark *m = marks_of(a, s, r, n);

    for (size_t i = 0; i < n; i++) {
        int64_t ended = r[i].ended ? r[i].ended : clock_wall_ms();
        struct str at = clock_rfc3339(a, r[i].started);

        printf("%6lld  %.19sZ  %-11s %8s  %s: %lld passed, %lld failed, "
               "%lld skipped%s\n", (long long)r[i].id, at.s,
               state_of(s, &r[i]),
               clock_duration(a, ended - r[i].started).s, r[i].pipeline.s,
               (long long)r[i].passed, (long long)r[i].failed,
               (long long)r[i].skipped, mark_text(a, &m[i]).s);
    }
}

static struct value number_or_none(int64_t n)
{
    return n ? value_int(n) : (struct value){.kind = VALUE_NONE};
}

static void print_json(struct arena *a, struct store *s,
                       const struct store_run *r, size_t n)
{
    const struct mark *m = marks_of(a, s, r, n);
    struct buf b = {0};

    for (size_t i = 0; i < n; i++) {
        struct value_pair pairs[] = {
            {STR("code"), value_int(r[i].code)},
            {STR("ended"), r[i].ended
                 ? value_string(clock_rfc3339(a, r[i].ended))
                 : (struct value){.kind = VALUE_NONE}},
            {STR("failed"), value_int(r[i].failed)},
            {STR("passed"), value_int(r[i].passed)},
            {STR("pipeline"), value_string(r[i].pipeline)},
            {STR("plan"), value_string(r[i].plan)},
            {STR("result"), value_string(str_of(state_of(s, &r[i])))},
            {STR("rollback"), stored_back_value(a, &m[i].back)},
            {STR("run"), value_int(r[i].id)},
            {STR("skipped"), value_int(r[i].skipped)},
            {STR("stages"), value_int(r[i].stages)},
            {STR("started"), value_string(clock_rfc3339(a, r[i].started))},
            {STR("taken_back_by"), number_or_none(m[i].by)},
        };
        struct value map = {.kind = VALUE_MAP,
                            .map = {pairs, sizeof pairs / sizeof *pairs}};

        value_json(&b, &map, false);
        buf_addc(&b, '\n');
    }
    if (b.n)
        fwrite(b.s, 1, b.n, stdout);
    buf_free(&b);
}

int command_history(int argc, char **argv)
{
    const char *state = NULL, *format = "text";
    int limit = RUNS_SHOWN;
    const struct option table[] = {
        {'n', "limit", OPTION_NUMBER, &limit, "N", "how many; default: 20"},
        {0, "format", OPTION_TEXT, &format, "text|json", "JSON: one object a "
         "line"},
        {0, "state", OPTION_TEXT, &state, "DIR", "where runs are remembered"},
        {0},
    };
    const struct option_usage usage = {"history", "", 0,
                                       "Lists the runs of this folder.\n"};
    struct arena a = {0};
    struct err e = {0};
    struct store_run *runs;
    size_t n;
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;

    struct store *s = stored_open(&a, state, &e);

    code = EXIT_DONE;
    if (!s || !store_list_runs(&a, s, (size_t)limit, &runs, &n, &e)) {
        fprintf(stderr, "pipec history: %s\n", e.msg);
        code = e.kind == ERR_USAGE ? EXIT_INPUT : EXIT_INTERNAL;
    } else if (!strcmp(format, "json")) {
        print_json(&a, s, runs, n);
    } else {
        print_text(&a, s, runs, n);
    }
    store_close(s);
    arena_free(&a);
    return code;
}
