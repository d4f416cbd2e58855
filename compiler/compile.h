#ifndef COMPILER_COMPILE_H
#define COMPILER_COMPILE_H

#include "base/arena.h"
#include "base/err.h"
#include "compiler/ast.h"
#include "compiler/diag.h"
#include "compiler/source.h"
#include "graph/graph.h"
#include "graph/schema.h"

#include <stdbool.h>
#include <stddef.h>

/* Tree to graph: names, types, values, secrets, the shell's quotes, rollout
 * arithmetic, edges. What the compiler has to know of the world it asks the
 * host for: it starts no process, opens no socket and reads no file itself. A
 * member that is NULL knows nothing. */
struct compile_host {
    void *ctx;
    /* Adds the schema of a catalogue entry to the set. False, and *e untouched
     * (ERR_NONE), where there is none of that name. */
    bool (*schema)(void *ctx, struct arena *a, struct schema_set *set,
                   struct str family, struct str name, struct err *e);
    /* The i-th name of a family, empty after the last: for suggestions. */
    struct str (*schema_name)(void *ctx, struct str family, size_t i);
    /* Adds the schemas that a user's Lua file declares. */
    bool (*lua_file)(void *ctx, struct arena *a, struct schema_set *set,
                     struct str path, struct str text, struct err *e);
    /* A file's content; the path is relative to the pipeline's folder. */
    bool (*read)(void *ctx, struct arena *a, struct str path, struct str *text,
                 struct err *e);
    /* The sorted paths that match. */
    bool (*glob)(void *ctx, struct arena *a, struct str pattern,
                 struct str **paths, size_t *n, struct err *e);
    /* A variable of the environment: false where it is not set. */
    bool (*env)(void *ctx, struct str name, struct str *value);
    /* "sha" "short" "branch" "tag" "repo": strings; "dirty": a bool. */
    bool (*git)(void *ctx, struct arena *a, struct str name, struct value *out,
                struct err *e);
    /* Whether a file that matches differs from the branch's base. */
    bool (*changed)(void *ctx, struct arena *a, struct str pattern, bool *out,
                    struct err *e);
    /* What identifies the program that PATH finds under this name; empty
     * where there is none. Starts nothing. */
    struct str (*tool)(void *ctx, struct arena *a, struct str name);
};

struct compile_param {
    struct str name, text; /* as given with --param name=text */
};

struct compile_options {
    const struct compile_host *host;
    struct source_map *sources;
    const struct compile_param *params;
    size_t n_params;
    struct str folder; /* the name of a pipeline that gives itself none */
    /* Gather what differs from place to place (git, environment variables,
     * tools) and record facts. Without, such values are unknown in the graph:
     * what `check` needs is the same everywhere. */
    bool facts;
};

enum {
    COMPILE_NODES_MAX = 1000 * 1000, /* stages, instances of for= counted */
    COMPILE_CELLS_MAX = 100 * 1000,  /* elements of one for= */
    COMPILE_INSTANCES_MAX = 100 * 1000, /* of definitions, inner ones too */
    COMPILE_PASSED_MAX = 1000 * 1000, /* stages without an instance on the ways
                                         of needs= */
    COMPILE_VALUES_MAX = 256 * 1024 * 1024, /* bytes of all known values */
    COMPILE_NEST_MAX = 50,           /* definitions inside another; use */
};

/* The variable that gives a param: PIPEC_PARAM_NAME. */
struct str param_variable(struct arena *a, struct str name);

/* Compiles a file that has been parsed. True when no error was found; then
 * *out, where that is not NULL, is the graph, in arena a, pointing into the
 * sources. */
bool compile(struct arena *a, const struct ast_file *file,
             const struct compile_options *o, struct diags *d,
             struct graph *out);

#endif
