#include "runtime/kustomize/regex.h"
#include "runtime/kustomize/transform.h"
#include "runtime/yaml/yscalar.h"

#include <string.h>

/* images: names, tags and digests of container images. The update runs twice,
 * as in the reference: over every list called containers or initContainers,
 * and over the field specs. */

transform_fn transform_images;

struct image {
    struct arena *a;
    struct warnings *w;
    const struct ynode *spec;
    struct str name, new_name, new_tag, digest, tag_suffix;
    struct regex regex; /* only where the name is no plain text */
    bool plain;
};

static bool is_tag_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || (c && strchr("_.{}-", c));
}

static size_t skip_tag(struct str s, size_t i)
{
    while (i < s.n && is_tag_char(s.s[i]))
        i++;
    return i;
}

/* (:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)? to the end. */
static bool is_tail(struct str s)
{
    size_t i = 0;

    if (i < s.n && s.s[i] == ':')
        i = skip_tag(s, 1);
    if (str_starts(str_skip(s, i), STR("@sha256:")))
        i = skip_tag(s, i + 8);
    return i == s.n;
}

/* The name counts as a regular expression: '.' stands for any character. */
static bool is_plain(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!is_tag_char(name.s[i]) && name.s[i] != '/' && name.s[i] != ':')
            return false;
    return !memchr(name.s, '{', name.n) && !memchr(name.s, '}', name.n);
}

static bool matches(const struct image *x, struct str value, bool *out,
                    struct err *e)
{
    if (!x->plain)
        return regex_match(&x->regex, value, out, e);
    *out = false;
    if (value.n < x->name.n)
        return true;
    for (size_t i = 0; i < x->name.n; i++)
        if (x->name.s[i] != value.s[i] && x->name.s[i] != '.')
            return true;
    *out = is_tail(str_skip(value, x->name.n));
    return true;
}

static void split(struct str whole, struct str *name, struct str *tag,
                  struct str *digest)
{
    size_t slash = str_find(whole, '/');
    size_t from = slash && slash < whole.n ? slash : 0;
    size_t at = from + str_find(str_skip(whole, from), '@');
    size_t colon = from + str_find(str_skip(whole, from), ':');
    size_t end = at < colon ? at : colon;

    *name = str_sub(whole, 0, end);
    *digest = at < whole.n ? str_skip(whole, at + 1) : STR("");
    *tag = colon < at ? str_sub(whole, colon + 1, at - colon - 1) : STR("");
}

static bool update(void *ctx, struct ynode *n, struct err *e)
{
    const struct image *x = ctx;
    struct str name, tag, digest;
    bool chosen;

    if (n->kind != YNODE_SCALAR)
        return err_set(e, ERR_INPUT, "%s: an image is a text, not a map or "
                       "list", ynode_where(x->a, n).s);
    if (!matches(x, n->text, &chosen, e))
        return err_wrap(e, "%s", ynode_where(x->a, x->spec).s);
    if (!chosen)
        return true;
    split(n->text, &name, &tag, &digest);
    if (x->new_name.n)
        name = x->new_name;
    if (x->new_tag.n || x->digest.n) {
        tag = x->new_tag;
        digest = x->digest;
    } else if (x->tag_suffix.n) {
        if (str_ends(tag, x->tag_suffix))
            warn_add(x->w, ynode_get(x->spec, "tagSuffix"),
                     "the suffix is added twice, or was there before; write "
                     "the whole tag as 'newTag'");
        tag = arena_join(x->a, tag, x->tag_suffix);
        digest = STR("");
    }
    yscalar_set(n, arena_join(x->a, name, str_of(tag.n ? ":" : ""), tag,
                              str_of(digest.n ? "@" : ""), digest));
    return true;
}

static bool update_containers(struct image *x, struct ynode *list,
                              struct err *e)
{
    if (list->kind != YNODE_SEQ)
        return true;
    for (size_t i = 0; i < list->seq.n; i++) {
        struct ynode *item = list->seq.items[i];
        struct ynode *n = ynode_get(item, "image");

        if (item->kind != YNODE_MAP)
            return err_set(e, ERR_INPUT, "%s: a container is a map",
                           ynode_where(x->a, item).s);
        if (n && !ynode_is_null(n) && !update(x, n, e))
            return false;
    }
    return true;
}

static bool update_below(struct image *x, struct ynode *n, struct err *e)
{
    if (n->kind == YNODE_SEQ)
        for (size_t i = 0; i < n->seq.n; i++)
            if (!update_below(x, n->seq.items[i], e))
                return false;
    if (n->kind != YNODE_MAP)
        return true;
    for (size_t i = 0; i < n->map.n; i++) {
        struct ypair *p = &n->map.items[i];
        bool list = str_eq(p->key, STR("containers")) ||
                    str_eq(p->key, STR("initContainers"));

        if (p->value->kind == YNODE_SCALAR)
            continue;
        if (!update_below(x, p->value, e) ||
            (list && !update_containers(x, p->value, e)))
            return false;
    }
    return true;
}

static bool update_one(struct transform *t, struct image *x,
                       struct resource *r, struct err *e)
{
    struct resid id = resource_id(r);

    if (str_eq(id.kind, STR("CustomResourceDefinition")))
        return true;
    if (r->node && !update_below(x, r->node, e))
        return false;
    for (size_t k = 0; k < t->fields.n; k++) {
        struct fieldspec spec = t->fields.items[k];

        spec.create = false; /* an image to change has to be there */
        if (field_matches(&spec, &id) &&
            !field_visit(t->a, r, &spec, YNODE_SCALAR, update, x, e))
            return false;
    }
    return true;
}

static bool image_open(struct image *x, struct transform *t,
                       const struct ynode *spec, struct err *e)
{
    struct arena *a = t->a;

    *x = (struct image){
        .a = a, .w = t->w, .spec = spec, .name = ynode_get_text(spec, "name"),
        .new_name = ynode_get_text(spec, "newName"),
        .new_tag = ynode_get_text(spec, "newTag"),
        .digest = ynode_get_text(spec, "digest"),
        .tag_suffix = ynode_get_text(spec, "tagSuffix"),
    };
    x->plain = is_plain(x->name);
    if (x->plain)
        return true;
    struct str pattern = arena_printf(
        a, "^" STR_FMT "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$",
        STR_ARG(x->name));

    return regex_open(&x->regex, pattern, REGEX_PART, e) ||
           err_wrap(e, "%s: 'name'", ynode_where(a, spec).s);
}

bool transform_images(struct transform *t, struct err *e)
{
    const struct ynode *spec = ynode_get(t->spec, "imageTag");
    struct image x;
    bool ok = image_open(&x, t, spec ? spec : t->spec, e);

    for (size_t i = 0; ok && i < t->m->n; i++)
        ok = update_one(t, &x, t->m->items[i], e);
    regex_close(&x.regex);
    return ok;
}
