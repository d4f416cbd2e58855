#ifndef RUNTIME_KUSTOMIZE_PATCH_MERGE_H
#define RUNTIME_KUSTOMIZE_PATCH_MERGE_H

#include "base/arena.h"
#include "base/err.h"
#include "runtime/kustomize/schema.h"
#include "runtime/kustomize/warn.h"
#include "runtime/yaml/ynode.h"

/* The strategic merge patch as the reference does it, not as Kubernetes
 * documents it: fields and lists are walked with the schema of the object's
 * exact apiVersion and kind; lists it does not name are replaced; elements of
 * the patch come first; $patch: delete, replace and merge are understood, other
 * directives stay in the object as fields. (kyaml's walk and merge2.) */

/* Merges the patch into *object, whose nodes are changed and reused. The patch
 * is used up: give a copy of one that is needed again. *object is NULL
 * afterwards where the patch deletes it. Where the rules lose data of the
 * patch a warning says so. */
bool patch_merge(struct arena *a, const struct schema_set *set,
                 struct ynode **object, struct ynode *patch,
                 struct warnings *w, struct err *e);

#endif
