#ifndef RUNTIME_KUSTOMIZE_VFS_MEMORY_H
#define RUNTIME_KUSTOMIZE_VFS_MEMORY_H

#include "runtime/kustomize/loader.h"

/* Files in memory for a build: directories are there because files are in
 * them, and there are no links. */

enum { VFS_MEMORY_MAX = 10 * 1000 };

struct vfs_file {
    struct str path; /* absolute, clean: "/app/base/kustomization.yaml" */
    struct str text;
};

struct vfs_memory {
    struct arena *a;
    struct vfs vfs; /* points back here: the struct stays where it is */
    struct vfs_file *items;
    size_t n, cap;
};

void vfs_memory_init(struct vfs_memory *m, struct arena *a);
/* The path may be relative to "/" and need not be clean. False: too many. */
bool vfs_memory_add(struct vfs_memory *m, struct str path, struct str text);
/* Adds the files of a text in which each begins with a line "=== path". */
void vfs_memory_add_all(struct vfs_memory *m, struct str text);

#endif
