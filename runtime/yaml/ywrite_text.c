#include "runtime/yaml/ywrite_text.h"

#include "runtime/yaml/yscalar.h"

#include <string.h>

void ypage_break(struct ypage *p)
{
    buf_addc(p->b, '\n');
    p->column = 0;
}

void ypage_indent(struct ypage *p, size_t indent)
{
    if (!p->indention || p->column > indent ||
        (p->column == indent && !p->whitespace))
        ypage_break(p);
    if (p->column < indent) {
        buf_pad(p->b, ' ', indent - p->column);
        p->column = indent;
    }
    p->whitespace = true;
    p->indention = true;
}

void ypage_mark(struct ypage *p, const char *mark, bool space_before,
                bool is_indention)
{
    if (space_before && !p->whitespace) {
        buf_addc(p->b, ' ');
        p->column++;
    }
    buf_adds(p->b, mark);
    p->column += strlen(mark);
    p->whitespace = false;
    p->indention = p->indention && is_indention;
}

void ypage_raw(struct ypage *p, struct str s)
{
    if (!p->whitespace) {
        buf_addc(p->b, ' ');
        p->column++;
    }
    buf_add(p->b, s);
    p->column += s.n;
    p->whitespace = false;
    p->indention = false;
}

static size_t width(struct str s, size_t i)
{
    size_t n = str_utf8(str_skip(s, i));

    return n ? n : 1;
}

static bool is_space(struct str s, size_t i)
{
    return i < s.n && s.s[i] == ' ';
}

/* LF, CR, NEL, LS, PS. */
static bool is_break(struct str s, size_t i)
{
    const unsigned char *p = (const unsigned char *)s.s + i;
    size_t left = s.n - i;

    return *p == '\n' || *p == '\r' ||
           (*p == 0xC2 && left > 1 && p[1] == 0x85) ||
           (*p == 0xE2 && left > 2 && p[1] == 0x80 &&
            (p[2] == 0xA8 || p[2] == 0xA9));
}

static bool is_blankz(struct str s, size_t i)
{
    return i >= s.n || s.s[i] == ' ' || s.s[i] == '\t' || !s.s[i];
}

/* What the emitter prints as it is; nothing above U+FFFF. */
static bool is_printable(struct str s, size_t i)
{
    const unsigned char *p = (const unsigned char *)s.s + i;

    if (*p < 0x80)
        return *p == '\n' || (*p >= 0x20 && *p <= 0x7E);
    if (*p == 0xC2)
        return p[1] >= 0xA0;
    if (*p == 0xEF)
        return !(p[1] == 0xBB && p[2] == 0xBF) &&
               !(p[1] == 0xBF && p[2] >= 0xBE);
    return *p > 0xC2 && *p < 0xF0;
}

static bool indicates_first(struct str s, bool space_after)
{
    return strchr("#,[]{}&*!|>'\"%@`", s.s[0]) ||
           (space_after && strchr("?:-", s.s[0]));
}

/* A text of such bytes only, beginning with a letter, is plain as it is. */
static bool is_simple(struct str s)
{
    if (!s.n || ((s.s[0] | 32) < 'a' || (s.s[0] | 32) > 'z'))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];

        if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '-' && c <= '9') &&
            c != '_')
            return false;
    }
    return true;
}

enum { RESERVED_LONGEST = 5 }; /* "false" */

bool ywrite_is_word(struct str s)
{
    return is_simple(s) &&
           (s.n > RESERVED_LONGEST || !yscalar_needs_quotes(s));
}

struct yscalar_shape ywrite_shape(struct str s)
{
    struct yscalar_shape shape = {.plain = true, .single = true, .block = true};
    bool after_space = false, after_break = false, preceded = true;
    bool edge = false, special = false, break_space = false, tail = false;

