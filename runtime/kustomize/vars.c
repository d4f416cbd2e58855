#include "runtime/kustomize/vars.h"

#include "base/buf.h"
#include "runtime/kustomize/fieldpath.h"
#include "runtime/kustomize/transform.h"

/* ---- collecting ---- */

static bool fail(struct arena *a, const struct var *v, struct err *e,
                 const char *what)
{
    struct str where = ynode_where(a, v->at);

    return err_set(e, ERR_INPUT, STR_FMT ": var '" STR_FMT "' %s",
                   STR_ARG(where), STR_ARG(v->name), what);
}

static bool add(struct arena *a, struct vars *v, struct var x, struct err *e)
{
    for (size_t i = 0; i < v->n; i++)
        if (str_eq(v->items[i].name, x.name))
            return fail(a, &x, e, "is there already; give it another name");
    if (v->n == VARS_MAX)
        return fail(a, &x, e, "is one too many");
    arena_push(a, v, x);
    return true;
}

/* With a namespace it is never an object that can be in none. */
static bool same_id(const struct resid *want, const struct resid *id)
{
    if (want->ns.n && !str_eq(want->ns, resid_namespace(id)))
        return false;
    return str_eq(want->name, id->name) && str_eq(want->kind, id->kind) &&
           str_eq(want->group, id->group) &&
           str_eq(want->version, id->version);
}

static bool ever_was(const struct resource *r, const struct resid *want)
{
    struct resid id = resource_id(r);

    if (same_id(want, &id))
        return true;
    for (size_t i = 0; i < r->former.n; i++) {
        id = resource_former_id(r, i);
        if (same_id(want, &id))
            return true;
    }
    return false;
}

static bool tie(struct arena *a, struct var *x, const struct resmap *m,
                struct err *e)
{
    for (size_t i = 0; i < m->n; i++) {
        if (!ever_was(m->items[i], &x->id))
            continue;
        if (x->target)
            return fail(a, x, e, "could be more than one object; give its "
                                 "'objref' a namespace");
        x->target = m->items[i];
    }
    return true;
}

static struct resid read_id(struct arena *a, const struct ynode *ref)
{
    struct str api_version = ynode_get_text(ref, "apiVersion");
    struct str group = ynode_get_text(ref, "group");
    struct str version = ynode_get_text(ref, "version");

    if (!api_version.n)
        api_version = group.n ? arena_printf(a, STR_FMT "/" STR_FMT,
                                             STR_ARG(group), STR_ARG(version))
                              : version;
    return resid_make(api_version, ynode_get_text(ref, "kind"),
                      ynode_get_text(ref, "name"),
                      ynode_get_text(ref, "namespace"));
}

bool vars_collect(struct arena *a, struct vars *v, const struct ynode *list,
                  const struct resmap *m, struct err *e)
{
    for (size_t i = 0; i < ynode_count(list); i++) {
        const struct ynode *spec = list->seq.items[i];
        const struct ynode *ref = ynode_get(spec, "objref");
        const struct ynode *field = ynode_get(spec, "fieldref");
        struct var x = {
            .name = ynode_get_text(spec, "name"),
            .path = ynode_get_text(field, "fieldpath"),
            .id = read_id(a, ref),
            .at = spec,
        };

        if (!x.path.n)
            x.path = ynode_get_text(field, "fieldPath");
        if (!x.path.n)
            x.path = STR("metadata.name");
        if (!tie(a, &x, m, e) || !add(a, v, x, e))
            return false;
    }
    return true;
}

bool vars_join(struct arena *a, struct vars *v, const struct vars *base,
               struct err *e)
{
    for (size_t i = 0; i < base->n; i++)
        if (!add(a, v, base->items[i], e))
            return false;
    return true;
}

/* ---- values ---- */

/* "name[0]" is name and 0. */
static void split_index(struct arena *a, struct str part,
                        struct fieldpath *out)
{
    size_t open = part.n;
    int64_t ignored;

    while (open > 0 && part.s[open - 1] != '[')
        open--;
    struct str index = open && str_ends(part, STR("]"))
                           ? str_sub(part, open, part.n - open - 1)
                           : (struct str){0};

    if (!index.n || index.s[0] == '-' || !str_int(index, &ignored)) {
        arena_push(a, out, part);
        return;
    }
    if (open > 1)
        arena_push(a, out, str_sub(part, 0, open - 1));
    arena_push(a, out, index);
}

static bool still_there(const struct resmap *m, const struct resource *r)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->items[i] == r)
            return true;
    return false;
}

static bool read_value(struct arena *a, struct var *x, struct resmap *m,
                       struct ynode **out, struct err *e)
{
    struct fieldpath rough, p = {0};

