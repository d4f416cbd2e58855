#ifndef RUNTIME_KUSTOMIZE_LOADER_H
#define RUNTIME_KUSTOMIZE_LOADER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/* Reads the files of one kustomization, and only those it may read: nothing
 * outside its root, through "..", absolute names or symbolic links, unless the
 * restriction is lifted. */

enum vfs_kind { VFS_NONE, VFS_FILE, VFS_DIR };

/* Where files come from: the disk, or a table in memory (tests, fuzzing). */
struct vfs {
    void *ctx;
    enum vfs_kind (*kind)(void *ctx, const char *path);
    /* The path with every symbolic link followed; the file must exist. */
    bool (*resolve)(void *ctx, struct arena *a, const char *path,
                    struct str *out, struct err *e);
    bool (*read)(void *ctx, struct arena *a, const char *path,
                 struct str *out, struct err *e);
};

extern const struct vfs vfs_disk;

/* How a loader gets files by URL; *found is false where there is none. */
struct loader_http {
    void *ctx;
    bool (*get)(void *ctx, struct str url, struct str *text, bool *found,
                struct err *e);
};

struct loader {
    const struct vfs *vfs;
    const struct loader *referrer; /* whose resources led here; NULL at top */
    struct str root;     /* absolute, links followed */
    struct str shown;    /* the root as messages name it, "" for "." */
    struct str confined; /* of a remote repository: its top; else "" */
    struct str repo;     /* and its URL, for messages */
    const struct loader_http *http; /* NULL: URLs are no files */
    bool unrestricted;   /* --load-restrictor LoadRestrictionsNone */
};

enum { LOADER_FILE_MAX = 64 * 1024 * 1024 };

/* A file by its name in the kustomization. *shown is how messages name it
 * (kept in the arena, NUL-terminated). */
bool loader_read(const struct loader *l, struct arena *a, struct str path,
                 struct str *text, const char **shown, struct err *e);
/* What is there under the name. */
enum vfs_kind loader_kind(const struct loader *l, struct arena *a,
                          struct str path);
/* A loader for the directory 'path', which must hold neither this root nor
 * any that led here. */
bool loader_enter(const struct loader *l, struct arena *a, struct str path,
                  struct loader *out, struct err *e);
/* As loader_enter(), for a directory of a fetched repository: folder is the
 * repository's top, url what it is called. */
bool loader_enter_repo(const struct loader *l, struct arena *a,
                       struct str folder, struct str path, struct str url,
                       struct loader *out, struct err *e);
/* The first loader, for the directory given on the command line. */
bool loader_open(const struct vfs *vfs, struct arena *a, struct str dir,
                 bool unrestricted, struct loader *out, struct err *e);

#endif
