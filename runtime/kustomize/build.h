#ifndef RUNTIME_KUSTOMIZE_BUILD_H
#define RUNTIME_KUSTOMIZE_BUILD_H

#include "runtime/kustomize/config.h"
#include "runtime/kustomize/fetch.h"
#include "runtime/kustomize/kfile.h"
#include "runtime/kustomize/kustomize.h"
#include "runtime/kustomize/origin.h"
#include "runtime/kustomize/schema.h"
#include "runtime/kustomize/vars.h"

/* The inside of a build: accumulate.c gathers what kustomizations name,
 * configure.c makes their generators and transformers run. */

struct build {
    struct arena *a;
    const struct kustomize_options *o;
    struct warnings *w;
    struct schema_set schema; /* the first 'openapi' to come sets it */
    bool has_schema;
    size_t depth;
    struct fetch *fetch;
};

/* What one kustomization, or several components on it, have made so far. */
struct accumulator {
    struct resmap m;
    struct config config;
    bool has_config; /* config is set: a base brought one, or its turn came */
    bool is_custom;  /* config is more than the built-in one */
    struct vars vars;
};

/* One kustomization. */
struct target {
    struct build *b;
    const struct loader *loader;
    struct kfile k;
    const struct origin *origin; /* NULL: nobody asked */
};

void accumulator_init(struct accumulator *acc, struct build *b);
void accumulator_free(struct accumulator *acc);

/* Reads the kustomization file of the loader's directory. */
bool target_open(struct target *t, struct build *b, const struct loader *l,
                 struct err *e);
/* 'openapi' of a kustomization; top: it may replace an earlier one. */
bool target_schema(struct target *t, struct err *e);
/* Everything a kustomization says, in the reference's order. */
bool target_accumulate(struct target *t, struct accumulator *acc,
                       struct err *e);
/* A list of files and directories; used for 'resources' and for those of
 * 'generators', 'transformers' and 'validators'. */
bool target_resources(struct target *t, struct accumulator *acc,
                      const struct ynode *paths, struct err *e);
bool target_config(struct target *t, struct accumulator *acc, struct err *e);
bool target_generators(struct target *t, struct accumulator *acc,
                       struct err *e);
bool target_transformers(struct target *t, struct accumulator *acc,
                         struct err *e);
bool target_validators(struct target *t, struct accumulator *acc,
                       struct err *e);
/* The objects that 'generators:' and the like name, inline or by path. */
bool target_plugins(struct target *t, const char *field,
                    struct accumulator *out, struct err *e);
/* The objects written in an entry itself; false where it holds none. */
bool target_inline(struct target *t, const struct ynode *entry,
                   struct resource_set *out, struct err *e);
/* Runs an object of 'transformers' or 'validators'; what: "transformer" or
 * "validator", for messages; origin: to be noted, or NULL. */
bool target_run_plugin(struct target *t, struct accumulator *acc,
                       const struct resource *r, const char *what,
                       const struct origin *origin, struct err *e);
/* Runs one transformer of a kind, and notes that it did. */
bool target_transform(struct target *t, struct accumulator *acc,
                      const char *kind, const struct ynode *spec,
                      struct fieldspecs fields, const struct origin *origin,
                      struct err *e);

/* Last of all: local objects go, annotations of the build's own go, asked for
 * metadata comes. wanted: 'buildMetadata', or NULL. */
bool clean_local(struct arena *a, struct resmap *m, const struct ynode *wanted,
                 struct warnings *w, struct err *e);
void clean_all(struct arena *a, struct resmap *m, const struct ynode *wanted);

#endif
