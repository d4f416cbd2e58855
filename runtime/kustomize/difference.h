#ifndef RUNTIME_KUSTOMIZE_DIFFERENCE_H
#define RUNTIME_KUSTOMIZE_DIFFERENCE_H

#include "base/buf.h"
#include "runtime/kustomize/resmap.h"

/* What two renders differ in, object by object:
 *     + ConfigMap.v1/settings.prod
 *     - Secret.v1/old.prod
 *     ~ Deployment.v1.apps/web.prod
 *         spec.replicas: 2 -> 3
 *         spec.template.spec.containers[name=app].image: "a:1" -> "a:2"
 * or, as text, with the lines that differ under each changed object.
 * Generated objects whose name differs in its hash alone are one object.
 * Nothing is written where they are alike. */
struct difference_count {
    size_t added, removed, changed;
};

bool difference_write(struct arena *a, const struct resmap *before,
                      const struct resmap *after, bool as_text,
                      struct buf *out,
                      struct difference_count *count, struct err *e);

#endif
