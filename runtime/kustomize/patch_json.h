#ifndef RUNTIME_KUSTOMIZE_PATCH_JSON_H
#define RUNTIME_KUSTOMIZE_PATCH_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "runtime/yaml/ynode.h"

/* JSON patches (RFC 6902) with the reference's habits: replace adds a missing
 * key, negative indices count from the end, '-' appends, and the whole object
 * passes through JSON, where numbers are doubles. */

struct json_patch {
    const struct ynode *ops; /* a sequence of maps */
};

enum { JSON_PATCH_OPS_MAX = 100 * 1000 };

/* Text that begins with '[' is JSON, all other YAML 1.1, both a list of
 * operations. file and line (of the text's first) are for messages; file is
 * kept. False where it is no such list. */
bool json_patch_read(struct arena *a, struct str text, const char *file,
                     uint32_t line, struct json_patch *out, struct err *e);
/* Changes the object, which may become another node. */
bool json_patch_apply(struct arena *a, const struct json_patch *p,
                      struct ynode **object, struct err *e);

#endif
