#ifndef GRAPH_EXPR_H
#define GRAPH_EXPR_H

#include "base/arena.h"
#include "base/err.h"
#include "graph/value.h"

#include <stdbool.h>
#include <stddef.h>

/* An expression after name resolution: what the compiler folds, what the graph
 * keeps of it where a part is known only at run time, and what the run and the
 * metric conditions evaluate. One evaluator for all three. */
enum expr_kind {
    EXPR_LITERAL,
    EXPR_VAR,     /* a name the environment knows: result, git, run, rollout */
    EXPR_OUTPUT,  /* output `name` of stage `stage` */
    EXPR_MEMBER,  /* kids[0].name */
    EXPR_INDEX,   /* kids[0][kids[1]] */
    EXPR_CALL,    /* name(kids...) */
    EXPR_UNARY,
    EXPR_BINARY,
    EXPR_COND,    /* kids[0] ? kids[1] : kids[2] */
    EXPR_LIST,
    EXPR_MAP,     /* kids: key, value, key, value... */
    EXPR_TEXT,    /* interpolated string: texts of kids joined */
    EXPR_SHELL,   /* interpolated command: literals as they are, every other
                     kid quoted as one word (a list: one word an element) */
};

enum expr_op {
    OP_NONE,
    OP_OR, OP_AND,
    OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_IN, OP_MATCH,
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD,
    OP_NOT, OP_NEG,
};

struct expr {
    enum expr_kind kind;
    enum expr_op op;
    struct str name;   /* VAR, MEMBER, CALL, OUTPUT */
    struct str stage;  /* OUTPUT: the id of the node */
    struct value lit;  /* LITERAL; OUTPUT: what is waited for, "build image",
                          where the maker knew the kind; not in JSON */
    struct expr *kids; /* n of them, in a row */
    size_t n;
    uint32_t line, col; /* in the pipeline, for messages; 0 = none */
};

/* Where names get their values. Returns false and an error where the name has
 * none; VALUE_UNKNOWN where it will have one later. Called for EXPR_VAR and
 * EXPR_OUTPUT only. */
typedef bool expr_lookup_fn(void *ctx, const struct expr *name,
                            struct value *out, struct err *e);

struct expr_env {
    expr_lookup_fn *lookup; /* NULL: nothing is known */
    void *ctx;
    bool lenient; /* members and outputs that are absent give none */
    /* The content of a secret, for an expression that holds one; NULL: the
     * secret stays a reference, and has no text. */
    struct str (*secret)(void *ctx, struct str name);
};

/* Evaluates. What is unknown stays so (VALUE_UNKNOWN), unless the answer does
 * not depend on it: false && x is false. Errors name what was wanted and what
 * was found ("'+' takes two numbers or two strings, not string and int").
 * Bounded: depth EXPR_DEPTH_MAX, and results of at most EXPR_BYTES_MAX. */
bool expr_eval(struct arena *a, const struct expr *x,
               const struct expr_env *env, struct value *out, struct err *e);
/* Evaluates every EXPR inside v. */
bool expr_resolve(struct arena *a, const struct value *v,
                  const struct expr_env *env, struct value *out,
                  struct err *e);
/* As a user would write it: "image.ref + \"x\"". */
struct str expr_show(struct arena *a, const struct expr *x);
/* The first thing x waits for, as UNKNOWN's text: "build image"; empty where
 * it depends on no stage. */
struct str expr_waits_for(const struct expr *x);

/* Canonical JSON: ["output","image","ref"], ["binary",">=",x,y], ... */
struct buf;
void expr_json(struct buf *out, const struct expr *x);
/* The arrays expr_json() writes, given as a plain value (value_from_json). */
bool expr_from_value(struct arena *a, const struct value *v, struct expr *out,
                     struct err *e);

/* One word for sh: bare where safe, else in single quotes. */
struct str expr_shell_quote(struct arena *a, struct str word);

enum { EXPR_DEPTH_MAX = 200, EXPR_BYTES_MAX = 16 * 1024 * 1024 };

/* The built-in functions (graph/function.c): pure, total, bounded. */
struct function {
    const char *name;
    const char *params; /* types; "int?" optional, "any*" any number */
    const char *result; /* a type, or "=1": that of the first argument */
    bool (*call)(struct arena *a, const struct value *args, size_t n,
                 struct value *out, struct err *e);
    const char *doc;
};
extern const struct function functions[]; /* ends with a NULL name */
const struct function *function_find(struct str name);

#endif
