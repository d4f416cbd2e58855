#include "compiler/literal.h"

#include <string.h>

enum { CODE_POINT_MAX = 0x10FFFF, CODE_POINT_DIGITS_MAX = 6 };

/* Appends c as UTF-8. */
static char *put(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    }
    return to;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* u{1F680} at the start of s: its length, 0 if malformed. Not zero, and no
 * half of a surrogate pair. */
static size_t code_point(struct str s, uint32_t *out)
{
    size_t i = 2;

    *out = 0;
    if (!str_starts(s, STR("u{")))
        return 0;
    while (i < s.n && i < 2 + CODE_POINT_DIGITS_MAX && hex(s.s[i]) >= 0)
        *out = *out * 16 + (uint32_t)hex(s.s[i++]);
    if (i == 2 || i >= s.n || s.s[i] != '}' || *out == 0 ||
        *out > CODE_POINT_MAX || (*out >= 0xD800 && *out <= 0xDFFF))
        return 0;
    return i + 1;
}

/* The escape after a backslash: its length without it, 0 if unknown. */
static size_t escape(struct str s, uint32_t *out)
{
    static const char names[] = "nrte\\\"'";
    static const char values[] = "\n\r\t\x1b\\\"'";
    const char *at = s.n && s.s[0] ? strchr(names, s.s[0]) : NULL;

    if (!at)
        return code_point(s, out);
    *out = (uint32_t)values[at - names];
    return 1;
}

static void report(struct diags *d, struct str s, uint32_t at)
{
    size_t n = str_utf8(s);
    struct span span = {at, at + 1 + (uint32_t)(n ? n : 1)};
    struct diag *g = diag_add(d, DIAG_E0105, span, "unknown escape '\\"
                              STR_FMT "'", (int)(n ? n : 1), s.s);

    if (s.s[0] == 'u')
        diag_help(d, g, "a character is written \\u{1F680}, with at most "
                        "six hexadecimal digits");
    else
        diag_help(d, g, "write '\\\\' for a backslash, or the whole text in "
                        "single quotes");
}

struct str literal_quoted(struct arena *a, struct str text, uint32_t at,
                          struct diags *d)
{
    char *s = arena_array(a, char, text.n + 1), *to = s;

    for (size_t i = 0; i < text.n;) {
        struct str rest = str_skip(text, i + 1);
        uint32_t c;

        if (text.s[i] != '\\' || rest.n == 0) {
            *to++ = text.s[i++];
            continue;
        }
        size_t n = escape(rest, &c);

        if (n == 0) {
            report(d, rest, at + (uint32_t)i);
            *to++ = text.s[i++];
            continue;
        }
        to = put(to, c);
        i += 1 + n;
    }
    return (struct str){s, (size_t)(to - s)};
}

/* A line without its indentation; white space alone may be shorter. */
static struct str dedent(struct str line, uint32_t indent)
{
    size_t n = 0;

    while (n < indent && n < line.n && (line.s[n] == ' ' || line.s[n] == '\t'))
        n++;
    return str_skip(line, n);
}

static char *copy_line(char *to, struct str line, bool raw)
{
    if (raw && line.n) {
        memcpy(to, line.s, line.n);
        return to + line.n;
    }
    for (size_t i = 0; i < line.n; i++) {
        if (str_starts(str_skip(line, i), STR("\\\\(")))
            i++;
        *to++ = line.s[i];
    }
    return to;
}

struct str literal_heredoc(struct arena *a, struct str text, uint32_t indent,
                           bool line_start, bool raw)
{
    char *s = arena_array(a, char, text.n + 1), *to = s;

    raw = raw || str_search(text, STR("\\\\(")) == text.n;
    while (text.n) {
        size_t n = str_find(text, '\n');
        bool ended = n < text.n;
        struct str line = str_sub(text, 0, n);

        text = str_skip(text, n + ended);
        if (line_start)
            line = dedent(line, indent);
        if (ended && line.n && line.s[line.n - 1] == '\r')
            line.n--;
        to = copy_line(to, line, raw);
        if (ended)
            *to++ = '\n';
        line_start = true;
    }
    return (struct str){s, (size_t)(to - s)};
}
