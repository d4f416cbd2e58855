#ifndef RUNTIME_KUSTOMIZE_LOSS_H
#define RUNTIME_KUSTOMIZE_LOSS_H

#include "runtime/kustomize/warn.h"
#include "runtime/yaml/yread.h"

/* What the reference's ways change or lose without a word. The output is the
 * same as the reference's; these warn where a value can hardly have been meant
 * that way. None of them changes a tree. */

/* Unquoted times, which are printed as another text, and numbers of more
 * digits than a double holds. w may be NULL. */
void loss_of_reading(struct warnings *w, const struct yread_odd *odd);
/* An object that is about to pass through JSON: whole numbers above 2^53. */
void loss_of_json(struct warnings *w, const struct ynode *object);
/* The operations of a JSON patch: y, no, on and the like are truth values. */
void loss_of_operations(struct warnings *w, const struct ynode *ops);
/* A strategic merge patch: directives that are no directives here. */
void loss_of_directives(struct warnings *w, const struct ynode *patch);
/* A patch's empty map or list, which changes nothing in what is merged. */
void loss_of_empty(struct warnings *w, const struct ynode *dest,
                   const struct ynode *patch);
/* A list that is merged by keys: of elements that have all keys alike one
 * stays. a holds what is remembered meanwhile. */
void loss_of_twins(struct warnings *w, struct arena *a,
                   const struct ynode *list, const struct str *keys, size_t n);
/* A text of several documents, of which only the root's is read. */
void loss_of_documents(struct warnings *w, struct str text,
                       const struct ynode *root);

#endif
