#ifndef RUNTIME_KUSTOMIZE_KUSTOMIZE_H
#define RUNTIME_KUSTOMIZE_KUSTOMIZE_H

#include "base/buf.h"
#include "runtime/kustomize/loader.h"
#include "runtime/kustomize/resmap.h"
#include "runtime/kustomize/warn.h"

/* Renders a kustomization: byte for byte what 'kubectl kustomize' of kubectl
 * 1.35 (kustomize 5.7.1) prints, with warnings where that loses what the
 * author wrote. Reads files; with enable_helm runs helm; fetches remote bases
 * unless offline. */

struct kustomize_options {
    const struct vfs *vfs; /* NULL: the disk */
    bool unrestricted;     /* --load-restrictor LoadRestrictionsNone */
    bool keep_order;       /* --reorder none: as the resources came */
    bool enable_helm;
    struct str helm_command; /* "" = "helm" */
    bool no_remote;          /* URLs are refused */
    bool offline;            /* repositories from the cache alone */
    struct str cache;        /* for fetched repositories; "" = the user's */
    bool *remote; /* becomes true once something is fetched; NULL: who cares */
};

enum {
    KUSTOMIZE_DEPTH_MAX = 64,            /* of kustomizations in each other */
    KUSTOMIZE_RESOURCES_MAX = 1000000,
};

struct kustomize_result {
    struct resmap m; /* the objects in order; m.items[i]->node is the tree */
    struct warnings warnings;
};

/* Builds the directory. All memory is the arena's but for kustomize_free().
 * Errors begin with file:line:col where a place is known. */
bool kustomize_build(struct arena *a, const struct kustomize_options *o,
                     struct str dir, struct kustomize_result *out,
                     struct err *e);
/* Appends all objects as YAML, "---" lines between. */
bool kustomize_write(struct buf *b, const struct kustomize_result *r,
                     struct err *e);
/* Gives tables back; may follow a failed build. */
void kustomize_free(struct kustomize_result *r);
/* All of that at once: what `pipec render` prints, in the arena. */
bool kustomize_text(struct arena *a, const struct kustomize_options *o,
                    struct str dir, struct str *text, struct warnings *w,
                    struct err *e);

#endif
