/* Reading a saved plan. What it holds was checked when it was compiled, but
 * the file may come from anywhere: every shape is checked again. */
#include "graph/graph_load.h"

#include "graph/json.h"
#include "graph/words.h"

#include <string.h>

enum { NODES_FEW = 64 };

static const struct value *list_at(struct graph_loader *l, const struct value *v,
                                   const char *key)
{
    static const struct value empty = {.kind = VALUE_LIST};
    const struct value *m = value_get(v, str_of(key));

    if (m && m->kind != VALUE_LIST)
        graph_load_wrong(l, key, "a list");
    return !m ? &empty : m->kind == VALUE_LIST ? m : NULL;
}

static bool facts_from(struct graph_loader *l, const struct value *list)
{
    unsigned kind;

    if (!list)
        return false;
    l->g->n_facts = list->list.n;
    l->g->facts = arena_array(l->a, struct graph_fact, l->g->n_facts);
    for (size_t i = 0; i < l->g->n_facts; i++) {
        const struct value *x = &list->list.items[i];
        const struct value *part = x->list.items;

        if (x->kind != VALUE_LIST || x->list.n != 3 ||
            part[0].kind != VALUE_STRING || part[1].kind != VALUE_STRING ||
            part[2].kind != VALUE_STRING ||
            !graph_load_word(part[0].s, graph_facts, &kind))
            return graph_load_wrong(l, "facts", "a list of [kind, name, value]");
        l->g->facts[i] = (struct graph_fact){(enum graph_fact_kind)kind,
                                             part[1].s, part[2].s};
    }
    return true;
}

static bool secrets_from(struct graph_loader *l, const struct value *list)
{
    unsigned from;

    if (!list)
        return false;
    l->g->n_secrets = list->list.n;
    l->g->secrets = arena_array(l->a, struct graph_secret, l->g->n_secrets);
    for (size_t i = 0; i < l->g->n_secrets; i++) {
        struct members m = members_of(l, &list->list.items[i]);
        struct graph_secret *s = &l->g->secrets[i];

        if (!graph_load_word(member_text(&m, "from"), graph_secrets, &from))
            return m.ok && graph_load_wrong(l, "from", "env, file or exec");
        s->from = (enum graph_secret_from)from;
        s->name = member_text(&m, "name");
        s->place = member_place(&m);
        s->ref = member_text(&m, "ref");
        if (!members_end(&m))
            return err_wrap(l->e, "secret '" STR_FMT "'", STR_ARG(s->name));
    }
    return true;
}

static bool environments_from(struct graph_loader *l, const struct value *list)
{
    if (!list)
        return false;
    l->g->n_environments = list->list.n;
    l->g->environments = arena_array(l->a, struct graph_environment,
                                     l->g->n_environments);
    for (size_t i = 0; i < l->g->n_environments; i++) {
        struct members m = members_of(l, &list->list.items[i]);
        struct graph_environment *x = &l->g->environments[i];

        x->config = member_value(&m, "config");
        x->name = member_text(&m, "name");
        if (!members_end(&m))
            return err_wrap(l->e, "environment '" STR_FMT "'",
                            STR_ARG(x->name));
    }
    return true;
}

/* Room for the node of that id and those after it: how many there will be is
 * told by how far in the text so many were. */
static void grow(struct graph_loader *l, struct str id)
{
    size_t n = l->g->n_nodes, at = (size_t)(id.s - l->json.s);
    struct graph_node *old = l->g->nodes;

    l->cap = n < NODES_FEW || at / n == 0 || at > l->json.n
                 ? 2 * n + NODES_FEW
                 : n + n / 8 + (l->json.n - at) / (at / n);
    l->g->nodes = arena_array(l->a, struct graph_node, l->cap);
    if (n)
        memcpy(l->g->nodes, old, n * sizeof(*old));
}

static bool take_node(void *ctx, const struct value *before,
                      const struct value *v)
{
    struct graph_loader *l = ctx;
    struct graph *g = l->g;

    if (g->n_nodes == l->cap)
        grow(l, value_get_str(v, "id", STR("")));
    if (g->n_nodes == 0) /* their places need it: the first of the names */
        g->file = value_get_str(before, "file", STR(""));
    return graph_load_node(l, v, &g->nodes[g->n_nodes++]);
}

/* Ids are unique, and edges lead to nodes. */
static bool check_nodes(struct graph_loader *l)
{
    const struct graph *g = l->g;
    size_t size = 16;

    while (size < 2 * g->n_nodes)
        size *= 2;
    /* By hash, open addressing: the node's index + 1. */
    uint32_t *ids = arena_array(l->a, uint32_t, size);

    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *n = &g->nodes[i];
        size_t at = str_hash(n->id) & (size - 1);

        for (; ids[at]; at = (at + 1) & (size - 1))
            if (str_eq(g->nodes[ids[at] - 1].id, n->id))
                return err_set(l->e, ERR_INPUT, "stage '" STR_FMT "' is there "
                               "twice", STR_ARG(n->id));
        ids[at] = (uint32_t)i + 1;
        for (size_t k = 0; k < n->n_edges; k++)
            if (n->edges[k].from >= g->n_nodes)
                return err_set(l->e, ERR_INPUT, "stage '" STR_FMT "': 'edges' "
                               "leads to no stage", STR_ARG(n->id));
    }
    return true;
}

bool graph_load(struct arena *a, struct str json, struct graph *out,
                struct err *e)
{
    struct graph_loader l = {.a = a, .g = out, .json = json, .e = e};
    struct json_stream nodes = {STR("nodes"), graph_load_kept, take_node, &l};
    const struct value *list;
    struct value v;

    *out = (struct graph){0};
    if (!json_read_stream(a, json, &nodes, &v, e))
        return err_wrap(e, "not a saved plan");
    if (value_get_int(&v, "language", 0) != 1)
        return err_set(e, ERR_INPUT, "not a saved plan of language 1");
    list = list_at(&l, &v, "nodes");
    if (!list || list->list.n)
        return graph_load_wrong(&l, "nodes", "a list of stages");
    if (!str_eq(out->file, value_get_str(&v, "file", STR(""))) && out->n_nodes)
        return err_set(e, ERR_INPUT, "'file' has to stand before 'nodes'");
    out->file = value_get_str(&v, "file", STR(""));
    out->pipeline = value_get_str(&v, "pipeline", STR(""));
    if (!facts_from(&l, list_at(&l, &v, "facts")) ||
        !secrets_from(&l, list_at(&l, &v, "secrets")) ||
        !environments_from(&l, list_at(&l, &v, "environments")) ||
        !check_nodes(&l))
        return false;
    return graph_order(a, out) ||
           err_set(e, ERR_INPUT, "the stages need one another in a circle");
}
