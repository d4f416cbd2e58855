#include "runtime/kustomize/fieldpath.h"
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
    struct str value, position;
};

/* The part becomes the at-th of the path's, the last where it has fewer; an
 * absolute path stays so. */
static struct str insert_part(struct arena *a, struct str path, int64_t at,
                              struct str part)
{
    struct str rest = path, head;
    size_t cut = 0;

    if (!path.n || !part.n)
        return path.n ? path : part;
    if (path.s[0] == '/')
        cut = 1;
    for (int64_t i = 1; i < at && cut < path.n; i++) {
        head = str_cut(str_skip(path, cut), '/', &rest);
        cut += head.n + 1;
    }
    if (cut > path.n)
        cut = path.n + 1;
    return arena_printf(a, STR_FMT "%s" STR_FMT "%s" STR_FMT,
                        STR_ARG(str_sub(path, 0, cut)),
                        cut > path.n && path.s[path.n - 1] != '/' ? "/" : "",
                        STR_ARG(part), cut < path.n ? "/" : "",
                        STR_ARG(str_skip(path, cut)));
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

static bool add_to_target(struct addition *x, struct err *e)
{
    struct transform *t = x->t;
    struct resource_set on = {0};
    struct fieldpath path = split(t->a, ynode_get_text(x->target, "fieldPath"));
    struct ynode *at;

    const struct ynode *selector = ynode_get(x->target, "selector");

    for (size_t i = 0; !selector && i < t->m->n; i++)
        arena_push(t->a, &on, t->m->items[i]);
    if (selector && !selector_select(t->m, t->a, selector, &on, e))
        return false;
    for (size_t i = 0; i < on.n; i++)
        if (!fieldpath_get(t->a, on.items[i]->node, &path, &at, e) ||
            !add_value(x, at, e))
            return err_wrap(e, "%s", ynode_where(t->a, x->target).s);
    return true;
}

static bool load_targets(struct transform *t, struct ynode **out,
                         struct err *e)
{
    const struct ynode *path = ynode_get(t->spec, "targetFilePath");
    struct str text;
    const char *shown;
    struct ynode *doc;

    *out = ynode_get(t->spec, "targets");
    if (!path)
        return true;
    if (*out)
        return err_set(e, ERR_INPUT, "%s: give either 'targets' or "
                       "'targetFilePath', not both",
                       ynode_where(t->a, path).s);
    if (!loader_read(t->loader, t->a, ynode_text(path), &text, &shown, e))
        return err_wrap(e, "%s", ynode_where(t->a, path).s);
    struct yread_options o = {.file = shown, .dialect = YDIALECT_11,
                              .duplicates = YDUP_LAST_WINS};

    if (!yread_first(t->a, text, &o, &doc, e))
        return false;
    *out = ynode_get(doc, "targets");
    return true;
}

bool transform_value_add(struct transform *t, struct err *e)
{
    struct addition x = {.t = t, .value = ynode_get_text(t->spec, "value")};
    struct ynode *targets;

    if (!x.value.n)
        return err_set(e, ERR_INPUT, "%s: a ValueAddTransformer needs a "
                       "'value'", ynode_where(t->a, t->spec).s);
    if (!load_targets(t, &targets, e))
        return false;
    for (size_t i = 0; i < ynode_count(targets); i++) {
        x.target = targets->seq.items[i];
        if (!add_to_target(&x, e))
            return false;
    }
    return true;
}
