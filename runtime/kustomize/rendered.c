#include "runtime/kustomize/rendered.h"

#include "runtime/kustomize/rendered_store.h"

/* A file system that notes what is asked of another. */
struct recorder {
    struct arena *a;
    const struct vfs *vfs;
    struct str given; /* the directory, as it was asked for */
    struct rendering *r;
};

static void note(struct recorder *x, struct look l, const char *path)
{
    l.path = arena_dup(x->a, str_of(path)).s;
    /* Where it was asked for from is no matter: it is the same directory. */
    if (x->r->looks.n <= RENDERED_LOOKS_MAX && !str_eq(str_of(path), x->given))
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
        l.answer = rendered_digest(x->a, *out);
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

    if (ok && l->what == LOOK_TEXT)
        out = rendered_digest(a, out);
    return ok == l->ok && (!ok || str_eq(out, l->answer));
}

/* Does all that it looked at look so today? */
static bool holds(const struct rendering *r, const struct vfs *vfs)
{
    bool same = true;

    for (size_t i = 0; same && i < r->looks.n; i++) {
        struct arena scratch = {0};

        same = answers(&scratch, vfs, &r->looks.items[i]);
        arena_free(&scratch);
    }
    return same;
}

/* One that is in memory, or in the folder. */
static struct rendering *find(struct rendered *c, const struct rendering *want,
                              const struct vfs *vfs)
{
    for (size_t i = 0; i < c->n; i++) {
        struct rendering *r = c->items[i];

        if (str_eq(r->dir, want->dir) &&
            r->unrestricted == want->unrestricted &&
            r->keep_order == want->keep_order && holds(r, vfs))
            return r;
    }
    struct rendering *kept = arena_new(c->a, struct rendering);

    *kept = *want;
    return c->folder && rendered_load(c->a, c->folder, kept) &&
                   holds(kept, vfs) ? kept : NULL;
}

static bool build_new(struct rendered *c, const struct kustomize_options *o,
                      struct str dir, struct rendering *r, struct err *e)
{
    struct recorder x = {c->a, o->vfs ? o->vfs : &vfs_disk, dir, r};
    const struct vfs vfs = {&x, record_kind, record_links, record_text};
    struct kustomize_options own = *o;
    bool remote = false;

    own.vfs = &vfs;
    own.remote = &remote;
    c->builds++;
    if (!kustomize_text(c->a, &own, dir, &r->text, &r->warnings, e))
        return false;
    if (remote || r->looks.n > RENDERED_LOOKS_MAX)
        return true;
    if (c->n < RENDERED_MAX)
        arena_push(c->a, c, r);
    if (c->folder && !c->read_only)
        rendered_save(c->folder, r);
    return true;
}

bool rendered_text(struct rendered *c, const struct kustomize_options *o,
                   struct str dir, struct str *text, struct warnings *w,
                   struct err *e)
{
    const struct vfs *vfs = o->vfs ? o->vfs : &vfs_disk;
    struct rendering *r = arena_new(c->a, struct rendering), *found;
    struct err ignored = {0};

    r->unrestricted = o->unrestricted;
    r->keep_order = o->keep_order;
    if (o->enable_helm ||
        !vfs->resolve(vfs->ctx, c->a, arena_dup(c->a, dir).s, &r->dir,
                      &ignored)) {
        c->builds++;
        return kustomize_text(c->a, o, dir, text, w, e);
    }
    found = find(c, r, vfs);
    if (found)
        r = found;
    else if (!build_new(c, o, dir, r, e))
        return false;
    *text = r->text;
    *w = r->warnings;
    return true;
}
