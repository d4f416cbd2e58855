#ifndef RUNTIME_KUSTOMIZE_SCOPE_H
#define RUNTIME_KUSTOMIZE_SCOPE_H

#include "base/str.h"

/* Where objects of the built-in kinds live, by exact apiVersion and kind. What
 * the table does not know lives in a namespace as far as we can tell. */

enum scope { SCOPE_UNKNOWN, SCOPE_NAMESPACE, SCOPE_CLUSTER };

enum scope scope_of(struct str api_version, struct str kind);

#endif
