#ifndef COMPILER_TOKEN_H
#define COMPILER_TOKEN_H

#include "compiler/ast.h"
#include "compiler/span.h"

#include <stdbool.h>
#include <stdint.h>

/* The words of the language. Newlines and blanks are no tokens: each token
 * says what stood before it, and the parser knows where that matters. */

enum token_kind {
#define TOKEN(kind, spelling) TOKEN_##kind,
#include "compiler/token.def"
#undef TOKEN
};

struct token {
    enum token_kind kind;
    enum ast_quote quote; /* of STRING HEAD MIDDLE TAIL */
    bool newline;         /* begins its line */
    bool space;           /* a blank, a newline or a comment before it */
    bool escaped;         /* text with a backslash in it */
    uint32_t indent;      /* bytes to remove from a here-document's lines */
    struct span span;     /* of a here-document: its marker */
    struct span inner;    /* of texts: what is between the quotes */
};

/* "name", "'{'": for messages. */
const char *token_name(enum token_kind kind);

#endif
