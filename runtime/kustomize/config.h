#ifndef RUNTIME_KUSTOMIZE_CONFIG_H
#define RUNTIME_KUSTOMIZE_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "runtime/yaml/ynode.h"

/* Where the simple transformers reach: field specs, built in and the user's
 * (configurations:, crds:). All is immutable once made; merging makes anew. */

/* A place in the objects of some kinds: '/'-separated ('\/' escapes), lists
 * are walked through, "x[]" is a list that is never made. */
struct fieldspec {
    struct str group, version, kind; /* "" matches any */
    struct str path;
    bool create; /* make what is missing on the way */
};

struct fieldspecs {
    const struct fieldspec *items;
    size_t n;
};

/* Objects of this kind are called by their name in these places. */
struct backref {
    struct str group, version, kind;
    struct fieldspecs referrers;
};

struct backrefs {
    const struct backref *items;
    size_t n;
};

enum config_set {
    CONFIG_NAME_PREFIX,
    CONFIG_NAME_SUFFIX,
    CONFIG_NAMESPACE,
    CONFIG_COMMON_LABELS,
    CONFIG_LABELS,
    CONFIG_TEMPLATE_LABELS,
    CONFIG_COMMON_ANNOTATIONS,
    CONFIG_VAR_REFERENCE,
    CONFIG_IMAGES,
    CONFIG_REPLICAS,
    CONFIG_SETS
};

struct config {
    struct fieldspecs sets[CONFIG_SETS];
    struct backrefs references;
};

/* The built-in one: borrowed from const tables. */
struct config config_default(void);
/* Both joined: what is new in more comes after base's; an equal place with
 * another 'create' is an error. Texts and arrays are shared with both. */
bool config_merge(struct arena *a, const struct config *base,
                  const struct config *more, struct config *out,
                  struct err *e);
/* Sorts each set by kind and joins it anew, so that a spec for certain kinds
 * takes the place of one for all at the same path: what the reference does
 * with the built-in config and a kustomization's own. */
bool config_settle(struct arena *a, struct config *c, struct err *e);
/* A transformer configuration file. Unknown keys and repeated ones are errors
 * with their place. Texts are the tree's. */
bool config_read(struct arena *a, const struct ynode *doc, struct config *out,
                 struct err *e);
/* Field specs from a list of them, as built-in transformers' fieldSpecs. */
bool config_read_specs(struct arena *a, const struct ynode *list,
                       struct fieldspecs *out, struct err *e);
/* Appends what is new; false on a conflict of 'create'. */
bool config_merge_specs(struct arena *a, struct fieldspecs base,
                        struct fieldspecs more, struct fieldspecs *out,
                        struct err *e);
/* What a file of 'crds:' says by its x-kubernetes- extensions: a map from type
 * names to {Schema: ...}. */
bool config_read_crds(struct arena *a, const struct ynode *doc,
                      struct config *out, struct err *e);

#endif
