#include "compiler/diag.h"

/* For people:
 *
 *     ci.pipeline:3:12: error: expected ',' or ']', found 'b' [E0201]
 *       3 |   needs=[a b]
 *         |            ^
 *         |         - opened here
 *       help: …
 */

enum {
    WINDOW_BEFORE = 70, /* characters of a long line shown before the span */
    WINDOW_MAX = 150,   /* and in all */
};

struct painter {
    const struct source_map *map;
    struct buf *out;
    bool color;
    int gutter; /* digits of the widest line number shown */
};

static const char red[] = "\x1b[1;31m", yellow[] = "\x1b[1;33m",
                  blue[] = "\x1b[1;34m", cyan[] = "\x1b[36m",
                  bold[] = "\x1b[1m", off[] = "\x1b[0m";

static void paint(const struct painter *p, const char *color)
{
    if (p->color)
        buf_adds(p->out, color);
}

static int digits(uint32_t n)
{
    int d = 1;

    for (; n >= 10; n /= 10)
        d++;
    return d;
}

/* What is shown of a line, and which part of that is underlined. */
struct window {
    struct str text;
    size_t from, to; /* bytes of text */
    bool cut_left, cut_right;
    bool holds; /* the beginning of that part */
};

static size_t char_length(struct str s)
{
    size_t n = str_utf8(s);

    return n ? n : 1;
}

/* column: the one, of the same line, round which the window lies. */
static struct window window_of(uint32_t column, struct str line, size_t from,
                               size_t to)
{
    struct window w = {.text = line};
    size_t skip = column > WINDOW_BEFORE + 20 ? column - WINDOW_BEFORE : 0;
    size_t i = 0, n = 0;

    for (; skip && i < line.n; skip--)
        i += char_length(str_skip(line, i));
    w.cut_left = i > 0;
    w.text = str_skip(line, i);
    while (n < w.text.n && skip < WINDOW_MAX) {
        n += char_length(str_skip(w.text, n));
        skip++;
    }
    w.cut_right = n < w.text.n;
    w.text.n = n;
    w.holds = from >= i && from - i <= n;
    w.from = w.holds ? from - i : 0;
    w.to = w.holds && to - i < n ? to - i : n;
    return w;
}

/* Characters that would move the cursor or turn the text round. */
static bool unprintable(struct str s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s.s;

    if (n <= 1)
        return n == 0 || (p[0] < 0x20 && p[0] != '\t') || p[0] == 0x7F;
    return (n == 2 && p[0] == 0xC2 && p[1] < 0xA0) ||
           (n == 3 && p[0] == 0xE2 &&
            ((p[1] == 0x80 && p[2] >= 0xAA && p[2] <= 0xAE) ||
             (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9)));
}

static void put_line(const struct painter *p, const struct window *w,
                     uint32_t number)
{
    paint(p, blue);
    buf_addf(p->out, "  %*u | ", p->gutter, number);
    paint(p, off);
    if (w->cut_left)
        buf_adds(p->out, "…");
    for (size_t i = 0; i < w->text.n;) {
        struct str rest = str_skip(w->text, i);
        size_t n = str_utf8(rest);

        if (unprintable(rest, n))
            buf_adds(p->out, "\xEF\xBF\xBD");
        else
            buf_add(p->out, str_sub(rest, 0, n));
        i += n ? n : 1;
    }
    buf_adds(p->out, w->cut_right ? "…\n" : "\n");
}

/* Under the line: its tabs again, a blank for each other character, marks. */
static void put_marks(const struct painter *p, const struct window *w,
                      const char *color, char mark)
{
    paint(p, blue);
    buf_addf(p->out, "  %*s | ", p->gutter, "");
    paint(p, color);
    if (w->cut_left)
        buf_addc(p->out, ' ');
    for (size_t i = 0; i < w->from && i < w->text.n;) {
        buf_addc(p->out, w->text.s[i] == '\t' ? '\t' : ' ');
        i += char_length(str_skip(w->text, i));
    }
    if (w->from >= w->to)
        buf_addc(p->out, mark);
    for (size_t i = w->from; i < w->to;) {
        buf_addc(p->out, mark);
        i += char_length(str_skip(w->text, i));
    }
}