    if (is_simple(s))
        return shape;
    if (s.n >= 3 && (!memcmp(s.s, "---", 3) || !memcmp(s.s, "...", 3)))
        shape.plain = false;
    for (size_t i = 0, w; i < s.n; i += w) {
        w = width(s, i);
        bool last = i + w >= s.n, space_after = is_blankz(s, i + w);
        bool brk = is_break(s, i);

        if (i == 0 ? indicates_first(s, space_after)
                   : (s.s[i] == ':' && space_after) ||
                         (s.s[i] == '#' && preceded))
            shape.plain = false;
        if (!is_printable(s, i) || (brk && after_space))
            special = true;
        if (brk)
            shape.multiline = true;
        if (s.s[i] == ' ') {
            edge |= i == 0 || last;
            tail |= last;
            break_space |= after_break;
        } else if (brk) {
            edge |= i == 0 || last;
        }
        after_space = s.s[i] == ' ';
        after_break = brk;
        preceded = is_blankz(s, i);
    }
    shape.plain &= !edge && !break_space && !special && !shape.multiline;
    shape.single = !break_space && !special;
    shape.block = !tail && !special && s.n;
    return shape;
}

static void put(struct ypage *p, struct str s, size_t *i)
{
    size_t w = width(s, *i);

    buf_add(p->b, str_sub(s, *i, w));
    p->column++;
    *i += w;
}

/* As much ASCII as there is before end, or one other character. */
static void put_run(struct ypage *p, struct str s, size_t end, size_t *i)
{
    size_t n = 0;

    while (*i + n < end && (unsigned char)s.s[*i + n] < 0x80 &&
           s.s[*i + n] != '\r')
        n++;
    if (!n) {
        put(p, s, i);
        return;
    }
    buf_add(p->b, str_sub(s, *i, n));
    p->column += n;
    *i += n;
}

/* A line break of the text itself. */
static void put_break(struct ypage *p, struct str s, size_t *i)
{
    if (s.s[*i] == '\n') {
        ypage_break(p);
        ++*i;
        return;
    }
    put(p, s, i);
    p->column = 0;
}

static bool may_fold(const struct ypage *p, bool key, bool spaces)
{
    return !key && !spaces && !p->unfolded && p->column > YPAGE_WIDTH;
}

/* Plain and single-quoted text; quote is 0 or '\''. */
static void write_flowing(struct ypage *p, struct str s, size_t indent,
                          bool key, char quote)
{
    bool spaces = false, breaks = false;

    for (size_t i = 0; i < s.n;) {
        if (s.s[i] == ' ') {
            bool inside = !quote || (i > 0 && i < s.n - 1);

            if (may_fold(p, key, spaces) && inside && !is_space(s, i + 1)) {
                ypage_indent(p, indent);
                i++;
            } else {
                put(p, s, &i);
            }
            spaces = true;
        } else if (is_break(s, i)) {
            if (!breaks && s.s[i] == '\n')
                ypage_break(p);
            put_break(p, s, &i);
            p->indention = true;
            breaks = true;
        } else {
            if (breaks)
                ypage_indent(p, indent);
            if (quote && s.s[i] == quote) {
                buf_addc(p->b, quote);
                p->column++;
            }
            put(p, s, &i);
            p->indention = false;
            spaces = breaks = false;
        }
    }
}

