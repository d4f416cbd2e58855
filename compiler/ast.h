#ifndef COMPILER_AST_H
#define COMPILER_AST_H

#include "base/str.h"
#include "compiler/source.h"
#include "compiler/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The tree of one file, as written: grammar/pipeline.ebnf in structs. It knows
 * no kind by name: `run`, `rollout` and `environment` are all AST_NODE. Lives in
 * the arena it was parsed into; names and most texts point into the source.
 *
 * Every node begins with struct ast; ast_x(n) below casts to the struct of its
 * kind and stops on the wrong one. Statements stand in blocks, expressions
 * everywhere else. A place where nothing usable was written holds AST_ERROR,
 * which has been reported: later phases are silent on it. */

enum ast_kind {
    /* statements */
    AST_BINDING, /* struct ast_binding: let, param, secret */
    AST_NODE,    /* struct ast_node */
    AST_DEFINE,  /* struct ast_define */
    AST_OFF,     /* struct ast_off: a statement behind slashdash; skip it */
    /* expressions */
    AST_NONE,     /* struct ast: none */
    AST_BOOL,     /* struct ast_bool */
    AST_INT,      /* struct ast_int */
    AST_DURATION, /* struct ast_int: milliseconds */
    AST_SIZE,     /* struct ast_int: bytes */
    AST_FLOAT,    /* struct ast_float */
    AST_PERCENT,  /* struct ast_float: as written, 99.5 for 99.5% */
    AST_STRING,   /* struct ast_string: without interpolation */
    AST_TEMPLATE, /* struct ast_template: a string with \(expr) in it */
    AST_NAME,     /* struct ast_name: a reference, or a bare symbol */
    AST_MEMBER,   /* struct ast_member: object.name */
    AST_INDEX,    /* struct ast_index: object[index] */
    AST_CALL,     /* struct ast_call: name(args) */
    AST_UNARY,    /* struct ast_unary: ! and - */
    AST_BINARY,   /* struct ast_binary */
    AST_COND,     /* struct ast_cond: test ? yes : no */
    AST_LIST,     /* struct ast_list */
    AST_MAP,      /* struct ast_map */
    AST_FOR,      /* struct ast_for: only as the value of for= */
    /* either */
    AST_ERROR, /* struct ast: the span of what could not be read */
} __attribute__((packed));

struct ast {
    enum ast_kind kind;
    uint8_t grouped;  /* parentheses right around the expression (for the
                         formatter; the span is without them) */
    uint16_t height;  /* of an expression: levels below it, at most
                         PARSE_DEPTH_MAX, so that recursion is safe */
    struct span span; /* of a here-document: its marker */
};

/* Children in order. */
struct ast_items {
    struct ast **items;
    size_t n;
};

/* string, list(string), map(int), secret(string). */
struct ast_type {
    struct str name;
    struct span span; /* with the arguments */
    struct ast_type **args;
    size_t n;
};

/* Statements between braces, or the whole file. */
struct ast_block {
    struct ast **items; /* AST_BINDING AST_NODE AST_DEFINE AST_OFF AST_ERROR */
    uint32_t n;
    bool names;       /* some are AST_BINDING or AST_DEFINE */
    struct span span; /* with the braces */
};

enum ast_binder { AST_LET, AST_PARAM, AST_SECRET };

/* let NAME: TYPE = VALUE */
struct ast_binding {
    struct ast head;
    enum ast_binder binder;
    struct span name_span;
    struct str name;
    struct ast_type *type; /* NULL where none is written */
    struct ast *value;     /* NULL for a param without default */
};

/* key=value after the positional arguments. */
struct ast_named {
    struct str key;
    struct span key_span;
    struct ast *value; /* AST_FOR where the key is "for" */
};

/* NAME arg, arg key=value { block }
 *
 * Words without a comma after them count as positional arguments, so
 * `router istio "app-vsvc"` has two: the name istio and the string. A stage's
 * own name is its first argument, an AST_NAME. */
struct ast_node {
    struct ast head;
    uint32_t words;        /* the first so many of args have no comma after */
    struct str name;       /* "run", "py.service" */
    struct span name_span;
    struct ast_items args;
    struct ast_named *named;
    struct ast_block *block; /* NULL where there are no braces */
    uint32_t n_named;
    bool quoted;             /* the name is written as a string */
};

/* NAME: TYPE = DEFAULT in the list of a define. */
struct ast_param {
    struct str name;
    struct span name_span;
    struct ast_type *type; /* NULL where none is written */
    struct ast *value;     /* the default, or NULL */
};

/* define NAME(params) { block } */
struct ast_define {
    struct ast head;
    struct str name;
    struct span name_span;
    struct ast_param *params;
    size_t n_params;
    struct ast_block *block;
};

struct ast_off {
    struct ast head;
    struct ast *statement;
};

struct ast_bool {
    struct ast head;
    bool value;
};

