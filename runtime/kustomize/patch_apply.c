#include "runtime/kustomize/patch_apply.h"

#include "runtime/kustomize/loss.h"
#include "runtime/kustomize/memo.h"
#include "runtime/kustomize/noted.h"
#include "runtime/kustomize/patch_merge.h"
#include "runtime/kustomize/selector.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/yscalar.h"

/* ---- texts ---- */

struct patch_text patch_text_inline(const struct ynode *n)
{
    bool block = n->style == YSTYLE_LITERAL || n->style == YSTYLE_FOLDED;

    return (struct patch_text){.text = str_trim(ynode_text(n)),
                               .file = n->file,
                               .line = n->line + (block ? 1 : 0)};
}

bool patch_text_load(struct transform *t, const struct ynode *path,
                     struct patch_text *out, struct err *e)
{
    struct str where = ynode_where(t->a, path);

    *out = (struct patch_text){.line = 1};
    return loader_read(t->loader, t->a, ynode_text(path), &out->text,
                       &out->file, e) ||
           err_wrap(e, STR_FMT, STR_ARG(where));
}

static bool is_blank(const struct ynode *n)
{
    return ynode_is_null(n) || !ynode_text(n).n;
}

static bool check_patch(struct transform *t, const struct ynode *n,
                        struct err *e)
{
    const struct ynode *name = ynode_find(n, "metadata", "name", NULL);
    struct str where = ynode_where(t->a, n);
    const char *lacks = NULL;

    if (!ynode_is_map(n))
        lacks = "is no object";
    else if (is_blank(ynode_get(n, "kind")))
        lacks = "has no 'kind'";
    else if (is_blank(name))
        lacks = "has no 'metadata.name'";
    return !lacks || err_set(e, ERR_INPUT, STR_FMT ": this patch %s",
                             STR_ARG(where), lacks);
}

static bool add_patch(struct transform *t, struct ynode *n,
                      struct patch_list *out, struct err *e)
{
    struct ynode *items = ynode_get(n, "items");
    struct str kind = ynode_get_text(n, "kind");

    if (ynode_is_map(n) && str_ends(kind, STR("List")) &&
        ynode_is_seq(items)) {
        for (size_t i = 0; i < items->seq.n; i++)
            if (!add_patch(t, items->seq.items[i], out, e))
                return false;
        return true;
    }
    if (!check_patch(t, n, e))
        return false;
    loss_of_directives(t->w, n);
    arena_push(t->a, out, resource_create(t->a, n));
    return true;
}

bool patch_read(struct transform *t, const struct patch_text *p,
                struct patch_list *out, struct err *e)
{
    struct yread_options o = {.file = p->file, .line = p->line,
                              .dialect = YDIALECT_12,
                              .duplicates = YDUP_KEEP};
    struct yread_docs docs = {0};

    *out = (struct patch_list){0};
    if (!yread_all(t->a, p->text, &o, &docs, e))
        return false;
    loss_of_reading(t->w, &docs.odd);
    for (size_t i = 0; i < docs.n; i++)
        if (!add_patch(t, docs.items[i], out, e))
            return false;
    return true;
}

/* ---- targets ---- */

struct resource *patch_target(struct transform *t, const struct resource *p,
                              struct err *e)
{
    struct resid id = resource_original_id(p);
    const struct resource_set *set = resmap_any(t->m, &id);

    if (set->n == 1)
        return set->items[0];
    struct str where = ynode_where(t->a, p->node);
    struct str shown = resid_show(t->a, &id);

    err_set(e, ERR_INPUT,
            STR_FMT ": %s object%s '" STR_FMT "' to patch; %s", STR_ARG(where),
            set->n ? "more than one" : "there is no", set->n ? " is or was" : "",
            STR_ARG(shown),
            set->n ? "tell them apart with a 'target'"
                   : "apiVersion, kind, name and namespace must all be equal");
    return NULL;
}

bool patch_select(struct transform *t, struct resource_set *out,
                  struct err *e)
{
    const struct ynode *target = ynode_get(t->spec, "target");

    if (!selector_select(t->m, t->a, target, out, e))
        return false;
    if (!out->n)
        warn_add(t->w, target, "this target matches no object; the patch is "
                               "not applied anywhere");
    return true;
}

/* ---- merging ---- */

bool patch_put(struct transform *t, struct resource *r, struct resource *patch,
               struct err *e)
{
    struct str name = resource_name(r), ns = resource_namespace(r);
    struct str kind = resource_kind(r);
    bool seen = memo_in_patch(patch->node);

    if (patch->may_change_name || patch->may_change_kind)
        resource_remember(t->a, r);
    if (seen)
        memo_show(t->a, r);
    if (!patch_merge(t->a, t->schema, &r->node, patch->node, t->w, e))
        return false;
    if (ynode_is_empty(r->node)) {
        r->node = NULL;
        resmap_touch(t->m);
        return true;
    }
    if (seen)
        memo_take(t->a, r);
    r->may_change_name |= patch->may_change_name;
    r->may_change_kind |= patch->may_change_kind;
    if (!patch->may_change_kind)
        resource_set_kind(t->a, r, kind);
    if (!patch->may_change_name)
        resource_set_name(t->a, r, name);
    resource_set_namespace(t->a, r, ns);
    /* Otherwise ids are what they were, and so are the tables of them. */
    if (patch->may_change_name || patch->may_change_kind || seen)
        resmap_touch(t->m);
    return true;
}

/* The map as texts, as the reference's copying of metadata leaves it: what is
 * no string becomes one, an empty map goes. */
