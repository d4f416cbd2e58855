#ifndef GRAPH_TYPE_H
#define GRAPH_TYPE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/* The types of the language. A type is immutable and lives in an arena or in
 * static memory; simple ones are shared, so compare with type_eq(). */
enum type_kind {
    TYPE_ANY,      /* fits anything: what an unchecked Lua kind declares */
    TYPE_NONE,     /* of `none` alone; fits wherever a value is optional */
    TYPE_BOOL,
    TYPE_INT,
    TYPE_FLOAT,
    TYPE_STRING,
    TYPE_PATH,     /* a string that names a file, relative to the pipeline */
    TYPE_DURATION,
    TYPE_PERCENT,
    TYPE_SIZE,
    TYPE_SYMBOL,   /* a bare name out of a set */
    TYPE_COMMAND,  /* shell text, or a list of strings that starts no shell */
    TYPE_LIST,
    TYPE_MAP,      /* string keys */
    TYPE_SECRET,   /* a value that may only flow into a secret sink */
    TYPE_STAGE,    /* a stage: its members are its outputs */
};

struct type {
    enum type_kind kind;
    const struct type *of;     /* element of LIST and MAP, inside of SECRET */
    const struct str *symbols; /* SYMBOL: the set */
    size_t n;
};

/* The shared instance of a kind that has no parts. */
const struct type *type_simple(enum type_kind kind);
const struct type *type_list(struct arena *a, const struct type *of);
/* The shared list(string): what a command in argv form is. */
const struct type *type_argv(void);
const struct type *type_map(struct arena *a, const struct type *of);
const struct type *type_secret(struct arena *a, const struct type *of);

/* Reads "string", "list(int)", "map(secret(string))", "symbol(a|b|c)". NULL
 * and an error that names the offending word. */
const struct type *type_parse(struct arena *a, struct str text, struct err *e);
/* The text type_parse() reads. */
struct str type_text(struct arena *a, const struct type *t);
bool type_eq(const struct type *a, const struct type *b);
/* Whether a value of type `from` may stand where `to` is asked for. The only
 * conversions: int -> float, percent -> float, string <-> path, list(string)
 * or string -> command, T -> secret(T); element-wise in lists and maps. */
bool type_fits(const struct type *from, const struct type *to);

#endif
