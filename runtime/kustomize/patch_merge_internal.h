#ifndef RUNTIME_KUSTOMIZE_PATCH_MERGE_INTERNAL_H
#define RUNTIME_KUSTOMIZE_PATCH_MERGE_INTERNAL_H

#include "runtime/kustomize/patch_merge.h"

/* What the parts of the strategic merge share: patch_merge.c walks maps,
 * patch_merge_list.c and patch_merge_steps.c join lists. */

enum merge_directive { MERGE_MERGE, MERGE_REPLACE, MERGE_DELETE };

struct merge {
    struct arena *a;
    const struct schema_set *set;
    struct warnings *w;
    struct err *e;
};

/* The two values of one place; either may be NULL, and both the same node:
 * what a patch adds is walked against itself, which cleans it of nulls. */
struct merge_pair {
    struct ynode *dest, *patch;
};

/* The merged value; NULL or a null means that the field goes. */
bool merge_walk(struct merge *m, struct schema s, struct merge_pair p,
                struct ynode **out);
/* Lists merged by keys of their elements; s is the elements' schema. */
bool merge_elements(struct merge *m, struct schema s,
                    const struct merge_keys *keys, struct merge_pair p,
                    struct ynode **out);
/* The same for lists with several keys, or elements without one: step by step
 * what the reference does. Fills out. */
bool merge_steps(struct merge *m, struct schema s,
                 const struct merge_keys *keys, struct merge_pair p,
                 struct ynode *out);
/* NULL, a null, an empty map: what no list keeps. */
bool merge_empty_element(const struct ynode *n);
/* The text at the key, "" where there is none. The key "" is the element
 * itself. */
struct str merge_key_of(const struct ynode *elem, struct str key);
/* Lists of scalars merged by value. */
bool merge_primitives(struct merge *m, struct schema s, struct merge_pair p,
                      struct ynode **out);
/* delete, replace, merge; all else is an error. */
bool merge_directive_read(struct merge *m, const struct ynode *n,
                          enum merge_directive *out);
/* The directive for a whole list, an element {$patch: ...} with nothing else,
 * which is taken out of it. */
bool merge_list_directive(struct merge *m, struct ynode *list,
                          enum merge_directive *out);
/* Sets the error and returns false. */
bool merge_kind_clash(struct merge *m, const struct ynode *want,
                      const struct ynode *got);

#endif
