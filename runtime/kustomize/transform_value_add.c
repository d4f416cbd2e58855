#include "runtime/kustomize/selector.h"
#include "runtime/kustomize/transform.h"
#include "runtime/yaml/yscalar.h"

/* ValueAddTransformer: one value into fields of chosen objects, alone or as a
 * part of a '/'-separated path. */

transform_fn transform_value_add;

struct addition {
    struct transform *t;
    const struct ynode *target;
    struct str value, position;
};

static struct str join(struct arena *a, struct str x, struct str y)
{
    bool slash = x.n && y.n && x.s[x.n - 1] == '/';

    while (y.n && y.s[0] == '/')
        y = str_skip(y, 1);
    if (!x.n || !y.n)
        return x.n ? x : y;
    return arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(x),
                        slash ? "" : "/", STR_ARG(y));
}

static bool add_value(void *ctx, struct ynode *n, struct err *e)
{
    const struct addition *x = ctx;
    struct ynode *position = ynode_get(x->target, "filePathPosition");
    int64_t at = 0;

    if (n->kind != YNODE_SCALAR)
        return err_set(e, ERR_INPUT, "%s: a value needs a text here, not a "
                       "map or list", ynode_where(x->t->a, n).s);
    if (position)
        str_int(position->text, &at);
    if (at <= 0) {
        ynode_set_text(n, x->value);
        return true;
    }
    struct str rest = n->text, done = STR("");
    bool rooted = rest.n && rest.s[0] == '/';

    for (int64_t i = 1; rest.n || i <= at; i++) {
        struct str part = i == at ? x->value : str_cut(rest, '/', &rest);

        if (i < at && !part.n && !rest.n)
            break;
        done = join(x->t->a, done, part);
    }
    ynode_set_text(n, rooted ? arena_printf(x->t->a, "/" STR_FMT,
                                            STR_ARG(done)) : done);
    return true;
}

static bool add_to_target(struct addition *x, struct err *e)
{
    struct transform *t = x->t;
    struct resource_set on = {0};
    struct fieldspec spec = {.path = ynode_get_text(x->target, "fieldPath"),
                             .create = true};

    if (!selector_select(t->m, t->a, ynode_get(x->target, "selector"), &on,
                         e))
        return false;
    for (size_t i = 0; i < on.n; i++)
        if (!field_visit(t->a, on.items[i], &spec, YNODE_SCALAR, add_value, x,
                         e))
            return false;
    return true;
}

bool transform_value_add(struct transform *t, struct err *e)
{
    struct addition x = {.t = t, .value = ynode_get_text(t->spec, "value")};
    struct ynode *targets = ynode_get(t->spec, "targets");

    for (size_t i = 0; i < ynode_count(targets); i++) {
        x.target = targets->seq.items[i];
        if (!add_to_target(&x, e))
            return false;
    }
    return true;
}
