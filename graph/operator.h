#ifndef GRAPH_OPERATOR_H
#define GRAPH_OPERATOR_H

#include "base/arena.h"
#include "base/err.h"
#include "graph/expr.h"
#include "graph/value.h"

/* The operators on known values. Conversions: int -> float and percent ->
 * float where the other side is a float, no others.
 *
 *   +  -     int, float, percent, duration, size with their like; + also
 *            joins strings and lists
 *   *        numbers; duration or size by a number
 *   /        numbers (a float, also of two ints); duration or size by a number
 *            or by their like (a float)
 *   %        ints
 *   < <= ..  numbers, durations, sizes, strings (by bytes)
 *   == !=    likes, and anything with none
 *   in       element of a list, key of a map, part of a string
 *   =~       string and a PCRE2 pattern, found anywhere                      */

/* "an int", "a string", ... for messages. */
const char *operator_kind_name(const struct value *v);
bool operator_binary(struct arena *a, enum expr_op op, const struct value *l,
                     const struct value *r, struct value *out, struct err *e);
bool operator_unary(enum expr_op op, const struct value *v, struct value *out,
                    struct err *e);
/* list[int] (negative from the end), map[string]. */
bool operator_index(const struct value *v, const struct value *i,
                    struct value *out, struct err *e);
/* Whether the pattern is found in the text; errors for a bad pattern and one
 * that takes too long. */
bool operator_match(struct str text, struct str pattern, bool *out,
                    struct err *e);

#endif
