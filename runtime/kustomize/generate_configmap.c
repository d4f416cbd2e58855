#include "runtime/kustomize/generate.h"

#include "runtime/kustomize/noted.h"
#include "runtime/yaml/yscalar.h"

#include <openssl/evp.h>
#include <string.h>

/* configMapGenerator and secretGenerator. */

generate_fn generate_configmap, generate_secret;

enum { BASE64_LINE = 70 };

static struct str base64(struct arena *a, struct str s)
{
    size_t n = (s.n + 2) / 3 * 4, at = 0;
    bool lines = n >= BASE64_LINE;
    unsigned char *flat = arena_array(a, unsigned char, n + 1);
    char *out = arena_array(a, char, n + n / BASE64_LINE + 2);

    EVP_EncodeBlock(flat, (const unsigned char *)s.s, (int)s.n);
    for (size_t i = 0; i < n; i += BASE64_LINE) {
        size_t part = n - i < BASE64_LINE ? n - i : BASE64_LINE;

        memcpy(out + at, flat + i, part);
        at += part;
        if (lines)
            out[at++] = '\n';
    }
    return (struct str){out, at};
}

static bool is_utf8(struct str s)
{
    for (size_t i = 0, n; i < s.n; i += n) {
        n = (unsigned char)s.s[i] < 0x80 ? 1 : str_utf8(str_skip(s, i));
        if (!n)
            return false;
    }
    return true;
}

static const struct ynode *option(const struct generate *g, bool global,
                                  const char *name)
{
    return ynode_get(global ? g->options : ynode_get(g->spec, "options"),
                     name);
}

static bool is_on(const struct generate *g, const char *name)
{
    const struct ynode *here = option(g, false, name);
    const struct ynode *all = option(g, true, name);

    return (here && yscalar_true(here->text)) ||
           (all && yscalar_true(all->text));
}

/* Labels or annotations: those of all generators, its own over them. */
static void put_meta(struct generate *g, struct ynode *meta, const char *name)
{
    struct ynode *into = ynode_map(g->a);

    for (int global = 1; global >= 0; global--) {
        const struct ynode *from = option(g, global, name);

        for (size_t i = 0; ynode_is_map(from) && i < from->map.n; i++) {
            struct ynode *text =
                ynode_string(g->a, ynode_text(from->map.items[i].value));

            text->style = YSTYLE_SINGLE;
            yscalar_put(g->a, into, from->map.items[i].key, text);
        }
    }
    if (into->map.n)
        ynode_set(g->a, meta, str_of(name), into);
}

static struct str meta_text(const struct generate *g, const char *name)
{
    struct str s = ynode_get_text(g->spec, name);

    return s.n ? s : ynode_text(ynode_find(g->spec, "metadata", name, NULL));
}

static bool make_base(struct generate *g, const char *kind,
                      struct ynode **out, struct err *e)
{
    struct ynode *n = ynode_map(g->a), *meta = ynode_map(g->a);
    struct str name = meta_text(g, "name"), ns = meta_text(g, "namespace");

    if (!name.n)
        return err_set(e, ERR_INPUT, "%s: a generated %s needs a name",
                       ynode_where(g->a, g->spec).s, kind);
    n->file = g->spec->file;
    n->line = g->spec->line;
    n->col = g->spec->col;
    ynode_set_string(g->a, n, "apiVersion", STR("v1"));
    ynode_set_string(g->a, n, "kind", str_of(kind));
    ynode_set_string(g->a, meta, "name", name);
    yscalar_quote(ynode_get(meta, "name"));
    if (ns.n) {
        ynode_set_string(g->a, meta, "namespace", ns);
        yscalar_quote(ynode_get(meta, "namespace"));
    }
    put_meta(g, meta, "labels");
    put_meta(g, meta, "annotations");
    ynode_set(g->a, n, STR("metadata"), meta);
    *out = n;
    return true;
}

static void finish(struct generate *g, struct ynode *n,
                   struct resource_set *out)
{
    struct resource *r = resource_create(g->a, n);
    struct str behavior = ynode_get_text(g->spec, "behavior");

    if (is_on(g, "immutable"))
        ynode_set(g->a, n, STR("immutable"), ynode_bool(g->a, true));
    r->needs_hash = true;
    const struct ynode *own = ynode_get(g->spec, "options");

    if ((own || g->options) && is_on(g, "disableNameSuffixHash"))
        r->needs_hash = false;
    r->generated = true;
    r->says_create = str_eq(behavior, STR("create"));
    r->behavior = str_eq(behavior, STR("merge"))     ? BEHAVIOR_MERGE
                  : str_eq(behavior, STR("replace")) ? BEHAVIOR_REPLACE
                                                     : BEHAVIOR_CREATE;
    if (r->needs_hash)
        r->noted = arena_new(g->a, struct noted);
    noted_renew(g->a, r);
    arena_push(g->a, out, r);
}

static void put_value(struct generate *g, struct ynode *n, const char *field,
                      struct str key, struct str value)
{
    struct ynode *map = ynode_make_map(g->a, n, str_of(field));
    struct ynode *text = ynode_string(g->a, value);

    /* As the reference writes it: see yscalar_quote(). */
    yscalar_quote(text);
    if (str_find(value, '\n') < value.n)
        text->style = YSTYLE_LITERAL;
    /* The keys come sorted and differ: no need to look for them. */
    arena_push(g->a, &map->map,
               ((struct ypair){.key = key,
                               .value = text,
                               .tag = yscalar_resolve(key, YDIALECT_12)}));
}

bool generate_configmap(struct generate *g, struct resource_set *out,
                        struct err *e)
{
    struct ynode *n;
    struct kvs kvs = {0};

    if (!make_base(g, "ConfigMap", &n, e) || !generate_kvs(g, &kvs, e))
        return false;
    for (size_t i = 0; i < kvs.n; i++) {
        struct kv *p = &kvs.items[i];

        if (is_utf8(p->value))
            put_value(g, n, "data", p->key, p->value);
        else
            put_value(g, n, "binaryData", p->key, base64(g->a, p->value));
    }
    finish(g, n, out);
    return true;
}

bool generate_secret(struct generate *g, struct resource_set *out,
                     struct err *e)
{
    struct ynode *n;
    struct kvs kvs = {0};
    struct str type = ynode_get_text(g->spec, "type");

    if (!make_base(g, "Secret", &n, e) || !generate_kvs(g, &kvs, e))
        return false;
    ynode_set_string(g->a, n, "type", type.n ? type : STR("Opaque"));
    ynode_set(g->a, n, STR("data"), ynode_map(g->a));
    for (size_t i = 0; i < kvs.n; i++)
        put_value(g, n, "data", kvs.items[i].key,
                  base64(g->a, kvs.items[i].value));
    finish(g, n, out);
    return true;
}
