#include "runtime/kustomize/edit_text.h"

#include "base/buf.h"
#include "runtime/yaml/ywrite.h"

static struct ynode *field_value(struct edit *x, struct str field, size_t *i)
{
    *i = edit_find(x->root, field);
    return *i < x->root->map.n ? x->root->map.items[*i].value : NULL;
}

/* The column of the dash before an element, or SIZE_MAX where there is
 * something else on the line. */
static size_t dash_column(const struct edit *x, const struct ynode *item)
{
    if (!item->line || item->line > x->n)
        return SIZE_MAX;
    struct str line = x->lines[item->line - 1];
    struct str before = str_sub(line, 0, item->col - 1);
    size_t dash = str_find(before, '-');

    if (dash == before.n || str_trim(str_sub(before, 0, dash)).n ||
        str_trim(str_skip(before, dash + 1)).n)
        return SIZE_MAX;
    return dash;
}

/* Can lines of it be changed one by one? */
static bool is_block(const struct edit *x, const struct ynode *n)
{
    if (!ynode_is_scalar(n) && n->style == YSTYLE_FLOW && ynode_count(n))
        return false;
    for (size_t i = 0; ynode_is_seq(n) && i < n->seq.n; i++)
        if (dash_column(x, n->seq.items[i]) == SIZE_MAX ||
            !is_block(x, n->seq.items[i]))
            return false;
    for (size_t i = 0; ynode_is_map(n) && i < n->map.n; i++)
        if (!is_block(x, n->map.items[i].value))
            return false;
    return true;
}

/* Writes field i anew with its value as the writer does. */
static bool rewrite(struct edit *x, size_t i)
{
    const struct ypair *p = &x->root->map.items[i];
    size_t bound = edit_pair_bound(x->root, i, x->n);
    size_t end = edit_content_end(x, p->line - 1, bound, p->value);
    struct ynode *alone = ynode_map(x->a);
    struct buf b = {0};

    ynode_set(x->a, alone, p->key, p->value);
    bool ok = ywrite_yaml(&b, alone, x->e) &&
              edit_splice(x, p->line - 1, end - (p->line - 1), buf_str(&b));

    buf_free(&b);
    return ok;
}

bool edit_block(struct edit *x, struct str field, struct ynode **out,
                size_t *bound)
{
    size_t i;

    *out = field_value(x, field, &i);
    *bound = x->n;
    if (!*out || ynode_is_null(*out)) {
        *out = NULL;
        return true;
    }
    if (ynode_is_scalar(*out))
        return err_set(x->e, ERR_INPUT, "'" STR_FMT "' is no list and no map",
                       STR_ARG(field));
    if (ynode_count(*out) && !is_block(x, *out)) {
        if (!rewrite(x, i))
            return false;
        *out = field_value(x, field, &i);
    }
    *bound = edit_pair_bound(x->root, i, x->n);
    return true;
}

/* Where dashes stand in this file's lists. */
static size_t usual_dash(const struct edit *x)
{
    for (size_t i = 0; i < x->root->map.n; i++) {
        const struct ynode *v = x->root->map.items[i].value;

        if (ynode_is_seq(v) && v->style != YSTYLE_FLOW && v->seq.n &&
            dash_column(x, v->seq.items[0]) != SIZE_MAX)
            return dash_column(x, v->seq.items[0]);
    }
    return 0;
}

static struct str element_lines(struct arena *a, struct str element,
                                size_t dash)
{
    struct buf b = {0};
    bool first = true;

    while (element.n) {
        struct str line = str_cut(element, '\n', &element);

        buf_pad(&b, ' ', dash);
        buf_adds(&b, first ? "- " : "  ");
        buf_add(&b, line);
        buf_addc(&b, '\n');
        first = false;
    }
    struct str out = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return out;
}

bool edit_add_field(struct edit *x, struct str field, struct str below)
{
    size_t at = x->n, i = edit_find(x->root, field), count = 0;

    if (i < x->root->map.n) {
        const struct ypair *p = &x->root->map.items[i];

        at = p->line - 1;
        count = edit_content_end(x, at, edit_pair_bound(x->root, i, x->n),
                                 p->value) - at;
    } else if (x->root->map.n) {
        const struct ypair *last = &x->root->map.items[x->root->map.n - 1];

        at = edit_content_end(x, last->line - 1, x->n, last->value);
    }
    return edit_splice(x, at, count,
                       arena_printf(x->a, STR_FMT ":\n" STR_FMT,
                                    STR_ARG(field), STR_ARG(below)));
}

bool edit_append(struct edit *x, struct str field, struct str element)
{
    struct ynode *list;
    size_t bound;

    if (!edit_block(x, field, &list, &bound))
        return false;
    if (!ynode_count(list))
        return edit_add_field(x, field,
                              element_lines(x->a, element, usual_dash(x)));
    if (!ynode_is_seq(list))
        return err_set(x->e, ERR_INPUT, "'" STR_FMT "' is no list",
                       STR_ARG(field));
    const struct ynode *last = list->seq.items[list->seq.n - 1];
    size_t at = edit_content_end(x, last->line - 1, bound, last);

    return edit_splice(x, at, 0, element_lines(x->a, element,
                                               dash_column(x, last)));
}

bool edit_remove_item(struct edit *x, struct str field, size_t i)
{
    struct ynode *list;
    size_t bound;

    if (!edit_block(x, field, &list, &bound))
        return false;
    if (!ynode_is_seq(list) || i >= list->seq.n)
        return true;
    if (list->seq.n == 1)
        return edit_remove(x, x->root, x->n, field);
    const struct ynode *item = list->seq.items[i];
    size_t first = item->line - 1;
    size_t end = edit_content_end(x, first,
                                  edit_item_bound(list, i, bound), item);

    return edit_splice(x, first, end - first, (struct str){0});
}
