#ifndef RUNTIME_YAML_YWRITE_H
#define RUNTIME_YAML_YWRITE_H

#include "base/buf.h"
#include "base/err.h"
#include "runtime/yaml/ynode.h"

/* Trees to text, byte for byte as Kubernetes' Go tools print: through JSON
 * (numbers, times, booleans in their one form), keys sorted in their natural
 * order, indent 2, lines folded past column 80, quotes only where YAML 1.1
 * would read something else. */

/* Appends the document, newline at its end. False (ERR_INPUT, with
 * file:line:col) where the tree cannot be printed: a duplicate key, a key that
 * is no string, .inf and .nan, a text that does not fit its tag, a control
 * character. */
bool ywrite_yaml(struct buf *b, const struct ynode *n, struct err *e);
/* The text that a tree went through when ywrite_through_json() for a patch has
 * left it: long lines stay, and so do numbers. Same errors. */
bool ywrite_reread(struct buf *b, const struct ynode *n, struct err *e);
/* The same tree as JSON: keys sorted by bytes, no spaces, < > & escaped, as
 * Go's encoder. Same errors. */
bool ywrite_json(struct buf *b, const struct ynode *n, struct err *e);
/* A text as Go's encoder writes it, in its quotes. */
void ywrite_json_string(struct buf *b, struct str s);
/* The tree after a way through JSON: times as strings, keys sorted, strings
 * in the style that it leaves them in, which is kept when a patch replaces
 * them. */
enum ywrite_way {
    YWRITE_WAY_PATCH, /* numbers as doubles: above 2^53 digits are lost */
    YWRITE_WAY_LIST,  /* integers stay; all strings are in quotes */
};
bool ywrite_through_json(struct arena *a, struct ynode *n,
                         enum ywrite_way way, struct err *e);

#endif
