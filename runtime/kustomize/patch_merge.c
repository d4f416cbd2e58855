#include "runtime/kustomize/patch_merge_internal.h"

#include "base/die.h"
#include "runtime/kustomize/loss.h"
#include "runtime/yaml/yhint.h"
#include "runtime/yaml/yscalar.h"

static const char *kind_name(const struct ynode *n)
{
    switch ((enum ynode_kind)n->kind) {
    case YNODE_MAP: return "a map";
    case YNODE_SEQ: return "a list";
    case YNODE_SCALAR: return "a single value";
    }
    BUG("node of kind %d", n->kind);
}

static bool missing(const struct ynode *n)
{
    return !n || (ynode_is_null(n) && !n->untagged);
}

bool merge_kind_clash(struct merge *m, const struct ynode *want,
                      const struct ynode *got)
{
    struct str where = ynode_where(m->a, got);

    return err_set(m->e, ERR_INPUT,
                   STR_FMT ": the patch has %s where the object has %s; "
                   "write the same kind of value, or delete the field first "
                   "with null", STR_ARG(where), kind_name(got),
                   kind_name(want));
}

bool merge_directive_read(struct merge *m, const struct ynode *n,
                          enum merge_directive *out)
{
    struct str text = ynode_text(n);

    *out = MERGE_MERGE;
    if (str_eq(text, STR("delete")))
        *out = MERGE_DELETE;
    else if (str_eq(text, STR("replace")))
        *out = MERGE_REPLACE;
    else if (!str_eq(text, STR("merge"))) {
        struct str where = ynode_where(m->a, n);

        return err_set(m->e, ERR_INPUT,
                       STR_FMT ": unknown patch strategy '" STR_FMT
                       "'; it is one of delete, replace, merge",
                       STR_ARG(where), STR_ARG(text));
    }
    return true;
}

/* Takes a $patch directive that is understood out of the map. */
static bool directive(struct merge *m, struct ynode *patch,
                      enum merge_directive *out)
{
    struct ynode *n = ynode_is_map(patch) ? ynode_get(patch, "$patch") : NULL;

    *out = MERGE_MERGE;
    if (!n)
        return true;
    if (!merge_directive_read(m, n, out))
        return false;
    ynode_remove(patch, STR("$patch"));
    return true;
}

/* Which node the walk of a map goes on with; NULL = the field goes. */
static bool visit_map(struct merge *m, struct merge_pair p,
                      struct ynode **out)
{
    enum merge_directive d;

    if (missing(p.dest)) {
        struct err ignored = {0};
        struct merge quiet = *m;

        quiet.e = &ignored;
        *out = p.patch;
        if (directive(&quiet, p.patch, &d) && d == MERGE_DELETE)
            *out = NULL;
        /* A null that is written out stays where the patch is silent. */
        if (!p.patch && ynode_text(p.dest).n)
            *out = p.dest;
        return true;
    }
    *out = NULL;
    if (p.patch && ynode_is_null(p.patch))
        return true;
    if (!directive(m, p.patch, &d))
        return false;
    if (d != MERGE_DELETE)
        *out = d == MERGE_REPLACE ? p.patch : p.dest;
    return true;
}

/* The place keeps its style: what was in quotes stays in quotes, and is a
 * string then, whatever the patch says. */
static void replace_in_place(struct ynode *there, const struct ynode *value)
{
    /* A null in quotes has a tag, beside which they say nothing. */
    uint8_t style = ynode_is_null(there) ? YSTYLE_PLAIN : there->style;
    bool both = there->kind == YNODE_SCALAR && value->kind == YNODE_SCALAR;

    ynode_become(there, value);
    if (!both)
        return;
    if (there->bad_tag)
        return;
    there->style = style;
    if (style != YSTYLE_PLAIN && there->tag != YTAG_BINARY) {
        if (!there->untagged && there->tag != YTAG_STR)
            there->under = (enum ytag)there->tag;
        there->tag = YTAG_STR;
    }
}

/* A field that is there changes in its place, so that whatever else holds the
 * same node changes too. A new one keeps the key's type it has in the patch. */
static void set_field(struct merge *m, struct ynode *dest,
                      const struct ynode *patch, struct str key,
                      struct ynode *value)
{
    const struct ypair *theirs = ynode_pair(patch, key);
    struct ynode *there = ynode_get_str(dest, key);

    if (there) {
        replace_in_place(there, value);
        return;
    }
    yscalar_quote(value);
    ynode_set(m->a, dest, key, value);
    if (theirs)
        ynode_pair(dest, key)->tag = theirs->tag;
}

static bool merge_field(struct merge *m, struct schema s, struct ynode *dest,
                        struct ynode *patch, struct str key)
{
    struct merge_pair p = {ynode_get_str(dest, key),
                           ynode_get_str(patch, key)};
    struct ynode *value;

    if (!merge_walk(m, schema_member(m->set, s, key), p, &value))
        return false;
    bool kept = value && value == p.dest && !p.patch;

