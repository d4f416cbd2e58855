#ifndef COMPILER_FORMAT_H
#define COMPILER_FORMAT_H

#include "base/buf.h"
#include "compiler/ast.h"

/* The one way a pipeline is laid out: two blanks a level, one statement a line,
 * at most one blank line between two, comments at the ends of neighbouring
 * lines in one column. Kept as written are comments, the spelling of literals,
 * a block on one line (where it fits into FORMAT_WIDTH), a bracket whose first
 * item is on a new line (then each item is), and a break after an operator or
 * a comma. Formatting twice is formatting once, and never changes the tree. */

enum { FORMAT_WIDTH = 120 };

/* Appends the file's text, formatted. The file was parsed without errors. */
void format_file(const struct ast_file *file, struct buf *out);

#endif
