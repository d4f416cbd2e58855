#include "runtime/kustomize/patch_apply.h"

/* 'patches': a strategic merge or a JSON patch, whichever the text is. */

static bool option(const struct ynode *spec, const char *name)
{
    const struct ynode *n = ynode_find(spec, "options", name, NULL);

    return ynode_is_scalar(n) && n->tag == YTAG_BOOL && n->text.n &&
           (n->text.s[0] == 't' || n->text.s[0] == 'T' ||
            n->text.s[0] == 'y' || n->text.s[0] == 'Y' ||
            str_eq(n->text, STR("on")) || str_eq(n->text, STR("On")) ||
            str_eq(n->text, STR("ON")));
}

static bool bad(struct transform *t, const struct ynode *n, const char *what,
                struct err *e)
{
    struct str where = ynode_where(t->a, n);

    return err_set(e, ERR_INPUT, STR_FMT ": %s", STR_ARG(where), what);
}

static bool load(struct transform *t, struct patch_text *out, struct err *e)
{
    const struct ynode *patch = ynode_get(t->spec, "patch");
    const struct ynode *path = ynode_get(t->spec, "path");
    bool has_patch = str_trim(ynode_text(patch)).n > 0;
    bool has_path = ynode_text(path).n > 0;

    if (has_patch && has_path)
        return bad(t, patch, "a patch has either 'patch' or 'path', not both",
                   e);
    if (!has_patch && !has_path)
        return bad(t, t->spec, "a patch needs 'patch' or 'path'", e);
    if (has_path)
        return patch_text_load(t, path, out, e);
    *out = patch_text_inline(patch);
    return true;
}

static bool run_json(struct transform *t, const struct json_patch *p,
                     struct err *e)
{
    const struct ynode *target = ynode_get(t->spec, "target");
    struct resource_set on;

    if (!target || ynode_is_null(target))
        return bad(t, t->spec, "a JSON patch needs a 'target'", e);
    return patch_select(t, &on, e) && patch_put_json(t, &on, p, true, e);
}

static bool run_targeted(struct transform *t, struct patch_list *patches,
                         struct err *e)
{
    struct resource_set on;

    if (patches->n > 1)
        return bad(t, patches->items[1]->node,
                   "a patch with a 'target' is one document; this is the "
                   "second", e);
    return patch_select(t, &on, e) &&
           patch_put_all(t, &on, patches->items[0], e);
}

static bool run_merge(struct transform *t, struct patch_list *patches,
                      struct err *e)
{
    const struct ynode *target = ynode_get(t->spec, "target");

    for (size_t i = 0; i < patches->n; i++)
        patch_allow(t, patches->items[i], option(t->spec, "allowNameChange"),
                    option(t->spec, "allowKindChange"));
    if (target && !ynode_is_null(target))
        return run_targeted(t, patches, e);
    for (size_t i = 0; i < patches->n; i++) {
        struct resource *on = patch_target(t, patches->items[i], e);

        if (!on || !patch_put(t, on, patches->items[i], e))
            return false;
    }
    return true;
}

transform_fn transform_patch;

bool transform_patch(struct transform *t, struct err *e)
{
    struct patch_text text;
    struct patch_list patches;
    struct json_patch json;
    struct err not_merge = {0}, not_json = {0};

    t->ids_kept = true;
    if (!load(t, &text, e))
        return false;
    if (patch_read(t, &text, &patches, &not_merge) && patches.n)
        return run_merge(t, &patches, e);
    /* Nothing but comments counts as a JSON patch of no operations. */
    if (not_merge.kind == ERR_NONE) {
        json.ops = ynode_seq(t->a);
        return run_json(t, &json, e);
    }
    if (json_patch_read(t->a, text.text, text.file, text.line, &json,
                        &not_json))
        return run_json(t, &json, e);
    *e = text.text.n && text.text.s[0] == '[' ? not_json : not_merge;
    return false;
}
