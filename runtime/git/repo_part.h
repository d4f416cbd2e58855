#ifndef RUNTIME_GIT_REPO_PART_H
#define RUNTIME_GIT_REPO_PART_H

/* What the files of repo.h share. */

#include "runtime/git/libgit2.h"
#include "runtime/git/repo.h"

struct repo {
    struct git_lib git;
    git_repository *repo;
};

/* False, with "cannot read WHAT: " and libgit2's reason. */
bool repo_fail(struct repo *r, struct err *e, const char *what);

#endif
