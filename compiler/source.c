#include "compiler/source.h"

#include "base/file.h"

#include <string.h>

struct source_file *source_add(struct source_map *m, struct str path,
                               struct str text, struct err *e)
{
    if (text.n > SOURCE_BYTES_MAX) {
        err_set(e, ERR_INPUT, "'" STR_FMT "' is larger than %d MiB",
                STR_ARG(path), SOURCE_BYTES_MAX >> 20);
        return NULL;
    }
    if (m->n == SOURCE_FILES_MAX) {
        err_set(e, ERR_INPUT, "'" STR_FMT "' is one file more than the %d "
                "that a pipeline may use", STR_ARG(path), SOURCE_FILES_MAX);
        return NULL;
    }
    struct source_file *f = arena_new(m->arena, struct source_file);
    const struct source_file *last = m->n ? m->files[m->n - 1] : NULL;

    f->path = arena_dup(m->arena, path);
    f->text = text;
    /* One apart, so that the end of one text is not the start of the next. */
    f->base = last ? last->base + (uint32_t)last->text.n + 1 : 1;
    m->files[m->n++] = f;
    return f;
}

struct source_file *source_read(struct source_map *m, const char *path,
                                struct err *e)
{
    struct str text;

    if (!file_read(m->arena, path, SOURCE_BYTES_MAX, &text, e))
        return NULL;
    return source_add(m, str_of(path), text, e);
}

struct source_file *source_of(const struct source_map *m, uint32_t offset)
{
    for (size_t i = 0; i < m->n; i++)
        if (offset >= m->files[i]->base &&
            offset - m->files[i]->base <= m->files[i]->text.n)
            return m->files[i];
    return NULL;
}

static void index_lines(const struct source_map *m, struct source_file *f)
{
    const char *s = f->text.s, *end = s + f->text.n;
    size_t n = 1;

    for (const char *p = s; p < end && (p = memchr(p, '\n', (size_t)(end - p)));
         p++)
        n++;
    f->lines = arena_array(m->arena, uint32_t, n);
    f->n_lines = 1;
    for (const char *p = s; p < end && (p = memchr(p, '\n', (size_t)(end - p)));
         p++)
        f->lines[f->n_lines++] = (uint32_t)(p + 1 - s);
}

enum { LINES_NEAR = 16 };

/* The last line that starts at or before at. Most questions are about a place
 * a few lines below the one of before. */
static size_t line_index(struct source_file *f, uint32_t at)
{
    size_t lo = 0, hi = f->n_lines;

    if (f->lines[f->asked] <= at) {
        lo = f->asked;
        if (hi - lo > LINES_NEAR && f->lines[lo + LINES_NEAR] > at)
            hi = lo + LINES_NEAR;
    }
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;

        if (f->lines[mid] <= at)
            lo = mid;
        else
            hi = mid;
    }
    return f->asked = lo;
}

static bool continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

struct source_place source_place(const struct source_map *m, uint32_t offset)
{
    struct source_file *f = source_of(m, offset);

    if (!f)
        return (struct source_place){0};
    if (!f->lines)
        index_lines(m, f);
    uint32_t at = offset - f->base;
    size_t line = line_index(f, at);
    struct str text = str_skip(f->text, f->lines[line]);
    uint32_t column = 1;

    for (uint32_t i = f->lines[line]; i < at; i++)
        column += !continuation(f->text.s[i]);
    text.n = str_find(text, '\n');
    if (text.n && text.s[text.n - 1] == '\r')
        text.n--;
    return (struct source_place){f, (uint32_t)line + 1, column, text};
}

uint32_t source_line(const struct source_map *m, struct source_file *f,
                     size_t line)
{
    if (!f->lines)
        index_lines(m, f);
    if (line == 0 || line > f->n_lines)
        return f->base + (uint32_t)f->text.n;
    return f->base + f->lines[line - 1];
}

struct str source_text(const struct source_map *m, struct span s)
{
    const struct source_file *f = source_of(m, s.start);

    if (!f || s.end < s.start)
        return (struct str){0};
    return str_sub(f->text, s.start - f->base, s.end - s.start);
}
