#ifndef RUNTIME_OCI_BLOB_H
#define RUNTIME_OCI_BLOB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <openssl/evp.h>
#include <stdint.h>

/* Content that is named by its own SHA-256, in an image layout directory. */

/* What a manifest says of a blob. */
struct oci_blob {
    struct str digest; /* "sha256:" and 64 digits, in the arena */
    int64_t size;
};

/* A blob being written: hashed as it goes, and given its name at the end. */
struct blob_writer {
    struct str layout, temporary;
    int fd;
    EVP_MD_CTX *hash;
    int64_t size;
};

/* Makes blobs/sha256 in the layout too. */
bool blob_create(struct blob_writer *w, struct arena *a, struct str layout,
                 struct err *e);
bool blob_write(struct blob_writer *w, struct str bytes, struct err *e);
/* Ends it well: *out names it. */
bool blob_finish(struct blob_writer *w, struct arena *a, struct oci_blob *out,
                 struct err *e);
/* Ends it otherwise; also right after blob_finish() and for a zeroed one. */
void blob_discard(struct blob_writer *w);

/* A small blob at once. */
bool blob_put(struct arena *a, struct str layout, struct str bytes,
              struct oci_blob *out, struct err *e);
/* Reads one of at most max bytes, and checks that it is what its name says. */
bool blob_get(struct arena *a, struct str layout, struct str digest,
              size_t max, struct str *bytes, struct err *e);
/* Brings one from another layout, likewise checked. */
bool blob_copy(struct arena *a, struct str from, struct str to,
               struct str digest, struct err *e);

/* A finished SHA-256 as "sha256:…". Frees the context. */
struct str blob_digest(struct arena *a, EVP_MD_CTX *hash);

#endif
