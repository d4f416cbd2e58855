#include "compiler/lex.h"

enum { BLOCK = 64 };

static bool control(unsigned char c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

/* U+202A–202E and U+2066–2069. */
static bool reverses(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;

    return n == 3 && p[0] == 0xE2 &&
           ((p[1] == 0x80 && p[2] >= 0xAA && p[2] <= 0xAE) ||
            (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
}

/* Without branches, so that the compiler makes vector instructions of it. */
static bool plain(const char *s)
{
    unsigned bad = 0;

    for (size_t i = 0; i < BLOCK; i++) {
        unsigned char c = (unsigned char)s[i];

        bad |= (c >= 0x7F) | ((c < 0x20) & (c != '\n') & (c != '\t') &
                              (c != '\r'));
    }
    return !bad;
}

bool lex_reported(struct str rest)
{
    size_t n = str_utf8(rest);

    return n == 0 || control((unsigned char)rest.s[0]) || reverses(rest.s, n);
}

static void report(const struct lexer *l, const char *from, size_t n)
{
    unsigned char c = (unsigned char)*from;
    struct span at = lex_span(l, from, from + (n ? n : 1));

    if (n == 0)
        diag_add(l->diags, DIAG_E0102, at, "byte 0x%02X is not UTF-8 here", c);
    else if (n == 1)
        diag_add(l->diags, DIAG_E0101, at,
                 "control character U+%04X has no place in a text file", c);
    else
        diag_add(l->diags, DIAG_E0103, at,
                 "a bidirectional control character, which makes text look "
                 "like another");
}

void lex_check_bytes(const struct lexer *l)
{
    const char *p = l->at;
    size_t reports = 0;

    while (p < l->end && reports < LEX_BYTE_ERRORS_MAX) {
        if (l->end - p >= BLOCK && plain(p)) {
            p += BLOCK;
            continue;
        }
        const char *stop = l->end - p > BLOCK ? p + BLOCK : l->end;

        while (p < stop && reports < LEX_BYTE_ERRORS_MAX) {
            struct str rest = {p, (size_t)(l->end - p)};
            size_t n = str_utf8(rest);

            if (n == 0 || control((unsigned char)*p) || reverses(p, n)) {
                report(l, p, n);
                reports++;
            }
            p += n ? n : 1;
        }
    }
}
