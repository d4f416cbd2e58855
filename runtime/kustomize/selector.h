#ifndef RUNTIME_KUSTOMIZE_SELECTOR_H
#define RUNTIME_KUSTOMIZE_SELECTOR_H

#include "base/err.h"
#include "runtime/kustomize/labelsel.h"
#include "runtime/kustomize/regex.h"
#include "runtime/kustomize/resmap.h"

/* A patch's target: regular expressions over group, version, kind, name and
 * namespace, and selectors over labels and annotations. */

struct selector {
    struct regex group, version, kind, name, ns;
    struct labelsel labels, annotations;
};

/* Reads {group, version, kind, name, namespace, labelSelector,
 * annotationSelector}. Close it in any case. */
bool selector_open(struct selector *s, struct arena *a,
                   const struct ynode *spec, struct err *e);
void selector_close(struct selector *s);
/* Does it choose the object? Name and namespace match as they are now, or as
 * they were at first. */
bool selector_match(const struct selector *s, const struct resource *r,
                    bool *matches, struct err *e);
/* The two label selectors alone. */
bool selector_labels_match(const struct selector *s, const struct resource *r);
/* All that spec chooses, in order. */
bool selector_select(struct resmap *m, struct arena *a,
                     const struct ynode *spec, struct resource_set *out,
                     struct err *e);

#endif
