#ifndef RUNTIME_LUA_STDLIB_H
#define RUNTIME_LUA_STDLIB_H

/* What the build put into the program from stdlib/: every Lua file's bytecode,
 * and beside it, for catalogue entries, the schema as JSON, so that compiling
 * a pipeline needs no Lua. Constant data: what is not asked for is not read
 * from disk. */

#include "base/str.h"

struct stdlib_file {
    const char *path;   /* below stdlib/: "kind/run.lua" */
    const char *family; /* "kind" "router" "provider" "scanner" "report";
                           "lib" for what these share, "" for the prelude */
    const char *name;   /* "run" */
    struct str code;    /* bytecode, with line numbers */
    struct str schema;  /* docs/internals/schema.md; empty without an entry */
};

/* Sorted by family, then name; a NULL path ends it. */
extern const struct stdlib_file stdlib_files[];
extern const size_t stdlib_count;

/* NULL where there is none. Logarithmic. */
const struct stdlib_file *stdlib_find(struct str family, struct str name);

#endif
