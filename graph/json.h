#ifndef GRAPH_JSON_H
#define GRAPH_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "graph/expr.h"
#include "graph/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <yajl/yajl_gen.h>

/* The room's JSON, over yajl: written canonically (keys sorted, no white
 * space), read streaming with ceilings. */

/* A writer that appends to out; json_close() ends it. */
yajl_gen json_open(struct buf *out);
void json_close(yajl_gen g);

void json_str(yajl_gen g, struct str s);
void json_key(yajl_gen g, const char *key);
void json_int(yajl_gen g, int64_t i);
/* Shortest form that reads back the same; null for what is not finite. */
void json_double(yajl_gen g, double d);
void json_value(yajl_gen g, const struct value *v, bool typed);
void json_expr(yajl_gen g, const struct expr *x);

enum { JSON_DEPTH_MAX = 512 };

#endif
