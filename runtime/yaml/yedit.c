#include "runtime/yaml/yedit.h"

#include "runtime/yaml/ynode.h"
#include "runtime/yaml/yread.h"

#include <ctype.h>
#include <string.h>

enum { NODES_MAX = 1000000 };

static struct ynode *step_into(struct ynode *n, const struct yedit_key *k)
{
    if (!k->name.n && n->kind == YNODE_SEQ && k->index < n->seq.n)
        return n->seq.items[k->index];
    for (size_t i = 0; k->name.n && n->kind == YNODE_MAP && i < n->map.n; i++)
        if (str_eq(n->map.items[i].key, k->name))
            return n->map.items[i].value;
    return NULL;
}

/* The byte where line and column, both from 1, begin; columns are characters.
 * text.n where there is no such place. */
static size_t byte_at(struct str text, uint32_t line, uint32_t col)
{
    size_t i = 0;

    for (; line > 1 && i < text.n; i++)
        line -= text.s[i] == '\n';
    if (i == 0 && str_starts(text, STR("\xEF\xBB\xBF")))
        i = 3;
    for (; col > 1 && i < text.n && text.s[i] != '\n'; col--)
        for (i++; i < text.n && ((unsigned char)text.s[i] & 0xC0) == 0x80;)
            i++;
    return line > 1 || col > 1 ? text.n : i;
}

/* The bytes between quotes that begin at s; false where they do not end on
 * that line. */
static bool quoted_length(struct str s, char quote, size_t *n)
{
    for (size_t i = 1; i < s.n && s.s[i] != '\n'; i++) {
        if (s.s[i] == '\\' && quote == '"') {
            i++;
        } else if (s.s[i] == quote && quote == '\'' && i + 1 < s.n &&
                   s.s[i + 1] == quote) {
            i++;
        } else if (s.s[i] == quote) {
            *n = i - 1;
            return true;
        }
    }
    return false;
}

/* Where the scalar's own characters stand in the text. */
static bool locate(struct str text, const struct ynode *n, size_t *at,
                   size_t *length)
{
    *at = byte_at(text, n->line, n->col);
    struct str rest = str_skip(text, *at);

    if (n->style == YSTYLE_PLAIN) {
        *length = n->text.n;
        return n->line && n->text.n && str_starts(rest, n->text);
    }
    char quote = n->style == YSTYLE_SINGLE ? '\'' : '"';
    bool is_quoted = n->style == YSTYLE_SINGLE || n->style == YSTYLE_DOUBLE;

    if (!n->line || !is_quoted || !rest.n || rest.s[0] != quote)
        return false;
    ++*at;
    return quoted_length(rest, quote, length);
}

static bool value_plain(struct str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!isalnum((unsigned char)v.s[i]) && !strchr("._+-", v.s[i]))
            return false;
    return v.n > 0;
}

bool yedit_scalar(struct arena *a, struct str text, size_t document,
                  const struct yedit_key *path, size_t n, struct str value,
                  struct str *out, struct err *e)
{
    struct yread_options o = {.file = "yaml", .nodes_max = NODES_MAX};
    struct yread_docs docs = {0};
    size_t at, length;

    if (!value_plain(value))
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is no plain value",
                       STR_ARG(value));
    if (!yread_all(a, text, &o, &docs, e))
        return false;
    struct ynode *node = document < docs.n ? docs.items[document] : NULL;

    for (size_t i = 0; node && i < n; i++)
        node = step_into(node, &path[i]);
    if (!node || node->kind != YNODE_SCALAR)
        return err_set(e, ERR_INPUT, "there is no value to replace");
    if (!locate(text, node, &at, &length))
        return err_set(e, ERR_INPUT, "the value in line %u is not written in "
                       "a way that can be replaced", (unsigned)node->line);
    *out = arena_printf(a, STR_FMT STR_FMT STR_FMT,
                        STR_ARG(str_sub(text, 0, at)), STR_ARG(value),
                        STR_ARG(str_skip(text, at + length)));
    return true;
}
