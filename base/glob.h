#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include "base/arena.h"
#include "base/err.h"

/* Path patterns: '*', '?' and '[...]' within a name, a whole name '**' for any
 * number of folders. A leading '.' is matched by a '.' only. */

enum { GLOB_FILES_MAX = 1000000, GLOB_DEPTH_MAX = 64 };

bool glob_match(struct str pattern, struct str path);
/* The regular files and symbolic links under root that match, relative to it,
 * sorted by bytes. Folders named .git and .pipec are not entered, links to
 * folders not followed. What cannot be read is an error; what is absent is
 * not. */
bool glob_list(struct arena *a, const char *root, struct str pattern,
               struct str **out, size_t *n, struct err *e);

#endif
