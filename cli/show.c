/* pipec show: what a run did. */
#include "cli/command.h"

#include "base/buf.h"
#include "base/clock.h"
#include "cli/option.h"
#include "cli/stored.h"

#include <stdio.h>
#include <string.h>

command_fn command_show;

static void print_attempts(struct arena *a, const struct stored_run *r)
{
    for (size_t i = 0; i < r->n_attempts; i++) {
        const struct store_attempt *t = &r->attempts[i];
        const char *result = t->result.n ? t->result.s
                             : r->alive  ? "running"
                                         : "died";

        printf("  %-24s %-10s", t->id.s, result);
        if (t->attempt)
            printf(" %8s",
                   clock_duration(a, (t->ended ? t->ended : clock_wall_ms()) -
                                         t->started).s);
        if (t->attempt > 1)
            printf("  attempt %d", t->attempt);
        printf("%s%s\n", t->why.n ? "  " : "", t->why.s);
    }
}

static void put_output(struct arena *a, const struct store_output *o)
{
    struct value v;
    struct err e = {0};
    struct str text = o->value;

    if (value_from_json(a, text, &v, &e))
        text = value_show(a, &v);
    printf("  %s.%s = " STR_FMT "\n", o->node.s, o->name.s, STR_ARG(text));
}

static void print_text(struct arena *a, const struct stored_record *x)
{
    const struct store_run *r = &x->r.run;
    struct stored_back back = stored_back(a, &x->r.graph);

    printf("run %lld: %s, %s\n", (long long)r->id, r->pipeline.s,
           stored_state(&x->r));
    if (back.n)
        printf("  rollback %s\n", stored_back_text(a, &back).s);
    printf("  file    %s\n  plan    %s\n  started %s\n", r->file.s, r->plan.s,
           clock_rfc3339(a, r->started).s);
    if (r->ended)
        printf("  ended   %s, after %s\n", clock_rfc3339(a, r->ended).s,
               clock_duration(a, r->ended - r->started).s);
    puts("\nstages");
    print_attempts(a, &x->r);
    if (x->n_outputs)
        puts("\noutputs");
    for (size_t i = 0; i < x->n_outputs; i++)
        put_output(a, &x->outputs[i]);
    if (x->n_effects)
        puts("\neffects on the outside");
    for (size_t i = 0; i < x->n_effects; i++)
        printf("  %-24s %-9s %s %s\n", x->effects[i].node.s,
               x->effects[i].state.s, x->effects[i].effect.s,
               x->effects[i].key.s);
    if (x->n_measurements)
        puts("\nmeasurements");
    for (size_t i = 0; i < x->n_measurements; i++) {
        const struct store_measurement *m = &x->measurements[i];

        printf("  %.19sZ  %-16s %-12s %s%s%s\n", clock_rfc3339(a, m->at).s,
               m->analysis.s, m->verdict.s, m->value.s, m->why.n ? "  " : "",
               m->why.s);
    }
}

static void put(struct buf *b, const char *what, const struct value_pair *p,
                size_t n)
{
    struct value_pair all[16];
    struct value map = {.kind = VALUE_MAP, .map = {all, n + 1}};

    memcpy(all, p, n * sizeof *p);
    all[n] = (struct value_pair){STR("what"), value_string(str_of(what))};
    value_json(b, &map, false);
    buf_addc(b, '\n');
}

#define PUT(b, what, ...)                                                   \
    do {                                                                    \
        struct value_pair members[] = {__VA_ARGS__};                        \
        put((b), (what), members, sizeof members / sizeof *members);        \
    } while (0)

static struct value json_or_none(struct arena *a, struct str json)
{
    struct value v = {.kind = VALUE_NONE};
    struct err e = {0};

    if (json.n && !value_from_json(a, json, &v, &e))
        v.kind = VALUE_NONE;
    return v;
}

