#ifndef RUNTIME_LUA_STDLIB_H
#define RUNTIME_LUA_STDLIB_H

/* What the build put into the program from stdlib/: every Lua file's bytecode,
 * and beside it, for catalogue entries, the schema, so that compiling a pipeline
 * needs no Lua and parses nothing. Constant data: what is not asked for is not read
 * from disk. */

#include "base/str.h"
#include "graph/schema.h"

struct stdlib_file {
    const char *path;   /* below stdlib/: "kind/run.lua" */
    const char *family; /* "kind" "router" "provider" "scanner" "report";
                           "lib" for what these share, "" for the prelude */
    const char *name;   /* "run" */
    struct str code;    /* bytecode, with line numbers */
    struct str schema;  /* JSON (docs/internals/schema.md); empty without one */
    const struct schema_entry *entry; /* the same as data, or NULL */
};

/* Sorted by family, then name; a NULL path ends it. */
extern const struct stdlib_file stdlib_files[];
extern const size_t stdlib_count;

/* NULL where there is none. Logarithmic. */
const struct stdlib_file *stdlib_find(struct str family, struct str name);

#endif
