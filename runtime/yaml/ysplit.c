#include "runtime/yaml/yread_internal.h"

#include <string.h>

/* CR LF to LF; the text itself where there is none. */
static struct str unix_lines(struct arena *a, struct str text)
{
    if (str_find(text, '\r') == text.n)
        return text;
    char *out = arena_array(a, char, text.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        if (text.s[i] != '\r' || i + 1 == text.n || text.s[i + 1] != '\n')
            out[n++] = text.s[i];
    return (struct str){out, n};
}

static uint32_t count_lines(struct str s)
{
    uint32_t n = 0;

    for (const char *p = s.s, *end = s.s + s.n;
         p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        n++;
    return n;
}

static bool has_dashes(struct str s, size_t i)
{
    return i + 3 <= s.n && s.s[i] == '-' && s.s[i + 1] == '-' &&
           s.s[i + 2] == '-';
}

/* Finds the next "\n---.*\n" of text from byte 'from': *at is its first byte,
 * *len its length. */
static bool find_separator(struct str text, size_t from, size_t *at,
                           size_t *len)
{
    size_t i = from + str_find(str_skip(text, from), '\n');

    /* Line by line is quicker than any search for the four bytes. */
    while (i < text.n && !has_dashes(text, i + 1))
        i += 1 + str_find(str_skip(text, i + 1), '\n');
    if (i >= text.n)
        return false;
    size_t line = str_find(str_skip(text, i + 1), '\n');

    if (i + 1 + line >= text.n)
        return false;
    *at = i;
    *len = line + 2;
    return true;
}

static bool check_separator(const struct yread_options *o, uint32_t line,
                            struct str after, struct err *e)
{
    struct str rest = str_trim(after);

    if (!rest.n || rest.s[0] == '#')
        return true;
    return err_set(e, ERR_INPUT,
                   "%s:%u:1: '---' separates documents and may have only a "
                   "comment after it, not '" STR_FMT "'; begin a new line",
                   o->file ? o->file : "-", line,
                   (int)(rest.n > 80 ? 80 : rest.n), rest.s);
}

static bool read_part(struct arena *a, struct str part,
                      const struct yread_options *o, struct yread_docs *out,
                      struct err *e)
{
    struct ynode *n;

    out->parts++;
    if (!reader_first(a, part, o, &out->odd, &n, e))
        return false;
    if (n && !ynode_is_null(n)) {
        arena_push(a, out, n);
        arena_push(a, &out->texts, part);
    }
    return true;
}

bool yread_all(struct arena *a, struct str text, const struct yread_options *o,
               struct yread_docs *out, struct err *e)
{
    struct yread_options part = *o;
    size_t from = 0, at, len;

    if (!part.line)
        part.line = 1;
    text = unix_lines(a, text);
    while (find_separator(text, from, &at, &len)) {
        struct str doc = str_sub(text, from, at + 1 - from);
        uint32_t lines = count_lines(doc);

        if (!check_separator(o, part.line + lines,
                             str_sub(text, at + 4, len - 4), e) ||
            !read_part(a, doc, &part, out, e))
            return false;
        part.line += lines + 1;
        from = at + len;
    }
    return read_part(a, str_skip(text, from), &part, out, e);
}
