#include "runtime/kustomize/fieldpath.h"
#include "runtime/kustomize/kfield.h"
#include "runtime/kustomize/labelsel.h"
#include "runtime/kustomize/memo.h"
#include "runtime/kustomize/replacement.h"
#include "runtime/yaml/ykey.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/yscalar.h"

#include "base/buf.h"

/* 'replacements': a value of one object copied to places in others. */

static bool no_id_given(const struct ynode *sel)
{
    static const char *const keys[] = {"group", "version", "kind",
                                       "name", "namespace"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (ynode_get_text(sel, keys[i]).n)
            return false;
    return true;
}

/* ---- the targets ---- */

static struct str join_in(struct transform *t, const struct ynode *at,
                          const struct split *o, struct str value)
{
    struct pieces p = replacement_cut(t->a, ynode_text(at), o->delimiter);
    struct buf b = {0};

    if (o->index >= 0 && (uint64_t)o->index < p.n)
        p.items[o->index] = value;
    if (o->index < 0) {
        buf_add(&b, value);
        buf_add(&b, o->delimiter);
    }
    for (size_t i = 0; i < p.n; i++) {
        if (i)
            buf_add(&b, o->delimiter);
        buf_add(&b, p.items[i]);
    }
    if (o->index >= 0 && (uint64_t)o->index >= p.n) {
        buf_add(&b, o->delimiter);
        buf_add(&b, value);
    }
    struct str out = arena_dup(t->a, buf_str(&b));

    buf_free(&b);
    return out;
}

/* A scalar keeps its type, whatever the text; one just made takes the text's.
 * What does not fit then fails when it is printed, as in the reference. */
static void set_text(struct ynode *at, struct str text)
{
    enum ytag is = yscalar_resolve(text, YDIALECT_12);

    at->text = text;
    if (at->untagged && at->style == YSTYLE_PLAIN)
        at->tag = (uint8_t)is;
    if (at->under != YTAG_STR && at->under != is) {
        at->tag = at->under;
        at->style = YSTYLE_PLAIN;
        at->under = YTAG_STR;
    }
    at->bad_tag = at->tag != YTAG_STR && at->tag != is &&
                  !(at->tag == YTAG_FLOAT && is == YTAG_INT);
}

static bool set_value(struct transform *t, struct ynode *at,
                      const struct split *o, const struct ynode *value,
                      const struct ynode *target, struct err *e)
{
    struct str text = ynode_text(value);

    if (o->delimiter.n) {
        if (!ynode_is_scalar(at))
            return replacement_bad(t, target, e, "'delimiter' needs a single value");
        text = join_in(t, at, o, text);
    }
    if (ynode_is_scalar(at)) {
        set_text(at, text);
        return true;
    }
    ynode_become(at, ynode_copy(t->a, value));
    return true;
}

static bool put_at_path(struct transform *t, struct resource *r,
                        const struct ynode *target, const struct split *o,
                        struct str path, const struct ynode *value,
                        struct err *e)
{
    struct fieldpath parts;
    struct found_nodes found = {0};

    if (!fieldpath_split(t->a, path, &parts, e))
        return replacement_at(t, target, e);
    bool ok = fieldpath_match(t->a, r->node, &parts,
                              o->create ? value->kind : -1, &found, e);

    if (!ok || !found.n) {
        struct resid id = resource_id(r);
        struct str shown = resid_show(t->a, &id);

        if (ok)
            err_set(e, ERR_INPUT, "there is no such field%s",
                    o->create ? "" : "; 'options.create: true' makes it");
        err_wrap(e, "unable to find%s field '" STR_FMT "' in '" STR_FMT "'",
                 o->create ? " or create" : "", STR_ARG(path), STR_ARG(shown));
        return replacement_at(t, target, e);
    }
    for (size_t i = 0; i < found.n; i++)
        if (!set_value(t, found.items[i], o, value, target, e))
            return false;
    return true;
}

static bool put_in(struct transform *t, struct resource *r,
                   const struct ynode *target, const struct ynode *value,
                   struct err *e)
{
    const struct ynode *paths = ynode_get(target, "fieldPaths");
    struct split o;

    if (!replacement_options(t, target, &o, e))
        return false;
    if (!ynode_length(paths))
        return put_at_path(t, r, target, &o, STR("metadata.name"), value, e);
    for (size_t i = 0; i < ynode_length(paths); i++)
        if (!put_at_path(t, r, target, &o, ynode_text(paths->seq.items[i]),
                         value, e))
            return false;
    return true;
}

static bool labels_fit(struct transform *t, const struct ynode *sel,
                       const struct resource *r, bool *fits, struct err *e)
{
    struct labelsel labels, annotations;

    if (!labelsel_parse(t->a, ynode_get_text(sel, "labelSelector"), &labels,
                        e) ||
        !labelsel_parse(t->a, ynode_get_text(sel, "annotationSelector"),
                        &annotations, e))
        return replacement_at(t, sel, e);
    *fits = labelsel_match(&labels, resource_labels(r)) &&
            labelsel_match(&annotations, resource_annotations(r));
    return true;
}

static bool rejected(struct transform *t, const struct ynode *target,
                     const struct resource *r, bool *out, struct err *e)
{
    const struct ynode *list = ynode_get(target, "reject");

    *out = false;
    for (size_t i = 0; !*out && i < ynode_length(list); i++) {
        const struct ynode *sel = list->seq.items[i];

        if ((ynode_get_text(sel, "labelSelector").n ||
             ynode_get_text(sel, "annotationSelector").n) &&
            !labels_fit(t, sel, r, out, e))
            return false;
        if (!no_id_given(sel) && replacement_selects(sel, r))
            *out = true;
    }
    return true;
}

static bool run_target(struct transform *t, const struct ynode *target,
                       const struct ynode *value, struct err *e)
{
    const struct ynode *select = ynode_get(target, "select");
    bool used = false;

    if (!ynode_is_map(select))
        return replacement_bad(t, target, e, "a target needs 'select'");
    for (size_t i = 0; i < t->m->n; i++) {
        struct resource *r = t->m->items[i];
        bool fits, out;

        if (!labels_fit(t, select, r, &fits, e))
            return false;
        if (!fits || !replacement_selects(select, r))
            continue;
        if (!rejected(t, target, r, &out, e))
            return false;
        if (out)
            continue;
        used = true;
        if (!put_in(t, r, target, value, e))
            return false;
    }
    if (!used)
        warn_add(t->w, target, "this target matches no object; nothing is "
                               "replaced");
    return true;
}

/* Does it copy, or replace, what the build remembers in annotations? */
static bool can_see_memo(const struct ynode *spec)
{
    const struct ynode *targets = ynode_get(spec, "targets");

    if (memo_in_path(ynode_text(ynode_find(spec, "source", "fieldPath", NULL))))
        return true;
    for (size_t i = 0; i < ynode_length(targets); i++) {
        const struct ynode *paths = ynode_get(targets->seq.items[i],
                                              "fieldPaths");

        for (size_t k = 0; k < ynode_length(paths); k++)
            if (memo_in_path(ynode_text(paths->seq.items[k])))
                return true;
    }
    return false;
}

static void show_all(struct transform *t)
{
    for (size_t i = 0; i < t->m->n; i++)
        memo_show(t->a, t->m->items[i]);
}

static void take_all(struct transform *t)
{
    for (size_t i = 0; i < t->m->n; i++)
        memo_take(t->a, t->m->items[i]);
}

static bool replace(struct transform *t, const struct ynode *spec, bool seen,
                    struct err *e)
{
    const struct ynode *source = ynode_get(spec, "source");
    const struct ynode *targets = ynode_get(spec, "targets");
    const struct ynode *text = ynode_get(spec, "sourceValue");
    struct ynode *value;

    if (ynode_is_null(text))
        text = NULL;
    if (text && ynode_is_map(source))
        return replacement_bad(t, text, e, "a replacement has either a "
                               "'source' or a 'sourceValue'");
    if ((!ynode_is_map(source) && !text) || !ynode_is_seq(targets))
        return replacement_bad(t, spec, e, "a replacement needs a 'source' and 'targets'");
    if (text)
        value = ynode_scalar(t->a, yscalar_resolve(text->text, YDIALECT_12),
                             text->text);
    else if (!replacement_source(t, source, &value, e))
        return false;
    for (size_t i = 0; i < targets->seq.n; i++) {
        if (!run_target(t, targets->seq.items[i], value, e))
            return false;
        /* What one target lost, the next does not select by. */
        if (seen) {
            take_all(t);
            show_all(t);
        }
    }
    return true;
}

static bool run_one(struct transform *t, const struct ynode *spec,
                    struct err *e)
{
    bool seen = can_see_memo(spec);

    if (seen)
        show_all(t);
    if (!replace(t, spec, seen, e))
        return false;
    if (seen)
        take_all(t);
    resmap_touch(t->m);
    return true;
}

static bool run_list(struct transform *t, const struct ynode *list,
                     struct err *e)
{
    if (!ynode_is_seq(list))
        return run_one(t, list, e);
    for (size_t i = 0; i < ynode_length(list); i++)
        if (!run_one(t, list->seq.items[i], e))
            return false;
    return true;
}

static bool load_file(struct transform *t, const struct ynode *path,
                      struct ynode **out, struct err *e)
{
    struct yread_options o = {.dialect = YDIALECT_11,
                              .duplicates = YDUP_LAST_WINS};
    struct str text;

    if (!loader_read(t->loader, t->a, ynode_text(path), &text, &o.file, e))
        return replacement_at(t, path, e);
    if (!yread_first(t->a, text, &o, out, e) ||
        !ykey_spell(t->a, *out, e) || !kfield_lists(t->a, *out, e))
        return false;
    return ynode_is_map(*out) || ynode_is_seq(*out) ||
           replacement_bad(t, path, e, "this file holds no replacements");
}

transform_fn transform_replacement;

bool transform_replacement(struct transform *t, struct err *e)
{
    const struct ynode *list = ynode_get(t->spec, "replacements");
    /* All files are read before anything is replaced. */
    struct ynode *all = ynode_seq(t->a);

    for (size_t i = 0; i < ynode_length(list); i++) {
        struct ynode *spec = list->seq.items[i], *loaded = spec;
        const struct ynode *path = ynode_get(spec, "path");

        if (ynode_text(path).n) {
            if (ynode_get(spec, "source") || ynode_count(ynode_get(spec,
                                                         "targets")))
                return replacement_bad(t, path, e, "a replacement has either a 'path' or "
                                       "'source' and 'targets'");
            if (!load_file(t, path, &loaded, e))
                return false;
        } else if (!ynode_get(t->spec, "apiVersion") &&
                   !ynode_count(ynode_get(spec, "targets"))) {
            /* In a plug-in's own file an empty list will do. */
            return replacement_bad(t, spec, e, "a replacement needs a "
                                   "'source' and 'targets'");
        }
        ynode_push(t->a, all, loaded);
    }
    for (size_t i = 0; i < all->seq.n; i++)
        if (!run_list(t, all->seq.items[i], e))
            return false;
    return true;
}
