#include "runtime/kustomize/generate.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

/* Where ConfigMaps and Secrets get their keys and values. */

enum { KEYS_MAX = 100 * 1000, LINE_MAX_BYTES = 64 * 1024 };

static bool add(struct generate *g, struct kvs *out, const struct ynode *from,
                struct str key, struct str value, struct err *e)
{
    if (out->n == KEYS_MAX)
        return err_set(e, ERR_INPUT, "%s: more than %d keys",
                       ynode_where(g->a, from).s, KEYS_MAX);
    arena_push(g->a, out, ((struct kv){key, value}));
    return true;
}

static bool load(struct generate *g, const struct ynode *from, struct str path,
                 struct str *text, struct err *e)
{
    const char *shown;

    return loader_read(g->loader, g->a, path, text, &shown, e) ||
           err_wrap(e, "%s", ynode_where(g->a, from).s);
}

static struct str trim_left(struct str s)
{
    while (s.n && (s.s[0] == ' ' || (s.s[0] >= '\t' && s.s[0] <= '\r')))
        s = str_skip(s, 1);
    return s;
}

static bool is_utf8(struct str s)
{
    while (s.n) {
        size_t n = str_utf8(s);

        if (!n)
            return false;
        s = str_skip(s, n);
    }
    return true;
}

static bool read_env(struct generate *g, struct kvs *out,
                     const struct ynode *from, struct err *e)
{
    struct str text;

    if (!load(g, from, ynode_text(from), &text, e))
        return false;
    for (size_t line = 1; text.n; line++) {
        struct str s = str_cut(text, '\n', &text), value;

        if (s.n && s.s[s.n - 1] == '\r')
            s.n--;
        if (s.n > LINE_MAX_BYTES || !is_utf8(s))
            return err_set(e, ERR_INPUT, "%s: line %zu of '" STR_FMT "' is %s",
                           ynode_where(g->a, from).s, line,
                           STR_ARG(ynode_text(from)),
                           s.n > LINE_MAX_BYTES ? "too long" : "no UTF-8");
        if (line == 1 && str_starts(s, STR("\xef\xbb\xbf")))
            s = str_skip(s, 3);
        s = trim_left(s);
        if (!s.n || s.s[0] == '#')
            continue;
        struct str key = str_cut(s, '=', &value);

        if (key.n && !add(g, out, from, key, value, e))
            return false;
    }
    return true;
}

static bool read_literal(struct generate *g, struct kvs *out,
                         const struct ynode *from, struct err *e)
{
    struct str value, s = ynode_text(from), key = str_cut(s, '=', &value);

    if (!key.n || key.n == s.n)
        return err_set(e, ERR_INPUT, "%s: a literal is 'key=value', not '"
                       STR_FMT "'", ynode_where(g->a, from).s, STR_ARG(s));
    if (value.n > 1 && value.s[0] == value.s[value.n - 1] &&
        (value.s[0] == '"' || value.s[0] == '\''))
        value = str_sub(value, 1, value.n - 2);
    return add(g, out, from, key, value, e);
}

static bool read_file(struct generate *g, struct kvs *out,
                      const struct ynode *from, struct err *e)
{
    struct str path, text, s = ynode_text(from), key = str_cut(s, '=', &path);

    if (key.n == s.n) {
        path = s;
        key = file_base(s);
    } else if (!key.n || !path.n || str_find(path, '=') < path.n) {
        return err_set(e, ERR_INPUT, "%s: a file is 'path' or 'key=path' with "
                       "no other '=', not '" STR_FMT "'",
                       ynode_where(g->a, from).s, STR_ARG(s));
    }
    return load(g, from, path, &text, e) && add(g, out, from, key, text, e);
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct kv *)a)->key, ((const struct kv *)b)->key);
}

bool generate_kvs(struct generate *g, struct kvs *out, struct err *e)
{
    static const struct {
        const char *field;
        bool (*read)(struct generate *, struct kvs *, const struct ynode *,
                     struct err *);
    } sources[] = {
        {"envs", read_env}, {"env", read_env}, {"literals", read_literal},
        {"files", read_file},
    };

    /* 'env' is of kustomization files only. */
    bool plugin = ynode_get(g->spec, "apiVersion");

    for (size_t k = 0; k < sizeof(sources) / sizeof(*sources); k++) {
        if (plugin && sources[k].read == read_env && k)
            continue;
        struct ynode *list = ynode_get(g->spec, sources[k].field);

        if (ynode_is_map(list))
            return err_set(e, ERR_INPUT, "%s: '%s' is a list; put '- ' before "
                           "each of its items", ynode_where(g->a, list).s,
                           sources[k].field);
        if (ynode_is_scalar(list) && !ynode_is_null(list) && list->text.n &&
            !sources[k].read(g, out, list, e))
            return false;
        for (size_t i = 0; ynode_is_seq(list) && i < list->seq.n; i++)
            if (!sources[k].read(g, out, list->seq.items[i], e))
                return false;
    }
    if (out->n)
        qsort(out->items, out->n, sizeof(*out->items), by_key);
    for (size_t i = 1; i < out->n; i++)
        if (str_eq(out->items[i].key, out->items[i - 1].key))
            return err_set(e, ERR_INPUT, "%s: the key '" STR_FMT "' is given "
                           "twice; take one out", ynode_where(g->a, g->spec).s,
                           STR_ARG(out->items[i].key));
    return true;
}
