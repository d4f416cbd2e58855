#include "compiler/diag.h"

#include "base/json_text.h"

#include <jansson.h>
#include <stdlib.h>

/* For programs (diag_render_json) and for GitHub's annotations. */

static json_t *text_json(struct arena *a, struct str s)
{
    s = diag_printable(a, s);
    return json_stringn(s.s ? s.s : "", s.n);
}

static void put_span(json_t *o, struct arena *a, const struct source_map *m,
                     struct span s)
{
    struct source_place from = source_place(m, s.start);
    struct source_place to = source_place(m, s.end);

    if (!from.file)
        return;
    json_object_set_new(o, "file", text_json(a, from.file->path));
    json_object_set_new(o, "line", json_integer(from.line));
    json_object_set_new(o, "column", json_integer(from.column));
    json_object_set_new(o, "endLine", json_integer(to.line));
    json_object_set_new(o, "endColumn", json_integer(to.column));
}

static json_t *diag_json(struct arena *a, const struct source_map *m,
                         const struct diag *g)
{
    json_t *o = json_object();

    json_object_set_new(o, "code", json_string(diag_name(g->code)));
    json_object_set_new(o, "severity",
                        json_string(g->severity == DIAG_ERROR ? "error"
                                                              : "warning"));
    put_span(o, a, m, g->span);
    json_object_set_new(o, "message", text_json(a, g->message));
    if (g->help.n)
        json_object_set_new(o, "help", text_json(a, g->help));
    if (span_some(g->also)) {
        json_t *also = json_object();

        put_span(also, a, m, g->also);
        json_object_set_new(also, "message", text_json(a, g->label));
        json_object_set_new(o, "related", json_pack("[o]", also));
    }
    return o;
}

void diag_render_json(const struct diags *d, const struct source_map *m,
                      struct buf *out)
{
    struct arena a = {0};
    json_t *list = json_array();

    for (size_t i = 0; i < d->n; i++)
        json_array_append_new(list, diag_json(&a, m, d->items[i]));
    json_t *top = json_pack("{s:i, s:I, s:I, s:o}", "version", 1,
                            "errors", (json_int_t)d->errors,
                            "warnings", (json_int_t)d->warnings,
                            "diagnostics", list);

    json_text(out, top);
    arena_free(&a);
}

/* A workflow command's property or message: what would end it is escaped. */
static void put_escaped(struct buf *out, struct str s, bool property)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.s[i];

        if (c == '%' || c == '\r' || c == '\n' ||
            (property && (c == ':' || c == ',')))
            buf_addf(out, "%%%02X", (unsigned)c);
        else
            buf_addc(out, c);
    }
}

void diag_render_github(const struct diags *d, const struct source_map *m,
                        struct buf *out)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct diag *g = d->items[i];
        struct source_place from = source_place(m, g->span.start);
        struct source_place to = source_place(m, g->span.end);

        buf_adds(out, g->severity == DIAG_ERROR ? "::error " : "::warning ");
        if (from.file) {
            buf_adds(out, "file=");
            put_escaped(out, from.file->path, true);
            buf_addf(out, ",line=%u,endLine=%u,col=%u,endColumn=%u,",
                     from.line, to.line, from.column, to.column);
        }
        buf_addf(out, "title=%s", diag_name(g->code));
        buf_adds(out, " ");
        put_escaped(out, str_of(diag_title(g->code)), true);
        buf_adds(out, "::");
        put_escaped(out, g->message, false);
        if (g->help.n) {
            buf_adds(out, "%0Ahelp: ");
            put_escaped(out, g->help, false);
        }
        buf_addc(out, '\n');
    }
}
