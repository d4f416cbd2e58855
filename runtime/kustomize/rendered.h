#ifndef RUNTIME_KUSTOMIZE_RENDERED_H
#define RUNTIME_KUSTOMIZE_RENDERED_H

#include "runtime/kustomize/kustomize.h"

/* Renderings kept with all that they looked at: each file that was read, each
 * place where none was, each link that was followed. Where all of it is as it
 * was (on another file system perhaps: a commit, the work tree), the text is
 * the same and nothing is rendered. */

enum { RENDERED_MAX = 256, RENDERED_LOOKS_MAX = 100 * 1000 };

struct rendering;

struct rendered {
    struct arena *a; /* files' texts are kept in it, to compare with */
    struct rendering **items;
    size_t n, cap;
    size_t builds; /* how many renderings were really made */
};

/* The text of the directory. What helm or the network may have a part in is
 * made each time. Warnings are those of the build that made it. */
bool rendered_text(struct rendered *c, const struct kustomize_options *o,
                   struct str dir, struct str *text, struct warnings *w,
                   struct err *e);

#endif
