#ifndef RUNTIME_PROC_MASK_FORMS_H
#define RUNTIME_PROC_MASK_FORMS_H

#include "base/str.h"

#include <stddef.h>

/* The texts in which a secret may turn up in a log. */

typedef void mask_form_fn(void *ctx, struct str text);

/* Calls fn with each; texts are borrowed for the call and may repeat. A secret
 * shorter than derive_min is given only as it is. No text given spans a
 * newline. */
void mask_forms(struct str secret, size_t derive_min, mask_form_fn *fn,
                void *ctx);

#endif
