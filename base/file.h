#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whole files, read bounded and written atomically. */

/* Reads a regular file into the arena, NUL after it. A file larger than max
 * bytes, a directory and a device are errors. */
bool file_read(struct arena *a, const char *path, size_t max, struct str *out,
               struct err *e);
/* As file_read(), from an open descriptor until its end (pipe, stdin). */
bool file_read_fd(struct arena *a, int fd, size_t max, struct str *out,
                  struct err *e);
/* Writes to a temporary beside path and renames it: readers see the old text
 * or the new, never a part. */
bool file_write(const char *path, struct str text, mode_t mode, struct err *e);
/* Writes all of it, over short writes and EINTR. */
bool file_write_fd(int fd, struct str text, struct err *e);
/* mkdir -p. */
bool file_mkdirs(const char *path, mode_t mode, struct err *e);
/* dir/name, or name where it is absolute; '.' and empty dir add nothing. */
struct str file_join(struct arena *a, struct str dir, struct str name);
/* The shortest text of the same path, without "." and, but for those at the
 * front, without "..": as Plan 9's cleanname(). "." for an empty one. */
struct str file_clean(struct arena *a, struct str path);
/* The part before the last '/', "." where there is none, "/" for a root. */
struct str file_dir(struct str path);
/* The part after the last '/'. */
struct str file_base(struct str path);

#endif
