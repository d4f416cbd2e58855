#include "compiler/parser.h"

#include <string.h>

/* What is not a node: let, param and secret, and the head of a define. */

static struct ast_type *parse_type(struct parser *p)
{
    struct ast_type *n = arena_new(p->arena, struct ast_type);
    struct {
        struct ast_type **items;
        size_t n, cap;
    } args = {0};

    n->span = p->token.span;
    if (!at(p, TOKEN_NAME) || !same_line(p)) {
        struct diag *g = fail_at(p, DIAG_E0214, p->token.span,
                                 "expected a type");

        if (g)
            diag_help(p->diags, g, "write a type such as string, duration or "
                                   "list(string)");
        return NULL;
    }
    if (!enter(p))
        return NULL;
    n->name = token_text(p);
    advance(p);
    if (at(p, TOKEN_LPAREN) && !p->token.space) {
        struct span opened = p->token.span;

        advance(p);
        p->loose++;
        do {
            struct ast_type *arg = parse_type(p);

            if (arg)
                arena_push(p->arena, &args, arg);
        } while (!p->panic && take_if(p, TOKEN_COMMA));
        p->loose--;
        close_bracket(p, TOKEN_RPAREN, opened);
        n->span.end = p->end;
    }
    n->args = args.items;
    n->n = args.n;
    leave(p);
    return n;
}

static const char *const binders[] = {
    [AST_LET] = "let", [AST_PARAM] = "param", [AST_SECRET] = "secret",
};

static void parse_binding_value(struct parser *p, struct ast_binding *n)
{
    struct diag *g;

    if (same_line(p) && take_if(p, TOKEN_ASSIGN)) {
        n->value = parse_expr(p);
        return;
    }
    bool ended = !same_line(p) || at(p, TOKEN_END) || at(p, TOKEN_SEMICOLON) ||
                 at(p, TOKEN_RBRACE);

    if (n->binder == AST_PARAM && ended)
        return;
    if (!ended) {
        fail_expected(p, n->type ? "'='" : "':' and a type, or '='");
    } else {
        g = fail_at(p, DIAG_E0206, n->name_span, "'" STR_FMT "' has no value",
                    STR_ARG(n->name));
        if (g)
            diag_help(p->diags, g, "write %s " STR_FMT " = …",
                      binders[n->binder], STR_ARG(n->name));
    }
    n->value = ast_failed(p, n->name_span);
}

struct ast *parse_binding(struct parser *p, enum ast_binder binder)
{
    struct span start = p->token.span;
    struct ast_binding *n = ast_make(p, ast_binding, AST_BINDING, start);

    n->binder = binder;
    advance(p);
    if (!at(p, TOKEN_NAME) || !same_line(p)) {
        fail_at(p, DIAG_E0206, same_line(p) ? p->token.span : start,
                "expected a name after '%s'", binders[binder]);
        return ast_failed(p, start);
    }
    n->name = token_text(p);
    n->name_span = p->token.span;
    advance(p);
    if (same_line(p) && take_if(p, TOKEN_COLON))
        n->type = parse_type(p);
    if (p->panic)
        n->value = ast_failed(p, start);
    else
        parse_binding_value(p, n);
    n->head.span.end = p->end;
    return &n->head;
}

static struct ast_param parse_param(struct parser *p)
{
    struct ast_param n = {.name_span = p->token.span};

    if (!at(p, TOKEN_NAME)) {
        fail_expected(p, "a parameter's name or ')'");
        return n;
    }
    n.name = token_text(p);
    advance(p);
    if (take_if(p, TOKEN_COLON))
        n.type = parse_type(p);
    if (!p->panic && take_if(p, TOKEN_ASSIGN))
        n.value = parse_expr(p);
    return n;
}

static void parse_params(struct parser *p, struct ast_define *n)
{
    struct span opened = p->token.span;
    struct {
        struct ast_param *items;
        size_t n, cap;
    } params = {0};

    advance(p);
    p->loose++;
    while (!at(p, TOKEN_RPAREN)) {
        struct ast_param param = parse_param(p);

        if (param.name.n)
            arena_push(p->arena, &params, param);
        if (p->panic || !take_if(p, TOKEN_COMMA))
            break;
    }
    p->loose--;
    if (!p->panic)
        close_bracket(p, TOKEN_RPAREN, opened);
    n->params = params.items;
    n->n_params = params.n;
}

static struct ast_block *no_block(struct parser *p)
{
    struct ast_block *b = arena_new(p->arena, struct ast_block);

    b->span = (struct span){p->end, p->end};
    return b;
}

/* After an error in the head: on to its block, if that begins on this line. */
static void sync_define(struct parser *p)
{
    while (!at(p, TOKEN_END) && !at(p, TOKEN_LBRACE) && !at(p, TOKEN_RBRACE) &&
           !p->token.newline)
        advance(p);
}

struct ast *parse_define(struct parser *p)
{
    struct ast_define *n = ast_make(p, ast_define, AST_DEFINE, p->token.span);

    advance(p);
    n->name_span = p->token.span;
    if (at(p, TOKEN_NAME) && same_line(p)) {
        n->name = token_text(p);
        advance(p);
        if (at(p, TOKEN_LPAREN) && same_line(p))
            parse_params(p, n);
        else
            fail_at(p, DIAG_E0215, n->name_span,
                    "'" STR_FMT "' has no list of parameters", STR_ARG(n->name));
    } else {
        fail_at(p, DIAG_E0215, n->head.span, "expected a name after 'define'");
    }
    if (p->panic)
        sync_define(p);
    else if (!at(p, TOKEN_LBRACE) || !same_line(p))
        fail_at(p, DIAG_E0215, n->name_span, "'" STR_FMT "' has no block",
                STR_ARG(n->name));
    if (at(p, TOKEN_LBRACE) && !p->token.newline) {
        p->panic = false;
        n->block = parse_block(p);
    } else {
        n->block = no_block(p);
    }
    n->head.span.end = p->end;
    return n->name.n ? &n->head : ast_failed(p, n->head.span);
}
