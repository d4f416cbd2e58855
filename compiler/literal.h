#ifndef COMPILER_LITERAL_H
#define COMPILER_LITERAL_H

#include "base/arena.h"
#include "base/str.h"
#include "compiler/ast.h"
#include "compiler/diag.h"

#include <stdbool.h>
#include <stdint.h>

/* What literals mean: the spelling in, the value out. */

/* A number with its unit. kind is AST_INT, AST_DURATION or AST_SIZE with
 * integer set, or AST_FLOAT or AST_PERCENT with real set. */
struct literal {
    enum ast_kind kind;
    int64_t integer;
    double real;
};

/* Reads the whole of text. On failure *why says what is wrong with it (a
 * constant, after "malformed number '…': ") and *range whether it is only too
 * large. */
bool literal_number(struct str text, struct literal *out, const char **why,
                    bool *range);

/* The value of what stands between double quotes, from offset `at` of the
 * source: escapes resolved. Unknown ones are reported and kept. */
struct str literal_quoted(struct arena *a, struct str text, uint32_t at,
                          struct diags *d);

/* The value of a here-document's text, or of a part of it: `indent` bytes
 * removed from each line's beginning, CR LF made LF, and, unless raw, \\( made
 * \( . line_start: the part begins a line. */
struct str literal_heredoc(struct arena *a, struct str text, uint32_t indent,
                           bool line_start, bool raw);

#endif
