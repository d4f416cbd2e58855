#include "cli/plan_vfs.h"

#include "base/file.h"

#include <string.h>

enum { TEXT_BYTES_MAX = 16 * 1024 * 1024 };

static const char *const names[] = {
    "kustomization.yaml", "kustomization.yml", "Kustomization", NULL,
};

/* Without ".", ".." and double slashes; a commit has no links to mislead. */
static struct str normal(struct arena *a, struct str path)
{
    char *out = arena_array(a, char, path.n + 2);
    size_t n = 0;

    while (path.n) {
        struct str part = str_cut(path, '/', &path);

        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        if (str_eq(part, STR(".."))) {
            while (n && out[n - 1] != '/')
                n--;
            n -= n > 0;
            continue;
        }
        out[n++] = '/';
        memcpy(out + n, part.s, part.n);
        n += part.n;
    }
    if (n == 0)
        out[n++] = '/';
    return (struct str){out, n};
}

/* The path inside the repository; false where it lies outside. */
static bool inside(const struct plan_vfs *v, const char *path, struct str *out)
{
    struct str p = normal(v->arena, str_of(path));

    if (!str_starts(p, v->root))
        return false;
    *out = str_skip(p, v->root.n);
    while (out->n && out->s[0] == '/')
        *out = str_skip(*out, 1);
    return true;
}

static bool stored(struct plan_vfs *v, const char *path, struct str *text)
{
    struct err e = {0};
    struct str rel;
    bool found = false;

    return inside(v, path, &rel) && rel.n &&
           repo_read(v->repo, v->arena, v->ref, rel, TEXT_BYTES_MAX, text,
                     &found, &e) && found;
}

static enum vfs_kind kind_of(void *ctx, const char *path)
{
    struct plan_vfs *v = ctx;
    struct str text;

    if (!v->repo)
        return vfs_disk.kind(vfs_disk.ctx, path);
    if (stored(v, path, &text))
        return VFS_FILE;
    for (size_t i = 0; names[i]; i++)
        if (stored(v, file_join(v->arena, str_of(path), str_of(names[i])).s,
                   &text))
            return VFS_DIR;
    return VFS_NONE;
}

static bool resolve(void *ctx, struct arena *a, const char *path,
                    struct str *out, struct err *e)
{
    struct plan_vfs *v = ctx;

    if (!v->repo)
        return vfs_disk.resolve(vfs_disk.ctx, a, path, out, e);
    *out = normal(a, str_of(path));
    return true;
}

static bool read_text(void *ctx, struct arena *a, const char *path,
                      struct str *out, struct err *e)
{
    struct plan_vfs *v = ctx;

    for (size_t i = 0; i < v->n_texts; i++)
        if (str_eq(v->texts[i].path, str_of(path))) {
            *out = v->texts[i].text;
            return true;
        }
    if (!v->repo)
        return vfs_disk.read(vfs_disk.ctx, a, path, out, e);
    return stored(v, path, out) ||
           err_set(e, ERR_INPUT, "no file '%s' in " STR_FMT, path,
                   STR_ARG(v->ref));
}

void plan_vfs_init(struct plan_vfs *v, struct arena *a, struct repo *repo,
                   struct str ref, struct str root)
{
    *v = (struct plan_vfs){.arena = a, .repo = repo, .ref = ref, .root = root};
    v->vfs = (struct vfs){.ctx = v, .kind = kind_of, .resolve = resolve,
                          .read = read_text};
}

bool plan_vfs_kustomization(struct plan_vfs *v, struct str dir,
                            struct str *path, struct str *text)
{
    struct err e = {0};

    for (size_t i = 0; names[i]; i++) {
        *path = file_join(v->arena, dir, str_of(names[i]));
        if (kind_of(v, path->s) == VFS_FILE &&
            read_text(v, v->arena, path->s, text, &e))
            return true;
    }
    return false;
}
