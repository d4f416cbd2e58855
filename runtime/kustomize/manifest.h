#ifndef RUNTIME_KUSTOMIZE_MANIFEST_H
#define RUNTIME_KUSTOMIZE_MANIFEST_H

#include "runtime/kustomize/resmap.h"

/* Text of Kubernetes objects to resources: documents split, lists unwrapped,
 * each with a kind and a name. Errors begin with file:line:col. */
bool manifest_read(struct arena *a, struct str text, const char *file,
                   struct resource_set *out, struct err *e);

#endif
