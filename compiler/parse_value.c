#include "compiler/parser.h"

/* What stands between brackets: lists, the arguments of a call, maps. */

/* A name that begins a line, and is not followed by what follows an item,
 * begins a statement: the bracket was forgotten. */
static bool at_statement(const struct parser *p)
{
    return p->token.newline &&
           (at(p, TOKEN_NAME) ? !lex_follows(&p->lexer, ",])\n")
                              : !at_expression(p));
}

/* The next statement, where an item could stand: the bracket was forgotten. */
static bool at_forgotten(const struct parser *p)
{
    return p->token.newline && at(p, TOKEN_NAME) && lex_continues(&p->lexer);
}

/* After an error inside brackets: on to the next comma or the closing one, but
 * never over what looks like the end of the statement. */
static void sync_in_brackets(struct parser *p, enum token_kind close)
{
    for (size_t open = 0;; advance(p)) {
        bool opens = at(p, TOKEN_LPAREN) || at(p, TOKEN_LBRACKET);
        bool closes = at(p, TOKEN_RPAREN) || at(p, TOKEN_RBRACKET);

        if (open == 0 && (at(p, close) || at(p, TOKEN_COMMA))) {
            p->panic = at(p, TOKEN_END);
            return;
        }
        if (at(p, TOKEN_END) || at(p, TOKEN_SEMICOLON) || at(p, TOKEN_TAIL) ||
            at(p, TOKEN_MIDDLE) || at(p, TOKEN_LBRACE) ||
            at(p, TOKEN_RBRACE) || (open == 0 && closes) ||
            (p->token.newline && at(p, TOKEN_NAME) && at_statement(p)))
            return;
        open += opens;
        open -= closes;
    }
}

/* After an item: whether there is another one. */
static bool next_item(struct parser *p, enum token_kind close,
                      struct span opened)
{
    if (p->panic)
        sync_in_brackets(p, close);
    if (p->panic || at(p, close) || at(p, TOKEN_END))
        return false;
    if (take_if(p, TOKEN_COMMA))
        return !at(p, close);
    if (!at_expression(p) || at_statement(p))
        return false;
    /* A missing comma: told, then taken as if it were there. */
    struct diag *g = fail_expected(p, close == TOKEN_RPAREN ? "',' or ')'"
                                                            : "',' or ']'");

    if (g)
        diag_also(p->diags, g, opened, "opened here");
    p->panic = false;
    return true;
}

static struct ast_items parse_items(struct parser *p, enum token_kind close,
                                    struct ast *parent)
{
    struct span opened = p->token.span;
    size_t from = p->stack.n;

    advance(p);
    p->loose++;
    while (!at(p, close) && !at_forgotten(p)) {
        push_item(p, parse_expr(p));
        if (!next_item(p, close, opened))
            break;
    }
    p->loose--;
    close_bracket(p, close, opened);
    return pop_items(p, from, parent);
}

struct ast *parse_list(struct parser *p)
{
    struct ast_list *n = ast_make(p, ast_list, AST_LIST, p->token.span);

    n->items = parse_items(p, TOKEN_RBRACKET, &n->head);
    n->head.span.end = p->end;
    return &n->head;
}

void parse_call_args(struct parser *p, struct ast_call *call)
{
    call->args = parse_items(p, TOKEN_RPAREN, &call->head);
}

static struct ast *parse_key(struct parser *p)
{
    if (at(p, TOKEN_STRING) || at(p, TOKEN_HEAD))
        return parse_string(p);
    if (!at(p, TOKEN_NAME)) {
        fail_expected(p, "a key: a name or a string");
        return ast_failed(p, p->token.span);
    }
    struct ast_string *n = ast_make(p, ast_string, AST_STRING, p->token.span);

    n->quote = AST_BARE;
    n->value = token_text(p);
    n->inner = p->token.span;
    advance(p);
    return &n->head;
}

/* Pushes key and value. */
static void parse_entry(struct parser *p)
{
    push_item(p, parse_key(p));
    if (!p->panic && !take_if(p, TOKEN_COLON)) {
        struct diag *g = fail_expected(p, "':' and a value");

        if (g && at(p, TOKEN_ASSIGN))
            diag_help(p->diags, g, "in a map, ':' follows the key");
    }
    push_item(p, p->panic ? ast_failed(p, p->token.span) : parse_expr(p));
}

struct ast *parse_map(struct parser *p)
{
    struct span opened = p->token.span;
    struct ast_map *n = ast_make(p, ast_map, AST_MAP, opened);
    size_t from = p->stack.n;

    advance(p);
    p->loose++;
    while (!at(p, TOKEN_RBRACE) && !at_forgotten(p)) {
        parse_entry(p);
        if (p->panic)
            sync_in_brackets(p, TOKEN_RBRACE);
        if (p->panic || !take_if(p, TOKEN_COMMA))
            break;
    }
    p->loose--;
    close_bracket(p, TOKEN_RBRACE, opened);
    struct ast_items flat = pop_items(p, from, &n->head);

    n->n = flat.n / 2;
    n->entries = arena_array(p->arena, struct ast_entry, n->n);
    for (size_t i = 0; i < n->n; i++)
        n->entries[i] = (struct ast_entry){flat.items[2 * i],
                                           flat.items[2 * i + 1]};
    n->head.span.end = p->end;
    return &n->head;
}