static void json_events(struct arena *a, struct buf *b,
                        const struct stored_record *x)
{
    for (size_t i = 0; i < x->n_outputs; i++)
        PUT(b, "output", {STR("stage"), value_string(x->outputs[i].node)},
            {STR("name"), value_string(x->outputs[i].name)},
            {STR("value"), json_or_none(a, x->outputs[i].value)});
    for (size_t i = 0; i < x->n_effects; i++)
        PUT(b, "effect", {STR("stage"), value_string(x->effects[i].node)},
            {STR("effect"), value_string(x->effects[i].effect)},
            {STR("key"), value_string(x->effects[i].key)},
            {STR("state"), value_string(x->effects[i].state)},
            {STR("data"), json_or_none(a, x->effects[i].data)},
            {STR("result"), json_or_none(a, x->effects[i].result)});
    for (size_t i = 0; i < x->n_measurements; i++) {
        const struct store_measurement *m = &x->measurements[i];

        PUT(b, "measurement", {STR("stage"), value_string(m->node)},
            {STR("at"), value_string(clock_rfc3339(a, m->at))},
            {STR("analysis"), value_string(m->analysis)},
            {STR("query"), value_string(m->query)},
            {STR("raw"), json_or_none(a, m->raw)},
            {STR("value"), json_or_none(a, m->value)},
            {STR("verdict"), value_string(m->verdict)},
            {STR("why"), value_string(m->why)});
    }
    for (size_t i = 0; i < x->n_events; i++)
        PUT(b, "event", {STR("seq"), value_int(x->events[i].seq)},
            {STR("at"), value_string(clock_rfc3339(a, x->events[i].at))},
            {STR("stage"), value_string(x->events[i].stage)},
            {STR("event"), value_string(x->events[i].name)},
            {STR("data"), json_or_none(a, x->events[i].data)});
}

static void print_json(struct arena *a, const struct stored_record *x)
{
    const struct store_run *r = &x->r.run;
    struct stored_back back = stored_back(a, &x->r.graph);
    struct buf b = {0};

    PUT(&b, "run", {STR("run"), value_int(r->id)},
        {STR("pipeline"), value_string(r->pipeline)},
        {STR("file"), value_string(r->file)},
        {STR("plan"), value_string(r->plan)},
        {STR("result"), value_string(str_of(stored_state(&x->r)))},
        {STR("rollback"), stored_back_value(a, &back)},
        {STR("code"), value_int(r->code)},
        {STR("started"), value_string(clock_rfc3339(a, r->started))},
        {STR("cause"), json_or_none(a, r->cause)},
        {STR("git"), json_or_none(a, r->git)},
        {STR("options"), json_or_none(a, r->options)});
    for (size_t i = 0; i < x->r.n_attempts; i++) {
        const struct store_attempt *t = &x->r.attempts[i];

        PUT(&b, "attempt", {STR("stage"), value_string(t->id)},
            {STR("kind"), value_string(t->kind)},
            {STR("attempt"), value_int(t->attempt)},
            {STR("result"), value_string(t->result)},
            {STR("why"), value_string(t->why)},
            {STR("duration_ms"), value_int(t->ended ? t->ended - t->started
                                                    : 0)},
            {STR("code"), value_int(t->code)},
            {STR("signal"), value_int(t->sig)},
            {STR("cpu_ms"), value_int(t->cpu_ms)},
            {STR("rss_kib"), value_int(t->rss_kib)},
            {STR("log_bytes"), value_int(t->log_bytes)},
            {STR("optional"), value_bool(t->optional)});
    }
    json_events(a, &b, x);
    if (b.n)
        fwrite(b.s, 1, b.n, stdout);
    buf_free(&b);
}

int command_show(int argc, char **argv)
{
    const char *state = NULL, *format = "text";
    const struct option table[] = {
        {0, "format", OPTION_TEXT, &format, "text|json", "JSON: one object a "
         "line, told apart by 'what'"},
        {0, "state", OPTION_TEXT, &state, "DIR", "where runs are remembered"},
        {0},
    };
    const struct option_usage usage = {
        "show", "[RUN]", 1,
        "Prints what a run did, the latest one without a number.\n"};
    struct arena a = {0};
    struct stored_record x = {0};
    struct err e = {0};
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;

    struct store *s = stored_open(&a, state, &e);
    bool ok = s && stored_record(&a, s, argc > 1 ? argv[1] : NULL, &x, &e);

    if (!ok)
        fprintf(stderr, "pipec show: %s\n", e.msg);
    else if (!strcmp(format, "json"))
        print_json(&a, &x);
    else
        print_text(&a, &x);
    store_close(s);
    arena_free(&a);
    return ok ? EXIT_DONE : e.kind == ERR_USAGE ? EXIT_INPUT : EXIT_INTERNAL;
}
