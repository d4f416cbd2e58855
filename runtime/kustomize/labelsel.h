#ifndef RUNTIME_KUSTOMIZE_LABELSEL_H
#define RUNTIME_KUSTOMIZE_LABELSEL_H

#include "base/arena.h"
#include "base/err.h"
#include "runtime/yaml/ynode.h"

/* Kubernetes label selectors: "a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1".
 * All requirements must hold; an empty selector matches everything. */

enum { LABELSEL_MAX = 1000 }; /* requirements, and values of one */

enum labelsel_op {
    LABELSEL_IN,
    LABELSEL_NOT_IN,
    LABELSEL_EXISTS,
    LABELSEL_MISSING,
    LABELSEL_GREATER,
    LABELSEL_LESS,
};

struct labelsel_need {
    struct str key;
    enum labelsel_op op;
    struct str *values;
    size_t n, cap;
};

struct labelsel {
    struct labelsel_need *items;
    size_t n, cap;
};

/* Texts are borrowed. */
bool labelsel_parse(struct arena *a, struct str text, struct labelsel *out,
                    struct err *e);
/* labels is a map of texts, or NULL for none. */
bool labelsel_match(const struct labelsel *s, const struct ynode *labels);

#endif
