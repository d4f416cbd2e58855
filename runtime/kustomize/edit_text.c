#include "runtime/kustomize/edit_text.h"

#include "base/buf.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/yscalar.h"

#include <string.h>

/* ---- reading ---- */

static bool read_tree(struct edit *x)
{
    struct yread_options o = {.dialect = YDIALECT_11,
                              .duplicates = YDUP_REFUSE};

    if (!yread_first(x->a, x->text, &o, &x->root, x->e))
        return false;
    if (!x->root)
        x->root = ynode_map(x->a);
    if (!ynode_is_map(x->root))
        return err_set(x->e, ERR_INPUT, "a kustomization is a map of fields");
    if (x->root->style == YSTYLE_FLOW && x->root->map.n)
        return err_set(x->e, ERR_INPUT, "a kustomization written as one "
                                        "{...} cannot be edited");
    return true;
}

static bool read_lines(struct edit *x)
{
    struct str rest = x->text;
    struct { struct str *items; size_t n, cap; } lines = {0};

    while (rest.n) {
        struct str line = str_cut(rest, '\n', &rest);

        if (lines.n == EDIT_LINES_MAX)
            return err_set(x->e, ERR_INPUT, "more than %d lines",
                           EDIT_LINES_MAX);
        arena_push(x->a, &lines, line);
    }
    x->lines = lines.items;
    x->n = lines.n;
    return true;
}

/* ---- lines ---- */

static bool blank_or_comment(struct str line)
{
    line = str_trim(line);
    return !line.n || line.s[0] == '#';
}

static bool marker(struct str line)
{
    return str_starts(line, STR("---")) || str_starts(line, STR("..."));
}

/* Line numbers are counted in newlines here, and one document is edited. */
static bool check_lines(struct edit *x)
{
    bool content = false, ended = false;

    for (size_t i = 0; i < x->text.n; i++) {
        struct str rest = str_skip(x->text, i);

        if ((rest.s[0] == '\r' && rest.n > 1 && rest.s[1] != '\n') ||
            str_starts(rest, STR("\xc2\x85")) ||
            str_starts(rest, STR("\xe2\x80\xa8")) ||
            str_starts(rest, STR("\xe2\x80\xa9")))
            return err_set(x->e, ERR_INPUT, "a line break other than a "
                                            "newline is in the text");
    }
    for (size_t i = 0; i < x->n; i++) {
        bool mark = marker(x->lines[i]);

        ended = ended || (mark && content);
        if (mark ? str_trim(str_skip(x->lines[i], 3)).n > 0
                 : ended && !blank_or_comment(x->lines[i]))
            return err_set(x->e, ERR_INPUT, "there is more than one document, "
                                            "or text beside its marker");
        content = content || (!mark && !blank_or_comment(x->lines[i]));
    }
    return true;
}

bool edit_open(struct edit *x, struct arena *a, struct str text,
               struct err *e)
{
    *x = (struct edit){.a = a, .text = text, .e = e};
    if (text.n > EDIT_BYTES_MAX)
        return err_set(e, ERR_INPUT, "more than %d bytes", EDIT_BYTES_MAX);
    if (!read_tree(x))
        return false;
    if (x->root->style == YSTYLE_FLOW) /* "{}" */
        x->text = (struct str){0};
    return read_lines(x) && check_lines(x);
}

static size_t indent_of(struct str line)
{
    size_t i = 0;

    while (i < line.n && line.s[i] == ' ')
        i++;
    return i;
}

/* One past the last line of a block scalar whose '|' is on this line. */
static size_t block_end(const struct edit *x, size_t header, size_t bound)
{
    size_t i = header + 1, last = i, indent = 0;

    while (i < bound && !str_trim(x->lines[i]).n)
        i++;
    if (i < bound)
        indent = indent_of(x->lines[i]);
    for (; indent && i < bound; i++) {
        if (!str_trim(x->lines[i]).n) {
            /* Spaces past the indent are text. */
            if (x->lines[i].n > indent)
                last = i + 1;
            continue;
        }
        if (indent_of(x->lines[i]) < indent)
            break;
        last = i + 1;
    }
    return last;
}

static size_t blocks_end(const struct edit *x, const struct ynode *n,
                         size_t bound)
{
    size_t last = 0;

    for (size_t i = 0; i < ynode_count(n); i++) {
        size_t end = blocks_end(x, ynode_is_map(n) ? n->map.items[i].value
                                                   : n->seq.items[i], bound);
        last = end > last ? end : last;
    }
    if (ynode_is_scalar(n) && n->line &&
        (n->style == YSTYLE_LITERAL || n->style == YSTYLE_FOLDED))
        last = block_end(x, n->line - 1, bound);
    return last;
}

size_t edit_content_end(const struct edit *x, size_t first, size_t bound,
                        const struct ynode *n)
{
    size_t last = bound > x->n ? x->n : bound;
    size_t blocks = blocks_end(x, n, last);

    while (last > first + 1 && last > blocks &&
           (blank_or_comment(x->lines[last - 1]) || marker(x->lines[last - 1])))
        last--;
    return last;
}

bool edit_splice(struct edit *x, size_t first, size_t count, struct str text)
{
    struct buf b = {0};

    for (size_t i = 0; i < first && i < x->n; i++) {
        buf_add(&b, x->lines[i]);
        buf_addc(&b, '\n');
    }
    buf_add(&b, text);
    for (size_t i = first + count; i < x->n; i++) {
        buf_add(&b, x->lines[i]);
        buf_addc(&b, '\n');
    }
    x->text = arena_dup(x->a, buf_str(&b));
    buf_free(&b);
    return read_tree(x) && read_lines(x);
}

