#ifndef COMPILER_LEX_H
#define COMPILER_LEX_H

#include "base/arena.h"
#include "compiler/diag.h"
#include "compiler/source.h"
#include "compiler/token.h"

#include <stddef.h>
#include <stdint.h>

/* Text to tokens, one at a time, in one pass. What is inside a string's \(…)
 * comes as tokens of its own between HEAD and TAIL; a here-document comes where
 * its marker stands, and the lines of its body are passed over at the end of
 * the marker's line. Errors are reported and passed over: lex_next() always
 * gets on. */

enum {
    LEX_NESTING_MAX = 32, /* strings in interpolations of strings */
    LEX_BYTE_ERRORS_MAX = 20, /* bad bytes reported of one file */
};

/* An interpolation that is open. */
struct lex_frame {
    enum ast_quote quote;
    uint32_t parens;    /* open ones inside it */
    uint32_t indent;    /* here-documents */
    struct span opened; /* its \( */
    const char *end;    /* here-documents: end of the body */
    const char *back;   /* here-documents: after the marker */
};

struct lexer {
    struct arena *arena;
    struct diags *diags;
    const char *text, *at, *end;
    uint32_t base;
    const char *resume; /* where the next line is, after the here-documents
                           that began on this one; NULL without any */
    bool stopped; /* the rest is passed over: what it lacks is no mistake */
    size_t depth;
    struct lex_frame frames[LEX_NESTING_MAX];
    struct {
        struct span *items;
        size_t n, cap;
    } comments;
};

/* Looks at all bytes at once: what is no UTF-8 and what has no place in a text
 * file is reported here and never again. */
void lex_init(struct lexer *l, struct arena *a, const struct source_file *f,
              struct diags *d);
/* At the end, TOKEN_END again and again. */
void lex_next(struct lexer *l, struct token *t);
/* Whether what follows the token last read is a '=' that sets a value. */
bool lex_assigns(const struct lexer *l);
/* Whether, after blanks, a name, a number, a string or a block follows, as it
 * does in statements only: after a value stands an operator. */
bool lex_continues(const struct lexer *l);
/* Whether the next byte after blanks is one of the set. */
bool lex_follows(const struct lexer *l, const char *set);
/* Passes over everything that is left. */
void lex_stop(struct lexer *l);

/* lex_text.c: strings and here-documents; called by lex_next() with l->at on
 * the opening mark, or after the ) that ends an interpolation. */
void lex_quoted(struct lexer *l, struct token *t);
void lex_raw(struct lexer *l, struct token *t);
void lex_heredoc(struct lexer *l, struct token *t);
void lex_resume_text(struct lexer *l, struct token *t);
/* Ends all interpolations that are open where a line or the file ends. */
void lex_break_text(struct lexer *l, struct token *t);

/* The longest run of blanks that all lines begin with which hold something
 * else too: what a here-document's lines lose. */
uint32_t lex_common_indent(struct str body);

/* lex_bytes.c */
void lex_check_bytes(const struct lexer *l);
/* A character that lex_check_bytes() has reported. */
bool lex_reported(struct str rest);

static inline struct span lex_span(const struct lexer *l, const char *from,
                                   const char *to)
{
    return (struct span){l->base + (uint32_t)(from - l->text),
                         l->base + (uint32_t)(to - l->text)};
}

#endif
