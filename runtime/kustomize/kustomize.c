#include "runtime/kustomize/kustomize.h"

#include "runtime/kustomize/build.h"
#include "runtime/kustomize/nameref.h"
#include "runtime/kustomize/order.h"
#include "runtime/kustomize/transform.h"
#include "runtime/yaml/ywrite.h"

/* What happens once, when everything is accumulated. */
static bool finish(struct target *t, struct accumulator *acc, struct err *e)
{
    struct build *b = t->b;
    const struct ynode *sort = ynode_get(t->k.root, "sortOptions");
    const struct ynode *wanted = kfile_list(&t->k, "buildMetadata");

    if (!target_transform(t, acc, "HashTransformer", t->k.root,
                          (struct fieldspecs){0}, NULL, e) ||
        !nameref_fix(b->a, &acc->m, &acc->config.references, e) ||
        !vars_expand(b->a, &acc->vars, &acc->m,
                     acc->config.sets[CONFIG_VAR_REFERENCE], b->w, e) ||
        !clean_local(b->a, &acc->m, wanted, b->w, e))
        return false;
    if ((sort || !b->o->keep_order) &&
        !order_apply(b->a, &acc->m, sort, e))
        return false;
    clean_all(b->a, &acc->m, wanted);
    return true;
}

static bool get_url(void *ctx, struct str url, struct str *text, bool *found,
                    struct err *e)
{
    return fetch_file(ctx, url, text, found, e);
}

static bool build(struct build *b, struct str dir, struct accumulator *acc,
                  struct err *e)
{
    static const struct origin here = {0};
    const struct loader_http http = {b->fetch, get_url};
    struct loader l;
    struct target t;
    const struct vfs *vfs = b->o->vfs ? b->o->vfs : &vfs_disk;

    if (!loader_open(vfs, b->a, dir, b->o->unrestricted, &l, e) ||
        !(l.http = &http) || !target_open(&t, b, &l, e) ||
        !target_schema(&t, e))
        return false;
    if (ynode_count(kfile_list(&t.k, "buildMetadata")))
        t.origin = &here;
    return target_accumulate(&t, acc, e) && finish(&t, acc, e);
}

bool kustomize_build(struct arena *a, const struct kustomize_options *o,
                     struct str dir, struct kustomize_result *out,
                     struct err *e)
{
    struct fetch fetch;
    struct build b = {.a = a, .o = o, .w = &out->warnings, .fetch = &fetch};
    struct accumulator acc;

    *out = (struct kustomize_result){.warnings = {.a = a}};
    fetch_init(&fetch, a, o);
    accumulator_init(&acc, &b);
    bool ok = build(&b, dir, &acc, e);

    fetch_close(&fetch);
    out->m = acc.m;
    return ok;
}

bool kustomize_write(struct buf *b, const struct kustomize_result *r,
                     struct err *e)
{
    for (size_t i = 0; i < r->m.n; i++) {
        if (i)
            buf_adds(b, "---\n");
        if (!ywrite_yaml(b, r->m.items[i]->node, e))
            return false;
    }
    return true;
}

void kustomize_free(struct kustomize_result *r)
{
    resmap_free(&r->m);
}

bool kustomize_text(struct arena *a, const struct kustomize_options *o,
                    struct str dir, struct str *text, struct warnings *w,
                    struct err *e)
{
    struct kustomize_result r = {0};
    struct buf b = {0};
    bool ok = kustomize_build(a, o, dir, &r, e) && kustomize_write(&b, &r, e);

    *w = r.warnings;
    *text = arena_dup(a, buf_str(&b));
    buf_free(&b);
    kustomize_free(&r);
    return ok;
}
