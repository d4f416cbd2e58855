#ifndef RUNTIME_KUSTOMIZE_ORIGIN_H
#define RUNTIME_KUSTOMIZE_ORIGIN_H

#include "base/arena.h"
#include "base/buf.h"
#include "runtime/kustomize/resource.h"

/* buildMetadata: where an object came from, as the annotations
 * config.kubernetes.io/origin and alpha.config.kubernetes.io/transformations
 * tell. */

struct origin {
    struct str path, repo, ref;
    struct str configured_in;
    struct str api_version, kind, name, ns; /* configuredBy */
};

/* The same with a path (or repository) below it. */
struct origin *origin_below(struct arena *a, const struct origin *o,
                            struct str path);
/* Of what a built-in of this kind, configured in file, makes or changes. */
struct origin *origin_builtin(struct arena *a, const struct origin *o,
                              struct str file, const char *kind);
/* Of what a plug-in's configuration object makes; NULL where it has none. */
struct origin *origin_plugin(struct arena *a, const struct resource *config);
/* The annotations' texts. */
struct str origin_text(struct arena *a, const struct origin *o);
struct str origin_list_text(struct arena *a, const struct resource *r);

#endif
