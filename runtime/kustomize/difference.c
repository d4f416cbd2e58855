#include "runtime/kustomize/difference.h"

#include "base/diff.h"
#include "runtime/yaml/ywrite.h"

enum { HASH_DIGITS = 10, SHOWN_MAX = 120 };

struct writer {
    struct arena *a;
    struct buf *out;
    struct err *e;
    struct buf path;
    bool as_text;
    bool any; /* something was written for this object */
};

static bool compare(struct writer *w, const struct ynode *x,
                    const struct ynode *y);

/* "name-46f8b28mk5" to "name": the digits that a hash suffix has. */
static struct str without_hash(struct str name)
{
    static const struct str digits = {"2456789bcdfghkmt", 16};

    if (name.n < HASH_DIGITS + 2 || name.s[name.n - HASH_DIGITS - 1] != '-')
        return name;
    for (size_t i = name.n - HASH_DIGITS; i < name.n; i++)
        if (str_find(digits, name.s[i]) == digits.n)
            return name;
    return str_sub(name, 0, name.n - HASH_DIGITS - 1);
}

static struct str key_of(struct arena *a, const struct resource *r)
{
    struct resid id = resource_id(r);

    id.name = without_hash(id.name);
    return resid_key(a, &id);
}

static bool put_value(struct writer *w, const struct ynode *n)
{
    struct buf b = {0};
    bool ok = ywrite_json(&b, n, w->e);
    bool cut = b.n > SHOWN_MAX;

    buf_add(w->out, str_sub(buf_str(&b), 0, SHOWN_MAX));
    if (cut)
        buf_adds(w->out, "...");
    buf_free(&b);
    return ok;
}

static bool put_change(struct writer *w, const struct ynode *x,
                       const struct ynode *y)
{
    w->any = true;
    buf_addf(w->out, "    " STR_FMT ": ", STR_ARG(buf_str(&w->path)));
    if (!x)
        buf_adds(w->out, "(none)");
    else if (!put_value(w, x))
        return false;
    buf_adds(w->out, " -> ");
    if (!y)
        buf_adds(w->out, "(none)");
    else if (!put_value(w, y))
        return false;
    buf_addc(w->out, '\n');
    return true;
}

/* Goes one step down and compares there. */
static bool compare_at(struct writer *w, struct str step, const struct ynode *x,
                       const struct ynode *y)
{
    size_t before = w->path.n;

    if (before && step.s[0] != '[')
        buf_addc(&w->path, '.');
    buf_add(&w->path, step);
    bool ok = !x || !y ? put_change(w, x, y) : compare(w, x, y);

    w->path.n = before;
    return ok;
}

static bool compare_maps(struct writer *w, const struct ynode *x,
                         const struct ynode *y)
{
    for (size_t i = 0; i < x->map.n; i++) {
        const struct ypair *p = &x->map.items[i];

        if (!compare_at(w, p->key, p->value, ynode_get_str(y, p->key)))
            return false;
    }
    for (size_t i = 0; i < y->map.n; i++) {
        const struct ypair *p = &y->map.items[i];

        if (!ynode_get_str(x, p->key) && !compare_at(w, p->key, NULL, p->value))
            return false;
    }
    return true;
}

/* The item of the same name, where all items have different names. */
static const struct ynode *named(const struct ynode *seq, struct str name)
{
    const struct ynode *found = NULL;

    for (size_t i = 0; i < seq->seq.n; i++)
        if (str_eq(ynode_get_text(seq->seq.items[i], "name"), name)) {
            if (found)
                return NULL;
            found = seq->seq.items[i];
        }
    return found;
}

static bool has_names(const struct ynode *seq)
{
    for (size_t i = 0; i < seq->seq.n; i++) {
        struct str name = ynode_get_text(seq->seq.items[i], "name");

        if (!name.n || !named(seq, name))
            return false;
    }
    return true;
}

