#include "runtime/kustomize/rendered.h"

enum look_kind { LOOK_KIND, LOOK_LINKS, LOOK_TEXT };

/* One question to the file system, and its answer. */
struct look {
    enum look_kind what;
    const char *path;
    enum vfs_kind kind;
    bool ok;
    struct str answer; /* where the links lead; the text */
};

struct rendering {
    struct str dir, text;
    bool unrestricted, keep_order;
    struct warnings warnings;
    struct {
        struct look *items;
        size_t n, cap;
    } looks;
};

/* A file system that notes what is asked of another. */
struct recorder {
    struct arena *a;
    const struct vfs *vfs;
    struct rendering *r;
};

static void note(struct recorder *x, struct look l, const char *path)
{
    l.path = arena_dup(x->a, str_of(path)).s;
    if (x->r->looks.n <= RENDERED_LOOKS_MAX)
        arena_push(x->a, &x->r->looks, l);
}

static enum vfs_kind record_kind(void *ctx, const char *path)
{
    struct recorder *x = ctx;
    enum vfs_kind kind = x->vfs->kind(x->vfs->ctx, path);

    note(x, (struct look){.what = LOOK_KIND, .kind = kind}, path);
    return kind;
}

static bool record_links(void *ctx, struct arena *a, const char *path,
                         struct str *out, struct err *e)
{
    struct recorder *x = ctx;
    bool ok = x->vfs->resolve(x->vfs->ctx, a, path, out, e);
    struct look l = {.what = LOOK_LINKS, .ok = ok};

    if (ok)
        l.answer = arena_dup(x->a, *out);
    note(x, l, path);
    return ok;
}

static bool record_text(void *ctx, struct arena *a, const char *path,
                        struct str *out, struct err *e)
{
    struct recorder *x = ctx;
    bool ok = x->vfs->read(x->vfs->ctx, a, path, out, e);
    struct look l = {.what = LOOK_TEXT, .ok = ok};

    if (ok)
        l.answer = arena_dup(x->a, *out);
    note(x, l, path);
    return ok;
}

/* Does this file system answer as the other did? */
static bool answers(struct arena *a, const struct vfs *vfs,
                    const struct look *l)
{
    struct err ignored = {0};
    struct str out = {0};

    if (l->what == LOOK_KIND)
        return vfs->kind(vfs->ctx, l->path) == l->kind;
    bool ok = l->what == LOOK_LINKS
                  ? vfs->resolve(vfs->ctx, a, l->path, &out, &ignored)
                  : vfs->read(vfs->ctx, a, l->path, &out, &ignored);

    return ok == l->ok && (!ok || str_eq(out, l->answer));
}

static bool fits(const struct rendering *r, const struct kustomize_options *o,
                 struct str dir)
{
    struct arena scratch = {0};
    const struct vfs *vfs = o->vfs ? o->vfs : &vfs_disk;
    bool same = str_eq(r->dir, dir) && r->unrestricted == o->unrestricted &&
                r->keep_order == o->keep_order;

    for (size_t i = 0; same && i < r->looks.n; i++)
        same = answers(&scratch, vfs, &r->looks.items[i]);
    arena_free(&scratch);
    return same;
}

static bool build_new(struct rendered *c, const struct kustomize_options *o,
                      struct rendering *r, struct err *e)
{
    struct recorder x = {c->a, o->vfs ? o->vfs : &vfs_disk, r};
    const struct vfs vfs = {&x, record_kind, record_links, record_text};
    struct kustomize_options own = *o;

    own.vfs = &vfs;
    return kustomize_text(c->a, &own, r->dir, &r->text, &r->warnings, e);
}

bool rendered_text(struct rendered *c, const struct kustomize_options *o,
                   struct str dir, struct str *text, struct warnings *w,
                   struct err *e)
{
    if (o->enable_helm || !o->no_remote) {
        c->builds++;
        return kustomize_text(c->a, o, dir, text, w, e);
    }
    for (size_t i = 0; i < c->n; i++)
        if (fits(c->items[i], o, dir)) {
            *text = c->items[i]->text;
            *w = c->items[i]->warnings;
            return true;
        }
    struct rendering *r = arena_new(c->a, struct rendering);

    r->dir = arena_dup(c->a, dir);
    r->unrestricted = o->unrestricted;
    r->keep_order = o->keep_order;
    c->builds++;
    if (!build_new(c, o, r, e))
        return false;
    if (c->n < RENDERED_MAX && r->looks.n <= RENDERED_LOOKS_MAX)
        arena_push(c->a, c, r);
    *text = r->text;
    *w = r->warnings;
    return true;
}
