#ifndef RUNTIME_KUSTOMIZE_SCHEMA_H
#define RUNTIME_KUSTOMIZE_SCHEMA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "runtime/yaml/ynode.h"

/* Which lists a strategic merge joins, and by which keys: the built-in OpenAPI
 * of Kubernetes 1.21.2, reduced to the paths that lead to such a list, or a
 * schema of the user's that takes its place wholly. */

enum { MERGE_KEYS_MAX = 8 };

struct merge_keys {
    size_t n; /* 0: elements are scalars, and their own keys */
    struct str items[MERGE_KEYS_MAX];
};

/* What is known of the value at some place. A zeroed struct knows nothing. */
struct schema {
    bool known;
    uint8_t shape;             /* built in: enum of schema.c */
    uint16_t target, keys;     /* built in: indices of schema.c */
    const struct ynode *node;  /* custom: the schema object */
};

/* A source of schemas. Zeroed: the built-in one. */
struct schema_set {
    bool custom;                     /* the user's instead of the built-in */
    const struct ynode *definitions; /* of a custom one; may be NULL */
    const struct ynode *paths;       /* the same */
};

/* Whether the paths of a custom schema lead to objects of this kind, and none
 * through a namespace. */
bool schema_cluster_scoped(const struct schema_set *set, struct str api_version,
                           struct str kind);
/* Reads a custom OpenAPI document ({definitions: {...}, paths: {...}}). The tree must stay
 * alive. False where it is no map, or the definitions are none. */
bool schema_set_init(struct schema_set *set, const struct ynode *document,
                     struct err *e);
/* The schema of a resource; knows nothing for kinds it has never heard of. */
struct schema schema_of(const struct schema_set *set, struct str api_version,
                        struct str kind);
struct schema schema_member(const struct schema_set *set, struct schema s,
                           struct str name);
struct schema schema_element(const struct schema_set *set, struct schema s);
/* Is this a list whose elements are merged? Fills the keys if so. */
bool schema_merges(struct schema s, struct merge_keys *keys);

#endif
