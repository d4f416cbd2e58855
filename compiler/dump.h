#ifndef COMPILER_DUMP_H
#define COMPILER_DUMP_H

#include "base/buf.h"
#include "compiler/ast.h"
#include "compiler/diag.h"
#include "compiler/source.h"

/* What a phase has made, as text, for golden tests and for the curious. */

/* One token a line: line:column, kind, spelling. */
void dump_tokens(const struct source_map *m, const struct source_file *f,
                 struct diags *d, struct buf *out);
/* The tree, one node a line, children indented. Places and grouping are left
 * out, so that equal texts are equal programs. */
void dump_ast(const struct ast_file *file, struct buf *out);

#endif
