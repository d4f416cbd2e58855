#ifndef RUNTIME_LUA_KNOWN_H
#define RUNTIME_LUA_KNOWN_H

/* What names mean inside a worker, for the expressions that the supervisor
 * could not resolve: what conditions speak of beside the measurement, and
 * texts of hooks that speak of the rollout. */

#include "base/arena.h"
#include "base/err.h"
#include "graph/expr.h"
#include "runtime/lua/host.h"

#include <jansson.h>

/* run, git, rollout, stage, and the outputs of stages, this one's too. */
struct known {
    struct host *host;
    struct arena *arena; /* of the values */
};

/* The lookup of an expr_env whose ctx is a struct known. */
bool known_name(void *ctx, const struct expr *name, struct value *out,
                  struct err *e);
/* v with every expression inside it evaluated: a new reference. */
json_t *known_json(struct host *h, json_t *v, struct err *e);
/* JSON as a value in the arena. */
bool known_value(struct arena *a, const json_t *v, struct value *out,
                   struct err *e);

#endif
