#include "runtime/kustomize/edit.h"

#include "runtime/kustomize/edit_text.h"

static bool taken(struct str key, struct err *e)
{
    return err_set(e, ERR_INPUT, "'" STR_FMT "' is set already; use set "
                                 "instead of add", STR_ARG(key));
}

static struct str pair_line(struct arena *a, struct str key, struct str value,
                            const char *indent)
{
    struct str k = edit_quote(a, key), v = edit_quote(a, value);

    return arena_printf(a, "%s" STR_FMT ": " STR_FMT, indent, STR_ARG(k),
                        STR_ARG(v));
}

/* Sets a key of the map at a top-level field, made where it is missing. */
static bool set_in_field(struct edit *x, const char *field, struct str key,
                         struct str value)
{
    struct ynode *map;
    size_t bound;

    if (!edit_block(x, str_of(field), &map, &bound))
        return false;
    if (map && !ynode_is_map(map))
        return err_set(x->e, ERR_INPUT, "'%s' is no map", field);
    if (ynode_count(map))
        return edit_set(x, map, bound, key, value);
    struct str line = pair_line(x->a, key, value, "  ");

    return edit_add_field(x, str_of(field),
                          arena_printf(x->a, STR_FMT "\n", STR_ARG(line)));
}

bool kustomize_edit_set_annotation(struct arena *a, struct str text,
                                   struct str key, struct str value,
                                   bool fresh, struct str *out,
                                   struct err *e)
{
    struct edit x;

    if (!edit_open(&x, a, text, e))
        return false;
    if (fresh && ynode_get_str(ynode_get(x.root, "commonAnnotations"), key))
        return taken(key, e);
    if (!set_in_field(&x, "commonAnnotations", key, value))
        return false;
    *out = x.text;
    return true;
}

static bool with_selectors(const struct ynode *entry)
{
    const struct ynode *n = ynode_get(entry, "includeSelectors");

    return ynode_is_scalar(n) && str_eq(n->text, STR("true"));
}

/* The entry of 'labels' to change: the one that has the key, else the first
 * that treats selectors alike; n where there is none. */
static size_t choose(const struct ynode *list, struct str key, bool selectors)
{
    size_t n = ynode_count(list);

    for (size_t i = 0; i < n; i++)
        if (ynode_get_str(ynode_get(list->seq.items[i], "pairs"), key))
            return i;
    for (size_t i = 0; i < n; i++)
        if (with_selectors(list->seq.items[i]) == selectors &&
            !ynode_get(list->seq.items[i], "fields") &&
            ynode_count(ynode_get(list->seq.items[i], "pairs")))
            return i;
    return n;
}

static bool set_in_labels(struct edit *x, struct str key, struct str value,
                          bool selectors)
{
    struct ynode *list;
    size_t bound;

    if (!edit_block(x, STR("labels"), &list, &bound))
        return false;
    if (list && !ynode_is_seq(list))
        return err_set(x->e, ERR_INPUT, "'labels' is no list");
    size_t i = choose(list, key, selectors);

    if (i == ynode_count(list)) {
        struct str line = pair_line(x->a, key, value, "  ");

        return edit_append(x, STR("labels"),
                           arena_printf(x->a, "%spairs:\n" STR_FMT,
                                        selectors ? "includeSelectors: true\n"
                                                  : "", STR_ARG(line)));
    }
    struct ynode *entry = list->seq.items[i];
    size_t at = edit_find(entry, STR("pairs"));
    size_t end = edit_pair_bound(entry, at, edit_item_bound(list, i, bound));

    return edit_set(x, entry->map.items[at].value, end, key, value);
}

bool kustomize_edit_set_label(struct arena *a, struct str text,
                              struct str key, struct str value,
                              bool selectors, bool fresh, struct str *out,
                              struct err *e)
{
    struct edit x;

    if (!edit_open(&x, a, text, e))
        return false;
    const struct ynode *list = ynode_get(x.root, "labels");
    bool common = ynode_get_str(ynode_get(x.root, "commonLabels"), key);
    bool there = common;

    for (size_t i = 0; ynode_is_seq(list) && i < list->seq.n; i++)
        there = there || ynode_get_str(ynode_get(list->seq.items[i], "pairs"),
                                       key);
    if (fresh && there)
        return taken(key, e);
    if (common ? !set_in_field(&x, "commonLabels", key, value)
               : !set_in_labels(&x, key, value, selectors))
        return false;
    *out = x.text;
    return true;
}
