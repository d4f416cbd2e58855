#ifndef RUNTIME_OCI_LIBARCHIVE_H
#define RUNTIME_OCI_LIBARCHIVE_H

#include "base/err.h"

#include <archive.h>
#include <archive_entry.h>

/* libarchive, loaded when first used. Only this room includes this header. */
struct archive_lib {
#define ARCHIVE_FN(name) __typeof__(archive_##name) *name;
#include "runtime/oci/libarchive.def"
#undef ARCHIVE_FN
};

bool archive_lib_load(struct archive_lib *l, struct err *e);

#endif
