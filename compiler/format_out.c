#include "compiler/formatter.h"

#include "compiler/lex.h"

#include <string.h>

/* Lines, comments and here-documents. */

enum { COMMENT_GAP = 2 };

static struct str source(const struct formatter *f, struct span s)
{
    const struct source_file *file = f->file->source;

    return str_sub(file->text, s.start - file->base, s.end - s.start);
}

static size_t newlines(const struct formatter *f, uint32_t from, uint32_t to)
{
    struct str s = source(f, (struct span){from, to > from ? to : from});
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += s.s[i] == '\n';
    return n;
}

bool broken(const struct formatter *f, uint32_t from, uint32_t to)
{
    return newlines(f, from, to) > 0;
}

static void add_line(struct formatter *f, struct str code, struct str comment)
{
    struct format_line line = {arena_dup(&f->arena, code), comment};

    while (line.code.n && line.code.s[line.code.n - 1] == ' ')
        line.code.n--;
    arena_push(&f->arena, &f->lines, line);
}

/* A body line goes in as it is: blanks at its end are content. */
static void add_body_line(struct formatter *f, size_t indent, struct str text)
{
    struct buf b = {0};

    if (text.n)
        buf_pad(&b, ' ', indent);
    buf_add(&b, text);
    arena_push(&f->arena, &f->lines,
               ((struct format_line){.code = arena_dup(&f->arena,
                                                       buf_str(&b))}));
    buf_free(&b);
}

static struct span inner_of(const struct ast *n)
{
    return n->kind == AST_STRING ? ast_string(n)->inner
                                 : ast_template(n)->inner;
}

/* Where the line ends that ends a here-document. */
static uint32_t end_of_body(const struct formatter *f, const struct ast *n)
{
    uint32_t end = inner_of(n).end;

    return end + (uint32_t)str_find(source(f, (struct span){end, UINT32_MAX}),
                                    '\n');
}

static bool blank(struct str s)
{
    return str_trim(s).n == 0;
}

static void add_heredoc(struct formatter *f, const struct ast *n)
{
    struct span inner = inner_of(n);
    struct str body = source(f, inner), word = source(f, n->span);
    bool empty = blank(body);
    uint32_t indent = lex_common_indent(body);

    while (body.n) {
        struct str line = str_cut(body, '\n', &body);
        size_t cut = 0;

        if (line.n && line.s[line.n - 1] == '\r')
            line.n--;
        while (cut < indent && cut < line.n &&
               (line.s[cut] == ' ' || line.s[cut] == '\t'))
            cut++;
        add_body_line(f, empty ? 0 : f->line_indent + INDENT,
                      str_skip(line, cut));
    }
    word = str_skip(word, 3);
    if (word.n && word.s[0] == '\'')
        word = str_sub(word, 1, word.n - 2);
    add_body_line(f, f->line_indent, word);
    uint32_t end = end_of_body(f, n);

    if (end > f->last)
        f->last = end;
}

void end_line(struct formatter *f)
{
    if (f->line.n == 0)
        return;
    add_line(f, buf_str(&f->line), f->trailing);
    buf_clear(&f->line);
    f->trailing = (struct str){0};
    for (size_t i = 0; i < f->heredocs.n; i++)
        add_heredoc(f, f->heredocs.items[i]);
    f->heredocs.n = 0;
}

void keep_blank_line(struct formatter *f, uint32_t to)
{
    if (!f->opened && newlines(f, f->last, to) > 1)
        add_line(f, (struct str){0}, (struct str){0});
    f->opened = false;
}

static void begin_line(struct formatter *f)
{
    if (f->line.n)
        return;
    f->line_indent = f->indent + (f->fresh ? 0 : INDENT);
    buf_pad(&f->line, ' ', f->line_indent);
}

static bool begins_line(const struct formatter *f)
{
    return f->line.n == 0;
}

void put_comments(struct formatter *f, uint32_t before)
{
    const struct ast_file *file = f->file;

    for (; f->comment < file->n_comments; f->comment++) {
        struct span at = file->comments[f->comment];

        if (at.start >= before)
            return;
        if (!begins_line(f) && !broken(f, f->last, at.start)) {
            f->trailing = source(f, at);
        } else {
            end_line(f);
            keep_blank_line(f, at.start);
            begin_line(f);
            buf_add(&f->line, source(f, at));
        }
        f->last = at.end;
        f->opened = false;
        end_line(f);
    }
}

void put(struct formatter *f, struct span at, struct str text)
{
    put_comments(f, at.start);
    begin_line(f);
    buf_add(&f->line, text);
    f->last = at.end;
    f->fresh = false;
    f->opened = false;
}

void put_source(struct formatter *f, struct span at)
{
    put(f, at, source(f, at));
}

void put_mark(struct formatter *f, const char *text)
{
    if (f->line.n == 0 && text[0] == ' ')
        text++;
    begin_line(f);
    buf_adds(&f->line, text);
}

void open_level(struct formatter *f)
{
    f->indent += INDENT;
    f->opened = true;
    f->fresh = true;
}

void close_level(struct formatter *f, uint32_t closing)
{
    f->fresh = true;
    put_comments(f, closing);
    end_line(f);
    f->indent -= INDENT;
    f->fresh = true;
    f->opened = false;
}

void separate(struct formatter *f, size_t i, bool lines, uint32_t start)
{
    if (lines) {
        f->fresh = true;
        put_comments(f, start);
        end_line(f);
        f->fresh = true;
    } else if (i) {
        put_mark(f, " ");
    }
}

uint32_t next_token(const struct formatter *f)
{
    bool bodies = f->heredocs.n > 0;
    uint32_t at = f->last;

    for (;;) {
        struct str rest = source(f, (struct span){at, UINT32_MAX});

        if (rest.n == 0)
            return at;
        if (bodies && (rest.s[0] == '\n' || rest.s[0] == '#')) {
            at = end_of_body(f, f->heredocs.items[f->heredocs.n - 1]);
            bodies = false;
        } else if (rest.s[0] == '#') {
            at += (uint32_t)str_find(rest, '\n');
        } else if (str_trim(str_sub(rest, 0, 1)).n) {
            return at;
        } else {
            at++;
        }
    }
}

static size_t width(struct str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.s[i] & 0xC0) != 0x80;
    return n;
}

static void put_aligned(struct formatter *f, size_t from, size_t to,
                        struct buf *out)
{
    size_t widest = 0;

    for (size_t i = from; i < to; i++)
        if (width(f->lines.items[i].code) > widest)
            widest = width(f->lines.items[i].code);
    for (size_t i = from; i < to; i++) {
        struct format_line *line = &f->lines.items[i];

        buf_add(out, line->code);
        buf_pad(out, ' ', widest - width(line->code) + COMMENT_GAP);
        buf_add(out, line->comment);
        buf_addc(out, '\n');
    }
}

void join_lines(struct formatter *f, struct buf *out)
{
    for (size_t i = 0; i < f->lines.n;) {
        size_t to = i;

        while (to < f->lines.n && f->lines.items[to].comment.n)
            to++;
        if (to > i) {
            put_aligned(f, i, to, out);
            i = to;
            continue;
        }
        buf_add(out, f->lines.items[i++].code);
        buf_addc(out, '\n');
    }
}
