#ifndef RUNTIME_KUSTOMIZE_GENERATE_H
#define RUNTIME_KUSTOMIZE_GENERATE_H

#include "runtime/kustomize/kustomize.h"
#include "runtime/kustomize/loader.h"
#include "runtime/kustomize/resmap.h"
#include "runtime/kustomize/warn.h"

/* What a generator gets. Each is one file generate_NAME.c and one line of
 * generates.def; the same function serves its field in the kustomization file
 * and 'generators:' entries of its kind. */

struct generate {
    struct arena *a;
    const struct ynode *spec;    /* an entry of the field, or the object */
    const struct ynode *options; /* generatorOptions, NULL = none */
    const struct ynode *globals; /* helmGlobals, NULL = none */
    const struct loader *loader;
    const struct kustomize_options *build;
    struct warnings *w;
};

/* Appends what it makes. Errors are ERR_INPUT and begin with
 * file:line:col. */
typedef bool generate_fn(struct generate *g, struct resource_set *out,
                         struct err *e);

struct generate_kind {
    const char *kind; /* "ConfigMapGenerator" */
    generate_fn *run;
};

/* NULL where there is no such built-in. */
const struct generate_kind *generate_find(struct str kind);

/* Keys and values from 'envs', 'literals' and 'files'. */
struct kv {
    struct str key, value;
};

struct kvs {
    struct kv *items; /* sorted by the bytes of the keys */
    size_t n, cap;
};

bool generate_kvs(struct generate *g, struct kvs *out, struct err *e);

#endif
