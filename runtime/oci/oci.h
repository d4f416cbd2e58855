#ifndef RUNTIME_OCI_OCI_H
#define RUNTIME_OCI_OCI_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Assembles an OCI image from files, with no daemon and no root: one layer of
 * the copies (tar, gzip), the configuration, the manifest and an index, as an
 * image layout directory (image-spec 1.0). The same inputs give the same bytes
 * and so the same digest: owners are 0:0, times are `created`, entries are
 * sorted. libarchive is loaded when the first image is built. */

enum {
    OCI_FILES_MAX = 200 * 1000,
    OCI_LAYERS_MAX = 127,
    OCI_JSON_MAX = 4 * 1024 * 1024, /* an index, manifest or configuration */
};

struct oci_copy {
    struct str from;   /* a file, link or folder on disk; a folder is copied
                          with all that is in it */
    struct str text;   /* or, where from is empty: the content of a file */
    struct str to;     /* absolute path in the image; one that ends in '/' is a
                          folder that `from` goes into */
    unsigned mode;     /* of files, such as 0755; 0: as on disk (the owner's x
                          gives 0755, else 0644) */
};

struct oci_pair {
    struct str name, value;
};

struct oci_image {
    const struct oci_copy *copies;
    size_t copy_count;
    struct str base; /* a layout directory to build upon; empty: scratch. Its
                        layers and configuration are kept, those below win */
    const struct str *entrypoint, *cmd, *env, *ports; /* "K=V"; "8080/tcp" */
    size_t entrypoint_count, cmd_count, env_count, port_count;
    const struct oci_pair *labels;
    size_t label_count;
    struct str user, workdir;
    struct str architecture; /* empty: "amd64" or what this machine is */
    struct str ref;          /* org.opencontainers.image.ref.name, such as
                                "1.2"; empty: "latest" */
    int64_t created_s;       /* seconds since 1970; 0 as SOURCE_DATE_EPOCH=0 */
};

/* Writes the layout directory, made where missing; images of other refs stay in
 * it, one of the same ref is replaced and its blobs removed. The layout is
 * locked meanwhile, so that several builds may share it. *digest is the
 * manifest's, "sha256:…", in the arena. ERR_INPUT where a copy's source does
 * not exist or a path is not valid. */
bool oci_build(struct arena *a, const struct oci_image *image,
               const char *layout, struct str *digest, struct err *e);

#endif
