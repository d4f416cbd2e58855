#ifndef RUNTIME_KUSTOMIZE_NODE_HASH_H
#define RUNTIME_KUSTOMIZE_NODE_HASH_H

#include "base/buf.h"
#include "runtime/kustomize/resource.h"

/* A generated object whose kind was changed is no ConfigMap or Secret any more,
 * and the reference then digests the JSON of its own parse tree: each node with
 * its kind, style, tag, text, and the line and column where it was read, 0
 * where code made it. This writes that text, as far as it can be known here:
 * not for comments in patches. The rules were found by trying digests. */
void node_json(struct arena *a, struct buf *b, struct resource *r);

#endif
