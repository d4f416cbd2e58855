#include "runtime/sched/part.h"

#include "base/clock.h"
#include "base/die.h"
#include "runtime/proc/nursery.h"
#include "runtime/proc/orphan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void index_nodes(struct sched *s)
{
    for (size_t i = 0; i < s->graph->n_nodes; i++)
        map_set(&s->arena, &s->node_index, s->graph->nodes[i].id,
                &s->graph->nodes[i]);
}

struct weights {
    struct sched *s;
    int64_t *ms;
};

static void note_weight(void *ctx, struct str id, int64_t ms)
{
    struct weights *w = ctx;
    const struct graph_node *n = map_get(&w->s->node_index, id);

    if (n)
        w->ms[n - w->s->graph->nodes] = ms + 1;
}

/* Takes from the store what earlier processes of this run got done. */
static bool take_up(struct sched *s, bool *passed, struct err *e)
{
    struct arena a = {0};
    struct store_attempt *t;
    struct store_output *o;
    size_t n = 0, m = 0;
    bool ok = store_list_attempts(&a, s->store, s->run, &t, &n, e) &&
              store_list_outputs(&a, s->store, s->run, &o, &m, e) &&
              store_last_seq(s->store, s->run, &s->seq, e);

    for (size_t i = 0; ok && i < n; i++) {
        const struct graph_node *node = map_get(&s->node_index, t[i].id);

        if (!node)
            continue;

        uint32_t k = (uint32_t)(node - s->graph->nodes);

        if (t[i].attempt > s->stages[k].base)
            s->stages[k].base = t[i].attempt;
        passed[k] = str_eq(t[i].result, STR("passed")) ||
                    str_eq(t[i].result, STR("cached"));
        s->stages[k].begun = !t[i].result.n;
    }
    for (size_t i = 0; ok && i < m; i++) {
        const struct graph_node *node = map_get(&s->node_index, o[i].node);
        struct value v;
        struct err bad = {0};

        if (node && value_from_json(&a, o[i].value, &v, &bad))
            resolve_add_output(s, (uint32_t)(node - s->graph->nodes),
                               o[i].name, &v);
    }
    arena_free(&a);
    return ok;
}

static bool begin(struct sched *s, bool *passed, struct err *e)
{
    const struct sched_spec *spec = &s->spec;
    struct buf git = {0};

    s->started = clock_wall_ms();
    if (spec->resume) {
        s->run = spec->resume;
        return store_adopt(s->store, s->run, e) && take_up(s, passed, e);
    }
    if (spec->git.kind == VALUE_MAP)
        value_json(&git, &spec->git, false);
    s->run = store_begin(s->store, &(struct store_run){
        .pipeline = s->graph->pipeline,
        .file = s->graph->file,
        .dir = str_of(spec->pipeline_dir),
        .plan = str_of(spec->digest),
        .git = buf_str(&git),
        .options = spec->options,
        .started = s->started,
        .stages = (int64_t)s->graph->n_nodes,
    }, spec->plan_json, e);
    buf_free(&git);
    return s->run != 0;
}

/* What every child gets: ours, and which run it is in, by its number and by
 * the folder that no other run has. */
static void make_env(struct sched *s)
{
    size_t n = 0;

    while (s->spec.envp[n])
        n++;

    const char **envp = arena_array(&s->arena, const char *, n + 3);

    memcpy(envp, s->spec.envp, n * sizeof *envp);
    s->run_dir_entry = arena_printf(&s->arena, CONTAINER_RUN_DIR "%s/logs/%lld",
                                    store_dir(s->store), (long long)s->run);
    resolve_set_variable(envp, &n, s->run_dir_entry.s);
    resolve_set_variable(envp, &n, arena_printf(&s->arena, "PIPEC_RUN=%lld",
                                                (long long)s->run).s);
    s->envp = envp;
}

static bool was_cut_short(void *ctx, struct str stage)
{
    struct sched *s = ctx;
    const struct graph_node *n = map_get(&s->node_index, stage);
    struct stage *mine = n ? &s->stages[n - s->graph->nodes] : NULL;

    if (!mine || !mine->begun)
        return false;
    mine->left_behind = true;
    return true;
}

static bool prepare(struct sched *s, struct err *e)
{
    size_t n = s->graph->n_nodes;
    bool *left_out = arena_array(&s->arena, bool, n + 1);
    bool *passed = arena_array(&s->arena, bool, n + 1);
    struct weights w = {s, arena_array(&s->arena, int64_t, n + 1)};

    s->stages = arena_array(&s->arena, struct stage, n + 1);
    s->secrets = arena_array(&s->arena, struct secret,
                             s->graph->n_secrets + 1);
    index_nodes(s);
    s->loop = loop_create(e);
    if (!s->loop)
        return false;
    s->host = proc_host_create(s->loop, e);
    if (!s->host ||
        !plan_choose(s->graph, &s->spec.select, left_out, e) ||
        !begin(s, passed, e) ||
        !store_durations(s->store, s->graph->pipeline, note_weight, &w, e))
        return false;
    make_env(s);
    if (s->spec.resume)
        orphan_stop(s->run_dir_entry, STR(CONTAINER_STAGE), was_cut_short, s);
    s->plan = plan_create(&(struct plan_spec){
        .graph = s->graph,
        .jobs = s->spec.jobs,
        .keep_going = s->spec.keep_going,
        .left_out = left_out,
        .passed = passed,
        .weight_ms = w.ms,
    });
    return true;
}

struct sched *sched_create(const struct sched_spec *spec, struct err *e)
{
    struct sched *s = calloc(1, sizeof *s);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (!s)
        die_oom();
    s->spec = *spec;
    if (!s->spec.jobs)
        s->spec.jobs = processors > 0 ? (size_t)processors : 1;
    if (s->spec.jobs > SCHED_JOBS_MAX)
        s->spec.jobs = SCHED_JOBS_MAX;
    s->graph = spec->graph;
    s->store = spec->store;
    s->cause = EVENT_NO_NODE;
    s->mask = mask_create();
    if (prepare(s, e))
        return s;
    sched_destroy(s);
    return NULL;
}

void sched_destroy(struct sched *s)
{
    if (!s)
        return;
    secret_stop_all(s);
    plan_destroy(s->plan);
    crew_dismiss(s);
    nursery_destroy(s->nursery);
    proc_host_destroy(s->host);
    loop_destroy(s->loop);
    mask_destroy(s->mask);
    for (size_t i = 0; s->secrets && i < s->graph->n_secrets; i++)
        buf_free(&s->secrets[i].text);
    map_free(&s->node_index);
    arena_free(&s->arena);
    free(s);
}
