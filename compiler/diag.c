#include "compiler/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *title, *explanation;
} catalogue[] = {
#define CODE(code, title, text) {#code, title, text},
#include "compiler/codes.def"
#undef CODE
};

struct str diag_printable(struct arena *a, struct str s)
{
    struct buf b = {0};

    while (s.n) {
        size_t n = str_utf8(s);
        unsigned char c = (unsigned char)s.s[0];

        if (n == 0 || (n == 1 && (c < 0x20 || c == 0x7F)))
            buf_adds(&b, "\xEF\xBF\xBD");
        else
            buf_add(&b, str_sub(s, 0, n));
        s = str_skip(s, n ? n : 1);
    }
    struct str out = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return out;
}

__attribute__((format(printf, 2, 0)))
static struct str format(struct diags *d, const char *fmt, va_list ap)
{
    char text[DIAG_MESSAGE_MAX];
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    struct str s = {text, n < 0 ? 0 : (size_t)n};

    if (s.n >= sizeof(text)) {
        /* Never cut within a character. */
        s.n = sizeof(text) - 4;
        while (s.n && ((unsigned char)text[s.n] & 0xC0) == 0x80)
            s.n--;
        memcpy(text + s.n, "…", 3);
        s.n += 3;
    }
    return diag_printable(d->arena, s);
}

struct diag *diag_add(struct diags *d, enum diag_code code, struct span at,
                      const char *fmt, ...)
{
    enum diag_severity severity = diag_severity(code);
    struct diag *g = &d->spare;
    va_list ap;

    if (severity == DIAG_ERROR)
        d->errors++;
    else
        d->warnings++;
    if (d->n < DIAG_MAX) {
        g = arena_new(d->arena, struct diag);
        arena_push(d->arena, d, g);
    }
    *g = (struct diag){.code = code, .severity = severity, .span = at};
    if (g == &d->spare)
        return g;
    va_start(ap, fmt);
    g->message = format(d, fmt, ap);
    va_end(ap);
    return g;
}

void diag_also(struct diags *d, struct diag *g, struct span at,
               const char *fmt, ...)
{
    va_list ap;

    if (g == &d->spare)
        return;
    va_start(ap, fmt);
    g->also = at;
    g->label = format(d, fmt, ap);
    va_end(ap);
}

void diag_help(struct diags *d, struct diag *g, const char *fmt, ...)
{
    va_list ap;

    if (g == &d->spare)
        return;
    va_start(ap, fmt);
    g->help = format(d, fmt, ap);
    va_end(ap);
}

void diag_help_near(struct diags *d, struct diag *g,
                    const struct near *near)
{
    if (near->best.n)
        diag_help(d, g, "did you mean '" STR_FMT "'?", STR_ARG(near->best));
}

const char *diag_name(enum diag_code code)
{
    return catalogue[code].name;
}

const char *diag_title(enum diag_code code)
{
    return catalogue[code].title;
}

const char *diag_explanation(enum diag_code code)
{
    return catalogue[code].explanation;
}

enum diag_severity diag_severity(enum diag_code code)
{
    return catalogue[code].name[0] == 'W' ? DIAG_WARNING : DIAG_ERROR;
}

enum diag_code diag_find(struct str name)
{
    enum diag_code i = 0;

    while (i < DIAG_CODES && (strlen(catalogue[i].name) != name.n ||
                              strncasecmp(catalogue[i].name, name.s, name.n)))
        i++;
    return i;
}

static int compare_texts(const struct diag *a, const struct diag *b)
{
    int c = str_cmp(a->message, b->message);

    return c ? c : str_cmp(a->help, b->help);
}

static int compare(const void *x, const void *y)
{
    const struct diag *a = *(struct diag *const *)x;
    const struct diag *b = *(struct diag *const *)y;

    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    if (a->span.end != b->span.end)
        return a->span.end < b->span.end ? -1 : 1;
    if (a->code != b->code)
        return a->code < b->code ? -1 : 1;
    return compare_texts(a, b);
}

void diag_sort(struct diags *d)
{
    size_t kept = 0;

    if (d->n)
        qsort(d->items, d->n, sizeof(*d->items), compare);
    for (size_t i = 0; i < d->n; i++) {
        struct diag *g = d->items[i];

        if (kept && compare(&d->items[kept - 1], &g) == 0) {
            if (g->severity == DIAG_ERROR)
                d->errors--;
            else
                d->warnings--;
            continue;
        }
        d->items[kept++] = g;
    }
    d->n = kept;
}

bool diag_format_of(struct str word, enum diag_format *out)
{
    static const char *const words[] = {"text", "json", "sarif", "github"};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_eq(word, str_of(words[i]))) {
            *out = (enum diag_format)i;
            return true;
        }
    return false;
}

void diag_render(const struct diags *d, const struct source_map *m,
                 enum diag_format format, bool color, struct buf *out)
{
    switch (format) {
    case DIAG_TEXT: diag_render_text(d, m, color, out); break;
    case DIAG_JSON: diag_render_json(d, m, out); break;
    case DIAG_SARIF: diag_render_sarif(d, m, out); break;
    case DIAG_GITHUB: diag_render_github(d, m, out); break;
    }
}
