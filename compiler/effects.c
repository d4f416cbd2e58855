#include "compiler/effects.h"

#include <stdlib.h>

static void take_body(struct check *c, const struct schema_body *body,
                      const struct value *config, struct graph_node *node);

static void add_all(struct check *c, const struct str *effects, size_t n,
                    struct graph_node *node)
{
    struct str *all;

    if (n == 0)
        return;
    all = arena_array(c->a, struct str, node->n_effects + n);
    for (size_t i = 0; i < node->n_effects; i++)
        all[i] = node->effects[i];
    for (size_t i = 0; i < n; i++)
        all[node->n_effects + i] = effects[i];
    node->effects = all;
    node->n_effects += n;
}

void effects_add(struct check *c, struct str effect, struct graph_node *node)
{
    add_all(c, &effect, 1, node);
}

void effects_lua(struct check *c, struct str text, struct graph_node *node)
{
    static const char *const calls[][2] = {
        {"ctx.exec", "exec"},    {"ctx.sh", "exec"},     {"ctx.run", "exec"},
        {"ctx.http", "network"}, {"ctx.git", "network"},
        {"ctx.k8s", "network"},  {"ctx.oci", "network"},
    };

    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
        if (str_search(text, str_of(calls[i][0])) < text.n)
            effects_add(c, str_of(calls[i][1]), node);
}

/* A member of a family: "is" says which. */
static void take_member(struct check *c, struct str family,
                        const struct value *v, struct graph_node *node)
{
    const struct schema_entry *e = catalogue_find(
        c, family, value_get_str(v, "is", STR("")));

    if (e)
        effects_take(c, e, v, node);
}

static void take_one(struct check *c, const struct schema_field *f,
                     const struct value *v, struct graph_node *node)
{
    if (v->kind == VALUE_NONE || (v->kind == VALUE_BOOL && !v->b))
        return;
    add_all(c, f->effects, f->n_effects, node);
    if (v->kind != VALUE_MAP)
        return;
    if (f->family.n)
        take_member(c, f->family, v, node);
    else if (!f->type)
        take_body(c, &f->body, v, node);
}

static void take_field(struct check *c, const struct schema_field *f,
                       const struct value *v, struct graph_node *node)
{
    if (!f->repeat || v->kind != VALUE_LIST) {
        take_one(c, f, v, node);
        return;
    }
    for (size_t i = 0; i < v->list.n; i++)
        take_one(c, f, &v->list.items[i], node);
}

/* What stands under a name that is no field's: a family's members, or the
 * steps of a sequence, which are of a field or of a family. */
static void take_list(struct check *c, const struct schema_body *body,
                      struct str key, const struct value *v,
                      struct graph_node *node)
{
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.n; i++) {
        const struct value *item = &v->list.items[i];
        const struct schema_field *f =
            schema_field(body, value_get_str(item, "is", STR("")));

        if (body->sequence && f)
            take_one(c, f, item, node);
        for (size_t k = 0; k < body->n_families; k++)
            if (body->sequence ? !f : str_eq(body->families[k], key))
                take_member(c, body->families[k], item, node);
    }
}

static void take_body(struct check *c, const struct schema_body *body,
                      const struct value *config, struct graph_node *node)
{
    for (size_t i = 0; config->kind == VALUE_MAP && i < config->map.n; i++) {
        const struct value_pair *p = &config->map.pairs[i];
        const struct schema_field *f = schema_field(body, p->key);

        if (f && !body->sequence)
            take_field(c, f, &p->value, node);
        else
            take_list(c, body, p->key, &p->value, node);
    }
}

void effects_take(struct check *c, const struct schema_entry *entry,
                  const struct value *config, struct graph_node *node)
{
    add_all(c, entry->effects, entry->n_effects, node);
    take_body(c, &entry->body, config, node);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void effects_settle(struct graph_node *node)
{
    size_t unique = 0;

    if (node->n_effects > 1)
        qsort(node->effects, node->n_effects, sizeof(*node->effects), by_name);
    for (size_t i = 0; i < node->n_effects; i++)
        if (i == 0 || !str_eq(node->effects[i], node->effects[i - 1]))
            node->effects[unique++] = node->effects[i];
    node->n_effects = unique;
}
