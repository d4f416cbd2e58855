#ifndef RUNTIME_KUSTOMIZE_MEMO_H
#define RUNTIME_KUSTOMIZE_MEMO_H

#include "runtime/kustomize/resource.h"

/* The reference keeps what a build remembers of an object in annotations of
 * its own, where a patch or a replacement can copy it, lose it, or give it to
 * another object. Here it stands beside the tree, and is written out only
 * while something runs that could notice. */

/* The annotations that more than memo.c speaks of. */
#define MEMO_OWN "internal.config.kubernetes.io/"
#define MEMO_NAMES MEMO_OWN "previousNames"
#define MEMO_SPACES MEMO_OWN "previousNamespaces"
#define MEMO_KINDS MEMO_OWN "previousKinds"
#define MEMO_PREFIXES MEMO_OWN "prefixes"
#define MEMO_SUFFIXES MEMO_OWN "suffixes"

/* Could this reach the annotations as a whole: a patch's tree, the path of a
 * replacement, a JSON pointer? */
bool memo_in_patch(const struct ynode *patch);
bool memo_in_path(struct str path);
bool memo_in_pointer(struct str pointer);

/* Writes what is remembered into the object's annotations; an object of which
 * nothing is remembered stays as it is. */
void memo_show(struct arena *a, struct resource *r);
/* Takes it out again, and remembers what now stands there. */
void memo_take(struct arena *a, struct resource *r);
/* Takes it out again, and remembers what it did before. */
void memo_hide(struct resource *r);

#endif
