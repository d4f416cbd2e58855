#include "runtime/git/repo_part.h"

#include "base/file.h"

#include <limits.h>
#include <stdlib.h>

enum { FILES_MAX = 200000 }; /* that one call lists */

/* What follows the folder in the path, without the slash; NULL s: it is not
 * in it. */
static struct str below(struct str path, struct str folder)
{
    while (folder.n && folder.s[folder.n - 1] == '/')
        folder.n--;
    if (!folder.n)
        return path;
    if (!str_starts(path, folder))
        return (struct str){0};
    path = str_skip(path, folder.n);
    if (!path.n)
        return STR("");
    return path.s[0] == '/' ? str_skip(path, 1) : (struct str){0};
}

/* The folder's place in the work tree; NULL s where it is in none. */
static struct str place(struct repo *r, struct arena *a, const char *folder)
{
    char here[PATH_MAX], top[PATH_MAX];
    const char *root = r->git.repository_workdir(r->repo);

    if (!root || !realpath(root, top) || !realpath(folder, here))
        return (struct str){0};
    return arena_dup(a, below(str_of(here), str_of(top)));
}

bool repo_files(struct repo *r, struct arena *a, const char *folder,
                struct str **out, size_t *n, struct err *e)
{
    struct str at = place(r, a, folder);
    char *only[] = {(char *)(uintptr_t)at.s}; /* libgit2 does not write it */
    git_status_options o = {
        .version = GIT_STATUS_OPTIONS_VERSION,
        .show = GIT_STATUS_SHOW_WORKDIR_ONLY,
        .flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES |
                 GIT_STATUS_OPT_INCLUDE_UNMODIFIED |
                 GIT_STATUS_OPT_INCLUDE_UNTRACKED |
                 GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                 GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH,
        .pathspec = {only, at.n ? 1 : 0}};
    git_status_list *list = NULL;

    *n = 0;
    if (!at.s)
        return err_set(e, ERR_INPUT, "'%s' is in no work tree", folder);
    if (r->git.status_list_new(&list, r->repo, &o) != 0)
        return repo_fail(r, e, "the state of the work tree");
    size_t all = r->git.status_list_entrycount(list);

    *out = arena_array(a, struct str, all);
    for (size_t i = 0; i < all && *n < FILES_MAX; i++) {
        const git_status_entry *x = r->git.status_byindex(list, i);
        const git_diff_delta *d = x->index_to_workdir;
        struct str rest = d ? below(str_of(d->new_file.path), at)
                            : (struct str){0};

        if (rest.n && d->status != GIT_DELTA_DELETED)
            (*out)[(*n)++] = str_eq(str_of(folder), STR("."))
                                 ? arena_dup(a, rest)
                                 : file_join(a, str_of(folder), rest);
    }
    r->git.status_list_free(list);
    return true;
}
