#include "cli/stored.h"

#include "base/clock.h"
#include "base/file.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* The nearest folder upwards that has a .pipec; NULL. */
static const char *find_state(struct arena *a)
{
    char here[PATH_MAX];
    struct str dir;

    if (!getcwd(here, sizeof here))
        return NULL;
    for (dir = arena_dup(a, str_of(here));; dir = file_dir(dir)) {
        struct str state = file_join(a, dir, STR(".pipec"));
        struct str db = file_join(a, state, STR("state.db"));

        if (!access(db.s, F_OK))
            return state.s;
        if (dir.n <= 1)
            return NULL;
    }
}

struct store *stored_open(struct arena *a, const char *state, struct err *e)
{
    if (!state)
        state = find_state(a);
    if (state)
        return store_open(state, STORE_READ, e);
    err_set(e, ERR_USAGE, "nothing has run here yet: no .pipec in this folder "
            "or above it");
    return NULL;
}

bool stored_number(const char *text, int64_t *out, struct err *e)
{
    return (str_int(str_of(text), out) && *out > 0) ||
           err_set(e, ERR_USAGE, "'%s' is not the number of a run", text);
}

static void fill_stages(struct arena *a, struct stored_run *r)
{
    r->n_stages = r->graph.n_nodes;
    for (size_t i = 0; i < r->n_attempts; i++)
        if (r->attempts[i].node >= r->n_stages)
            r->n_stages = r->attempts[i].node + 1;
    r->stages = arena_array(a, struct stored_stage, r->n_stages + 1);
    for (size_t i = 0; i < r->graph.n_nodes; i++)
        r->stages[i].node = &r->graph.nodes[i];
    for (size_t i = 0; i < r->n_attempts; i++) {
        struct stored_stage *t = &r->stages[r->attempts[i].node];

        if (!t->last || r->attempts[i].attempt > t->last->attempt ||
            r->attempts[i].started > t->last->started)
            t->last = &r->attempts[i];
        t->attempts += r->attempts[i].attempt > 0;
    }
}

bool stored_run(struct arena *a, struct store *s, const char *text,
                struct stored_run *out, struct err *e)
{
    struct str json;
    struct err lost = {0};
    int64_t id = 0;

    *out = (struct stored_run){0};
    if (text && !stored_number(text, &id, e))
        return false;
    if (!store_get_run(a, s, id, &out->run, e) ||
        !store_list_attempts(a, s, out->run.id, &out->attempts,
                             &out->n_attempts, e))
        return false;
    if (!store_get_plan(a, s, out->run.plan, &json, &lost) ||
        !graph_load(a, json, &out->graph, &lost))
        out->graph = (struct graph){0};
    out->alive = store_run_alive(s, out->run.id);
    fill_stages(a, out);
    return true;
}

bool stored_record(struct arena *a, struct store *s, const char *text,
                   struct stored_record *x, struct err *e)
{
    *x = (struct stored_record){0};
    if (!stored_run(a, s, text, &x->r, e))
        return false;

    int64_t id = x->r.run.id;

    return store_list_outputs(a, s, id, &x->outputs, &x->n_outputs, e) &&
           store_list_effects(a, s, id, STR(""), &x->effects, &x->n_effects,
                              e) &&
           store_list_measurements(a, s, id, &x->measurements,
                                   &x->n_measurements, e) &&
           store_list_events(a, s, id, 0, STR(""), &x->events, &x->n_events,
                             e);
}

struct str stored_log_end(struct arena *a, const struct store *s,
                          const struct store_attempt *t, size_t bytes)
{
    struct str path = store_log_path(a, s, t->run, t->node, t->attempt);
    int fd = open(path.s, O_RDONLY | O_CLOEXEC);
    struct str text = {0}, rest;
    struct err e = {0};

    if (fd < 0)
        return text;
    off_t size = lseek(fd, 0, SEEK_END);
    off_t from = size > (off_t)bytes ? size - (off_t)bytes : 0;

    lseek(fd, from, SEEK_SET);
    if (file_read_fd(a, fd, 2 * bytes, &text, &e) && from)
        str_cut(text, '\n', &rest), text = rest;
    close(fd);
    return text;
}

bool stored_failed(const struct store_attempt *t)
{
    return t->attempt > 0 && t->result.n &&
           !str_eq(t->result, STR("passed")) &&
           !str_eq(t->result, STR("cached")) &&
           !str_eq(t->result, STR("skipped")) &&
           !str_eq(t->result, STR("cancelled"));
}

const char *stored_state(const struct stored_run *r)
{
    return r->run.result.n ? r->run.result.s : r->alive ? "running" : "died";
}

const char *stored_stage_state(const struct stored_run *r,
                               const struct stored_stage *t)
{
    if (!t->last)
        return r->run.result.n ? "left out" : "not begun";
    if (t->last->result.n)
        return t->last->result.s;
    return r->alive ? "running" : "died";
}

int64_t stored_stage_ms(const struct stored_stage *t)
{
    if (!t->last || !t->last->attempt)
        return 0;
    return (t->last->ended ? t->last->ended : clock_wall_ms()) -
           t->last->started;
}

struct stored_back stored_back(struct arena *a, const struct graph *g)
{
    struct stored_back b = {0};

    for (size_t i = 0; i < g->n_nodes && !b.n; i++) {
        const struct value *back = value_get(&g->nodes[i].config,
                                             STR("rollback"));
        const struct value *runs = back ? value_get(back, STR("runs")) : NULL;

        if (!runs || runs->kind != VALUE_LIST)
            continue;
        b.runs = arena_array(a, int64_t, runs->list.n + 1);
        for (size_t k = 0; k < runs->list.n; k++)
            if (runs->list.items[k].kind == VALUE_INT)
                b.runs[b.n++] = runs->list.items[k].i;
    }
    return b;
}

struct str stored_back_text(struct arena *a, const struct stored_back *b)
{
    struct str s = arena_printf(a, "of run%s ", b->n > 1 ? "s" : "");

    for (size_t i = 0; i < b->n; i++)
        s = arena_printf(a, STR_FMT "%s%lld", STR_ARG(s),
                         i == 0            ? ""
                         : i + 1 == b->n ? " and "
                                           : ", ",
                         (long long)b->runs[i]);
    return s;
}

struct value stored_back_value(struct arena *a, const struct stored_back *b)
{
    struct value v = {.kind = b->n ? VALUE_LIST : VALUE_NONE};

    if (!b->n)
        return v;
    v.list.items = arena_array(a, struct value, b->n);
    for (; v.list.n < b->n; v.list.n++)
        v.list.items[v.list.n] = value_int(b->runs[v.list.n]);
    return v;
}
