#ifndef GRAPH_FUNCTION_H
#define GRAPH_FUNCTION_H

#include "graph/expr.h"

/* Shared by the files of the built-in functions. Each function is called with
 * as many arguments as function.def allows ('?' optional, '*' any number). */

/* An error "takes WHAT, not ..." unless v is of that kind. */
bool function_wants(const struct value *v, enum value_kind kind,
                    const char *what, struct err *e);
struct value function_list(struct value *items, size_t n);

typedef bool function_fn(struct arena *a, const struct value *v, size_t n,
                         struct value *out, struct err *e);
function_fn function_basename, function_contains, function_dirname,
    function_ends_with, function_first, function_flatten, function_join,
    function_keys, function_last, function_range, function_reverse,
    function_sort, function_unique, function_values, function_lower,
    function_matches, function_replace, function_semver_bump,
    function_semver_compare, function_slug, function_split,
    function_starts_with, function_string, function_trim, function_upper;

/* Whether n arguments fit the parameters of f; else an error that says how
 * many it takes. */
bool function_arity(const struct function *f, size_t n, struct err *e);

#endif
