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

/* For objects that are large because of one list: its elements are handed over
 * one by one, and their memory is used again for the next. */
struct json_stream {
    struct str list; /* the name of that member */
    /* Names, up to NULL, of members of elements and of what is in them, that
     * live as the arena. */
    const char *const *kept;
    /* before: the object's members so far. What else is kept of element is to
     * be copied, but for its texts: they live as the arena, or in the JSON.
     * False ends it, with the reader's error set. */
    bool (*take)(void *ctx, const struct value *before,
                 const struct value *element);
    void *ctx;
};

/* The object, with that list empty. Texts may point into json. */
bool json_read_stream(struct arena *a, struct str json,
                      const struct json_stream *s, struct value *out,
                      struct err *e);

enum { JSON_DEPTH_MAX = 512 };

#endif
