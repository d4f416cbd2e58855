#ifndef RUNTIME_KUSTOMIZE_NAMEREF_H
#define RUNTIME_KUSTOMIZE_NAMEREF_H

#include "runtime/kustomize/config.h"
#include "runtime/kustomize/resmap.h"

/* Follows names that changed: wherever a field spec of the config says that an
 * object is called by its name, the old name becomes the present one. Names
 * are looked up in tables, so the time is linear in objects and references.
 * (kustomize's nameref filter.) */
bool nameref_fix(struct arena *a, struct resmap *m, const struct backrefs *b,
                 struct err *e);

#endif
