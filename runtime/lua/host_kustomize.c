#include "runtime/kustomize/rendered.h"

#include "base/file.h"
#include "runtime/kustomize/edit.h"
#include "runtime/lua/host.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EDITS_MAX = 200 };

/* The disk, with the one kustomization file edited in memory. */
struct edited {
    struct str path; /* links followed; empty: nothing is edited */
    struct str text;
};

static enum vfs_kind edited_kind(void *ctx, const char *path)
{
    (void)ctx;
    return vfs_disk.kind(vfs_disk.ctx, path);
}

static bool edited_resolve(void *ctx, struct arena *a, const char *path,
                           struct str *out, struct err *e)
{
    (void)ctx;
    return vfs_disk.resolve(vfs_disk.ctx, a, path, out, e);
}

static bool edited_read(void *ctx, struct arena *a, const char *path,
                        struct str *out, struct err *e)
{
    const struct edited *x = ctx;
    if (x->path.n && str_eq(x->path, str_of(path))) {
        *out = x->text;
        return true;
    }
    return vfs_disk.read(vfs_disk.ctx, a, path, out, e);
}

static const char *const names[] = {"kustomization.yaml", "kustomization.yml",
                                    "Kustomization", NULL};

static bool find_file(struct arena *a, struct str dir, struct edited *x,
                      struct err *e)
{
    for (size_t i = 0; names[i]; i++) {
        struct str path = file_join(a, dir, str_of(names[i]));
        if (access(path.s, F_OK) < 0)
            continue;
        return vfs_disk.resolve(vfs_disk.ctx, a, path.s, &x->path, e) &&
               vfs_disk.read(vfs_disk.ctx, a, x->path.s, &x->text, e);
    }
    return err_set(e, ERR_INPUT, "'" STR_FMT "' has no kustomization.yaml",
                   STR_ARG(dir));
}

/* options.images: list of {name, ref} */
static bool edit_images(lua_State *L, struct arena *a, int opts,
                        struct edited *x, struct err *e)
{
    bool ok = true;
    if (lua_getfield(L, opts, "images") == LUA_TTABLE) {
        for (lua_Integer i = 1; ok && i <= EDITS_MAX; i++) {
            if (lua_rawgeti(L, -1, i) != LUA_TTABLE)
                i = EDITS_MAX;
            else
                ok = kustomize_edit_set_image(
                    a, x->text, host_opt_str(L, lua_gettop(L), "name"),
                    host_opt_str(L, lua_gettop(L), "ref"), &x->text, e);
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
    struct str ns = host_opt_str(L, opts, "namespace");
    return ok && (!ns.s || kustomize_edit_set_field(a, x->text, "namespace",
                                                    ns, &x->text, e));
}

static int kustomize_build_lua(lua_State *L)
{
    struct err e = {0};
    struct str dir = host_str(L, 1);
    struct arena *a = host_arena(L);
    struct edited x = {0};
    struct vfs vfs = {&x, edited_kind, edited_resolve, edited_read};
    struct kustomize_options o = {.vfs = &vfs};
    bool ok = true;
    if (lua_istable(L, 2)) {
        o.enable_helm = host_opt_bool(L, 2, "helm", false);
        ok = find_file(a, dir, &x, &e) && edit_images(L, a, 2, &x, &e);
    }
    struct str text = {0};
    struct warnings w = {0};
    struct rendered kept = {
        .a = a,
        .folder = arena_printf(a, "%s/rendered", host_of(L)->state_dir).s,
    };
    if (!ok || !rendered_text(&kept, &o, dir, &text, &w, &e))
        return host_raise(L, &e);
    for (size_t i = 0; i < w.n; i++)
        host_log(host_of(L), "warn", w.items[i]);
    host_push_str(L, text);
    return 1;
}

static int kustomize_set_image(lua_State *L)
{
    struct err e = {0};
    struct str out, text = host_str(L, 1);
    struct arena *a = host_arena(L);
    if (!kustomize_edit_set_image(a, text, host_str(L, 2), host_str(L, 3),
                                  &out, &e))
        return host_raise(L, &e);
    host_push_str(L, out);
    return 1;
}

static const struct host_function rows[] = {
    {"build", kustomize_build_lua, "(dir, {images, namespace, helm})",
     "renders a folder: the text that `kustomize build` prints"},
    {"set_image", kustomize_set_image, "(text, name, ref)",
     "a kustomization's text with the image set; comments stay"},
    {0},
};

const struct host_module host_kustomize = {
    "kustomize", "Kustomize, built in.", rows};
