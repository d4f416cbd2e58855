#ifndef RUNTIME_GIT_CHANGE_H
#define RUNTIME_GIT_CHANGE_H

#include "runtime/git/remote_part.h"

/* A commit in the making: the entries of the head's tree that it replaces. */
struct change {
    struct remote *remote;
    struct arena *arena;
    git_tree *before; /* NULL: the branch is empty */
    struct {
        git_tree_update *items;
        size_t n, cap;
    } updates;
};

bool change_begin(struct change *g, struct remote *r, struct arena *a,
                  struct err *e);
/* What stands at a path in the head: its mode, GIT_FILEMODE_UNREADABLE for
 * nothing, and id. */
bool change_look_up(struct change *g, const char *path, git_filemode_t *mode,
                    git_oid *id, struct err *e);
/* The path must live as long as the arena. */
void change_add(struct change *g, git_tree_update u);
/* Writes the tree and the commit, or says that nothing changes. */
bool change_commit(struct change *g, const struct remote_message *m,
                   struct remote_commit *out, struct err *e);
void change_end(struct change *g);

/* "cannot read the tree for 'URL': " and libgit2's reason. */
bool change_fail(struct change *g, struct err *e, const char *what);

#endif
