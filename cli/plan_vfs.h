#ifndef CLI_PLAN_VFS_H
#define CLI_PLAN_VFS_H

#include "runtime/git/repo.h"
#include "runtime/kustomize/loader.h"

/* Files for a rendering that a plan shows: those on disk, or those of a commit
 * of the repository, in both cases with some texts replaced. */

struct plan_vfs_text {
    struct str path, text; /* path absolute */
};

struct plan_vfs {
    struct vfs vfs; /* give this to kustomize_build() */
    struct arena *arena;
    struct repo *repo;      /* NULL: the disk */
    struct str ref;         /* of the repository: "origin/main" */
    struct str root;        /* where its work tree is, absolute */
    struct plan_vfs_text *texts;
    size_t n_texts;
};

void plan_vfs_init(struct plan_vfs *v, struct arena *a, struct repo *repo,
                   struct str ref, struct str root);
/* The kustomization file in a folder, by whichever name it has. False where
 * there is none. */
bool plan_vfs_kustomization(struct plan_vfs *v, struct str dir,
                            struct str *path, struct str *text);

#endif