    if (x->target && !still_there(m, x->target)) {
        x->target = NULL;
        if (!tie(a, x, m, e))
            return false;
    }
    if (!x->target)
        return fail(a, x, e, "cannot be mapped: no object has its 'objref'");
    if (!fieldpath_split(a, x->path, &rough, e))
        return false;
    for (size_t i = 0; i < rough.n; i++)
        split_index(a, rough.items[i], &p);
    if (!fieldpath_get(NULL, x->target->node, &p, out, e) || !*out)
        return fail(a, x, e, "has no such field in its object");
    return true;
}

/* ---- expanding ---- */

struct expander {
    struct arena *a;
    struct vars *v;
    struct ynode **values; /* one a variable */
};

/* NULL where the name is no variable, or one without a single value. */
static const struct ynode *look_up(struct expander *x, struct str name)
{
    for (size_t i = 0; i < x->v->n; i++) {
        if (!str_eq(x->v->items[i].name, name))
            continue;
        x->v->items[i].used++;
        return ynode_is_scalar(x->values[i]) ? x->values[i] : NULL;
    }
    return NULL;
}

static void add_value(struct buf *b, struct expander *x, struct str reference)
{
    struct str name = str_sub(reference, 2, reference.n - 3);
    const struct ynode *value = look_up(x, name);

    buf_add(b, value ? value->text : reference);
}

static void expand_text(struct expander *x, struct str s, struct buf *b)
{
    while (s.n) {
        size_t plain = str_find(s, '$');

        buf_add(b, str_sub(s, 0, plain));
        s = str_skip(s, plain);
        if (s.n < 2) {
            buf_add(b, s);
            return;
        }
        size_t close = s.s[1] == '(' ? str_find(s, ')') : s.n;

        if (s.s[1] == '$') {
            buf_addc(b, '$');
            s = str_skip(s, 2);
        } else if (close < s.n) {
            add_value(b, x, str_sub(s, 0, close + 1));
            s = str_skip(s, close + 1);
        } else {
            buf_add(b, str_sub(s, 0, 2));
            s = str_skip(s, 2);
        }
    }
}

static void expand_scalar(struct expander *x, struct ynode *at)
{
    struct str s = at->text;
    struct buf b = {0};

    if (str_find(s, '$') == s.n)
        return;
    bool whole = str_starts(s, STR("$(")) && str_find(s, ')') == s.n - 1;
    const struct ynode *value =
        whole ? look_up(x, str_sub(s, 2, s.n - 3)) : NULL;

    if (whole) {
        if (value && value->tag != YTAG_NULL && value->tag != YTAG_TIME)
            at->tag = value->tag;
        if (value)
            at->text = value->text;
        at->style = YSTYLE_PLAIN;
        return;
    }
    expand_text(x, s, &b);
    ynode_set_text(at, arena_dup(x->a, buf_str(&b)));
    buf_free(&b);
}

static bool expand_at(void *ctx, struct ynode *at, struct err *e)
{
    struct expander *x = ctx;

    if (ynode_is_string(at))
        expand_scalar(x, at);
    for (size_t i = 0; ynode_is_map(at) && i < at->map.n; i++)
        if (ynode_is_string(at->map.items[i].value))
            expand_scalar(x, at->map.items[i].value);
    for (size_t i = 0; ynode_is_seq(at) && i < at->seq.n; i++) {
        struct ynode *item = at->seq.items[i];
        struct str where = ynode_where(x->a, item);

        if (!ynode_is_string(item))
            return err_set(e, ERR_INPUT,
                           STR_FMT ": variables are replaced in this list, so "
                           "that it may hold strings only; quote this",
                           STR_ARG(where));
        expand_scalar(x, item);
    }
    return true;
}

static bool expand_all(struct expander *x, struct resmap *m,
                       struct fieldspecs where, struct err *e)
{
    for (size_t i = 0; i < m->n; i++) {
        struct resid id = resource_id(m->items[i]);

        for (size_t j = 0; j < where.n; j++)
            if (field_matches(&where.items[j], &id) &&
                !field_visit(x->a, m->items[i], &where.items[j], YNODE_SCALAR,
                             expand_at, x, e))
                return false;
    }
    return true;
}

bool vars_expand(struct arena *a, struct vars *v, struct resmap *m,
                 struct fieldspecs where, struct warnings *w, struct err *e)
{
    struct expander x = {.a = a, .v = v};

    if (!v->n)
        return true;
    x.values = arena_array(a, struct ynode *, v->n);
    for (size_t i = 0; i < v->n; i++) {
        if (!read_value(a, &v->items[i], m, &x.values[i], e))
            return false;
        x.values[i] = ynode_copy(a, x.values[i]);
    }
    if (!expand_all(&x, m, where, e))
        return false;
    for (size_t i = 0; i < v->n; i++)
        if (!v->items[i].used)
            warn_add(w, v->items[i].at, "var '" STR_FMT "' is never used",
                     STR_ARG(v->items[i].name));
    resmap_touch(m);
    return true;
}
