#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "graph/schema.h"

#include <stdbool.h>

/* A page of manual, as plain text or for man(1): headings, paragraphs, terms
 * with what they mean. */
struct manual {
    struct buf *out;
    bool roff;
    struct arena *arena;
};

void manual_title(struct manual *m, const char *name, const char *what);
void manual_heading(struct manual *m, const char *text);
void manual_text(struct manual *m, struct str text);
/* depth: 0 for what belongs to the entry, 1 inside it... */
void manual_term(struct manual *m, size_t depth, struct str term,
                 struct str means);

/* What an entry takes, gives and does. */
void manual_entry(struct manual *m, const struct schema_entry *s);
/* What Lua code can do: the modules of ctx. */
void manual_ctx(struct manual *m);
/* What an expression may call. */
void manual_functions(struct manual *m);
/* What goes with every stage: "stage"; or with an "environment". False: it is
 * none of these. */
bool manual_statement(struct manual *m, struct str name);

#endif
