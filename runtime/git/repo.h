#ifndef RUNTIME_GIT_REPO_H
#define RUNTIME_GIT_REPO_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/* What the repository around a folder says of itself: the facts a pipeline may
 * ask for. Reads files only; starts nothing, connects to nothing, writes
 * nothing. libgit2 is loaded by the first repo_open(), so that a pipeline that
 * asks for no fact does not pay for it. */
struct repo;

/* The repository that the folder or one of its parents is in. ERR_INPUT where
 * there is none. */
struct repo *repo_open(const char *folder, struct err *e);
void repo_close(struct repo *r);

/* Each sets *out to text in the arena, empty where it does not exist. */

/* HEAD's commit, 40 hexadecimal digits; empty before the first commit. */
bool repo_sha(struct repo *r, struct arena *a, struct str *out,
              struct err *e);
/* The shortest unambiguous part of it, 7 digits or more. */
bool repo_short(struct repo *r, struct arena *a, struct str *out,
                struct err *e);
/* Empty where HEAD is detached. */
bool repo_branch(struct repo *r, struct arena *a, struct str *out,
                 struct err *e);
/* The tag at HEAD; of several an annotated one, then the highest version. */
bool repo_tag(struct repo *r, struct arena *a, struct str *out,
              struct err *e);
/* The last part of origin's URL without ".git", else the folder's name. */
bool repo_name(struct repo *r, struct arena *a, struct str *out,
               struct err *e);
/* The work tree's top folder; empty in a bare repository. */
bool repo_root(struct repo *r, struct arena *a, struct str *out,
               struct err *e);

/* A tracked file differs from HEAD, in the work tree or staged. Untracked
 * files do not count. */
bool repo_dirty(struct repo *r, bool *dirty, struct err *e);

/* A path that matches one of the globs (as git's pathspecs: '*' crosses
 * folders, a folder stands for what is in it) differs between the base and the
 * work tree. The base is the merge base of HEAD with base_ref, or, where that
 * is empty, with the default branch (origin's HEAD, origin/main, origin/master,
 * main, master); where this is HEAD itself, HEAD's first parent. With no base
 * at all every path counts as changed. */
bool repo_changed(struct repo *r, const struct str *globs, size_t n,
                  struct str base_ref, bool *changed, struct err *e);

/* The files in a folder that are tracked or could be: what no .gitignore leaves
 * out. Each path begins with the folder as it was given, unless that is ".".
 * ERR_INPUT where the folder is in no work tree. At most 200000. */
bool repo_files(struct repo *r, struct arena *a, const char *folder,
                struct str **out, size_t *n, struct err *e);

/* The text of a file at a commit, branch or tag ("HEAD", "origin/main"), for
 * comparing with; *found is false where the file or the ref does not exist.
 * ERR_INPUT beyond max bytes. */
bool repo_read(struct repo *r, struct arena *a, struct str ref,
               struct str path, size_t max, struct str *text, bool *found,
               struct err *e);

#endif
