#ifndef RUNTIME_KUSTOMIZE_REPLACEMENT_H
#define RUNTIME_KUSTOMIZE_REPLACEMENT_H

#include "runtime/kustomize/transform.h"

/* The source of a replacement, and what source and targets share. Objects are
 * chosen by exact parts of any id they have or ever had. */

/* Options of either side: a part of a text between delimiters. */
struct split {
    struct str delimiter; /* "" = the whole value */
    int64_t index;
    bool create; /* targets only */
};

struct pieces {
    struct str *items;
    size_t n, cap;
};

/* {group, version, kind, name, namespace}; empty parts choose all. */
bool replacement_selects(const struct ynode *sel, const struct resource *r);
bool replacement_options(struct transform *t, const struct ynode *holder,
                         struct split *out, struct err *e);
/* At least one piece. */
struct pieces replacement_cut(struct arena *a, struct str s, struct str at);
/* The value to copy: the object's own node, which may change under the
 * targets' hands, but for a part of a text. */
bool replacement_source(struct transform *t, const struct ynode *source,
                        struct ynode **value, struct err *e);
/* Sets an error at the node's place; puts the place before one that is set. */
bool replacement_bad(struct transform *t, const struct ynode *n, struct err *e,
                     const char *what);
bool replacement_at(struct transform *t, const struct ynode *n, struct err *e);

#endif
