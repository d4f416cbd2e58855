#ifndef RUNTIME_KUSTOMIZE_WARN_H
#define RUNTIME_KUSTOMIZE_WARN_H

#include "base/arena.h"
#include "base/str.h"
#include "runtime/yaml/ynode.h"

/* What a render did that its author can hardly have meant: data lost to a
 * quirk of the reference, a target that matched nothing. Collected here,
 * printed by cli/; what is too much is counted, not kept. */

enum { WARNINGS_MAX = 1000 };

struct warnings {
    struct arena *a;   /* keeps the texts; the first member to set */
    struct str *items; /* "file:line:col: text" */
    size_t n, cap;
    size_t more; /* left out beyond WARNINGS_MAX */
};

/* A NULL list takes nothing, and none takes the same twice. at says where; NULL where no place is known. */
void warn_add(struct warnings *w, const struct ynode *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
