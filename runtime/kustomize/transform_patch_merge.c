#include "runtime/kustomize/patch_apply.h"

/* 'patchesStrategicMerge': each entry is a patch itself, or a file of them. */

static bool run_all(struct transform *t, const struct patch_list *patches,
                    struct err *e)
{
    for (size_t i = 0; i < patches->n; i++) {
        struct resource *on = patch_target(t, patches->items[i], e);
        struct resource_set one = {.items = &on, .n = 1};

        if (!on || !patch_put_all(t, &one, patches->items[i], e))
            return false;
    }
    return true;
}

static bool read_entry(struct transform *t, const struct ynode *entry,
                       struct patch_list *out, struct err *e)
{
    struct patch_text text = patch_text_inline(entry);
    struct err ignored = {0};

    if (patch_read(t, &text, out, &ignored))
        return true;
    return patch_text_load(t, entry, &text, e) && patch_read(t, &text, out, e);
}

static void append(struct transform *t, struct patch_list *to,
                   const struct patch_list *from)
{
    for (size_t i = 0; i < from->n; i++)
        arena_push(t->a, to, from->items[i]);
}

transform_fn transform_patch_merge;

bool transform_patch_merge(struct transform *t, struct err *e)
{
    const struct ynode *paths = ynode_get(t->spec, "paths");
    const struct ynode *text = ynode_get(t->spec, "patches");
    struct patch_list all = {0}, some;

    t->ids_kept = true;
    for (size_t i = 0; ynode_is_seq(paths) && i < paths->seq.n; i++) {
        if (!read_entry(t, paths->seq.items[i], &some, e))
            return false;
        append(t, &all, &some);
    }
    if (ynode_text(text).n) {
        struct patch_text inline_text = patch_text_inline(text);

        if (!patch_read(t, &inline_text, &some, e))
            return false;
        append(t, &all, &some);
    }
    if (!all.n) {
        struct str where = ynode_where(t->a, paths ? paths : t->spec);

        return err_set(e, ERR_INPUT, STR_FMT ": there is no patch in here",
                       STR_ARG(where));
    }
    return run_all(t, &all, e);
}
