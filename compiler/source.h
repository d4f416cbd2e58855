#ifndef COMPILER_SOURCE_H
#define COMPILER_SOURCE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "compiler/span.h"

#include <stddef.h>
#include <stdint.h>

/* The texts of one compile: the pipeline's own file, then those it uses. Tokens
 * and nodes point into them, so they live as long as the tree does. Lines and
 * columns are computed only when something is printed. */

enum {
    SOURCE_BYTES_MAX = 64 * 1024 * 1024, /* one file */
    SOURCE_FILES_MAX = 60,
};

struct source_file {
    struct str path; /* as shown to the user */
    struct str text; /* NUL after it */
    uint32_t base;   /* the offset, in spans, of the text's first byte */
    /* Starts of lines, made at the first question. */
    uint32_t *lines;
    size_t n_lines, asked; /* and which of them was asked for last */
};

struct source_map {
    struct arena *arena;
    struct source_file *files[SOURCE_FILES_MAX];
    size_t n;
};

/* Where an offset is, for people: line and column count from 1, a column is a
 * character (code point). file is NULL for an offset of no file. */
struct source_place {
    const struct source_file *file;
    uint32_t line, column;
    struct str text; /* the whole line, without its end */
};

/* Adds a text, which must outlive the map and have a NUL after its last byte
 * (file_read() leaves one). The path is copied. NULL when the text or the
 * number of files is over the limit. */
struct source_file *source_add(struct source_map *m, struct str path,
                               struct str text, struct err *e);
/* Reads path (relative to the working directory) and adds it. */
struct source_file *source_read(struct source_map *m, const char *path,
                                struct err *e);
/* The file an offset lies in (its end counts); NULL for none. */
struct source_file *source_of(const struct source_map *m, uint32_t offset);
struct source_place source_place(const struct source_map *m, uint32_t offset);
/* The start of a line (from 1) of f as a span offset; the end of the text for
 * a line past the last. */
uint32_t source_line(const struct source_map *m, struct source_file *f,
                     size_t line);
/* The bytes of a span; empty where it is nowhere. */
struct str source_text(const struct source_map *m, struct span s);

#endif
