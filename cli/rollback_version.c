#include "cli/rollback.h"

/* What a rollback refuses beside the versions of commits, and of which runs it
 * takes something back. */

struct outputs {
    struct store_output *items;
    size_t n;
};

/* The next output `version`, of that node or, where it is empty, of any. */
static bool brought(struct arena *a, const struct outputs *o, struct str node,
                    size_t *from, struct str *version)
{
    for (; *from < o->n; ++*from) {
        const struct store_output *x = &o->items[*from];
        struct err e = {0};
        struct value v;

        if (!str_eq(x->name, STR("version")) ||
            (node.n && !str_eq(x->node, node)) ||
            !value_from_json(a, x->value, &v, &e) || v.kind != VALUE_STRING)
            continue;
        *version = v.s;
        ++*from;
        return true;
    }
    return false;
}

static bool kept_by(struct arena *a, struct store *s, const struct rollback *b,
                    struct str version)
{
    struct outputs o;
    struct str v;
    struct err e = {0};
    size_t from = 0;

    if (!b->to || !store_list_outputs(a, s, b->to, &o.items, &o.n, &e))
        return false;
    while (brought(a, &o, STR(""), &from, &v))
        if (str_eq(v, version))
            return true;
    return false;
}

static bool listed(const struct rollback *b, struct str version)
{
    for (size_t i = 0; i < b->versions.n; i++)
        if (str_eq(b->versions.items[i].version, version))
            return true;
    return false;
}

void rollback_add_versions(struct arena *a, struct store *s,
                           struct rollback *b, const struct stored_run *r)
{
    struct outputs o;
    struct err e = {0};

    if (!store_list_outputs(a, s, r->run.id, &o.items, &o.n, &e))
        return;
    for (uint32_t i = 0; i < r->graph.n_nodes; i++) {
        const struct graph_node *n = &r->graph.nodes[i];
        struct rollback_version v = {.run = r->run.id,
                                     .environment = n->environment};
        size_t from = 0;

        if (graph_has_effect(n, STR("traffic")) &&
            rollback_owns(a, b, &r->graph, i) &&
            brought(a, &o, n->id, &from, &v.version) &&
            !listed(b, v.version) && !kept_by(a, s, b, v.version))
            arena_push(a, &b->versions, v);
    }
}

void rollback_list_runs(struct arena *a, struct store *s, struct rollback *b)
{
    for (size_t i = 0; i < b->commits.n; i++) {
        struct rollback_commit *c = &b->commits.items[i];

        if (c->version.n && kept_by(a, s, b, c->version))
            c->version = STR("");
        if (!c->undone && (!b->runs.n ||
                           b->runs.items[b->runs.n - 1] != c->run))
            arena_push(a, &b->runs, c->run);
    }
    if (!b->runs.n && b->base.run.id)
        arena_push(a, &b->runs, b->base.run.id);
}
