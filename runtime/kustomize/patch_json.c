#include "runtime/kustomize/patch_json.h"

#include "runtime/yaml/ykey.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/yscalar.h"
#include "runtime/yaml/ywrite.h"

#include <jansson.h>
#include <string.h>

/* ---- reading ---- */

static struct str keep(struct arena *a, const char *s, size_t n)
{
    return arena_dup(a, (struct str){s, n});
}

static struct ynode *from_number(struct arena *a, double f)
{
    char buf[40];
    size_t n = yscalar_json_double(f, buf);
    struct str text = keep(a, buf, n);

    return ynode_scalar(a, yscalar_resolve(text, YDIALECT_12), text);
}

/* jansson has bounded the depth already. */
static struct ynode *from_json(struct arena *a, const json_t *j)
{
    const char *key;
    json_t *value;
    size_t i;

    switch (json_typeof(j)) {
    case JSON_OBJECT: {
        struct ynode *map = ynode_map(a);

        json_object_foreach((json_t *)j, key, value)
            ynode_set(a, map, keep(a, key, strlen(key)), from_json(a, value));
        return map;
    }
    case JSON_ARRAY: {
        struct ynode *seq = ynode_seq(a);

        json_array_foreach(j, i, value)
            ynode_push(a, seq, from_json(a, value));
        return seq;
    }
    case JSON_STRING:
        return ynode_string(
            a, keep(a, json_string_value(j), json_string_length(j)));
    case JSON_INTEGER:
    case JSON_REAL: return from_number(a, json_number_value(j));
    case JSON_TRUE: return ynode_bool(a, true);
    case JSON_FALSE: return ynode_bool(a, false);
    case JSON_NULL: break;
    }
    return ynode_null(a);
}

static bool read_json(struct arena *a, struct str text, const char *file,
                      uint32_t line, struct ynode **out, struct err *e)
{
    json_error_t at;
    json_t *j = json_loadb(text.s, text.n, JSON_DECODE_INT_AS_REAL, &at);

    if (!j)
        return err_set(e, ERR_INPUT, "%s:%d:%d: not a JSON patch: %s",
                       file ? file : "patch",
                       at.line + (line ? (int)line - 1 : 0), at.column,
                       at.text);
    *out = from_json(a, j);
    (*out)->file = file;
    (*out)->line = line;
    json_decref(j);
    return true;
}

/* Patches are read as YAML 1.1 that leaves times alone: they stay as written. */
static void keep_times(struct ynode *n)
{
    if (n->kind == YNODE_SCALAR && n->tag == YTAG_TIME)
        n->tag = YTAG_STR;
    for (size_t i = 0; n->kind == YNODE_SEQ && i < n->seq.n; i++)
        keep_times(n->seq.items[i]);
    for (size_t i = 0; n->kind == YNODE_MAP && i < n->map.n; i++)
        keep_times(n->map.items[i].value);
}

bool json_patch_read(struct arena *a, struct str text, const char *file,
                     uint32_t line, struct json_patch *out, struct err *e)
{
    struct yread_options o = {.file = file, .dialect = YDIALECT_11,
                              .duplicates = YDUP_LAST_WINS, .line = line};
    struct ynode *ops = NULL;
    bool json = text.n && text.s[0] == '[';

    if (json ? !read_json(a, text, file, line, &ops, e)
             : !yread_first(a, text, &o, &ops, e))
        return false;
    if (!json && !ykey_spell(a, ops, e))
        return false;
    bool fits = ynode_is_seq(ops) && ops->seq.n <= JSON_PATCH_OPS_MAX;

    for (size_t i = 0; fits && i < ops->seq.n; i++)
        fits = ynode_is_map(ops->seq.items[i]);
    if (!fits)
        return err_set(e, ERR_INPUT, "%s: not a JSON patch: it must be a list "
                                     "of {op, path, value}",
                       file ? file : "patch");
    keep_times(ops);
    out->ops = ops;
    return true;
}

/* ---- pointers ---- */

struct apply {
    struct arena *a;
    struct ynode *root;
    const struct ynode *op;
    struct str path; /* of the operation in hand, for messages */
    struct err *e;
};

static bool fail(struct apply *x, const char *what)
{
    struct str where = ynode_where(x->a, x->op);
    struct str op = ynode_get_text(x->op, "op");

    return err_set(x->e, ERR_INPUT,
                   STR_FMT "%s'" STR_FMT "' of '" STR_FMT "': %s",
                   STR_ARG(where), where.n ? ": " : "", STR_ARG(op),
                   STR_ARG(x->path), what);
}

/* ~1 is '/', ~0 is '~'. */
static struct str unescape(struct arena *a, struct str part)
{
    if (str_find(part, '~') == part.n)
        return part;
    char *s = arena_array(a, char, part.n);
    size_t n = 0;

    for (size_t i = 0; i < part.n; i++) {
        bool pair = part.s[i] == '~' && i + 1 < part.n &&
                    (part.s[i + 1] == '0' || part.s[i + 1] == '1');

        s[n++] = !pair ? part.s[i] : part.s[i + 1] == '1' ? '/' : '~';
        i += pair;
    }
    return (struct str){s, n};
}

/* An index into n items, counted from the end where negative. */
static bool index_of(struct str key, size_t n, size_t *out)
{
    int64_t i;

    if (key.n > 1 && key.s[0] == '+')
        key = str_skip(key, 1);
    if (!str_int(key, &i))
        return false;
    if (i < 0)
        i += (int64_t)n;
    if (i < 0 || (uint64_t)i >= n)
        return false;
    *out = (size_t)i;
    return true;
}

static struct ynode *get(const struct ynode *in, struct str key)
{
    size_t i;

