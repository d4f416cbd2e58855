#ifndef RUNTIME_KUSTOMIZE_RESMAP_H
#define RUNTIME_KUSTOMIZE_RESMAP_H

#include "base/map.h"
#include "runtime/kustomize/resource.h"

/* The objects of a build in order, found by their ids through tables: no
 * operation here looks at all objects for each object. */

struct resmap {
    struct arena *a;
    struct resource **items;
    size_t n, cap;
    struct map current; /* id key -> resource; valid while indexed_n == n */
    struct map any;     /* id key -> struct resource_set */
    size_t indexed_current, indexed_any; /* how many items they know */
};

struct resource_set {
    struct resource **items;
    size_t n, cap;
};

void resmap_init(struct resmap *m, struct arena *a);
/* Gives the tables back; the objects stay the arena's. */
void resmap_free(struct resmap *m);
/* Ids changed, objects went: the tables are made anew when next needed. Every
 * transformer's caller does this; appending alone needs it not. */
void resmap_touch(struct resmap *m);
/* Refuses an object whose current id is there already. */
bool resmap_append(struct resmap *m, struct resource *r, struct err *e);
bool resmap_append_all(struct resmap *m, const struct resmap *from,
                       struct err *e);
/* A generator's object: added, or merged into the one that ever had its id. */
bool resmap_absorb(struct resmap *m, struct resource *r, struct err *e);
/* The object whose current id this is, NULL where there is none. */
struct resource *resmap_current(struct resmap *m, const struct resid *id);
/* All that have or ever had the id, in order; never NULL. Borrowed until the
 * next change. */
const struct resource_set *resmap_any(struct resmap *m,
                                      const struct resid *id);
/* Drops the objects whose node is NULL or an empty map. */
void resmap_drop_empty(struct resmap *m);

#endif
