#ifndef COMPILER_SHELL_CHECK_H
#define COMPILER_SHELL_CHECK_H

#include "compiler/check.h"

/* Where in a shell text an interpolation stands. A value arrives there as a
 * word in quotes of its own, which only means that word where the shell
 * expects one; inside the text's own quotes it would be torn open. */
enum shell_at {
    SHELL_WORD,      /* fine */
    SHELL_SINGLE,    /* in '...' */
    SHELL_DOUBLE,    /* in "..." */
    SHELL_BACKTICK,  /* in `...`, where backslashes are read twice */
    SHELL_COMMENT,   /* after # */
    SHELL_HEREDOC,   /* in a here-document, or in its word */
    SHELL_BRACE,     /* in ${...} */
    SHELL_ARITHMETIC,/* in $((...)) */
    SHELL_ESCAPED,   /* after a backslash, or after $ */
};

enum { SHELL_NEST_MAX = 64, SHELL_HEREDOCS_MAX = 16 };

/* Reads shell text piecewise, as sh does as far as quotes go. */
struct shell_reader {
    char nest[SHELL_NEST_MAX]; /* ' " ` # { ( for $( or (, A for $(( */
    size_t depth;
    bool lost;    /* nested deeper than that: everything is said to be fine */
    bool word;    /* inside a word: a # there begins no comment */
    char last;    /* '\\', '$', or '<' of an open << word: what came last */
    struct { struct str word; bool strip; } docs[SHELL_HEREDOCS_MAX];
    size_t n_docs, doc; /* announced on this line; the one being read */
    bool in_doc;
    struct { char s[64]; size_t n; } line; /* of a here-document, its begin */
    bool torn;    /* that line holds an interpolation, or is too long */
};

/* Reads a literal part. */
void shell_read(struct shell_reader *r, struct str text);
/* Where the reader is now; then the interpolation counts as a word. */
enum shell_at shell_place(const struct shell_reader *r);
void shell_value(struct shell_reader *r);

/* Reports each interpolation that does not stand for a word. */
bool shell_check(struct check *c, const struct ast_template *t);

#endif
