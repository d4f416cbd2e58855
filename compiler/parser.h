#ifndef COMPILER_PARSER_H
#define COMPILER_PARSER_H

#include "compiler/ast.h"
#include "compiler/diag.h"
#include "compiler/lex.h"
#include "compiler/token.h"

#include <stdbool.h>
#include <stddef.h>

/* What the parser's files share; parse.h is for everybody else. */

struct parser {
    struct arena *arena;
    struct diags *diags;
    struct lexer lexer;
    struct token token; /* the one to be looked at */
    uint32_t end;       /* of the token before it */
    size_t depth;       /* of what is being parsed, to PARSE_DEPTH_MAX */
    size_t loose;       /* open brackets in which newlines mean nothing */
    bool panic;         /* an error was told: silent until the next sync */
    bool too_high;      /* told that the expression at hand is too deep */
    size_t errors_before; /* those of others in the same diags */
    /* Children of all lists that are open, the innermost last. */
    struct {
        struct ast **items;
        size_t n, cap;
    } stack;
    struct {
        struct ast_named *items;
        size_t n, cap;
    } named; /* of the node at hand */
};

/* parser.c: the token at hand */
void advance(struct parser *p);
/* Whether the token at hand can go on with what has begun: it stands on the
 * same line, or inside brackets. */
static inline bool same_line(const struct parser *p)
{
    return !p->token.newline || p->loose;
}

static inline bool at(const struct parser *p, enum token_kind kind)
{
    return p->token.kind == kind;
}

/* Takes the token where it is of that kind. */
static inline bool take_if(struct parser *p, enum token_kind kind)
{
    if (!at(p, kind))
        return false;
    advance(p);
    return true;
}

/* Whether an expression can begin here, on this line. */
bool at_expression(const struct parser *p);

static inline struct str token_text(const struct parser *p)
{
    const char *s = p->lexer.text + (p->token.span.start - p->lexer.base);

    return (struct str){s, p->token.span.end - p->token.span.start};
}

static inline bool at_word(const struct parser *p, const char *word)
{
    struct str text = token_text(p);

    return at(p, TOKEN_NAME) && text.s[0] == word[0] &&
           str_eq(text, str_of(word));
}

/* Reports, unless it is silent after an error already; NULL then. Sets panic. */
struct diag *fail_at(struct parser *p, enum diag_code code, struct span where,
                     const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* "expected WANT, found what is there". */
struct diag *fail_expected(struct parser *p, const char *want);
/* Takes the closing bracket of one that was opened, or reports it missing. */
bool close_bracket(struct parser *p, enum token_kind kind, struct span opened);
/* Deeper by one; false, with a report, where that is too deep. */
bool enter(struct parser *p);
void leave(struct parser *p);

/* A node of T with its head filled in. */
#define ast_make(p, T, kind, span) \
    ((struct T *)ast_alloc((p), sizeof(struct T), (kind), (span)))
void *ast_alloc(struct parser *p, size_t size, enum ast_kind kind,
                struct span span);
struct ast *ast_failed(struct parser *p, struct span span);
/* Makes c a child of parent: gives c back, or an error in its place where the
 * tree would grow too high. */
struct ast *adopt(struct parser *p, struct ast *parent, struct ast *c);
void push_item(struct parser *p, struct ast *item);
/* The children pushed since `from`, moved off the stack, as parent's. */
struct ast_items pop_items(struct parser *p, size_t from, struct ast *parent);

/* parse_expr.c */
struct ast *parse_expr(struct parser *p);
/* parse_text.c: at a STRING or HEAD; at a NUMBER */
struct ast *parse_string(struct parser *p);
struct ast *parse_number(struct parser *p);
/* parse_value.c: at '[' or '{' ; the rest of a call after '(' */
struct ast *parse_list(struct parser *p);
struct ast *parse_map(struct parser *p);
void parse_call_args(struct parser *p, struct ast_call *call);
/* parse_node.c */
struct ast *parse_node(struct parser *p);
/* parse_binding.c */
struct ast *parse_binding(struct parser *p, enum ast_binder binder);
struct ast *parse_define(struct parser *p);
/* parse.c: at '{' */
struct ast_block *parse_block(struct parser *p);

#endif
