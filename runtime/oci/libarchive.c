#include "runtime/oci/libarchive.h"

#include "base/dylib.h"

static const char *const sonames[] = {"libarchive.so.13", NULL};

static const struct dylib_symbol symbols[] = {
#define ARCHIVE_FN(name) {"archive_" #name, offsetof(struct archive_lib, name)},
#include "runtime/oci/libarchive.def"
#undef ARCHIVE_FN
    {0},
};

bool archive_lib_load(struct archive_lib *l, struct err *e)
{
    const struct dylib lib = {
        .sonames = sonames, .package = "libarchive13", .symbols = symbols};

    return dylib_load(&lib, l, e);
}