    if (ynode_is_map(in))
        return ynode_get_str(in, key);
    return ynode_is_seq(in) && index_of(key, in->seq.n, &i)
               ? in->seq.items[i] : NULL;
}

/* The container that path's last part is in; NULL where it is missing. */
static struct ynode *find(struct apply *x, struct str path, struct str *key)
{
    struct ynode *in = x->root;
    struct str rest, part;

    x->path = path;
    if (str_find(path, '/') == path.n)
        return NULL;
    str_cut(path, '/', &rest);
    for (;;) {
        bool last = str_find(rest, '/') == rest.n;

        part = str_cut(rest, '/', &rest);
        *key = unescape(x->a, part);
        if (last)
            break;
        in = get(in, *key);
        if (!in || ynode_is_scalar(in))
            return NULL;
    }
    return in;
}

/* ---- operations ---- */

static bool add_at(struct apply *x, struct ynode *in, struct str key,
                   struct ynode *value)
{
    size_t i;

    if (ynode_is_map(in)) {
        ynode_set(x->a, in, key, value);
        return true;
    }
    if (str_eq(key, STR("-"))) {
        ynode_push(x->a, in, value);
        return true;
    }
    if (!index_of(key, in->seq.n + 1, &i))
        return fail(x, "there is no such place in the list");
    ynode_insert(x->a, in, i, value);
    return true;
}

static bool remove_at(struct apply *x, struct ynode *in, struct str key)
{
    size_t i;

    if (ynode_is_map(in))
        return ynode_remove(in, key) || fail(x, "there is no such field");
    if (!index_of(key, in->seq.n, &i))
        return fail(x, "there is no such element");
    ynode_remove_at(in, i);
    return true;
}

static bool replace_at(struct apply *x, struct ynode *in, struct str key,
                       struct ynode *value)
{
    size_t i;

    if (ynode_is_map(in)) {
        ynode_set(x->a, in, key, value);
        return true;
    }
    if (!index_of(key, in->seq.n, &i))
        return fail(x, "there is no such element");
    in->seq.items[i] = value;
    return true;
}

static struct ynode *value_of(struct apply *x)
{
    const struct ynode *v = ynode_get(x->op, "value");

    return v ? ynode_copy(x->a, v) : ynode_null(x->a);
}

static bool replace_all(struct apply *x)
{
    struct ynode *v = value_of(x);

    if (ynode_is_scalar(v))
        return fail(x, "a whole object is replaced by an object only");
    x->root = v;
    return true;
}

static bool test_value(struct apply *x, const struct ynode *found)
{
    struct ynode *want = value_of(x);

    if (!ywrite_through_json(x->a, want, YWRITE_WAY_PATCH, x->e))
        return false;
    if (!found || ynode_is_null(found))
        return ynode_is_null(want) || fail(x, "the test fails: nothing there");
    struct ynode *have = ynode_copy(x->a, found);

    if (!ywrite_through_json(x->a, have, YWRITE_WAY_PATCH, x->e))
        return false;
    return ynode_equal(have, want) || fail(x, "the test fails: another value");
}

static bool transfer(struct apply *x, bool copy)
{
    struct str key;
    struct ynode *in = find(x, ynode_get_text(x->op, "from"), &key);
    struct ynode *value = in ? get(in, key) : NULL;

    if (!in || (!value && !ynode_is_map(in)))
        return fail(x, "there is nothing at 'from'");
    value = value ? ynode_copy(x->a, value) : ynode_null(x->a);
    if (!copy && !remove_at(x, in, key))
        return false;
    in = find(x, ynode_get_text(x->op, "path"), &key);
    return in ? add_at(x, in, key, value)
              : fail(x, "the object has no such path");
}

static bool run(struct apply *x)
{
    struct str op = ynode_get_text(x->op, "op");
    struct str path = ynode_get_text(x->op, "path"), key;
    bool known = false;

    for (const char *const *s = (const char *const[]){"add", "remove",
             "replace", "test", "move", "copy", NULL}; *s; s++)
        known = known || str_eq(op, str_of(*s));
    x->path = path;
    if (!known)
        return fail(x, "unknown operation; it is one of add, remove, replace, "
                       "move, copy, test");
    if (!ynode_is_string(ynode_get(x->op, "path")))
        return fail(x, "an operation needs a 'path'");
    if (str_eq(op, STR("move")) || str_eq(op, STR("copy")))
        return transfer(x, str_eq(op, STR("copy")));
    if (!path.n && str_eq(op, STR("replace")))
        return replace_all(x);
    if (!path.n && str_eq(op, STR("test")))
        return test_value(x, x->root);
    struct ynode *in = find(x, path, &key);

    if (!in)
        return fail(x, "the object has no such path");
    if (str_eq(op, STR("add")))
        return add_at(x, in, key, value_of(x));
    if (str_eq(op, STR("remove")))
        return remove_at(x, in, key);
    if (str_eq(op, STR("replace")))
        return replace_at(x, in, key, value_of(x));
    return test_value(x, get(in, key));
}

bool json_patch_apply(struct arena *a, const struct json_patch *p,
                      struct ynode **object, struct err *e)
{
    /* A copy: what shares nodes with other places must not from now on. */
    struct apply x = {.a = a, .root = ynode_copy(a, *object), .e = e};

    if (!ywrite_through_json(a, x.root, YWRITE_WAY_PATCH, e))
        return false;
    for (size_t i = 0; i < p->ops->seq.n; i++) {
        x.op = p->ops->seq.items[i];
        if (!run(&x))
            return false;
    }
    *object = x.root;
    return ywrite_through_json(a, x.root, YWRITE_WAY_PATCH, e);
}
