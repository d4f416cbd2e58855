#include "base/file.h"
#include "runtime/kustomize/fieldpath.h"
#include "runtime/kustomize/kfield.h"
#include "runtime/kustomize/selector.h"
#include "runtime/kustomize/transform.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/yscalar.h"

/* ValueAddTransformer: one value into fields of chosen objects, alone or as a
 * part of a '/'-separated path. */

transform_fn transform_value_add;

struct addition {
    struct transform *t;
    const struct ynode *target;
    struct str value;
};

/* The part becomes the at-th of those between '/', the last where there are
 * fewer; an absolute path stays so. What comes out is clean, whatever went in. */
static struct str insert_part(struct arena *a, struct str path, int64_t at,
                              struct str part)
{
    bool root = str_starts(path, STR("/"));
    struct str body = str_skip(path, str_starts(path, STR("//")) ? 2 : root);
    struct str tail = body, head;

    if (!part.n)
        return path;
    for (int64_t i = 1; i < at && tail.n; i++)
        str_cut(tail, '/', &tail);
    head = str_sub(body, 0, body.n - tail.n);
    while (str_starts(head, STR("/")))
        head = str_skip(head, 1); /* parts without a name */
    part = file_clean(a, arena_join(a, head, str_of(head.n ? "/" : ""), part,
                                    STR("/"), tail));
    return root ? arena_join(a, STR("/"), part) : part;
}

static bool add_value(const struct addition *x, struct ynode *n,
                      struct err *e)
{
    struct ynode *position = ynode_get(x->target, "filePathPosition");
    int64_t at = 0;

    if (!n)
        return true;
    if (n->kind != YNODE_SCALAR)
        return err_set(e, ERR_INPUT, "%s: a value needs a text here, not a "
                       "map or list", ynode_where(x->t->a, n).s);
    if (position)
        str_int(position->text, &at);
    yscalar_set(n, at > 0 ? insert_part(x->t->a, n->text, at, x->value)
                          : x->value);
    return true;
}

/* At each '/', but not at "\/"; empty parts do not count. */
static struct fieldpath split(struct arena *a, struct str path)
{
    struct fieldpath out = {0};
    struct str rest = path;

    while (rest.n) {
        struct str part = str_cut(rest, '/', &rest);

        while (str_ends(part, STR("\\")) && rest.n) {
            struct str more = str_cut(rest, '/', &rest);

            part = arena_printf(a, STR_FMT "/" STR_FMT,
                                STR_ARG(str_sub(part, 0, part.n - 1)),
                                STR_ARG(more));
        }
        if (str_trim(part).n)
            arena_push(a, &out, part);
    }
    return out;
}

/* The namespace is set as the NamespaceTransformer does. */
static bool add_namespace(struct addition *x, struct resource_set *on,
                          struct err *e)
{
    for (size_t i = 0; i < on->n; i++)
        if (!namespace_put(x->t, on->items[i], x->value, e))
            return false;
    return true;
}

static bool add_to_target(struct addition *x, struct err *e)
{
    struct transform *t = x->t;
    struct resource_set on = {0};
    struct str field = ynode_get_text(x->target, "fieldPath");
    struct fieldpath path = split(t->a, field);
    struct ynode *at;

    const struct ynode *selector = ynode_get(x->target, "selector");

    for (size_t i = 0; !selector && i < t->m->n; i++)
        arena_push(t->a, &on, t->m->items[i]);
    if (selector && !selector_select(t->m, t->a, selector, &on, e))
        return false;
    if (str_eq(field, STR("metadata/namespace")))
        return add_namespace(x, &on, e);
    for (size_t i = 0; i < on.n; i++)
        if (!fieldpath_get(t->a, on.items[i]->node, &path, &at, e) ||
            !add_value(x, at, e))
            return err_wrap(e, "%s", ynode_where(t->a, x->target).s);
    return true;
}

static bool check_target(struct transform *t, const struct ynode *target,
                         struct err *e)
{
    const struct ynode *position = ynode_get(target, "filePathPosition");
    int64_t at = 0;

    if (!ynode_get_text(target, "fieldPath").n)
        return err_set(e, ERR_INPUT, "%s: a target needs a 'fieldPath'",
                       ynode_where(t->a, target).s);
    if (position && str_int(position->text, &at) && at < 0)
        return err_set(e, ERR_INPUT, "%s: 'filePathPosition' cannot be "
                       "negative", ynode_where(t->a, position).s);
    return true;
}

/* Those of the plug-in itself and then those of its file. */
static bool load_targets(struct transform *t, struct ynode *all,
                         struct err *e)
{
    const struct ynode *path = ynode_get(t->spec, "targetFilePath");
    const struct ynode *lists[] = {ynode_get(t->spec, "targets"), NULL};
    struct str text;
    const char *shown;
    struct ynode *doc;

    if (ynode_text(path).n) {
        if (!loader_read(t->loader, t->a, ynode_text(path), &text, &shown, e))
            return err_wrap(e, "%s", ynode_where(t->a, path).s);
        struct yread_options o = {.file = shown, .dialect = YDIALECT_11,
                                  .duplicates = YDUP_LAST_WINS};

        if (!yread_first(t->a, text, &o, &doc, e) ||
            !kfield_lists(t->a, doc, e))
            return false;
        lists[1] = ynode_get(doc, "targets");
    }
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < ynode_length(lists[k]); i++)
            ynode_push(t->a, all, lists[k]->seq.items[i]);
    for (size_t i = 0; i < all->seq.n; i++)
        if (!check_target(t, all->seq.items[i], e))
            return false;
    return all->seq.n ||
           err_set(e, ERR_INPUT, "%s: a ValueAddTransformer needs 'targets'",
                   ynode_where(t->a, t->spec).s);
}

bool transform_value_add(struct transform *t, struct err *e)
{
    struct addition x = {.t = t,
                         .value = str_trim(ynode_get_text(t->spec, "value"))};
    struct ynode *targets = ynode_seq(t->a);

    if (!x.value.n)
        x.value = file_base(t->loader->root);
    if (!load_targets(t, targets, e))
        return false;
    for (size_t i = 0; i < targets->seq.n; i++) {
        x.target = targets->seq.items[i];
        if (!add_to_target(&x, e))
            return false;
    }
    return true;
}
