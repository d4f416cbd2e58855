#ifndef RUNTIME_KUSTOMIZE_EDIT_H
#define RUNTIME_KUSTOMIZE_EDIT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Changes to the text of a kustomization file that touch nothing but what is
 * to change: comments, order, quotes and blank lines stay. A list written in
 * one line with brackets is written anew as a block when it changes. Each
 * takes the text and gives the new one, in the arena; a change that is there
 * already gives the same text. Errors are ERR_INPUT, and nothing is given. */

/* The image called name becomes ref: "name:tag", "name@digest",
 * "name:tag@digest", ":tag", "@digest" or "name". What ref leaves out of the
 * name stays as it is; a tag drops an old digest and the other way round. */
bool kustomize_edit_set_image(struct arena *a, struct str text,
                              struct str name, struct str ref,
                              struct str *out, struct err *e);
/* 'namespace', 'namePrefix', 'nameSuffix'; an empty value removes it. */
bool kustomize_edit_set_field(struct arena *a, struct str text,
                              const char *field, struct str value,
                              struct str *out, struct err *e);
bool kustomize_edit_set_replicas(struct arena *a, struct str text,
                                 struct str name, int64_t count,
                                 struct str *out, struct err *e);
/* An entry of a list of texts: 'resources', 'components'. Adding one that is
 * there changes nothing; removing one that is not is an error. */
bool kustomize_edit_add_entry(struct arena *a, struct str text,
                              const char *list, struct str entry,
                              struct str *out, struct err *e);
bool kustomize_edit_remove_entry(struct arena *a, struct str text,
                                 const char *list, struct str entry,
                                 struct str *out, struct err *e);
/* A label without selectors ('labels' with its 'pairs'), or with them; in
 * 'commonLabels' where that has it already. fresh: it may not be there yet. */
bool kustomize_edit_set_label(struct arena *a, struct str text,
                              struct str key, struct str value,
                              bool selectors, bool fresh, struct str *out,
                              struct err *e);
bool kustomize_edit_set_annotation(struct arena *a, struct str text,
                                   struct str key, struct str value,
                                   bool fresh, struct str *out,
                                   struct err *e);

#endif
