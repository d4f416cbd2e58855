#include "runtime/kustomize/patch_apply.h"

/* 'patchesJson6902': JSON patches on the objects of a target. */

static bool bad(struct transform *t, const struct ynode *n, const char *what,
                struct err *e)
{
    struct str where = ynode_where(t->a, n);

    return err_set(e, ERR_INPUT, STR_FMT ": %s", STR_ARG(where), what);
}

static bool load(struct transform *t, struct patch_text *out, struct err *e)
{
    const struct ynode *path = ynode_get(t->spec, "path");
    const struct ynode *text = ynode_get(t->spec, "jsonOp");

    if (!text)
        text = ynode_get(t->spec, "patch");
    bool has_path = ynode_text(path).n > 0, has_text = ynode_text(text).n > 0;

    if (has_path == has_text)
        return bad(t, has_path ? path : t->spec,
                   "a JSON patch has either a 'path' or its operations, "
                   "neither both nor none", e);
    if (has_path)
        return patch_text_load(t, path, out, e);
    *out = patch_text_inline(text);
    return true;
}

transform_fn transform_patch_json;

bool transform_patch_json(struct transform *t, struct err *e)
{
    const struct ynode *target = ynode_get(t->spec, "target");
    struct patch_text text;
    struct json_patch patch;
    struct resource_set on;

    if (!ynode_get_text(target, "name").n)
        return bad(t, target ? target : t->spec,
                   "a JSON patch's target needs a 'name'", e);
    if (!load(t, &text, e))
        return false;
    if (!json_patch_read(t->a, text.text, text.file, text.line, &patch, e))
        return false;
    if (!patch.ops->seq.n)
        return bad(t, t->spec, "this JSON patch has no operations", e);
    return patch_select(t, &on, e) && patch_put_json(t, &on, &patch, false, e);
}
