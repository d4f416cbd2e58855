#ifndef RUNTIME_KUSTOMIZE_MANIFEST_H
#define RUNTIME_KUSTOMIZE_MANIFEST_H

#include "runtime/kustomize/resmap.h"
#include "runtime/kustomize/warn.h"

/* Text of Kubernetes objects to resources: documents split, lists unwrapped,
 * each with a kind and a name. The text lives as long as the arena; line is
 * that of its first line in the file. w, where it is not NULL, is told of
 * values that are printed as others. Errors begin with file:line:col. */
bool manifest_read(struct arena *a, struct str text, const char *file,
                   uint32_t line, struct resource_set *out, struct warnings *w,
                   struct err *e);

#endif