    if (missing(value) && !kept)
        ynode_remove(dest, key);
    else if (value != ynode_get_str(dest, key))
        set_field(m, dest, patch, key, value);
    else
        yscalar_quote(value);
    return true;
}

static bool walk_map(struct merge *m, struct schema s, struct merge_pair p,
                     struct ynode **out)
{
    struct ynode *dest;

    if (!visit_map(m, p, &dest))
        return false;
    *out = dest;
    if (!dest || !ynode_is_map(dest))
        return true;
    if (dest != p.patch && ynode_is_map(p.patch))
        loss_of_empty(m->w, dest, p.patch);
    size_t mine = ynode_count(dest), theirs = 0, n = 0;

    if (p.patch != dest && ynode_is_map(p.patch))
        theirs = ynode_count(p.patch);
    struct str *keys = arena_array(m->a, struct str, mine + theirs);

    for (size_t i = 0; i < mine; i++)
        keys[n++] = dest->map.items[i].key;
    for (size_t i = 0; i < theirs; i++)
        if (!ynode_get_str(dest, p.patch->map.items[i].key))
            keys[n++] = p.patch->map.items[i].key;
    for (size_t i = 0; i < n; i++)
        if (!merge_field(m, s, dest, p.patch, keys[i]))
            return false;
    return true;
}

/* Which list the merge goes on with; NULL = the field goes. */
static bool visit_list(struct merge *m, struct merge_pair p,
                       struct ynode **out)
{
    enum merge_directive d;

    *out = p.patch;
    if (missing(p.dest))
        return true;
    *out = NULL;
    if (p.patch && ynode_is_null(p.patch))
        return true;
    if (!merge_list_directive(m, p.patch, &d))
        return false;
    if (d != MERGE_DELETE)
        *out = d == MERGE_REPLACE ? p.patch : p.dest;
    return true;
}

/* What a comment beside the list says counts more than the schema. */
static bool merges(struct schema s, struct merge_pair p,
                   struct merge_keys *keys)
{
    enum yhint hint = yhint_of(p.dest);

    if (!hint)
        hint = yhint_of(p.patch);
    if (!hint)
        return schema_merges(s, keys);
    *keys = (struct merge_keys){0};
    if (hint == YHINT_MERGE_NAMES)
        keys->items[keys->n++] = STR("name");
    return true;
}

static bool walk_list(struct merge *m, struct schema s, struct merge_pair p,
                      struct ynode **out)
{
    struct merge_keys keys;

    if (!merges(s, p, &keys)) {
        *out = p.patch ? p.patch : p.dest;
        return true;
    }
    if (!visit_list(m, p, &p.dest))
        return false;
    *out = p.dest;
    if (missing(p.dest))
        return true;
    if (p.dest != p.patch && ynode_is_seq(p.patch))
        loss_of_empty(m->w, p.dest, p.patch);
    if (keys.n == 0)
        return merge_primitives(m, schema_element(m->set, s), p, out);
    return merge_elements(m, schema_element(m->set, s), &keys, p, out);
}

/* A value in a place no schema tells of may say itself what it is. */
static struct schema own_schema(struct merge *m, struct merge_pair p)
{
    struct ynode *both[] = {p.dest, p.patch};

    for (size_t i = 0; i < 2; i++) {
        struct str api_version = ynode_get_text(both[i], "apiVersion");
        struct str kind = ynode_get_text(both[i], "kind");

        if (!api_version.n || !kind.n)
            continue;
        struct schema s = schema_of(m->set, api_version, kind);

        if (s.known)
            return s;
    }
    return (struct schema){0};
}

bool merge_walk(struct merge *m, struct schema s, struct merge_pair p,
                struct ynode **out)
{
    const struct ynode *first = missing(p.dest) ? p.patch : p.dest;

    if (missing(first))
        return walk_map(m, s, p, out);
    if (!missing(p.dest) && !missing(p.patch) &&
        p.dest->kind != p.patch->kind)
        return merge_kind_clash(m, p.dest, p.patch);
    if (!s.known && ynode_is_map(first))
        s = own_schema(m, p);
    switch ((enum ynode_kind)first->kind) {
    case YNODE_MAP: return walk_map(m, s, p, out);
    case YNODE_SEQ: return walk_list(m, s, p, out);
    case YNODE_SCALAR: break;
    }
    *out = p.patch ? p.patch : p.dest;
    return true;
}

bool patch_merge(struct arena *a, const struct schema_set *set,
                 struct ynode **object, struct ynode *patch,
                 struct warnings *w, struct err *e)
{
    struct merge m = {.a = a, .set = set, .w = w, .e = e};
    struct merge_pair p = {*object, patch};
    struct ynode *merged;

    if (!merge_walk(&m, (struct schema){0}, p, &merged))
        return false;
    /* The reference drops a whole object's replacement, but not its end. */
    if (!merged)
        *object = NULL;
    return true;
}
