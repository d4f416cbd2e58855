#include "compiler/parser.h"

#include "compiler/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void give_up(struct parser *p)
{
    size_t errors = p->diags->errors - p->errors_before;

    if (errors < PARSE_ERRORS_MAX || at(p, TOKEN_END))
        return;
    diag_add(p->diags, DIAG_E0210, p->token.span,
             "%d syntax errors: the rest of the file is not read",
             PARSE_ERRORS_MAX);
    p->errors_before = p->diags->errors;
    p->panic = true;
    lex_stop(&p->lexer);
}

void advance(struct parser *p)
{
    size_t errors = p->diags->errors;

    p->end = p->token.span.end;
    lex_next(&p->lexer, &p->token);
    if (p->diags->errors != errors)
        give_up(p);
}

bool at_expression(const struct parser *p)
{
    if (!same_line(p))
        return false;
    return at(p, TOKEN_NAME) || at(p, TOKEN_NUMBER) || at(p, TOKEN_STRING) ||
           at(p, TOKEN_HEAD) || at(p, TOKEN_LPAREN) || at(p, TOKEN_LBRACKET) ||
           at(p, TOKEN_NOT) || at(p, TOKEN_MINUS);
}

struct diag *fail_at(struct parser *p, enum diag_code code, struct span where,
                     const char *fmt, ...)
{
    char text[DIAG_MESSAGE_MAX];
    va_list ap;

    if (p->panic || p->lexer.stopped || at(p, TOKEN_BAD)) {
        p->panic = true; /* of a bad token the lexer has told */
        return NULL;
    }
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    p->panic = true;
    struct diag *g = diag_add(p->diags, code, where, "%s", text);

    give_up(p);
    return g;
}

struct diag *fail_expected(struct parser *p, const char *want)
{
    struct str text = token_text(p);
    struct span here = p->token.span;

    if (!same_line(p))
        return fail_at(p, DIAG_E0201, (struct span){p->end, p->end + 1},
                       "expected %s, found the end of the line", want);
    if (at(p, TOKEN_NAME) || at(p, TOKEN_NUMBER))
        return fail_at(p, DIAG_E0201, here, "expected %s, found '" STR_FMT "'",
                       want, text.n > 60 ? 60 : (int)text.n, text.s);
    return fail_at(p, DIAG_E0201, here, "expected %s, found %s", want,
                   token_name(p->token.kind));
}

bool close_bracket(struct parser *p, enum token_kind kind, struct span opened)
{
    if (at(p, kind)) {
        advance(p);
        return true;
    }
    struct diag *g = NULL;

    if (at(p, TOKEN_END) || at(p, TOKEN_RBRACE) || p->token.newline) {
        g = fail_at(p, DIAG_E0202, opened, "this bracket has no %s",
                    token_name(kind));
        if (g)
            diag_also(p->diags, g, p->token.span, "expected before this");
        return false;
    }
    g = fail_expected(p, kind == TOKEN_RPAREN     ? "',' or ')'"
                         : kind == TOKEN_RBRACKET ? "',' or ']'"
                                                  : "',' or '}'");
    if (g)
        diag_also(p->diags, g, opened, "opened here");
    return false;
}

bool enter(struct parser *p)
{
    if (p->depth < PARSE_DEPTH_MAX) {
        p->depth++;
        return true;
    }
    fail_at(p, DIAG_E0209, p->token.span, "nested more than %d deep",
            PARSE_DEPTH_MAX);
    return false;
}

void leave(struct parser *p)
{
    p->depth--;
}

void *ast_alloc(struct parser *p, size_t size, enum ast_kind kind,
                struct span span)
{
    struct ast *n = arena_alloc(p->arena, size, alignof(struct ast_node), 1);

    n->kind = kind;
    n->span = span;
    return n;
}

struct ast *ast_failed(struct parser *p, struct span span)
{
    return ast_alloc(p, sizeof(struct ast), AST_ERROR, span);
}

void push_item(struct parser *p, struct ast *item)
{
    arena_push(p->arena, &p->stack, item);
}

struct ast *adopt(struct parser *p, struct ast *parent, struct ast *c)
{
    if (c->height >= PARSE_DEPTH_MAX) {
        if (!p->too_high)
            diag_add(p->diags, DIAG_E0209, c->span,
                     "more than %d operators or brackets around each other",
                     PARSE_DEPTH_MAX);
        p->too_high = true;
        c = ast_failed(p, c->span);
    }
    if (parent->height <= c->height)
        parent->height = (uint16_t)(c->height + 1);
    return c;
}

struct ast_items pop_items(struct parser *p, size_t from, struct ast *parent)
{
    struct ast_items items = {.n = p->stack.n - from};

    p->stack.n = from;
    if (items.n == 0)
        return items;
    items.items = arena_array(p->arena, struct ast *, items.n);
    for (size_t i = 0; i < items.n; i++)
        items.items[i] = adopt(p, parent, p->stack.items[from + i]);
    return items;
}