struct ast_int {
    struct ast head;
    int64_t value;
};

struct ast_float {
    struct ast head;
    double value;
};

/* How a string is written. */
enum ast_quote {
    AST_QUOTED,      /* "…" */
    AST_RAW,         /* '…' */
    AST_HEREDOC,     /* <<~WORD */
    AST_HEREDOC_RAW, /* <<~'WORD' */
    AST_BARE,        /* a map's key without quotes */
};

struct ast_string {
    struct ast head;
    enum ast_quote quote;
    struct str value;  /* escapes resolved, indentation removed */
    struct span inner; /* what is between the quotes; of a here-document the
                          body's lines; in a template, the part's bytes */
};

/* parts alternate freely: AST_STRING for text (never empty), anything else for
 * the expression of a \(…). */
struct ast_template {
    struct ast head;
    enum ast_quote quote; /* AST_QUOTED or AST_HEREDOC */
    struct ast_items parts;
    struct span inner;
};

struct ast_name {
    struct ast head;
    struct str name;
};

struct ast_member {
    struct ast head;
    struct ast *object;
    struct str name;
    struct span name_span;
};

struct ast_index {
    struct ast head;
    struct ast *object, *index;
};

struct ast_call {
    struct ast head;
    struct ast *callee; /* AST_NAME or AST_MEMBER if the program is sane */
    struct ast_items args;
};

enum ast_op {
    AST_NOT,
    AST_NEGATE,
    AST_OR,
    AST_AND,
    AST_EQ,
    AST_NE,
    AST_LT,
    AST_LE,
    AST_GT,
    AST_GE,
    AST_IN,
    AST_MATCH, /* =~ */
    AST_ADD,
    AST_SUB,
    AST_MUL,
    AST_DIV,
    AST_MOD,
};

struct ast_unary {
    struct ast head;
    enum ast_op op; /* AST_NOT or AST_NEGATE */
    struct ast *operand;
};

struct ast_binary {
    struct ast head;
    enum ast_op op; /* the others */
    struct ast *left, *right;
    struct span op_span;
};

struct ast_cond {
    struct ast head;
    struct ast *test, *yes, *no;
};

struct ast_list {
    struct ast head;
    struct ast_items items;
};

struct ast_entry {
    struct ast *key; /* AST_STRING or AST_TEMPLATE */
    struct ast *value;
};

struct ast_map {
    struct ast head;
    struct ast_entry *entries;
    size_t n;
};

/* x in LIST */
struct ast_for {
    struct ast head;
    struct str name;
    struct span name_span;
    struct ast *list;
};

struct ast_file {
    const struct source_file *source;
    struct ast_block block;
    struct span *comments; /* each from its # to the end of its line */
    size_t n_comments;
};

/* Bugs end here: the node is not of that kind. */
_Noreturn void ast_mismatch(const struct ast *n, const char *want);

#define AST_CAST(fn, type, test)                                            \
    static inline struct type *fn(const struct ast *n)                      \
    {                                                                       \
        if (!(test))                                                        \
            ast_mismatch(n, #type);                                         \
        return (struct type *)(uintptr_t)n;                                 \
    }

AST_CAST(ast_binding, ast_binding, n->kind == AST_BINDING)
AST_CAST(ast_node, ast_node, n->kind == AST_NODE)
AST_CAST(ast_define, ast_define, n->kind == AST_DEFINE)
AST_CAST(ast_off, ast_off, n->kind == AST_OFF)
AST_CAST(ast_bool, ast_bool, n->kind == AST_BOOL)
AST_CAST(ast_int, ast_int, n->kind >= AST_INT && n->kind <= AST_SIZE)
AST_CAST(ast_float, ast_float, n->kind == AST_FLOAT || n->kind == AST_PERCENT)
AST_CAST(ast_string, ast_string, n->kind == AST_STRING)
AST_CAST(ast_template, ast_template, n->kind == AST_TEMPLATE)
AST_CAST(ast_name, ast_name, n->kind == AST_NAME)
AST_CAST(ast_member, ast_member, n->kind == AST_MEMBER)
AST_CAST(ast_index, ast_index, n->kind == AST_INDEX)
AST_CAST(ast_call, ast_call, n->kind == AST_CALL)
AST_CAST(ast_unary, ast_unary, n->kind == AST_UNARY)
AST_CAST(ast_binary, ast_binary, n->kind == AST_BINARY)
AST_CAST(ast_cond, ast_cond, n->kind == AST_COND)
AST_CAST(ast_list, ast_list, n->kind == AST_LIST)
AST_CAST(ast_map, ast_map, n->kind == AST_MAP)
AST_CAST(ast_for, ast_for, n->kind == AST_FOR)

/* "binding", "node": for dumps and messages about bugs. */
const char *ast_kind_name(enum ast_kind kind);
/* "+", "=~". */
const char *ast_op_name(enum ast_op op);

#endif
