#ifndef RUNTIME_YAML_YWRITE_TEXT_H
#define RUNTIME_YAML_YWRITE_TEXT_H

#include "base/buf.h"

#include <stdbool.h>

/* One scalar onto a page of YAML: which style it takes, and the text in that
 * style, folded past column 80 unless told not to. The emitter's state between two calls is a
 * struct ypage. */

struct ypage {
    struct buf *b;
    size_t column;   /* characters on the current line */
    bool whitespace; /* the last thing written was white space */
    bool indention;  /* only indentation is on the line so far */
    bool unfolded;   /* long lines stay */
};

enum { YPAGE_WIDTH = 80 };

/* A new line at the indent, unless the page stands there already. */
void ypage_indent(struct ypage *p, size_t indent);
void ypage_break(struct ypage *p);
/* '-' '?' ':' and the like, after a space where one is due. */
void ypage_mark(struct ypage *p, const char *mark, bool space_before,
                bool is_indention);
/* Short ASCII text that needs no look: numbers, words. */
void ypage_raw(struct ypage *p, struct str s);

struct yscalar_shape {
    bool multiline, plain, single, block;
};

/* A word that stands as it is, in every place: nearly all keys and most texts
 * are. For ypage_raw(). */
bool ywrite_is_word(struct str s);
/* What the text allows. */
struct yscalar_shape ywrite_shape(struct str s);
/* Writes a string scalar; key: on one line, as a simple key has to be. */
void ywrite_text(struct ypage *p, struct str s, size_t indent, bool key);

#endif