static bool compare_named(struct writer *w, const struct ynode *x,
                          const struct ynode *y)
{
    const struct ynode *both[] = {x, y};

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->seq.n; i++) {
            const struct ynode *item = both[k]->seq.items[i];
            struct str name = ynode_get_text(item, "name");
            const struct ynode *other = named(both[!k], name);
            struct str step = arena_printf(w->a, "[name=" STR_FMT "]",
                                           STR_ARG(name));

            if (k && other)
                continue;
            if (!compare_at(w, step, k ? NULL : item, k ? item : other))
                return false;
        }
    return true;
}

static bool compare_lists(struct writer *w, const struct ynode *x,
                          const struct ynode *y)
{
    size_t most = x->seq.n > y->seq.n ? x->seq.n : y->seq.n;

    if (has_names(x) && has_names(y))
        return compare_named(w, x, y);
    for (size_t i = 0; i < most; i++)
        if (!compare_at(w, arena_printf(w->a, "[%zu]", i),
                        i < x->seq.n ? x->seq.items[i] : NULL,
                        i < y->seq.n ? y->seq.items[i] : NULL))
            return false;
    return true;
}

static bool compare(struct writer *w, const struct ynode *x,
                    const struct ynode *y)
{
    if (ynode_equal(x, y))
        return true;
    if (x->kind != y->kind || x->kind == YNODE_SCALAR)
        return put_change(w, x, y);
    return x->kind == YNODE_MAP ? compare_maps(w, x, y)
                                : compare_lists(w, x, y);
}

static void put_object(struct writer *w, char sign, const struct resource *r)
{
    struct resid id = resource_id(r);

    buf_addf(w->out, "%c " STR_FMT "." STR_FMT "%s" STR_FMT "/" STR_FMT, sign,
             STR_ARG(id.kind), STR_ARG(id.version), id.group.n ? "." : "",
             STR_ARG(id.group), STR_ARG(id.name));
    if (id.ns.n)
        buf_addf(w->out, " in " STR_FMT, STR_ARG(id.ns));
    buf_addc(w->out, '\n');
}

static bool compare_text(struct writer *w, const struct ynode *x,
                         const struct ynode *y)
{
    struct buf old = {0}, new = {0};
    size_t before = w->out->n;
    bool ok = ynode_equal(x, y) ||
              (ywrite_yaml(&old, x, w->e) && ywrite_yaml(&new, y, w->e));

    if (ok && old.n)
        diff_unified(w->out, STR("before"), STR("after"), buf_str(&old),
                     buf_str(&new), DIFF_CONTEXT);
    w->any = w->out->n > before;
    buf_free(&old);
    buf_free(&new);
    return ok;
}

static bool write_changed(struct writer *w, const struct resource *x,
                          const struct resource *y,
                          struct difference_count *count)
{
    size_t before = w->out->n;

    w->any = false;
    w->path.n = 0;
    put_object(w, '~', y);
    if (w->as_text ? !compare_text(w, x->node, y->node)
                   : !compare(w, x->node, y->node))
        return false;
    if (w->any)
        count->changed++;
    else
        w->out->n = before;
    return true;
}

bool difference_write(struct arena *a, const struct resmap *before,
                      const struct resmap *after, bool as_text,
                      struct buf *out,
                      struct difference_count *count, struct err *e)
{
    struct writer w = {.a = a, .out = out, .e = e, .as_text = as_text};
    struct map old = {0}, seen = {0};
    bool ok = true;

    *count = (struct difference_count){0};
    for (size_t i = 0; i < before->n; i++)
        map_set(a, &old, key_of(a, before->items[i]), before->items[i]);
    for (size_t i = 0; ok && i < after->n; i++) {
        struct str key = key_of(a, after->items[i]);
        struct resource *x = map_get(&old, key);

        map_set(a, &seen, key, after->items[i]);
        if (x) {
            ok = write_changed(&w, x, after->items[i], count);
        } else {
            put_object(&w, '+', after->items[i]);
            count->added++;
        }
    }
    for (size_t i = 0; ok && i < before->n; i++)
        if (!map_get(&seen, key_of(a, before->items[i]))) {
            put_object(&w, '-', before->items[i]);
            count->removed++;
        }
    map_free(&old);
    map_free(&seen);
    buf_free(&w.path);
    return ok;
}
