#include "runtime/yaml/yhint.h"

enum { HINTED_MAX = 64 * 1024 }; /* bytes; larger texts have no hints */

#define STRATEGY "x-kubernetes-patch-strategy"

static struct str line_at(struct str text, uint32_t n)
{
    struct str line = {0};

    while (n-- > 0 && text.n)
        line = str_cut(text, '\n', &text);
    return line;
}

static enum yhint read_hint(struct str line)
{
    struct str comment = str_skip(line, str_search(line, STR(" #")));
    struct str strategy =
        str_skip(comment, str_search(comment, STR("\"" STRATEGY "\"")));
    struct str name = STR("\"x-kubernetes-patch-merge-key\":\"name\"");

    if (str_search(strategy, STR("merge")) == strategy.n)
        return YHINT_NONE;
    return str_search(comment, name) < comment.n ? YHINT_MERGE_NAMES
                                                 : YHINT_MERGE_VALUES;
}

static void put_hints(struct str text, uint32_t first, struct ynode *n)
{
    for (size_t i = 0; ynode_is_seq(n) && i < n->seq.n; i++)
        put_hints(text, first, n->seq.items[i]);
    for (size_t i = 0; ynode_is_map(n) && i < n->map.n; i++) {
        struct ypair *p = &n->map.items[i];

        if (ynode_is_seq(p->value) && p->line >= first)
            p->value->tag =
                (uint8_t)read_hint(line_at(text, p->line - first + 1));
        put_hints(text, first, p->value);
    }
}

void yhint_read(struct str text, uint32_t line, struct ynode *n)
{
    if (text.n <= HINTED_MAX && str_find(text, '#') < text.n &&
        str_search(text, STR(" # {")) < text.n &&
        str_search(text, STR("\"" STRATEGY "\"")) < text.n)
        put_hints(text, line, n);
}

enum yhint yhint_of(const struct ynode *n)
{
    return ynode_is_seq(n) ? (enum yhint)n->tag : YHINT_NONE;
}
