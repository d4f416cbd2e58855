#include "runtime/kustomize/build.h"
#include "runtime/yaml/yscalar.h"

/* What the end of a build does to every object. */

static const char *const own_annotations[] = {
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
};

static bool is_local(const struct resource *r)
{
    struct ynode *n = ynode_get(resource_annotations(r),
                                "config.kubernetes.io/local-config");

    return n && !str_eq(ynode_text(n), STR("false"));
}

static size_t parts(struct str s)
{
    size_t n = s.n > 0;

    for (size_t i = 0; i < s.n; i++)
        n += s.s[i] == ',';
    return n;
}

/* The reference keeps lists of former names between commas, and nothing of an
 * empty one. */
static bool check_former(struct arena *a, const struct resource *r,
                         struct err *e)
{
    size_t names = 0, spaces = 0, kinds = 0;

    for (size_t i = 0; i < r->former.n; i++) {
        names += parts(r->former.items[i].name);
        spaces += parts(r->former.items[i].ns);
        kinds += parts(r->former.items[i].kind);
    }
    return !names || (names == spaces && names == kinds) ||
           err_set(e, ERR_INPUT, "%s: the object's name, namespace or kind "
                   "has held a ',', or nothing; the reference "
                   "loses count then", ynode_where(a, r->node).s);
}

static bool check_named(struct arena *a, const struct resource *r,
                        struct err *e)
{
    struct str kind = resource_kind(r);

    if (!kind.n)
        return err_set(e, ERR_INPUT, "%s: the object has no kind any more",
                       ynode_where(a, r->node).s);
    return str_ends(kind, STR("List")) || resource_name(r).n ||
           err_set(e, ERR_INPUT, "%s: the " STR_FMT " has no name any more",
                   ynode_where(a, r->node).s, STR_ARG(kind));
}

/* What became equal on the way, by patches or prefixes. */
static bool check_ids(struct arena *a, struct resmap *m, struct err *e)
{
    resmap_touch(m);
    for (size_t i = 0; i < m->n; i++) {
        struct resource *r = m->items[i];
        struct resid id = resource_id(r);
        struct resource *other = resmap_current(m, &id);

        if (other != r)
            return err_set(e, ERR_INPUT, "%s: in the end this object and the "
                           "one from %s have the same id %s; rename one",
                           ynode_where(a, r->node).s,
                           ynode_where(a, other->node).s,
                           resid_show(a, &id).s);
    }
    return true;
}

static bool asks(const struct ynode *wanted, const char *what)
{
    for (size_t i = 0; i < ynode_count(wanted); i++)
        if (str_eq(ynode_text(wanted->seq.items[i]), str_of(what)))
            return true;
    return false;
}

static bool no_map(struct arena *a, const struct ynode *n, const char *what,
                   struct err *e)
{
    return err_set(e, ERR_INPUT, "%s: 'metadata.%s' is not a map; write one "
                   "'key: text' on each line", ynode_where(a, n).s, what);
}

/* The reference takes what follows a key for its value, in a list too. */
static bool has_pairs(const struct resource *r, const struct ynode *list)
{
    bool pairs = list->seq.n % 2 == 0 && !r->former.n && !r->prefixes.n &&
                 !r->suffixes.n && !r->needs_hash && !r->generated;

    for (size_t i = 0; pairs && i < list->seq.n; i += 2)
        pairs = ynode_is_string(list->seq.items[i]);
    return pairs;
}

/* Of what is no map the reference loses a text, and fails over most lists, and
 * where it has to add something. */
static bool check_maps(struct arena *a, const struct resource *r,
                       const struct ynode *wanted, struct warnings *w,
                       struct err *e)
{
    const struct ynode *notes = ynode_find(r->node, "metadata", "annotations",
                                           NULL);
    const struct ynode *labels = ynode_find(r->node, "metadata", "labels",
                                            NULL);

