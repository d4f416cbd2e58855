#ifndef RUNTIME_OCI_LAYER_H
#define RUNTIME_OCI_LAYER_H

#include "runtime/oci/blob.h"
#include "runtime/oci/libarchive.h"
#include "runtime/oci/oci.h"

#include <sys/types.h>

/* One thing in a layer. */
struct layer_entry {
    struct str path;   /* in the image, without the leading '/' */
    struct str from;   /* the file on disk; empty: text */
    struct str text;
    struct str target; /* of a link */
    mode_t type;       /* S_IFREG, S_IFDIR, S_IFLNK */
    unsigned mode;
    int64_t size;
    size_t order; /* of two at one path the later wins */
};

struct layer {
    struct arena *arena;
    struct {
        struct layer_entry *items;
        size_t n, cap;
    } entries;
    bool on_base; /* folders that hold something are left to the base: naming
                     them would put a folder where it may have a link, and
                     change their modes */
};

/* Finds all that the copies name, adds the folders above it, and sorts. */
bool layer_collect(struct layer *l, const struct oci_copy *copies, size_t n,
                   struct err *e);

/* Writes the layer as tar, gzip. *blob names what was written, *diff_id the
 * tar inside. */
bool layer_write(const struct layer *l, const struct archive_lib *lib,
                 struct str layout, int64_t mtime_s, struct oci_blob *blob,
                 struct str *diff_id, struct err *e);

#endif
