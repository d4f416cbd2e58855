#include "compiler/check.h"

/* What was declared and never used. A name that begins with _ says so itself. */

static bool meant(struct str name)
{
    return name.n && name.s[0] == '_';
}

static void check_symbol(struct check *c, const struct symbol *y)
{
    struct diag *g = NULL;

    if (y->used || meant(y->name))
        return;
    if (y->kind == SYMBOL_LET)
        g = diag_add(c->d, DIAG_W0312, y->span, "the let '" STR_FMT
                     "' is never used", STR_ARG(y->name));
    else if (y->kind == SYMBOL_PARAM)
        g = diag_add(c->d, DIAG_W0311, y->span, "the param '" STR_FMT
                     "' is never used", STR_ARG(y->name));
    else if (y->kind == SYMBOL_SECRET)
        g = diag_add(c->d, DIAG_W0313, y->span, "the secret '" STR_FMT
                     "' is never used", STR_ARG(y->name));
    if (g)
        diag_help(c->d, g, "take it out, or begin its name with _");
}

void unused_check(struct check *c)
{
    for (size_t i = 0; i < c->values.n; i++)
        check_symbol(c, c->values.items[i]);
    for (size_t i = 0; i < c->environments.n; i++) {
        const struct environment *v = c->environments.items[i];

        if (!v->used && !meant(v->name))
            diag_add(c->d, DIAG_W1007, v->span,
                     "no stage is for the environment '" STR_FMT "'",
                     STR_ARG(v->name));
    }
    for (struct map_entry *i = map_first(&c->root->defines); i;
         i = map_next(i)) {
        const struct define *d = map_value(i);

        if (!d->used && !meant(d->ast->name))
            diag_add(c->d, DIAG_W0314, d->ast->name_span,
                     "the definition '" STR_FMT "' is never used",
                     STR_ARG(d->ast->name));
    }
}
