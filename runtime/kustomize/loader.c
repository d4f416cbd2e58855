#include "runtime/kustomize/loader.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Whether path is dir or below it; both absolute, links followed. */
static bool is_below(struct str path, struct str dir)
{
    if (str_eq(dir, STR("/")))
        return true;
    return str_starts(path, dir) &&
           (path.n == dir.n || path.s[dir.n] == '/');
}

/* "a/../b" is "b", for people. */
static struct str show(struct arena *a, const struct loader *l,
                       struct str path)
{
    return file_clean(a, l->shown.n ? file_join(a, l->shown, path) : path);
}

static bool is_url(struct str path)
{
    return str_starts(path, STR("http://")) ||
           str_starts(path, STR("https://"));
}

static bool read_url(const struct loader *l, struct arena *a, struct str url,
                     struct str *text, const char **shown, struct err *e)
{
    bool found;

    *shown = arena_dup(a, url).s;
    if (!l->http->get(l->http->ctx, url, text, &found, e))
        return false;
    return found || err_set(e, ERR_INPUT, "the server has no '" STR_FMT "'",
                            STR_ARG(url));
}

bool loader_read(const struct loader *l, struct arena *a, struct str path,
                 struct str *text, const char **shown, struct err *e)
{
    struct str name = show(a, l, path), real;
    struct str whole = file_join(a, l->root, path);

    *shown = name.s;
    if (!path.n)
        return err_set(e, ERR_INPUT, "a file name is empty");
    if (l->http && is_url(path))
        return read_url(l, a, path, text, shown, e);
    if (memchr(path.s, 0, path.n) ||
        l->vfs->kind(l->vfs->ctx, whole.s) == VFS_NONE)
        return err_set(e, ERR_INPUT, "no such file '%s'", name.s);
    if (!l->vfs->resolve(l->vfs->ctx, a, whole.s, &real, e))
        return false;
    if (!l->unrestricted && !is_below(real, l->root))
        return err_set(e, ERR_INPUT,
                       "'%s' is outside '" STR_FMT "', where this "
                       "kustomization may read; move it there, or lift the "
                       "restriction with --load-restrictor "
                       "LoadRestrictionsNone", name.s, STR_ARG(l->root));
    if (l->confined.n && !is_below(real, l->confined))
        return err_set(e, ERR_INPUT, "'%s' is outside the repository it is "
                                     "named in", name.s);
    if (l->vfs->kind(l->vfs->ctx, real.s) == VFS_DIR)
        return err_set(e, ERR_INPUT, "'%s' is a directory, not a file",
                       name.s);
    return l->vfs->read(l->vfs->ctx, a, real.s, text, e);
}

enum vfs_kind loader_kind(const struct loader *l, struct arena *a,
                          struct str path)
{
    if (!path.n || memchr(path.s, 0, path.n))
        return VFS_NONE;
    return l->vfs->kind(l->vfs->ctx, file_join(a, l->root, path).s);
}

static bool check_cycle(const struct loader *l, struct str root,
                        struct str shown, struct err *e)
{
    for (const struct loader *up = l; up; up = up->referrer)
        if (is_below(up->root, root))
            return err_set(e, ERR_INPUT,
                           "'" STR_FMT "' holds the kustomization in '"
                           STR_FMT "' that leads to it: a cycle; take one of "
                           "the two references out", STR_ARG(shown),
                           STR_ARG(up->shown.n ? up->shown : STR(".")));
    return true;
}

static bool enter(const struct loader *l, struct arena *a, struct str path,
                  struct loader *out, struct err *e)
{
    struct str whole = l->root.n ? file_join(a, l->root, path)
                                 : arena_dup(a, path);
    struct str shown = show(a, l, path);

    *out = *l;
    switch (l->vfs->kind(l->vfs->ctx, whole.s)) {
    case VFS_NONE:
        return err_set(e, ERR_INPUT, "no such file or directory '%s'",
                       shown.s);
    case VFS_FILE:
        return err_set(e, ERR_INPUT, "'%s' is a file, not a directory with a "
                                     "kustomization file", shown.s);
    case VFS_DIR: break;
    }
    out->shown = str_eq(shown, STR(".")) ? STR("") : shown;
    return l->vfs->resolve(l->vfs->ctx, a, whole.s, &out->root, e);
}

bool loader_enter(const struct loader *l, struct arena *a, struct str path,
                  struct loader *out, struct err *e)
{
    if (!path.n)
        return err_set(e, ERR_INPUT, "a directory name is empty");
    if (path.s[0] == '/' || memchr(path.s, 0, path.n))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is absolute; name the "
                                     "directory from here", STR_ARG(path));
    if (!enter(l, a, path, out, e))
        return false;
    if (l->confined.n && !is_below(out->root, l->confined))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is outside the repository "
                                     "it is named in", STR_ARG(out->shown));
    out->referrer = l;
    return check_cycle(l, out->root, out->shown.n ? out->shown : STR("."), e);
}

bool loader_enter_repo(const struct loader *l, struct arena *a,
                       struct str folder, struct str path, struct str url,
                       struct loader *out, struct err *e)
{
    struct loader top = *l;

    top.root = top.confined = folder;
    top.shown = top.repo = url;
    if (!enter(&top, a, path.n ? path : STR("."), out, e))
        return false;
    out->referrer = l;
    if (!is_below(out->root, folder))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is outside its "
                       "repository", STR_ARG(path));
    return check_cycle(l, out->root, out->shown, e);
}

bool loader_open(const struct vfs *vfs, struct arena *a, struct str dir,
                 bool unrestricted, struct loader *out, struct err *e)
{
    struct loader none = {.vfs = vfs, .unrestricted = unrestricted};

    return enter(&none, a, dir, out, e);
}

static enum vfs_kind disk_kind(void *ctx, const char *path)
{
    struct stat st;

    (void)ctx;
    if (stat(path, &st))
        return VFS_NONE;
    return S_ISDIR(st.st_mode) ? VFS_DIR : VFS_FILE;
}

static bool disk_resolve(void *ctx, struct arena *a, const char *path,
                         struct str *out, struct err *e)
{
    char *real = realpath(path, NULL);

    (void)ctx;
    if (!real)
        return err_errno(e, "'%s'", path);
    *out = arena_dup(a, str_of(real));
    free(real);
    return true;
}

static bool disk_read(void *ctx, struct arena *a, const char *path,
                      struct str *out, struct err *e)
{
    (void)ctx;
    return file_read(a, path, LOADER_FILE_MAX, out, e);
}

const struct vfs vfs_disk = {NULL, disk_kind, disk_resolve, disk_read};