static uint32_t decode(struct str s, size_t i, size_t *w)
{
    const unsigned char *p = (const unsigned char *)s.s + i;

    *w = width(s, i);
    switch (*w) {
    case 2: return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    case 3: return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    case 4:
        return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 |
               (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    default: return p[0];
    }
}

static void put_escape(struct ypage *p, struct str s, size_t *i)
{
    static const char short_for[] = "\a\b\t\n\v\f\r\033\"\\";
    static const char letter[] = "abtnvfre\"\\";
    size_t w, before = p->b->n;
    uint32_t c = decode(s, *i, &w);
    const char *at = c && c < 0x80 ? strchr(short_for, (int)c) : NULL;

    if (!c)
        buf_adds(p->b, "\\0");
    else if (at)
        buf_addf(p->b, "\\%c", letter[at - short_for]);
    else if (c == 0x85 || c == 0x2028 || c == 0x2029)
        buf_adds(p->b, c == 0x85 ? "\\N" : c == 0x2028 ? "\\L" : "\\P");
    else if (c <= 0xFF)
        buf_addf(p->b, "\\x%02X", c);
    else if (c <= 0xFFFF)
        buf_addf(p->b, "\\u%04X", c);
    else
        buf_addf(p->b, "\\U%08X", c);
    p->column += p->b->n - before;
    *i += w;
}

static void write_double(struct ypage *p, struct str s, size_t indent,
                         bool key)
{
    /* Its test for a mark at some place looks at the text's start. */
    bool spaces = false, marked = s.n > 2 && !memcmp(s.s, "\xef\xbb\xbf", 3);

    ypage_mark(p, "\"", true, false);
    for (size_t i = 0; i < s.n;) {
        if (marked || !is_printable(s, i) || is_break(s, i) || s.s[i] == '"' ||
            s.s[i] == '\\') {
            put_escape(p, s, &i);
            spaces = false;
        } else if (s.s[i] == ' ') {
            if (may_fold(p, key, spaces) && i > 0 && i < s.n - 1) {
                ypage_indent(p, indent);
                if (is_space(s, i + 1))
                    ypage_mark(p, "\\", false, false);
                i++;
            } else {
                put(p, s, &i);
            }
            spaces = true;
        } else {
            put(p, s, &i);
            spaces = false;
        }
    }
    ypage_mark(p, "\"", false, false);
}

static bool ends_in_break(struct str s, size_t *before)
{
    size_t i = s.n - 1;

    while (i && ((unsigned char)s.s[i] & 0xC0) == 0x80)
        i--;
    *before = i;
    return is_break(s, i);
}

static void write_literal(struct ypage *p, struct str s, size_t indent)
{
    bool breaks = true;
    size_t before;

    ypage_mark(p, "|", true, false);
    if (s.s[0] == ' ' || is_break(s, 0))
        ypage_mark(p, "2", false, false);
    if (!ends_in_break(s, &before))
        ypage_mark(p, "-", false, false);
    else if (!before || ends_in_break((struct str){s.s, before}, &before))
        ypage_mark(p, "+", false, false);
    ypage_break(p);
    p->indention = p->whitespace = true;
    for (size_t i = 0; i < s.n;) {
        if (is_break(s, i)) {
            put_break(p, s, &i);
            p->indention = true;
            breaks = true;
            continue;
        }
        if (breaks)
            ypage_indent(p, indent);
        size_t end = i + str_find(str_skip(s, i), '\n');

        while (i < end && !is_break(s, i))
            put_run(p, s, end, &i);
        p->indention = false;
        breaks = false;
    }
}

void ywrite_text(struct ypage *p, struct str s, size_t indent, bool key)
{
    if (ywrite_is_word(s)) {
        ypage_raw(p, s);
        return;
    }
    struct yscalar_shape shape = ywrite_shape(s);
    bool lines = memchr(s.s, '\n', s.n) != NULL;

    if (lines && shape.block && !key) {
        write_literal(p, s, indent);
    } else if (lines || (key && shape.multiline) || yscalar_needs_quotes(s)) {
        write_double(p, s, indent, key);
    } else if (shape.plain) {
        if (!p->whitespace)
            ypage_mark(p, " ", false, false);
        write_flowing(p, s, indent, key, 0);
        p->whitespace = p->indention = false;
    } else if (shape.single) {
        ypage_mark(p, "'", true, false);
        write_flowing(p, s, indent, key, '\'');
        ypage_mark(p, "'", false, false);
        p->whitespace = p->indention = false;
    } else {
        write_double(p, s, indent, key);
    }
}
