#include "runtime/kustomize/node_place.h"

#include "base/buf.h"
#include "runtime/yaml/ywrite_text.h"

struct node_shape node_shape(struct str s, bool key)
{
    struct buf b = {0};
    struct ypage page = {.b = &b, .whitespace = true};
    struct node_shape shape = {.lines = 1};

    ywrite_text(&page, s, 0, key);
    char first = b.n ? b.s[0] : 0;

    for (size_t i = 0; i < b.n; i++)
        shape.width += ((unsigned char)b.s[i] & 0xC0) != 0x80;
    buf_free(&b);
    if (first == '"')
        shape.style = NODE_DOUBLE;
    else if (first == '\'')
        shape.style = NODE_SINGLE;
    else if (first == '|')
        shape.style = NODE_LITERAL;
    if (shape.style == NODE_LITERAL) {
        for (size_t i = 0; i < s.n; i++)
            shape.lines += s.s[i] == '\n';
        shape.lines += s.s[s.n - 1] != '\n';
    }
    return shape;
}

static void put(struct ynode *n, uint32_t line, uint32_t col)
{
    n->file = NULL;
    n->line = line;
    n->col = col;
}

static void place(uint32_t *line, struct ynode *n, uint32_t indent);

/* A value or item whose first line began already, at col. */
static bool place_short(uint32_t *line, struct ynode *n, uint32_t col)
{
    if (n->kind != YNODE_SCALAR && ynode_count(n))
        return false;
    put(n, *line, col);
    *line += ynode_is_string(n) ? node_shape(n->text, false).lines : 1;
    return true;
}

static void place_pair(uint32_t *line, struct ypair *pair, uint32_t indent)
{
    uint32_t width = node_shape(pair->key, true).width;

    pair->line = *line;
    pair->col = indent + 1;
    if (place_short(line, pair->value, indent + width + 3))
        return;
    ++*line;
    place(line, pair->value, indent + (pair->value->kind == YNODE_MAP ? 2 : 0));
}

static void place(uint32_t *line, struct ynode *n, uint32_t indent)
{
    put(n, *line, indent + 1);
    if (n->kind == YNODE_MAP) {
        for (size_t i = 0; i < n->map.n; i++)
            place_pair(line, &n->map.items[i], indent);
        return;
    }
    for (size_t i = 0; i < n->seq.n; i++)
        if (!place_short(line, n->seq.items[i], indent + 3))
            place(line, n->seq.items[i], indent + 2);
}

void node_place(struct ynode *root)
{
    uint32_t line = 1;

    place(&line, root, 0);
}
