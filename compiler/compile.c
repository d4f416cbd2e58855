#include "compiler/compile.h"

#include "base/file.h"
#include "compiler/check.h"

#include <stdlib.h>

struct graph_place place_of(struct check *c, struct span s)
{
    struct source_place p = source_place(c->o->sources, s.start);

    if (!p.file || !span_some(s))
        return (struct graph_place){0};
    return (struct graph_place){p.file->path, p.line, p.column};
}

size_t node_find(struct check *c, struct str id)
{
    /* Made at the first question: many pipelines never ask. */
    if (!map_first(&c->ids))
        for (size_t i = 0; i < c->n_drafts; i++)
            map_set(c->a, &c->ids, c->nodes[i].id,
                    (void *)(uintptr_t)(i + 1));
    return (size_t)(uintptr_t)map_get(&c->ids, id);
}

struct graph_extra *node_extra(struct check *c, struct graph_node *n)
{
    if (n->extra == c->plain) {
        n->extra = arena_new(c->a, struct graph_extra);
        *n->extra = *c->plain;
    }
    return n->extra;
}

/* Every instance gets its place among the nodes. */
static void number_nodes(struct check *c)
{
    size_t n = 0, i;

    for (i = 0; i < c->stages.n && n <= COMPILE_NODES_MAX; i++)
        if (expand_cells(c, c->stages.items[i]))
            n += c->stages.items[i]->n_cells;
    if (n > COMPILE_NODES_MAX) {
        diag_add(c->d, DIAG_E0610, (struct span){0, 0},
                 "more than %d stages", COMPILE_NODES_MAX);
        c->stages.n = n = 0;
    }
    n += c->environments.n; /* each may ask for an approval */
    c->drafts = arena_array(c->a, struct draft, n);
    c->nodes = arena_array(c->a, struct graph_node, n);
    c->plain = arena_new(c->a, struct graph_extra);
    c->plain->retry.factor = 1;
    for (i = 0, n = 0; i < c->stages.n; i++) {
        struct stage *t = c->stages.items[i];

        t->first = (uint32_t)n;
        for (size_t k = 0; k < t->n_cells && t->cells; k++, n++) {
            struct str id = t->id;

            if (t->symbol.each)
                id = arena_printf(c->a, STR_FMT "[" STR_FMT "]", STR_ARG(id),
                                  STR_ARG(t->cells[k].key));
            c->drafts[n].node = &c->nodes[n];
            c->nodes[n].id = id;
        }
    }
    c->n_drafts = n;
}

static void check_stages(struct check *c)
{
    for (size_t i = 0; i < c->stages.n; i++) {
        struct stage *t = c->stages.items[i];
        size_t errors = c->d->errors;

        /* What is wrong with the first instance is wrong with the others. */
        for (size_t k = 0; t->cells && k < t->n_cells; k++) {
            struct draft *d = &c->drafts[t->first + k];

            c->refs.n = 0;
            stage_check(c, t, k, d);
            link_refs(c, d);
            if (c->d->errors != errors)
                break;
            rollout_check(c, t, d);
        }
    }
}

/* lets that nothing uses are checked all the same. */
static void check_rest(struct check *c)
{
    for (size_t i = 0; i < c->values.n; i++) {
        struct symbol *y = c->values.items[i];
        bool used = y->used;

        if (y->kind <= SYMBOL_SECRET && y->state == SYMBOL_NEW)
            symbol_value(c, y, y->span);
        y->used = used;
    }
    for (size_t i = 0; i < c->environments.n; i++)
        environment_check(c, c->environments.items[i]);
    param_report_unknown(c);
    policy_read(c);
}

static int by_kind(const void *a, const void *b)
{
    const struct graph_fact *x = a, *y = b;

    return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1)
                              : str_cmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
    const struct graph_secret *x = a, *y = b;

    return str_cmp(x->name, y->name);
}

static void lower_edges(struct check *c, const struct draft *d,
                        struct graph_node *n)
{
    n->n_edges = d->n_refs;
    n->edges = arena_array(c->a, struct graph_edge, d->n_refs);
    for (size_t i = 0; i < d->n_refs; i++) {
        const struct ref *r = &d->refs[i];
        bool by_id = r->reason == EDGE_NEEDS &&
                     str_eq(r->text, c->nodes[r->from].id);

        n->edges[i] = (struct graph_edge){r->from, r->reason,
                                          by_id ? STR("") : r->text};
    }
}

static void lower(struct check *c, const struct ast_file *file,
                  struct graph *out)
{
    *out = (struct graph){.pipeline = c->pipeline,
                          .file = file->source->path};
    if (!out->pipeline.n)
        out->pipeline = c->o->folder;
    out->n_nodes = c->n_drafts;
    out->nodes = c->nodes;
    for (size_t i = 0; i < c->n_drafts; i++)
        lower_edges(c, &c->drafts[i], &out->nodes[i]);
    out->facts = c->facts.items;
    out->n_facts = c->facts.n;
    if (c->facts.n)
        qsort(out->facts, out->n_facts, sizeof(*out->facts), by_kind);
    out->secrets = c->secrets.items;
    out->n_secrets = c->secrets.n;
    if (c->secrets.n)
        qsort(out->secrets, out->n_secrets, sizeof(*out->secrets), by_name);
    out->n_environments = c->environments.n;
    out->environments = arena_array(c->a, struct graph_environment,
                                    c->environments.n);
    for (size_t i = 0; i < c->environments.n; i++)
        out->environments[i] = (struct graph_environment){
            c->environments.items[i]->name, c->environments.items[i]->config};
}

static void release(struct check *c)
{
    scope_free_all(c);
    for (size_t i = 0; i < c->modules.n; i++) {
        map_free(&c->modules.items[i]->defines);
        map_free(&c->modules.items[i]->uses);
    }
    map_free(&c->schemas.entries);
    map_free(&c->missing);
    map_free(&c->secret_names);
    for (size_t i = 0; i <= FACT_TOOL; i++)
        map_free(&c->fact_names[i]);
    map_free(&c->ids);
}

bool compile(struct arena *a, const struct ast_file *file,
             const struct compile_options *o, struct diags *d,
             struct graph *out)
{
    struct check c = {.a = a, .o = o, .d = d};

    facts_file(&c, file_base(file->source->path), file->source->text);
    facts_commit(&c);
    c.root = module_create(&c, NULL, file_base(file->source->path),
                           (struct str){0});
    declare_module(&c, c.root, &file->block);
    expand_block(&c, c.root->scope, &file->block, (struct str){0}, NULL, 0);
    number_nodes(&c);
    check_stages(&c);
    check_rest(&c);
    uint32_t *order = link_cycles(&c);

    if (d->errors == 0)
        environment_approvals(&c, order);
    if (d->errors == 0)
        policy_check(&c);
    if (d->errors == 0)
        unused_check(&c);
    if (d->errors == 0 && out)
        lower(&c, file, out);
    release(&c);
    return d->errors == 0;
}
