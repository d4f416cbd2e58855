#include "cli/rollback.h"

#include "cli/run.h"

enum { RUNS_MAX = 10000 }; /* looked through */

/* ---- what a run knew ----------------------------------------------------- */

struct known {
    struct arena *a;
    const struct stored_run *r;
    struct store_output *outputs;
    size_t n;
};

static bool look_up(void *ctx, const struct expr *x, struct value *out,
                    struct err *e)
{
    struct known *k = ctx;

    for (size_t i = 0; x->kind == EXPR_OUTPUT && i < k->n; i++)
        if (str_eq(k->outputs[i].node, x->stage) &&
            str_eq(k->outputs[i].name, x->name))
            return value_from_json(k->a, k->outputs[i].value, out, e);
    if (x->kind == EXPR_VAR && str_eq(x->name, STR("git"))) {
        *out = run_git(k->a, &k->r->graph);
        return true;
    }
    return err_set(e, ERR_INPUT, "'" STR_FMT "' is not known any more",
                   STR_ARG(x->name));
}

static struct value resolve(struct known *k, const struct value *v)
{
    struct expr_env env = {.lookup = look_up, .ctx = k};
    struct value out = *v;
    struct err e = {0};

    if (v->kind == VALUE_EXPR &&
        (!expr_eval(k->a, v->expr, &env, &out, &e) ||
         out.kind == VALUE_UNKNOWN))
        return *v;
    if (v->kind == VALUE_LIST) {
        out.list.items = arena_array(k->a, struct value, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            out.list.items[i] = resolve(k, &v->list.items[i]);
    }
    if (v->kind == VALUE_MAP) {
        out.map.pairs = arena_array(k->a, struct value_pair, v->map.n + 1);
        for (size_t i = 0; i < v->map.n; i++)
            out.map.pairs[i] = (struct value_pair){
                v->map.pairs[i].key, resolve(k, &v->map.pairs[i].value)};
    }
    return out;
}

struct value rollback_resolve(struct arena *a, struct store *s,
                              const struct stored_run *r,
                              const struct value *v)
{
    struct known k = {.a = a, .r = r};
    struct err e = {0};

    if (!store_list_outputs(a, s, r->run.id, &k.outputs, &k.n, &e))
        k.n = 0;
    return resolve(&k, v);
}

/* ---- whose stages -------------------------------------------------------- */

static bool moves_traffic(const struct graph_node *n)
{
    return graph_has_effect(n, STR("traffic"));
}

static bool named(const struct rollback *b, const struct graph_node *n)
{
    return n->environment.n ? str_eq(n->environment, b->environment)
                            : str_eq(n->id, b->environment);
}

bool rollback_owns(struct arena *a, const struct rollback *b,
                   const struct graph *g, uint32_t node)
{
    const struct graph_node *n = &g->nodes[node];

    if (moves_traffic(n) || !graph_has_effect(n, STR("git push")))
        return moves_traffic(n) && named(b, n);
    if (named(b, n))
        return true;
    for (uint32_t i = 0; !n->environment.n && i < g->n_nodes; i++)
        if (moves_traffic(&g->nodes[i]) && named(b, &g->nodes[i]) &&
            graph_commits(a, g, i)[node])
            return true;
    return false;
}

static const struct graph_node *owned_node(struct arena *a,
                                           const struct rollback *b,
                                           const struct stored_run *r,
                                           struct str id)
{
    for (uint32_t i = 0; i < r->graph.n_nodes; i++)
        if (str_eq(r->graph.nodes[i].id, id) &&
            rollback_owns(a, b, &r->graph, i))
            return &r->graph.nodes[i];
    return NULL;
}

/* ---- commits of a run ---------------------------------------------------- */

static struct str title_of(struct str message)
{
    struct str rest;

    return str_cut(message, '\n', &rest);
}

static void fill_repo(struct rollback_commit *c)
{
    const struct value *repo = value_get(&c->config, STR("repo"));

    c->title = title_of(value_get_str(&c->config, "message", STR("")));
    if (!repo)
        return;
    c->url = value_get_str(repo, "url", STR(""));
    c->branch = value_get_str(repo, "branch", STR(""));
}

static struct value pick_config(struct arena *a, const struct value *config)
{
    static const char *const keys[] = {"author", "message", "repo"};
    struct value out = {.kind = VALUE_MAP};

