#include "runtime/kustomize/vfs_memory.h"

#include "base/file.h"

#include <string.h>

/* Absolute, without "." and "..". */
static struct str clean(struct arena *a, struct str path)
{
    return file_clean(a, file_join(a, STR("/"), path));
}

static struct vfs_file *find(struct vfs_memory *m, struct str path)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->items[i].path, path))
            return &m->items[i];
    return NULL;
}

static enum vfs_kind kind(void *ctx, const char *path)
{
    struct vfs_memory *m = ctx;
    struct str p = clean(m->a, str_of(path));

    if (find(m, p))
        return VFS_FILE;
    for (size_t i = 0; i < m->n; i++)
        if (p.n == 1 || (str_starts(m->items[i].path, p) &&
                         m->items[i].path.s[p.n] == '/'))
            return VFS_DIR;
    return VFS_NONE;
}

static bool resolve(void *ctx, struct arena *a, const char *path,
                    struct str *out, struct err *e)
{
    (void)ctx, (void)e;
    *out = arena_dup(a, clean(a, str_of(path)));
    return true;
}

static bool read_text(void *ctx, struct arena *a, const char *path,
                      struct str *out, struct err *e)
{
    struct vfs_memory *m = ctx;
    struct vfs_file *f = find(m, clean(a, str_of(path)));

    if (!f)
        return err_set(e, ERR_IO, "'%s': no such file", path);
    *out = f->text;
    return true;
}

void vfs_memory_init(struct vfs_memory *m, struct arena *a)
{
    *m = (struct vfs_memory){.a = a, .vfs = {m, kind, resolve, read_text}};
}

bool vfs_memory_add(struct vfs_memory *m, struct str path, struct str text)
{
    struct str p = arena_dup(m->a, clean(m->a, path));
    struct vfs_file *old = find(m, p);

    if (old) {
        old->text = text;
        return true;
    }
    if (m->n == VFS_MEMORY_MAX)
        return false;
    arena_push(m->a, m, ((struct vfs_file){p, arena_dup(m->a, text)}));
    return true;
}

void vfs_memory_add_all(struct vfs_memory *m, struct str text)
{
    while (str_starts(text, STR("=== "))) {
        struct str rest, name = str_cut(str_skip(text, 4), '\n', &rest);
        size_t end = str_search(rest, STR("\n=== "));
        struct str body = end < rest.n ? str_sub(rest, 0, end + 1) : rest;

        if (!vfs_memory_add(m, str_trim(name), body))
            return;
        text = end < rest.n ? str_skip(rest, end + 1) : STR("");
    }
}