    if (labels && !ynode_is_map(labels) && !ynode_is_null(labels) &&
        asks(wanted, "managedByLabel"))
        return no_map(a, labels, "labels", e);
    if (!notes || ynode_is_map(notes) || ynode_is_null(notes))
        return true;
    if ((ynode_count(notes) && !has_pairs(r, notes)) || ynode_count(wanted))
        return no_map(a, notes, "annotations", e);
    if (ynode_count(notes) || ynode_text(notes).n)
        warn_add(w, notes, "'metadata.annotations' is not a map, and %s; "
                 "write one 'key: text' on each line",
                 ynode_is_seq(notes) ? "becomes one" : "is lost");
    return true;
}

bool clean_local(struct arena *a, struct resmap *m, const struct ynode *wanted,
                 struct warnings *w, struct err *e)
{
    size_t n = 0;

    resmap_drop_empty(m);
    for (size_t i = 0; i < m->n; i++) {
        if (!check_named(a, m->items[i], e) ||
            !check_former(a, m->items[i], e) ||
            !check_maps(a, m->items[i], wanted, w, e))
            return false;
        if (!is_local(m->items[i]))
            m->items[n++] = m->items[i];
    }
    m->n = n;
    return check_ids(a, m, e);
}

static bool is_own(struct str key)
{
    if (!str_starts(key, STR("internal.config.")) &&
        !str_starts(key, STR("config.k")))
        return false;
    for (size_t i = 0; i < sizeof(own_annotations) / sizeof(char *); i++)
        if (str_eq(key, str_of(own_annotations[i])))
            return true;
    return false;
}

/* Every value a string, the build's own gone; none at all if none is left. */
static void clean_annotations(struct arena *a, struct resource *r,
                              bool origin, bool transformations)
{
    struct ynode *meta = ynode_make_map(a, r->node, STR("metadata"));
    struct ynode *old = ynode_get(meta, "annotations");
    struct ynode *fresh = ynode_map(a);

    if (!meta)
        return;
    for (size_t i = 1; ynode_is_seq(old) && i < old->seq.n; i += 2)
        ynode_set(a, fresh, ynode_text(old->seq.items[i - 1]),
                  ynode_string(a, ynode_text(old->seq.items[i])));
    for (size_t i = 0; ynode_is_map(old) && i < old->map.n; i++) {
        struct ypair *p = &old->map.items[i];

        if (!is_own(p->key) && !ynode_get_str(fresh, p->key))
            yscalar_put(a, fresh, p->key,
                        ynode_string(a, ynode_text(p->value)));
    }
    if (origin && r->origin)
        ynode_set_string(a, fresh, "config.kubernetes.io/origin",
                         origin_text(a, r->origin));
    else
        ynode_remove(fresh, STR("config.kubernetes.io/origin"));
    if (transformations && r->transformations.n)
        ynode_set_string(a, fresh,
                         "alpha.config.kubernetes.io/transformations",
                         origin_list_text(a, r));
    else
        ynode_remove(fresh, STR("alpha.config.kubernetes.io/transformations"));
    if (fresh->map.n)
        ynode_set(a, meta, STR("annotations"), fresh);
    else
        ynode_remove(meta, STR("annotations"));
}

static void put_managed_by(struct arena *a, struct resource *r)
{
    struct ynode *meta = ynode_make_map(a, r->node, STR("metadata"));
    struct ynode *labels = meta ? ynode_make_map(a, meta, STR("labels"))
                                : NULL;

    if (labels)
        ynode_set_string(a, labels, "app.kubernetes.io/managed-by",
                         STR("kustomize-v5.7.1"));
}

void clean_all(struct arena *a, struct resmap *m, const struct ynode *wanted)
{
    bool origin = asks(wanted, "originAnnotations");
    bool transformations = asks(wanted, "transformerAnnotations");
    bool managed = asks(wanted, "managedByLabel");

    for (size_t i = 0; i < m->n; i++) {
        if (managed)
            put_managed_by(a, m->items[i]);
        clean_annotations(a, m->items[i], origin, transformations);
    }
}