    out.map.pairs = arena_array(a, struct value_pair, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct value *v = value_get(config, str_of(keys[i]));

        if (v)
            out.map.pairs[out.map.n++] =
                (struct value_pair){str_of(keys[i]), *v};
    }
    return out;
}

static struct str output_of(struct known *k, struct str node, const char *name)
{
    struct value v;
    struct err e = {0};

    for (size_t i = 0; i < k->n; i++)
        if (str_eq(k->outputs[i].node, node) &&
            str_eq(k->outputs[i].name, str_of(name)) &&
            value_from_json(k->a, k->outputs[i].value, &v, &e) &&
            v.kind == VALUE_STRING)
            return v.s;
    return STR("");
}

/* The commit that a revert took back: of this run, or listed by a rollback. */
static bool reverted_by(struct rollback *b, const struct graph_node *n,
                        struct rollback_commit *c)
{
    const struct value *back = value_get(&n->config, STR("rollback"));
    const struct value *list = back ? value_get(back, STR("commits")) : NULL;

    for (size_t i = 0; list && i < list->list.n; i++) {
        const struct value *x = &list->list.items[i];
        const struct value *out = value_get(x, STR("outputs"));

        if (!out || !str_eq(value_get_str(out, "sha", STR("")), c->reverts))
            continue;
        c->config = *value_get(x, STR("config"));
        c->environment = value_get_str(x, "environment", STR(""));
        return true;
    }
    for (size_t i = 0; i < b->commits.n; i++)
        if (str_eq(b->commits.items[i].sha, c->reverts)) {
            c->config = b->commits.items[i].config;
            c->environment = b->commits.items[i].environment;
            return true;
        }
    return false;
}

static void add_commit(struct known *k, struct rollback *b,
                       const struct graph_node *n,
                       const struct store_effect *x)
{
    struct rollback_commit c = {.run = k->r->run.id, .node = n, .id = n->id,
                                .environment = n->environment};
    struct value result = {0}, data = {0}, config;
    struct err e = {0};

    if (!value_from_json(k->a, x->result, &result, &e) ||
        !value_get_bool(&result, "changed", false))
        return;
    c.sha = value_get_str(&result, "sha", STR(""));
    if (value_from_json(k->a, x->data, &data, &e))
        c.reverts = value_get_str(&data, "revert", STR(""));
    if (c.reverts.n) {
        if (!reverted_by(b, n, &c))
            return;
    } else {
        config = resolve(k, &n->config);
        c.config = pick_config(k->a, &config);
        c.version = output_of(k, n->id, "version");
    }
    fill_repo(&c);
    if (c.reverts.n)
        c.title = arena_printf(k->a, "Revert \"" STR_FMT "\"",
                               STR_ARG(c.title));
    arena_push(k->a, &b->commits, c);
}

static void reverse(struct rollback_commit *v, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        struct rollback_commit x = v[i];

        v[i] = v[n - 1 - i];
        v[n - 1 - i] = x;
    }
}

