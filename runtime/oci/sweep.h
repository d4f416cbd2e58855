#ifndef RUNTIME_OCI_SWEEP_H
#define RUNTIME_OCI_SWEEP_H

#include "runtime/oci/blob.h"

#include <jansson.h>

/* Removes from a layout the blobs that nothing in the index leads to: what
 * images that were replaced leave behind. Removes nothing where something the
 * index names cannot be read. The layout must be locked. */
void oci_sweep(struct arena *a, struct str layout, const json_t *index);

#endif
