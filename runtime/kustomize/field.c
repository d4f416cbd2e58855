#include "runtime/kustomize/transform.h"

/* A walk along one field spec. */
struct walk {
    struct arena *a;
    const struct fieldspec *spec;
    enum ynode_kind make;
    field_fn *fn;
    void *ctx;
    struct err *e;
};

static bool visit(struct walk *w, struct ynode *n, struct str path);

bool field_matches(const struct fieldspec *spec, const struct resid *id)
{
    return resid_selected(id, spec->group, spec->version, spec->kind);
}

/* The first part of a path, "\/" read as '/', and what is after it. */
static struct str take_part(struct arena *a, struct str *path)
{
    size_t end = str_find(*path, '/'), escapes = 0;

    if (!end || path->s[end - 1] != '\\') {
        struct str plain = str_sub(*path, 0, end);

        *path = str_skip(*path, end + 1);
        return plain;
    }
    end = 0;
    while (end < path->n && path->s[end] != '/') {
        bool escape = path->s[end] == '\\' && end + 1 < path->n &&
                      path->s[end + 1] == '/';

        escapes += escape;
        end += escape ? 2 : 1;
    }
    struct str part = str_sub(*path, 0, end);

    *path = str_skip(*path, end + 1);
    if (!escapes)
        return part;
    char *plain = arena_array(a, char, part.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < part.n; i++) {
        if (part.s[i] == '\\' && i + 1 < part.n && part.s[i + 1] == '/')
            i++;
        plain[n++] = part.s[i];
    }
    return (struct str){plain, n};
}

static struct ynode *made(struct walk *w, enum ynode_kind kind)
{
    switch (kind) {
    case YNODE_MAP: return ynode_map(w->a);
    case YNODE_SEQ: return ynode_seq(w->a);
    case YNODE_SCALAR: break;
    }
    return ynode_string(w->a, STR(""));
}

/* A null as its tag says. What got its text without a tag is none, even where
 * the text is empty. */
static bool is_null(const struct ynode *n)
{
    return ynode_is_null(n) && !n->untagged;
}

static bool visit_map(struct walk *w, struct ynode *n, struct str path)
{
    struct str part = take_part(w->a, &path);
    bool is_seq = part.n > 1 && part.s[part.n - 1] == ']' &&
                  part.s[part.n - 2] == '[';
    enum ynode_kind kind = path.n ? YNODE_MAP : w->make;

    if (is_seq)
        part.n -= 2;
    struct ynode *next = ynode_get_str(n, part);

    if (is_seq) {
        /* The reference takes the "[]" as a hint what a null should be. */
        if (!is_null(next))
            return !next || visit(w, next, path);
        ynode_set(w->a, n, part, ynode_seq(w->a));
        return true;
    }
    if (!next || is_null(next)) {
        if (!w->spec->create)
            return true;
        next = made(w, kind);
        ynode_set(w->a, n, part, next);
    }
    return visit(w, next, path);
}

static bool visit(struct walk *w, struct ynode *n, struct str path)
{
    if (!path.n)
        return w->fn(w->ctx, n, w->e);
    if (is_null(n))
        return true;
    if (n->kind == YNODE_MAP)
        return visit_map(w, n, path);
    if (n->kind == YNODE_SCALAR)
        return err_set(w->e, ERR_INPUT,
                       "%s: the field path '" STR_FMT "' leads through this, "
                       "which is neither a map nor a list",
                       ynode_where(w->a, n).s, STR_ARG(w->spec->path));
    for (size_t i = 0; i < n->seq.n; i++)
        if (!visit(w, n->seq.items[i], path))
            return false;
    return true;
}

bool field_visit(struct arena *a, struct resource *r,
                 const struct fieldspec *spec, enum ynode_kind make,
                 field_fn *fn, void *ctx, struct err *e)
{
    struct walk w = {a, spec, make, fn, ctx, e};

    return !r->node || visit(&w, r->node, spec->path);
}
