#include "compiler/parser.h"

#include "compiler/literal.h"

/* The part of a text that the token at hand holds. */
static struct ast *text_part(struct parser *p, bool first)
{
    const struct token *t = &p->token;
    const char *s = p->lexer.text + (t->inner.start - p->lexer.base);
    struct str text = {s, t->inner.end - t->inner.start};
    struct ast_string *n = ast_make(p, ast_string, AST_STRING, t->inner);

    n->quote = t->quote;
    n->inner = t->inner;
    if (t->quote == AST_HEREDOC || t->quote == AST_HEREDOC_RAW)
        n->value = literal_heredoc(p->arena, text, t->indent, first,
                                   t->quote == AST_HEREDOC_RAW);
    else if (t->escaped)
        n->value = literal_quoted(p->arena, text, t->inner.start, p->diags);
    else
        n->value = text;
    return &n->head;
}

static void push_part(struct parser *p, bool first)
{
    if (p->token.inner.end > p->token.inner.start)
        push_item(p, text_part(p, first));
}

/* The expression of \(…), up to the MIDDLE or TAIL that follows it. */
static void push_interpolation(struct parser *p, struct span opened)
{
    struct ast *value;

    if (at(p, TOKEN_MIDDLE) || at(p, TOKEN_TAIL)) {
        fail_at(p, DIAG_E0201, opened, "the interpolation is empty");
        value = ast_failed(p, opened);
    } else {
        value = parse_expr(p);
    }
    push_item(p, value);
    if (at(p, TOKEN_MIDDLE) || at(p, TOKEN_TAIL) || at(p, TOKEN_END))
        return;
    struct token found = p->token;
    size_t errors = p->diags->errors;

    while (!at(p, TOKEN_MIDDLE) && !at(p, TOKEN_TAIL) && !at(p, TOKEN_END))
        advance(p);
    if (p->diags->errors > errors)
        return; /* the lexer has told that the ')' is missing */
    struct diag *g = fail_at(p, DIAG_E0201, found.span, "expected ')', found %s",
                             token_name(found.kind));

    if (g)
        diag_also(p->diags, g, opened, "to end the interpolation begun here");
}

static struct ast *parse_template(struct parser *p)
{
    struct token head = p->token;
    struct ast_template *n = ast_make(p, ast_template, AST_TEMPLATE,
                                      head.span);
    size_t from = p->stack.n, loose = p->loose;
    bool heredoc = head.quote == AST_HEREDOC, panic = p->panic;
    bool entered = enter(p);

    n->quote = head.quote;
    push_part(p, true);
    for (bool more = true; more && !at(p, TOKEN_END);) {
        struct span opened = {p->token.inner.end, p->token.inner.end + 2};

        advance(p);
        /* A line's end inside is told by the lexer. */
        p->loose++;
        push_interpolation(p, opened);
        p->loose = loose;
        more = at(p, TOKEN_MIDDLE);
        if (more || at(p, TOKEN_TAIL))
            push_part(p, false);
        p->panic = panic;
    }
    n->inner = span_join(head.inner, p->token.inner);
    if (!heredoc)
        n->head.span.end = p->token.span.end;
    if (at(p, TOKEN_TAIL))
        advance(p);
    n->parts = pop_items(p, from, &n->head);
    if (heredoc)
        p->end = head.span.end;
    if (entered)
        leave(p);
    return &n->head;
}

struct ast *parse_string(struct parser *p)
{
    struct ast *n;

    if (at(p, TOKEN_HEAD))
        return parse_template(p);
    n = text_part(p, true);
    n->span = p->token.span;
    advance(p);
    return n;
}

struct ast *parse_number(struct parser *p)
{
    struct literal v;
    const char *why;
    bool range;
    struct str text = token_text(p);
    struct span here = p->token.span;
    int shown = text.n > 60 ? 60 : (int)text.n;

    advance(p);
    if (!literal_number(text, &v, &why, &range)) {
        struct diag *g = range
            ? diag_add(p->diags, DIAG_E0109, here,
                       "'" STR_FMT "' is too large", shown, text.s)
            : diag_add(p->diags, DIAG_E0108, here,
                       "malformed number '" STR_FMT "'", shown, text.s);

        if (!range)
            diag_help(p->diags, g, "%s", why);
        return ast_failed(p, here);
    }
    if (v.kind == AST_FLOAT || v.kind == AST_PERCENT) {
        struct ast_float *n = ast_make(p, ast_float, v.kind, here);

        n->value = v.real;
        return &n->head;
    }
    struct ast_int *n = ast_make(p, ast_int, v.kind, here);

    n->value = v.integer;
    return &n->head;
}
