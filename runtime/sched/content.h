#ifndef RUNTIME_SCHED_CONTENT_H
#define RUNTIME_SCHED_CONTENT_H

#include "base/arena.h"
#include "base/err.h"

#include <sys/types.h>

/* Contents of files, kept by their SHA-256 under a folder. */

/* Hex digest of a regular file's content, or of a link's target, and its mode.
 * Streams: no size is too large. */
bool content_digest(struct arena *a, const char *path, struct str *hex,
                 mode_t *mode, struct err *e);
/* Keeps a copy under the digest it has; one that is there already stays. */
bool content_keep(const char *dir, struct str hex, const char *path,
               struct err *e);
/* Puts the content back at path, folders made. False where it is not kept. */
bool content_restore(const char *dir, struct str hex, mode_t mode,
                  const char *path, struct err *e);

#endif
