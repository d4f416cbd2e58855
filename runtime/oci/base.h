#ifndef RUNTIME_OCI_BASE_H
#define RUNTIME_OCI_BASE_H

#include "runtime/oci/blob.h"

#include <jansson.h>

/* What an image is made of, before it is written: its configuration and its
 * layers' descriptors, of the base or new. */
struct oci_parts {
    json_t *config; /* image-spec's config.md */
    json_t *layers; /* a manifest's "layers" */
};

/* Parses JSON that must be an object. NULL and an error that names it. */
json_t *oci_json_parse(struct str text, const char *name, struct err *e);

/* Reads the image of a layout for linux on this architecture, and copies its
 * layers into another layout. Both parts are the caller's to json_decref(),
 * also after false. */
bool oci_base_read(struct arena *a, struct str base, struct str layout,
                   struct str architecture, struct oci_parts *out,
                   struct err *e);

#endif
