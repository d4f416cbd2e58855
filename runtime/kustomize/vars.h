#ifndef RUNTIME_KUSTOMIZE_VARS_H
#define RUNTIME_KUSTOMIZE_VARS_H

#include "runtime/kustomize/config.h"
#include "runtime/kustomize/resmap.h"
#include "runtime/kustomize/warn.h"

/* 'vars': $(NAME) in some fields becomes a value of some object. Each
 * kustomization collects its own when its objects are complete; the top one
 * expands them all at the end. */

enum { VARS_MAX = 10 * 1000 };

struct var {
    struct str name, path;   /* path: of the field that is the value */
    struct resource *target; /* NULL: no object was it */
    struct resid id;         /* as written */
    const struct ynode *at;  /* where it was written */
    size_t used;
};

struct vars {
    struct var *items;
    size_t n, cap;
};

/* Adds the variables of a 'vars:' list, each tied to the object among m that
 * has or ever had the id. A name that is there already is an error, as are two
 * objects for one variable. */
bool vars_collect(struct arena *a, struct vars *v, const struct ynode *list,
                  const struct resmap *m, struct err *e);
/* Adds those of a base. */
bool vars_join(struct arena *a, struct vars *v, const struct vars *base,
               struct err *e);
/* Replaces references in all fields that the specs lead to. Variables that are
 * never used are warned of. */
bool vars_expand(struct arena *a, struct vars *v, struct resmap *m,
                 struct fieldspecs where, struct warnings *w, struct err *e);

#endif
