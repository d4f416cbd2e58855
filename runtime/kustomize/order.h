#ifndef RUNTIME_KUSTOMIZE_ORDER_H
#define RUNTIME_KUSTOMIZE_ORDER_H

#include "runtime/kustomize/resmap.h"

/* The old fixed order of kinds, then of group, version and kind: negative,
 * zero, positive. */
int order_kinds(const struct resid *a, const struct resid *b);

/* The order of the printed objects: as they came, or the old fixed order of
 * kinds (namespaces first, webhooks last), then by group, version and kind,
 * then by namespace and name. options: the kustomization's sortOptions, or
 * NULL for the old order as it is. */
bool order_apply(struct arena *a, struct resmap *m,
                 const struct ynode *options, struct err *e);

#endif
