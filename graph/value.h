#ifndef GRAPH_VALUE_H
#define GRAPH_VALUE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "graph/type.h"

#include <stdbool.h>
#include <stdint.h>

/* A value of the language, known or not yet. Immutable once made; everything
 * it points to lives in the arena of its maker. */
enum value_kind {
    VALUE_NONE,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STRING,   /* also paths and symbols: the type told them apart */
    VALUE_DURATION, /* milliseconds, in i */
    VALUE_PERCENT,  /* 99.5 for 99.5%, in d; as a float it is 0.995 */
    VALUE_SIZE,     /* bytes, in i */
    VALUE_LIST,
    VALUE_MAP,      /* pairs in the order written, keys unique */
    VALUE_SECRET,   /* a reference by name into graph.secrets; never content */
    VALUE_EXPR,     /* known at run time: the expression still to evaluate */
    VALUE_UNKNOWN,  /* an evaluation met something not known yet; in s what it
                       waits for: "build image" */
};

struct value_pair;
struct expr;

struct value {
    enum value_kind kind;
    union {
        bool b;
        int64_t i;
        double d;
        struct str s;                                /* STRING SECRET UNKNOWN */
        struct { struct value *items; size_t n; } list;
        struct { struct value_pair *pairs; size_t n; } map;
        const struct expr *expr;
    };
};

struct value_pair {
    struct str key;
    struct value value;
};

struct value value_bool(bool b);
struct value value_int(int64_t i);
struct value value_float(double d);
struct value value_string(struct str s);

/* The member of a map, NULL where absent or v is no map. */
const struct value *value_get(const struct value *v, struct str key);
/* Same, by literal; and the string in it, or dflt. */
struct str value_get_str(const struct value *v, const char *key,
                         struct str dflt);
int64_t value_get_int(const struct value *v, const char *key, int64_t dflt);
bool value_get_bool(const struct value *v, const char *key, bool dflt);

/* Deep equality; int and float compare as numbers; percent as its fraction. */
bool value_eq(const struct value *a, const struct value *b);
/* The number in INT, FLOAT, PERCENT (fraction), DURATION (ms) and SIZE. */
bool value_number(const struct value *v, double *out);
/* What \(x) puts into a string: "3.12", "5m", "99%", "true", "a b"... Lists and
 * maps have no text: false. */
bool value_text(struct arena *a, const struct value *v, struct str *out);
/* As a user would write it in a message: "x", 5m, [1, 2], {k: v}. */
struct str value_show(struct arena *a, const struct value *v);
/* The type of a known value; EXPR and UNKNOWN are any. */
const struct type *value_type(struct arena *a, const struct value *v);
/* Whether any part of it is an EXPR or UNKNOWN. */
bool value_pending(const struct value *v);
/* A deep copy into another arena. */
struct value value_copy(struct arena *a, const struct value *v);

/* JSON, one way to write it: object keys sorted, no white space. Durations are
 * integer milliseconds, sizes integer bytes, percents plain numbers (10 for
 * 10%), a secret is {"$secret":"name"}, an expression {"$expr":...}
 * (expr.h). With `typed` the units stay: {"$duration":300000},
 * {"$percent":10}, {"$size":1024}, so that value_from_json() gives the very
 * value back. */
struct buf;
void value_json(struct buf *out, const struct value *v, bool typed);
/* Reads JSON (typed forms understood) with limits on depth and size. */
bool value_from_json(struct arena *a, struct str json, struct value *out,
                     struct err *e);

#endif
