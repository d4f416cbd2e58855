#include "compiler/check.h"

#include "base/buf.h"

/* Types as users write them. `symbol(...)` belongs to schemas. */

static const char *const names[] = {
    "any", "bool", "int", "float", "string", "path", "duration", "percent",
    "size", "command", "list", "map", "secret", NULL,
};

static bool takes_inner(struct str name)
{
    return str_eq(name, STR("list")) || str_eq(name, STR("map")) ||
           str_eq(name, STR("secret"));
}

static void report(struct check *c, const struct ast_type *t)
{
    struct near near = {.word = t->name};
    struct diag *g = diag_add(c->d, DIAG_E0410, t->span,
                              "'" STR_FMT "' is not a type", STR_ARG(t->name));

    for (size_t i = 0; names[i]; i++)
        near_consider(&near, str_of(names[i]));
    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else
        diag_help(c->d, g, "types are bool int float string path duration "
                           "percent size command list(T) map(T) secret(T)");
}

const struct type *type_of_ast(struct check *c, const struct ast_type *t)
{
    struct err e = {0};
    const struct type *of = NULL;

    if (t->n == 1 && takes_inner(t->name)) {
        of = type_of_ast(c, t->args[0]);
        if (!of)
            return NULL;
        return t->name.s[0] == 'l' ? type_list(c->a, of)
             : t->name.s[0] == 'm' ? type_map(c->a, of)
                                   : type_secret(c->a, of);
    }
    if (t->n == 0 && takes_inner(t->name)) {
        of = type_simple(t->name.s[0] == 's' ? TYPE_STRING : TYPE_ANY);
        return t->name.s[0] == 'l' ? type_list(c->a, of)
             : t->name.s[0] == 'm' ? type_map(c->a, of)
                                   : type_secret(c->a, of);
    }
    for (size_t i = 0; names[i]; i++)
        if (t->n == 0 && str_eq(t->name, str_of(names[i])))
            return type_parse(c->a, t->name, &e);
    report(c, t);
    return NULL;
}

struct str type_show(struct check *c, const struct type *t)
{
    return type_text(c->a, t);
}
