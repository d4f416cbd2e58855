#ifndef RUNTIME_KUSTOMIZE_TRANSFORM_H
#define RUNTIME_KUSTOMIZE_TRANSFORM_H

#include "runtime/kustomize/config.h"
#include "runtime/kustomize/loader.h"
#include "runtime/kustomize/resmap.h"
#include "runtime/kustomize/schema.h"
#include "runtime/kustomize/warn.h"

/* What a transformer gets. Each is one file transform_NAME.c and one line of
 * transforms.def; the same function serves its field in the kustomization file
 * and 'transformers:' entries of its kind. */

struct transform {
    struct arena *a;
    struct resmap *m;
    /* Its configuration, a map: an entry of the kustomization's field, or the
     * object of 'transformers:', in either case with the field names that the
     * built-in plug-in has. Not to be changed. */
    const struct ynode *spec;
    struct fieldspecs fields; /* where to reach; empty for some */
    const struct loader *loader;
    const struct schema_set *schema;
    struct warnings *w;
    /* Set by a transformer that saw to the tables of ids itself. */
    bool ids_kept;
};

/* Errors are ERR_INPUT and begin with file:line:col. */
typedef bool transform_fn(struct transform *t, struct err *e);

struct transform_kind {
    const char *kind; /* "PatchTransformer" */
    transform_fn *run;
};

/* NULL where there is no such built-in. */
const struct transform_kind *transform_find(struct str kind);

/* Calls fn for the node at each place that the field spec leads to in the
 * object, making what is missing where the spec says so, with the kind given
 * (enum ynode_kind). The walk stops at the first error. */
typedef bool field_fn(void *ctx, struct ynode *at, struct err *e);
bool field_visit(struct arena *a, struct resource *r,
                 const struct fieldspec *spec, enum ynode_kind make,
                 field_fn *fn, void *ctx, struct err *e);
/* field_visit() for every object and every one of t->fields that is for it. */
bool transform_all(struct transform *t, enum ynode_kind make, field_fn *fn,
                   void *ctx, struct err *e);
/* Does the spec's group, version and kind match? */
bool field_matches(const struct fieldspec *spec, const struct resid *id);

/* Puts the object into a namespace, as far as it can be in one, and the
 * subjects of role bindings that are meant by it. */
bool namespace_put(struct transform *t, struct resource *r, struct str ns,
                   struct err *e);

#endif