size_t edit_find(const struct ynode *map, struct str key)
{
    size_t i = 0;

    while (i < map->map.n && !str_eq(map->map.items[i].key, key))
        i++;
    return i;
}

size_t edit_pair_bound(const struct ynode *map, size_t i, size_t bound)
{
    return i + 1 < map->map.n ? map->map.items[i + 1].line - 1 : bound;
}

size_t edit_item_bound(const struct ynode *list, size_t i, size_t bound)
{
    return i + 1 < list->seq.n ? list->seq.items[i + 1]->line - 1 : bound;
}

/* ---- scalars ---- */

static bool plain_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || strchr("_./-+", c);
}

struct str edit_quote(struct arena *a, struct str text)
{
    struct buf b = {0};
    bool plain = text.n && text.s[0] != '-' && !marker(text) &&
                 !yscalar_needs_quotes(text) &&
                 yscalar_resolve(text, YDIALECT_12) == YTAG_STR;

    for (size_t i = 0; plain && i < text.n; i++)
        plain = plain_char(text.s[i]) ||
                (text.s[i] == ':' && i + 1 < text.n && text.s[i + 1] != ' ') ||
                (text.s[i] == '@' && i > 0);
    if (plain)
        return text;
    buf_addc(&b, '"');
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.s[i];

        if (c == '"' || c == '\\')
            buf_addf(&b, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_addf(&b, "\\x%02x", c);
        else
            buf_addc(&b, text.s[i]);
    }
    buf_addc(&b, '"');
    struct str out = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return out;
}

/* Where the scalar that begins at column 'from' of the line ends. */
static size_t token_end(struct str line, size_t from)
{
    char quote = from < line.n ? line.s[from] : 0;
    size_t i = from;

    if (quote == '"' || quote == '\'') {
        for (i++; i < line.n && line.s[i] != quote; i++)
            if (quote == '"' && line.s[i] == '\\')
                i++;
        return i < line.n ? i + 1 : line.n;
    }
    while (i < line.n && !(line.s[i] == '#' && i > from &&
                           line.s[i - 1] == ' '))
        i++;
    while (i > from && strchr(" \t\r", line.s[i - 1]))
        i--;
    return i;
}

static struct str spaces(struct arena *a, size_t n)
{
    return arena_printf(a, "%*s", (int)n, "");
}

static bool replace_pair(struct edit *x, struct ynode *map, size_t i,
                         size_t bound, struct str value)
{
    const struct ypair *p = &map->map.items[i];
    const struct ynode *v = p->value;
    size_t first = p->line - 1;
    size_t end = edit_content_end(x, first, edit_pair_bound(map, i, bound), v);
    struct str line = x->lines[first], quoted = edit_quote(x->a, value);

    if (ynode_is_string(v) && str_eq(v->text, value))
        return true;
    if (!v->line || v->line != p->line || end != first + 1 ||
        !ynode_is_scalar(v)) {
        struct str text = arena_printf(
            x->a, STR_FMT STR_FMT ": " STR_FMT "\n",
            STR_ARG(str_sub(line, 0, p->col - 1)),
            STR_ARG(edit_quote(x->a, p->key)), STR_ARG(quoted));

        return edit_splice(x, first, end - first, text);
    }
    size_t from = v->col - 1, to = token_end(line, from);

    return edit_splice(x, first, 1,
                  arena_printf(x->a, STR_FMT "%s" STR_FMT STR_FMT "\n",
                               STR_ARG(str_sub(line, 0, from)),
                               from && line.s[from - 1] == ':' ? " " : "",
                               STR_ARG(quoted), STR_ARG(str_skip(line, to))));
}

bool edit_set(struct edit *x, struct ynode *map, size_t bound, struct str key,
              struct str value)
{
    size_t i = edit_find(map, key), at = x->n, col = 0;

    if (i < map->map.n)
        return replace_pair(x, map, i, bound, value);
    if (map->map.n) {
        const struct ypair *last = &map->map.items[map->map.n - 1];

        col = map->map.items[0].col - 1;
        at = edit_content_end(x, last->line - 1, bound, last->value);
    }
    return edit_splice(x, at, 0,
                  arena_printf(x->a, STR_FMT STR_FMT ": " STR_FMT "\n",
                               STR_ARG(spaces(x->a, col)),
                               STR_ARG(edit_quote(x->a, key)),
                               STR_ARG(edit_quote(x->a, value))));
}

bool edit_remove(struct edit *x, struct ynode *map, size_t bound,
                 struct str key)
{
    size_t i = edit_find(map, key);

    if (i == map->map.n)
        return true;
    const struct ypair *p = &map->map.items[i];
    size_t first = p->line - 1;
    size_t end = edit_content_end(x, first, edit_pair_bound(map, i, bound), p->value);
    struct str before = str_sub(x->lines[first], 0, p->col - 1);

    /* The first field of a list's element: the next one takes its dash. */
    if (str_trim(before).n && i + 1 < map->map.n) {
        const struct ypair *next = &map->map.items[i + 1];
        struct str line = x->lines[next->line - 1];

        return edit_splice(x, first, next->line - first,
                      arena_printf(x->a, STR_FMT STR_FMT "\n", STR_ARG(before),
                                   STR_ARG(str_skip(line, next->col - 1))));
    }
    return edit_splice(x, first, end - first, (struct str){0});
}