static void stringify(struct transform *t, struct ynode *metadata,
                      const char *key)
{
    struct arena *a = t->a;
    const struct ynode *map = ynode_get(metadata, key);
    struct ynode *fresh = ynode_map(a);

    if (!map)
        return;
    ynode_remove(metadata, str_of(key));
    if (!ynode_is_map(map) || !ynode_count(map))
        return;
    for (size_t i = 0; i < map->map.n; i++) {
        const struct ynode *was = map->map.items[i].value;
        struct ynode *value = ynode_string(a, ynode_text(was));

        if (ynode_is_null(was))
            warn_add(t->w, was, "null becomes the text '" STR_FMT "' here; "
                     "a JSON patch removes what it should",
                     STR_ARG(ynode_text(was)));

        if (str_find(value->text, '\n') < value->text.n)
            value->style = YSTYLE_LITERAL;
        else
            yscalar_quote(value);
        ynode_set(a, fresh, map->map.items[i].key, value);
        ynode_pair(fresh, map->map.items[i].key)->tag = map->map.items[i].tag;
    }
    ynode_sort(fresh);
    ynode_set(a, metadata, str_of(key), fresh);
}

void patch_allow(struct transform *t, struct resource *patch, bool name,
                 bool kind)
{
    patch->may_change_name = name;
    patch->may_change_kind = kind;
    if (name || kind)
        stringify(t, ynode_get(patch->node, "metadata"), "annotations");
}

static struct resource *prepared(struct transform *t,
                                 const struct resource *patch,
                                 const struct resource *r)
{
    struct resource *copy = resource_copy(t->a, patch);
    struct ynode *metadata = ynode_get(copy->node, "metadata");
    struct str api_version = resource_api_version(r);

    stringify(t, metadata, "annotations");
    stringify(t, metadata, "labels");
    ynode_set_string(t->a, copy->node, "apiVersion", api_version);
    if (r->noted) {
        ynode_get(copy->node, "apiVersion")->untagged = true;
        ynode_get(copy->node, "kind")->untagged = true;
    }
    if (!resource_namespace(copy).n)
        ynode_remove(metadata, STR("namespace"));
    return copy;
}

static bool ids_differ(struct transform *t, const struct resource_set *on,
                       struct err *e)
{
    for (size_t i = 0; i < on->n; i++) {
        if (!on->items[i]->node)
            continue;
        struct resid id = resource_id(on->items[i]);
        struct resource *first = resmap_current(t->m, &id);

        if (first && first != on->items[i]) {
            struct str shown = resid_show(t->a, &id);
            struct str where = ynode_where(t->a, on->items[i]->node);

            return err_set(e, ERR_INPUT,
                           STR_FMT ": after this patch two objects are '"
                           STR_FMT "'", STR_ARG(where), STR_ARG(shown));
        }
    }
    return true;
}

bool patch_put_all(struct transform *t, const struct resource_set *on,
                   const struct resource *patch, struct err *e)
{
    for (size_t i = 0; i < on->n; i++) {
        struct resource *r = on->items[i];

        if (!patch_put(t, r, prepared(t, patch, r), e))
            return false;
    }
    if (patch->may_change_name || patch->may_change_kind)
        return ids_differ(t, on, e);
    return true;
}

/* The reference keeps what it remembers in annotations, so that a JSON patch
 * finds the map there. */
static void make_annotations(struct transform *t, struct resource *r)
{
    struct ynode *metadata = ynode_get(r->node, "metadata");

    if ((r->former.n || r->prefixes.n || r->suffixes.n || r->needs_hash ||
         r->generated || r->origin || r->transformations.n) &&
        ynode_is_map(metadata))
        ynode_make_map(t->a, metadata, STR("annotations"));
}

static bool can_see_memo(const struct json_patch *patch)
{
    for (size_t i = 0; i < patch->ops->seq.n; i++) {
        const struct ynode *op = patch->ops->seq.items[i];

        if (memo_in_pointer(ynode_get_text(op, "from")) ||
            (str_eq(ynode_get_text(op, "op"), STR("test")) &&
             memo_in_pointer(ynode_get_text(op, "path"))))
            return true;
    }
    return false;
}

static size_t count_nodes(const struct ynode *n)
{
    size_t sum = 1;

    for (size_t i = 0; i < ynode_count(n); i++)
        sum += count_nodes(ynode_is_map(n) ? n->map.items[i].value
                                           : n->seq.items[i]);
    return sum;
}

static void note_reread(struct transform *t, struct resource *r)
{
    const struct ynode *own = resource_annotations(r);

    r->reread.times++;
    r->reread.nodes = count_nodes(r->node) - (own ? count_nodes(own) : 0);
    r->reread.notes = own ? noted_show(t->a, r) : NULL;
}

bool patch_put_json(struct transform *t, const struct resource_set *on,
                    const struct json_patch *patch, bool remember,
                    struct err *e)
{
    bool seen = can_see_memo(patch);

    loss_of_operations(t->w, patch->ops);
    for (size_t i = 0; i < on->n; i++) {
        struct resource *r = on->items[i];

        if (remember)
            resource_remember(t->a, r);
        make_annotations(t, r);
        if (seen)
            memo_show(t->a, r);
        if (patch->ops->seq.n && r->node)
            loss_of_json(t->w, r->node);
        if (!json_patch_apply(t->a, patch, &r->node, e))
            return false;
        if (seen)
            memo_hide(r);
        noted_reread(t->a, r);
        note_reread(t, r);
        stringify(t, ynode_get(r->node, "metadata"), "annotations");
        noted_renew(t->a, r);
    }
    resmap_touch(t->m);
    return true;
}
