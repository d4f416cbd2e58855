#ifndef COMPILER_FORMATTER_H
#define COMPILER_FORMATTER_H

#include "base/arena.h"
#include "base/buf.h"
#include "compiler/ast.h"

/* What the formatter's files share; format.h is for everybody else.
 *
 * Tokens are written in the order of the source. Before each one, the comments
 * that stand before it in the source are: at the end of the line being written
 * if they ended one there too, else on lines of their own. */

enum { INDENT = 2 };

/* A finished line. */
struct format_line {
    struct str code;    /* with its indentation */
    struct str comment; /* at its end */
};

struct formatter {
    const struct ast_file *file;
    struct arena arena;
    struct buf line;     /* being written */
    struct str trailing; /* the comment it ends with */
    size_t comment;      /* the next of file->comments */
    uint32_t last;       /* where the last token written ends in the source */
    size_t indent;       /* blanks before what begins an item or statement */
    size_t line_indent;  /* of the line being written */
    bool fresh;          /* an item or statement is about to begin */
    bool flat;           /* inside a block that stays on this line */
    bool opened;         /* a bracket was just opened: no blank line here */
    /* Here-documents whose markers stand on the line being written. */
    struct {
        const struct ast **items;
        size_t n, cap;
    } heredocs;
    struct {
        struct format_line *items;
        size_t n, cap;
    } lines;
};

/* format_out.c */

/* Writes text for the source's bytes `at`, comments before it first. */
void put(struct formatter *f, struct span at, struct str text);
/* As it is spelled in the source. */
void put_source(struct formatter *f, struct span at);
/* What the source need not have: a blank, a comma. */
void put_mark(struct formatter *f, const char *text);
/* Writes the comments before an offset. */
void put_comments(struct formatter *f, uint32_t before);
/* Ends the line, with the comment that ends it in the source if any, and
 * writes the here-documents that began on it. Nothing on an empty line. */
void end_line(struct formatter *f);
/* Whether the source has a newline between two offsets. */
bool broken(const struct formatter *f, uint32_t from, uint32_t to);
/* An empty line, where the source has at least one before `to`. */
void keep_blank_line(struct formatter *f, uint32_t to);
/* Opens and closes a level of indentation whose items begin lines. */
void open_level(struct formatter *f);
void close_level(struct formatter *f, uint32_t closing);
/* Between the items of a bracket: before item i, which starts at `start`, and
 * each of which stands on a line of its own or follows after a blank. */
void separate(struct formatter *f, size_t i, bool lines, uint32_t start);
/* Where the next token after the last one written begins in the source. */
uint32_t next_token(const struct formatter *f);
/* Lines to text, with comments lined up. */
void join_lines(struct formatter *f, struct buf *out);

/* format_expr.c */
void format_expr(struct formatter *f, const struct ast *n);

/* format.c */
void format_type(struct formatter *f, const struct ast_type *t);

#endif
