#ifndef RUNTIME_KUSTOMIZE_FIELDPATH_H
#define RUNTIME_KUSTOMIZE_FIELDPATH_H

#include "base/arena.h"
#include "base/err.h"
#include "runtime/yaml/ynode.h"

/* Paths of replacements: "spec.containers.[name=web].image", "a.[b.c/d].e",
 * "a\.b", "l.0", "l.*". (kyaml's path splitter, PathGetter, PathMatcher.) */

enum { FIELDPATH_PARTS_MAX = 256, FIELDPATH_FOUND_MAX = 1000 * 1000 };

struct fieldpath {
    struct str *items;
    size_t n, cap;
};

struct found_nodes {
    struct ynode **items;
    size_t n, cap;
};

/* Texts may be the path's own. */
bool fieldpath_split(struct arena *a, struct str path, struct fieldpath *out,
                     struct err *e);
/* The one node of a source's path: elements are chosen by equality, "-" is the
 * last one. *out is NULL where there is none. False where the path meets a
 * value of another kind than it needs. make: the arena for fields and [k=v]
 * elements that are missing, the last a text; NULL = make nothing. */
bool fieldpath_get(struct arena *make, struct ynode *root,
                   const struct fieldpath *p, struct ynode **out,
                   struct err *e);
/* All nodes of a target's path: elements are chosen by regular expression,
 * "*" means each. create: make what is missing, the last node of that kind;
 * -1 = make nothing. */
bool fieldpath_match(struct arena *a, struct ynode *root,
                     const struct fieldpath *p, int create,
                     struct found_nodes *out, struct err *e);

#endif
