#include "compiler/check.h"

/* Secrets are known by how to get them, never by what they are. */

static struct typed reference(struct check *c, struct str name,
                              enum graph_secret_from from, struct str ref,
                              struct span at)
{
    struct graph_secret g = {.name = name, .from = from, .ref = ref,
                             .place = place_of(c, at)};
    struct value v = {.kind = VALUE_SECRET, .s = name};

    if (!map_get(&c->secret_names, name)) {
        map_set(c->a, &c->secret_names, name, c);
        arena_push(c->a, &c->secrets, g);
    }
    return typed_literal(type_secret(c->a, type_simple(TYPE_STRING)), v);
}

struct typed secret_env(struct check *c, struct str variable, struct span at)
{
    struct str name = arena_printf(c->a, "env:" STR_FMT, STR_ARG(variable));

    return reference(c, name, SECRET_ENV, variable, at);
}

struct typed secret_declared(struct check *c, struct symbol *y)
{
    static const struct { const char *name; enum graph_secret_from from; } ways[] = {
        {"env", SECRET_ENV}, {"file", SECRET_FILE}, {"exec", SECRET_EXEC},
        {NULL, SECRET_ENV},
    };
    const struct ast *n = y->ast;
    struct value ref;

    if (!n || n->kind == AST_ERROR)
        return typed_error();
    if (n->kind == AST_CALL && ast_call(n)->callee->kind == AST_NAME &&
        ast_call(n)->args.n == 1) {
        const struct ast_call *call = ast_call(n);
        struct str way = ast_name(call->callee)->name;

        for (size_t i = 0; ways[i].name; i++) {
            if (!str_eq(way, str_of(ways[i].name)))
                continue;
            if (!infer_known(c, y->scope, call->args.items[0],
                             type_simple(TYPE_STRING),
                             STR("where a secret comes from"), &ref))
                return typed_error();
            struct str name = y->scope->module && !y->scope->module->root
                ? arena_printf(c->a, STR_FMT STR_FMT,
                               STR_ARG(y->scope->module->prefix),
                               STR_ARG(y->name))
                : y->name;

            return reference(c, name, ways[i].from, ref.s, y->span);
        }
    }
    struct diag *g = diag_add(c->d, DIAG_E0706, n->span,
                              "a secret says where it comes from, not what it "
                              "is");

    diag_help(c->d, g, "secret " STR_FMT " = env(\"VARIABLE\"), file(\"path\") "
                       "or exec(\"command\")", STR_ARG(y->name));
    return typed_error();
}