static bool add_commits(struct arena *a, struct store *s, struct rollback *b,
                        const struct stored_run *r, struct err *e)
{
    struct known k = {.a = a, .r = r};
    struct store_effect *x;
    size_t n, first = b->commits.n;

    if (!store_list_effects(a, s, r->run.id, STR(""), &x, &n, e) ||
        !store_list_outputs(a, s, r->run.id, &k.outputs, &k.n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct graph_node *node =
            str_eq(x[i].effect, STR("commit"))
                ? owned_node(a, b, r, x[i].node) : NULL;

        if (!node)
            continue;
        if (str_eq(x[i].state, STR("done")))
            add_commit(&k, b, node, &x[i]);
        else if (str_eq(x[i].state, STR("intended")) && !r->run.result.n)
            return err_set(e, ERR_USAGE, "run %lld died while '" STR_FMT
                           "' was committing: first let 'pipec resume %lld' "
                           "finish it", (long long)r->run.id,
                           STR_ARG(x[i].node), (long long)r->run.id);
    }
    if (b->commits.n > first)
        reverse(b->commits.items + first, b->commits.n - first);
    return true;
}

/* Pairs of a commit and what took it back need nothing. */
static void cancel_pairs(struct rollback *b)
{
    for (size_t i = 0; i < b->commits.n; i++)
        for (size_t k = i + 1; k < b->commits.n; k++) {
            struct rollback_commit *later = &b->commits.items[i];
            struct rollback_commit *c = &b->commits.items[k];

            if (!later->undone && !c->undone && later->reverts.n &&
                str_eq(later->reverts, c->sha))
                later->undone = c->undone = true;
        }
}

static size_t standing(const struct rollback *b, bool reverts)
{
    size_t n = 0;

    for (size_t i = 0; i < b->commits.n; i++)
        n += !b->commits.items[i].undone &&
             (reverts || !b->commits.items[i].reverts.n);
    return n;
}

/* ---- runs ---------------------------------------------------------------- */

/* Whether it got to a stage that is meant; *promoted: and took its rollout to
 * the end. */
static bool touches(struct arena *a, const struct rollback *b,
                    const struct stored_run *r, bool *promoted)
{
    bool any = false;

    for (uint32_t i = 0; i < r->graph.n_nodes; i++) {
        const struct store_attempt *t = r->stages[i].last;

        if (!t || t->attempt == 0 || !rollback_owns(a, b, &r->graph, i))
            continue;
        any = true;
        *promoted |= moves_traffic(&r->graph.nodes[i]) &&
                     str_eq(t->result, STR("passed")) &&
                     !value_get(&r->graph.nodes[i].config, STR("rollback"));
    }
    return any;
}

static bool look_at(struct arena *a, struct store *s, struct rollback *b,
                    int64_t id, bool *enough, struct err *e)
{
    struct stored_run *r = arena_new(a, struct stored_run);
    bool promoted = false;

    if (!stored_run(a, s, arena_printf(a, "%lld", (long long)id).s, r, e))
        return false;
    if (!touches(a, b, r, &promoted))
        return true;
    if (r->alive)
        return err_set(e, ERR_USAGE, "run %lld is at it: 'pipec abort %lld' "
                       "stops it", (long long)id, (long long)id);
    if (!b->base.run.id) {
        b->base = *r;
        b->promoted = promoted;
    }
    if (!add_commits(a, s, b, r, e))
        return false;
    rollback_add_versions(a, s, b, r);
    cancel_pairs(b);
    *enough = !b->to && (standing(b, false) > 0 ||
                         (promoted && b->base.run.id == id));
    return true;
}

/* The run to go back to has to have been there. */
static bool check_target(struct arena *a, struct store *s,
                         const struct rollback *b, struct err *e)
{
    struct stored_run r;
    bool promoted = false;

    if (!stored_run(a, s, arena_printf(a, "%lld", (long long)b->to).s, &r, e))
        return false;
    return touches(a, b, &r, &promoted) ||
           err_set(e, ERR_USAGE, "run %lld did nothing to '" STR_FMT "'",
                   (long long)b->to, STR_ARG(b->environment));
}

bool rollback_find(struct arena *a, struct store *s, struct rollback *b,
                   struct err *e)
{
    struct store_run *runs;
    bool enough = false;
    size_t n;

    if ((b->to && !check_target(a, s, b, e)) ||
        !store_list_runs(a, s, RUNS_MAX, &runs, &n, e))
        return false;
    for (size_t i = 0; i < n && !enough && runs[i].id != b->to; i++)
        if (!look_at(a, s, b, runs[i].id, &enough, e))
            return false;
    if (!b->base.run.id && !b->to)
        return err_set(e, ERR_USAGE, "no run did anything to '" STR_FMT
                       "': there is no such environment, or nothing to take "
                       "back", STR_ARG(b->environment));
    rollback_list_runs(a, s, b);
    if (!standing(b, b->to > 0) && !b->promoted)
        return err_set(e, ERR_USAGE, b->to ? "'" STR_FMT "' is already at what "
                       "run %lld left" : "nothing of '" STR_FMT "' is left to "
                       "take back", STR_ARG(b->environment), (long long)b->to);
    return true;
}
