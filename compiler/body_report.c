#include "compiler/body.h"

#include <string.h>

/* What is wrong with a block's statements as such. */

struct str body_label(struct check *c, char room[LABEL_ROOM], struct str name,
                      struct str owner)
{
    static const struct str of = {"' of '", 6};
    size_t n = name.n + 2 + (owner.n ? of.n + owner.n : 0);
    char *to = n <= LABEL_ROOM ? room : arena_array(c->a, char, n), *p = to;

    *p++ = '\'';
    if (name.n)
        p = (char *)memcpy(p, name.s, name.n) + name.n;
    if (owner.n) {
        p = (char *)memcpy(p, of.s, of.n) + of.n;
        p = (char *)memcpy(p, owner.s, owner.n) + owner.n;
    }
    *p = '\'';
    return (struct str){to, n};
}

void body_near(struct check *c, const struct schema_body *schema,
               struct near *near)
{
    for (size_t i = 0; i < schema->n_fields; i++)
        near_consider(near, schema->fields[i].name);
    for (size_t i = 0; i < schema->n_args; i++)
        near_consider(near, schema->args[i].name);
    for (size_t i = 0; i < schema->n_families; i++)
        catalogue_near(c, schema->families[i], near);
}

void body_report_unknown(struct check *c, const struct ast_node *n,
                         struct str owner, const struct near *near)
{
    struct diag *g = diag_add(c->d, DIAG_E0502, n->name_span,
                              "there is no '" STR_FMT "' in '" STR_FMT "'",
                              STR_ARG(n->name), STR_ARG(owner));

    if (near->best.n)
        diag_help_near(c->d, g, near);
    else
        diag_help(c->d, g, "'pipec kinds' shows what may stand here");
}

struct scope *body_scope(struct check *c, struct scope *s,
                         const struct ast_block *b)
{
    for (size_t i = 0; b->names && i < b->n; i++) {
        const struct ast *x = b->items[i];

        if (x->kind == AST_DEFINE)
            diag_add(c->d, DIAG_E0514, x->span,
                     "definitions stand outside of all blocks");
        if (x->kind != AST_BINDING)
            continue;
        struct scope *in = scope_create(c, s);

        declare_bindings(c, in, b);
        return in;
    }
    return s;
}
