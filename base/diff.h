#ifndef BASE_DIFF_H
#define BASE_DIFF_H

#include "base/buf.h"
#include "base/str.h"

#include <stddef.h>

/* Two texts compared line by line, as `diff -u` shows it. */

enum {
    DIFF_CONTEXT = 3,     /* the usual number of lines around a change */
    DIFF_EDITS_MAX = 1000, /* where more lines differ, the whole differing part
                              is shown as removed and added */
};

/* Appends nothing where the texts are equal, else the two header lines (with
 * these names) and the hunks. After Myers, "An O(ND) difference algorithm and
 * its variations", 1986. */
void diff_unified(struct buf *out, struct str old_name, struct str new_name,
                  struct str old_text, struct str new_text, size_t context);

#endif
