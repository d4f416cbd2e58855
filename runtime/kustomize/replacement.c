#include "runtime/kustomize/replacement.h"

#include "runtime/kustomize/fieldpath.h"
#include "runtime/yaml/yscalar.h"

bool replacement_bad(struct transform *t, const struct ynode *n, struct err *e,
                     const char *what)
{
    struct str where = ynode_where(t->a, n);

    return err_set(e, ERR_INPUT, STR_FMT ": %s", STR_ARG(where), what);
}

bool replacement_at(struct transform *t, const struct ynode *n, struct err *e)
{
    struct str where = ynode_where(t->a, n);

    return err_wrap(e, STR_FMT, STR_ARG(where));
}

/* ---- choosing objects: exactly, by any id they have or had ---- */

static struct str effective(struct str ns)
{
    return ns.n ? ns : STR("default");
}

static bool part_fits(const struct ynode *sel, const char *key,
                      struct str value)
{
    struct str want = ynode_get_text(sel, key);

    return !want.n || str_eq(want, value);
}

static bool id_fits(const struct ynode *sel, const struct resid *id,
                    struct str ns)
{
    struct str want = ynode_get_text(sel, "namespace");

    return part_fits(sel, "name", id->name) &&
           part_fits(sel, "kind", id->kind) &&
           part_fits(sel, "group", id->group) &&
           part_fits(sel, "version", id->version) &&
           (!want.n || str_eq(effective(want), ns));
}

bool replacement_selects(const struct ynode *sel, const struct resource *r)
{
    struct resid id = resource_id(r);

    if (id_fits(sel, &id, effective(resource_namespace(r))))
        return true;
    for (size_t i = 0; i < r->former.n; i++) {
        id = resource_former_id(r, i);
        if (id_fits(sel, &id, resid_namespace(&id)))
            return true;
    }
    return false;
}

/* ---- the source ---- */

static struct str show(struct transform *t, const struct ynode *sel)
{
    struct resid id = {
        .group = ynode_get_text(sel, "group"),
        .version = ynode_get_text(sel, "version"),
        .kind = ynode_get_text(sel, "kind"),
        .name = ynode_get_text(sel, "name"),
        .ns = ynode_get_text(sel, "namespace"),
    };

    return resid_show(t->a, &id);
}

static struct resource *find_source(struct transform *t,
                                    const struct ynode *source,
                                    struct err *e)
{
    struct resource *found = NULL;
    struct str shown = show(t, source);

    for (size_t i = 0; i < t->m->n; i++) {
        if (!replacement_selects(source, t->m->items[i]))
            continue;
        if (found) {
            err_set(e, ERR_INPUT, "more than one object is '" STR_FMT
                                  "'; say more of the source",
                    STR_ARG(shown));
            replacement_at(t, source, e);
            return NULL;
        }
        found = t->m->items[i];
    }
    if (!found) {
        err_set(e, ERR_INPUT, "no object is '" STR_FMT "'", STR_ARG(shown));
        replacement_at(t, source, e);
    }
    return found;
}

bool replacement_options(struct transform *t, const struct ynode *holder,
                         struct split *out, struct err *e)
{
    const struct ynode *options = ynode_get(holder, "options");
    const struct ynode *index = ynode_get(options, "index");
    const struct ynode *create = ynode_get(options, "create");
    struct ynumber n = {0};

    *out = (struct split){.delimiter = ynode_get_text(options, "delimiter")};
    if (index && !ynode_is_null(index)) {
        if (!yscalar_number(ynode_text(index), YDIALECT_11, &n) ||
            n.kind != YNUMBER_INT)
            return replacement_bad(t, index, e, "'index' is a whole number");
        out->index = n.i;
    }
    out->create = create && create->tag == YTAG_BOOL &&
                  yscalar_true(ynode_text(create));
    return true;
}

struct pieces replacement_cut(struct arena *a, struct str s, struct str at)
{
    struct pieces p = {0};

    for (;;) {
        size_t i = str_search(s, at);

        arena_push(a, &p, str_sub(s, 0, i));
        if (i == s.n)
            return p;
        s = str_skip(s, i + at.n);
    }
}

static bool refine(struct transform *t, const struct ynode *source,
                   struct ynode **value, struct err *e)
{
    struct split o;

    if (!replacement_options(t, source, &o, e))
        return false;
    if (!o.delimiter.n)
        return true;
    if (!ynode_is_scalar(*value))
        return replacement_bad(t, source, e, "'delimiter' needs a single value");
    struct pieces p = replacement_cut(t->a, ynode_text(*value), o.delimiter);

    if (o.index < 0 || (uint64_t)o.index >= p.n) {
        err_set(e, ERR_INPUT, "options.index %lld is out of bounds for '"
                              STR_FMT "'", (long long)o.index,
                STR_ARG(ynode_text(*value)));
        return replacement_at(t, source, e);
    }
    *value = ynode_copy(t->a, *value);
    (*value)->text = p.items[o.index];
    return true;
}

bool replacement_source(struct transform *t, const struct ynode *source,
                        struct ynode **value, struct err *e)
{
    struct str path = ynode_get_text(source, "fieldPath");
    struct resource *from = find_source(t, source, e);
    struct fieldpath parts;

    if (!path.n)
        path = STR("metadata.name");
    if (!from)
        return false;
    if (!fieldpath_split(t->a, path, &parts, e) ||
        !fieldpath_get(NULL, from->node, &parts, value, e))
        return replacement_at(t, source, e);
    if (ynode_is_empty(*value)) {
        struct str shown = show(t, source);

        err_set(e, ERR_INPUT, "'" STR_FMT "' has no field '" STR_FMT
                              "', or an empty one",
                STR_ARG(shown), STR_ARG(path));
        return replacement_at(t, source, e);
    }
    return refine(t, source, value, e);
}