/* The line a span begins on and marks under it. shown: the column round which
 * that line is shown already, or 0. */
static void put_span(const struct painter *p, struct span s, uint32_t shown,
                     const char *color, char mark, struct str label)
{
    struct source_place at = source_place(p->map, s.start);
    struct source_place last = source_place(p->map, s.end ? s.end - 1 : 0);
    size_t line_start = (size_t)(at.text.s - at.file->text.s);
    size_t from = s.start - at.file->base - line_start;
    size_t to = s.end - at.file->base - line_start;

    if (from > at.text.n)
        from = at.text.n;
    if (to > at.text.n)
        to = at.text.n;
    struct window w =
        window_of(shown ? shown : at.column, at.text, from, to);

    if (!w.holds)
        w = window_of(at.column, at.text, from, to), shown = 0;
    if (!shown)
        put_line(p, &w, at.line);
    put_marks(p, &w, color, mark);
    if (label.n)
        buf_addf(p->out, " " STR_FMT, STR_ARG(label));
    paint(p, off);
    if (last.file == at.file && last.line > at.line + 1)
        buf_addf(p->out, " … to line %u", last.line);
    buf_addc(p->out, '\n');
}

static void put_place(const struct painter *p, struct source_place at)
{
    paint(p, bold);
    buf_addf(p->out, STR_FMT ":%u:%u: ", STR_ARG(at.file->path), at.line,
             at.column);
    paint(p, off);
}

static void put_also(const struct painter *p, const struct diag *g,
                     struct source_place first, struct source_place at)
{
    bool same_file = first.file == at.file;

    if (!same_file) {
        buf_adds(p->out, "  ");
        put_place(p, at);
        buf_addc(p->out, '\n');
    }
    put_span(p, g->also,
             same_file && first.line == at.line ? first.column : 0, blue, '-',
             g->label);
}

static void put_message(const struct painter *p, const struct diag *g)
{
    bool error = g->severity == DIAG_ERROR;

    paint(p, error ? red : yellow);
    buf_adds(p->out, error ? "error: " : "warning: ");
    paint(p, off);
    paint(p, bold);
    buf_add(p->out, g->message);
    paint(p, off);
    buf_addf(p->out, " [%s]\n", diag_name(g->code));
}

static void put_diag(struct painter *p, const struct diag *g)
{
    struct source_place at = source_place(p->map, g->span.start);
    struct source_place also = source_place(p->map, g->also.start);

    if (at.file)
        put_place(p, at);
    put_message(p, g);
    p->gutter = digits(at.line > also.line ? at.line : also.line);
    if (at.file)
        put_span(p, g->span, 0, g->severity == DIAG_ERROR ? red : yellow,
                 '^', (struct str){0});
    if (also.file)
        put_also(p, g, at, also);
    if (g->help.n) {
        paint(p, cyan);
        buf_adds(p->out, "  help: ");
        paint(p, off);
        buf_add(p->out, g->help);
        buf_addc(p->out, '\n');
    }
}

static void put_count(struct buf *out, size_t n, const char *noun)
{
    buf_addf(out, "%zu %s%s", n, noun, n == 1 ? "" : "s");
}

void diag_render_text(const struct diags *d, const struct source_map *m,
                      bool color, struct buf *out)
{
    struct painter p = {.map = m, .out = out, .color = color};

    for (size_t i = 0; i < d->n; i++) {
        put_diag(&p, d->items[i]);
        buf_addc(out, '\n');
    }
    if (d->errors)
        put_count(out, d->errors, "error");
    if (d->errors && d->warnings)
        buf_adds(out, ", ");
    if (d->warnings)
        put_count(out, d->warnings, "warning");
    if (d->errors + d->warnings > d->n)
        buf_addf(out, ", of which %zu are shown", d->n);
    if (d->errors + d->warnings)
        buf_addc(out, '\n');
}
