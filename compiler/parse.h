#ifndef COMPILER_PARSE_H
#define COMPILER_PARSE_H

#include "base/arena.h"
#include "compiler/ast.h"
#include "compiler/diag.h"
#include "compiler/source.h"

/* Text to tree, by recursive descent over the tokens of lex.h. An error is
 * reported and skipped to the next statement or closing brace, so that one
 * run finds many; the tree is always whole and never NULL. */

enum {
    PARSE_DEPTH_MAX = 200, /* blocks, brackets and operators inside another */
    PARSE_ERRORS_MAX = 100, /* syntax errors of one file, then it gives up */
};

/* The tree and its nodes live in a, and point into the file's text. */
struct ast_file *parse_file(struct arena *a, const struct source_file *f,
                            struct diags *d);
/* The whole text is one expression: values of --param, defaults in schemas. */
struct ast *parse_value(struct arena *a, const struct source_file *f,
                        struct diags *d);

#endif
