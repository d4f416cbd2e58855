#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "graph/expr.h"
#include "graph/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The contract between compiler and runtime: what is to happen, in which
 * order, and why. Immutable. Its canonical JSON is the saved plan, and the
 * SHA-256 of those bytes the plan's identity. */

struct graph_place { /* where in the user's files */
    struct str file;
    uint32_t line, col;
};

enum graph_edge_reason {
    EDGE_REFERENCE, /* uses an output: text is "image.ref" */
    EDGE_NEEDS,     /* needs=[...]: text is empty, or what else than the
                       node's id stood there */
    EDGE_APPROVE,   /* an approval the environment asks for: which */
};

struct graph_edge {
    uint32_t from; /* index of the node that has to come first */
    enum graph_edge_reason reason;
    struct str text;
};

enum graph_hook_phase {
    HOOK_BEFORE, HOOK_AFTER, HOOK_FAILURE, HOOK_SUCCESS, HOOK_ALWAYS,
    HOOK_ABORT, HOOK_PROMOTE, /* of rollouts */
};

enum graph_step_kind { STEP_COMMAND, STEP_LUA, STEP_STAGE };

struct graph_step {
    enum graph_step_kind kind;
    union {
        struct value command; /* a list of strings, shell text, or an EXPR */
        struct {
            struct str lua;        /* text; or */
            struct str file, call; /* a function in a file */
        };
        struct { /* an anonymous stage of a kind: notify "..." */
            struct str stage_kind;
            struct value config;
        };
    };
    struct graph_place place;
};

struct graph_hook {
    enum graph_hook_phase phase;
    struct graph_step *steps;
    size_t n;
};

struct graph_retry {
    int64_t limit;      /* attempts after the first; 0 = none */
    int64_t backoff_ms; /* before the second attempt */
    double factor;
    int64_t max_ms;
};

struct graph_env {
    struct str name;
    struct value value; /* STRING, SECRET or EXPR */
};

/* What most stages do without: they share one. */
struct graph_extra {
    struct str when_text;     /* as written, for the reason of a skip */
    struct graph_hook *hooks;
    size_t n_hooks;
    struct graph_retry retry;
    struct graph_env *env;
    size_t n_env;
    struct value dir;         /* STRING or EXPR, relative to the pipeline */
    struct str container;
    struct str *inputs, *outputs, *locks; /* globs, globs, names */
    size_t n_inputs, n_outputs, n_locks;
    struct str source;        /* the kind's Lua file if a user's, else empty */
};

struct graph_node {
    struct str id;     /* "unit[3.12]": unique */
    struct str kind;   /* "test" */
    struct str name;   /* "unit" */
    struct str key;    /* "3.12" of a `for` instance, else empty */
    struct graph_place place;
    struct graph_edge *edges; /* sorted by from, then reason */
    size_t n_edges;
    struct str environment;
    struct value when;        /* BOOL, or EXPR to ask at run time */
    struct value config;      /* MAP, by the kind's schema */
    struct graph_step *commands; /* run by the supervisor in order */
    size_t n_commands;
    struct str *effects;      /* sorted */
    size_t n_effects;
    int64_t timeout_ms;       /* 0 = none */
    bool worker;              /* the kind runs in Lua, or a hook does */
    bool optional;
    struct graph_extra *extra; /* never NULL */
};

enum graph_fact_kind {
    FACT_FILE,  /* name: path, value: sha256 of its content, or "absent" */
    FACT_GLOB,  /* name: pattern, value: sha256 of the sorted list */
    FACT_GIT,   /* name: "sha" "branch" ..., value */
    FACT_ENV,   /* name: variable, value: sha256 of it, or "absent" */
    FACT_PARAM, /* name, value */
    FACT_TOOL,  /* name: program, value: version line */
};

/* Something the plan was made from. `run` on a saved plan looks at each again
 * and refuses where one changed. */
struct graph_fact {
    enum graph_fact_kind kind;
    struct str name, value;
};

enum graph_secret_from { SECRET_ENV, SECRET_FILE, SECRET_EXEC };

/* How to get a secret, never what it is. Read at the start of a stage. */
struct graph_secret {
    struct str name;
    enum graph_secret_from from;
    struct str ref; /* variable, path or command */
    struct graph_place place;
};

struct graph_environment {
    struct str name;
    struct value config; /* branch, overlay, freeze, approve... as written */
};

struct graph {
    struct str pipeline; /* its name, or the folder's */
    struct str file;     /* as given; relative paths are from its folder */
    struct graph_node *nodes; /* in order of declaration */
    size_t n_nodes;
    struct graph_fact *facts; /* sorted by kind, then name */
    size_t n_facts;
    struct graph_secret *secrets;
    size_t n_secrets;
    struct graph_environment *environments;
    size_t n_environments;
};

/* NULL where no node has the id. Linear; for tables use base/map. */
const struct graph_node *graph_find(const struct graph *g, struct str id);
/* Indices of all nodes, dependencies first; among equals the order of
 * declaration. Kahn; linear. The graph has no cycle: the compiler saw to it,
 * and graph_load() refuses one. */
uint32_t *graph_order(struct arena *a, const struct graph *g);

bool graph_has_effect(const struct graph_node *n, struct str effect);
/* By node: which of those that commit are taken back with a stage that moves
 * traffic. They come before it, and are of its environment; or of none, and
 * then come before no other stage that moves traffic on the way to it. */
bool *graph_commits(struct arena *a, const struct graph *g, uint32_t traffic);

/* By node: which of those that build come before it: what it rolls out, where
 * nothing is committed. */
bool *graph_builds(struct arena *a, const struct graph *g, uint32_t node);

enum { GRAPH_DIGEST_BYTES = 65 };

struct buf;
/* The canonical JSON (docs/internals/graph.md), one line, '\n' at its end. */
void graph_json(struct buf *out, const struct graph *g);
/* Lower-case hex SHA-256 of graph_json(). */
void graph_digest(const struct graph *g, char hex[GRAPH_DIGEST_BYTES]);
/* Reads what graph_json() wrote, streaming. Names what is wrong and where.
 * Texts of the graph may stand in json, which has to live as long. */
bool graph_load(struct arena *a, struct str json, struct graph *out,
                struct err *e);

#endif
