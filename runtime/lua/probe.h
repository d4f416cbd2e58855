#ifndef RUNTIME_LUA_PROBE_H
#define RUNTIME_LUA_PROBE_H

/* Schemas for the compiler (docs/internals/schema.md): stdlib's out of the
 * program, without Lua; those of a user's file by running it in a child. */

#include "base/arena.h"
#include "base/err.h"
#include "graph/schema.h"

struct probe_spec {
    const char *stdlib_dir; /* read stdlib from there; NULL: from the program */
    const char *base_dir;   /* the pipeline's folder */
};

/* Adds one entry of stdlib. False and *e untouched (kind ERR_NONE) where there
 * is none of that name. */
bool probe_stdlib(struct arena *a, const struct probe_spec *spec,
                  struct schema_set *set, struct str family, struct str name,
                  struct err *e);
/* Adds every entry of a family; of all where family is empty. */
bool probe_family(struct arena *a, const struct probe_spec *spec,
                  struct schema_set *set, struct str family, struct err *e);
/* Adds what a user's Lua file declares. Its text is read by the caller, whose
 * fact it is. Errors begin with path:line. */
bool probe_file(struct arena *a, const struct probe_spec *spec,
                struct schema_set *set, const char *path, struct str text,
                struct err *e);
/* The same as JSON: a list of entries. */
bool probe_json(struct arena *a, const struct probe_spec *spec,
                const char *path, struct str text, struct str *json,
                struct err *e);
/* The names of a family in stdlib, NULL-ended, sorted: for "did you mean". */
const char **probe_names(struct arena *a, struct str family);

#endif
