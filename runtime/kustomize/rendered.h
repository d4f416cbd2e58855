#ifndef RUNTIME_KUSTOMIZE_RENDERED_H
#define RUNTIME_KUSTOMIZE_RENDERED_H

#include "runtime/kustomize/kustomize.h"

/* Renderings kept with all that they looked at: each file that was read, each
 * place where none was, each link that was followed. Where all of it is as it
 * was (on another file system perhaps: a commit, the work tree), the text is
 * the same and nothing is rendered. In memory for one process; in a folder,
 * too, for those that come after it: a plan, the stages of a run. */

enum { RENDERED_MAX = 256, RENDERED_LOOKS_MAX = 100 * 1000 };

struct rendering;

struct rendered {
    struct arena *a;
    /* Where renderings are kept for other processes; NULL: nowhere. Made where
     * only its last part is missing. It has to be the user's own: nobody else
     * may have written what is taken from it (rendered_store.h). */
    const char *folder;
    bool read_only; /* nothing is put there: planning writes nothing */
    struct rendering **items;
    size_t n, cap;
    size_t builds; /* how many renderings were really made */
};

/* The text of the directory. What helm or the network had a part in is made
 * each time. Warnings are those of the build that made it. */
bool rendered_text(struct rendered *c, const struct kustomize_options *o,
                   struct str dir, struct str *text, struct warnings *w,
                   struct err *e);

#endif
