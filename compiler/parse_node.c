#include "compiler/parser.h"

#include <string.h>

/* name arg, arg key=value { block } */

static void parse_name_part(struct parser *p, struct ast_node *n)
{
    if (at(p, TOKEN_STRING)) {
        struct ast *text = parse_string(p);

        n->quoted = true;
        n->name = ast_string(text)->value;
        n->name_span = text->span;
        return;
    }
    struct str first = token_text(p);

    n->name_span = p->token.span;
    advance(p);
    while (at(p, TOKEN_DOT) && !p->token.space) {
        advance(p);
        if (!at(p, TOKEN_NAME) || p->token.space) {
            fail_expected(p, "a name after '.'");
            break;
        }
        n->name_span.end = p->token.span.end;
        advance(p);
    }
    n->name = (struct str){first.s, n->name_span.end - n->name_span.start};
}

static bool at_named(const struct parser *p)
{
    return at(p, TOKEN_NAME) && same_line(p) && lex_assigns(&p->lexer) &&
           !at_word(p, "in");
}

/* Of the positional argument just read: whether it is a word, after which the
 * next may stand without a comma. */
static bool is_word(const struct ast *arg)
{
    return arg->kind == AST_NAME && !arg->grouped;
}

static bool missing_comma(struct parser *p)
{
    struct diag *g;

    if (at(p, TOKEN_NAME)) {
        g = fail_at(p, DIAG_E0205, p->token.span,
                    "'" STR_FMT "' begins another statement on this line",
                    STR_ARG(token_text(p)));
        if (g)
            diag_help(p->diags, g, "put ';' or a newline before it, or ',' "
                                   "if it is an argument");
        return false;
    }
    g = fail_expected(p, "',' between arguments");
    p->panic = false;
    return true;
}

static void parse_args(struct parser *p, struct ast_node *n)
{
    size_t from = p->stack.n;
    bool words = true;

    /* A map needs a key or a comma before it: here '{' begins the block. */
    bool more = at_expression(p) && !at_named(p);

    while (more) {
        struct ast *arg = parse_expr(p);

        push_item(p, arg);
        words = words && is_word(arg);
        if (p->panic)
            break;
        if (same_line(p) && take_if(p, TOKEN_COMMA)) {
            /* A comma carries on to the next line. */
            p->token.newline = false;
            words = false;
            continue;
        }
        more = at_expression(p) && !at_named(p);
        if (more && words)
            n->words = (uint32_t)(p->stack.n - from);
        else if (more)
            more = missing_comma(p);
    }
    n->args = pop_items(p, from, &n->head);
    n->head.height = 0;
}

static struct ast *parse_for(struct parser *p)
{
    struct ast_for *n = ast_make(p, ast_for, AST_FOR, p->token.span);
    struct diag *g;

    if (at(p, TOKEN_NAME) && same_line(p) && !at_word(p, "in")) {
        n->name = token_text(p);
        n->name_span = p->token.span;
        advance(p);
        if (at_word(p, "in") && same_line(p)) {
            advance(p);
            p->token.newline = false;
            n->list = adopt(p, &n->head, parse_expr(p));
            n->head.span.end = p->end;
            return &n->head;
        }
    }
    g = fail_at(p, DIAG_E0213, p->token.span, "expected 'NAME in LIST'");
    if (g)
        diag_help(p->diags, g, "write for=version in [\"3.11\", \"3.12\"]");
    return ast_failed(p, n->head.span);
}

static void parse_named(struct parser *p)
{
    struct ast_named named = {
        .key = token_text(p), .key_span = p->token.span,
    };
    bool loop = at_word(p, "for");

    advance(p);
    advance(p); /* the '=' that at_named() has seen */
    /* `for=5m` is an argument as any other. */
    loop = loop && !at(p, TOKEN_NUMBER);
    named.value = loop ? parse_for(p) : parse_expr(p);
    arena_push(p->arena, &p->named, named);
}

/* Named arguments, and what should not stand between them. */
static void parse_named_args(struct parser *p, struct ast_node *n)
{
    struct diag *g = NULL;

    p->named.n = 0;
    while (!p->panic && same_line(p)) {
        if (at_named(p)) {
            parse_named(p);
        } else if (at(p, TOKEN_COMMA) && p->named.n) {
            g = fail_at(p, DIAG_E0201, p->token.span, "',' between named "
                                                      "arguments");
            if (g)
                diag_help(p->diags, g, "named arguments are separated by "
                                       "spaces");
            advance(p);
            p->panic = false;
        } else if (at_expression(p) && p->named.n && !at(p, TOKEN_NAME)) {
            fail_at(p, DIAG_E0207, p->token.span,
                    "a positional argument after a named one");
        } else {
            break;
        }
    }
    n->n_named = (uint32_t)p->named.n;
    if (n->n_named == 0)
        return;
    n->named = arena_array(p->arena, struct ast_named, n->n_named);
    memcpy(n->named, p->named.items, n->n_named * sizeof(*n->named));
}

/* After an error in the head: on to its block, or its end. */
static void sync_head(struct parser *p)
{
    while (!at(p, TOKEN_END) && !at(p, TOKEN_LBRACE) && !at(p, TOKEN_RBRACE) &&
           !at(p, TOKEN_SEMICOLON) && !p->token.newline)
        advance(p);
}

/* NAME(…) and NAME[…]: a call or an index where a statement should be. */
static void refuse_call(struct parser *p)
{
    struct diag *g = NULL;

    if ((at(p, TOKEN_LPAREN) || at(p, TOKEN_LBRACKET)) && !p->token.space)
        g = fail_at(p, DIAG_E0201, p->token.span,
                    "expected a space before a statement's arguments");
    if (g)
        diag_help(p->diags, g, "arguments stand without parentheses, with "
                               "commas between them");
}

struct ast *parse_node(struct parser *p)
{
    struct ast_node *n = ast_make(p, ast_node, AST_NODE, p->token.span);

    parse_name_part(p, n);
    refuse_call(p);
    if (!p->panic)
        parse_args(p, n);
    if (!p->panic)
        parse_named_args(p, n);
    n->head.span.end = p->end;
    if (p->panic)
        sync_head(p);
    if (!at(p, TOKEN_LBRACE))
        return &n->head;
    if (p->token.newline) {
        struct diag *g = fail_at(p, DIAG_E0211, p->token.span,
                                 "a block begins on the line of its statement");

        if (g)
            diag_also(p->diags, g, n->name_span, "put '{' on this line");
    }
    p->panic = false;
    n->block = parse_block(p);
    n->head.span.end = p->end;
    return &n->head;
}
