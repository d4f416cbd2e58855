#include "compiler/diag.h"

#include "base/json_text.h"

#include <jansson.h>
#include <stdlib.h>

/* SARIF 2.1.0 (OASIS standard, 27 March 2020). */

static const char schema[] =
    "https://json.schemastore.org/sarif-2.1.0.json";

static json_t *text_json(struct arena *a, struct str s)
{
    s = diag_printable(a, s);
    return json_stringn(s.s ? s.s : "", s.n);
}

struct str diag_uri(struct arena *a, struct str path)
{
    struct buf b = {0};

    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.s[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || c == '/' || c == '-' ||
                     c == '_' || c == '.' || c == '~';

        if (plain)
            buf_addc(&b, (char)c);
        else
            buf_addf(&b, "%%%02X", c);
    }
    struct str uri = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return uri;
}

static json_t *location(struct arena *a, const struct source_map *m,
                        struct span s)
{
    struct source_place from = source_place(m, s.start);
    struct source_place to = source_place(m, s.end);

    return json_pack("{s:{s:{s:o}, s:{s:I, s:I, s:I, s:I}}}",
                     "physicalLocation",
                     "artifactLocation", "uri",
                     text_json(a, diag_uri(a, from.file->path)),
                     "region",
                     "startLine", (json_int_t)from.line,
                     "startColumn", (json_int_t)from.column,
                     "endLine", (json_int_t)to.line,
                     "endColumn", (json_int_t)to.column);
}

static bool placed(const struct source_map *m, struct span s)
{
    return span_some(s) && source_of(m, s.start) && source_of(m, s.end);
}

static json_t *result(struct arena *a, const struct source_map *m,
                      const struct diag *g, const json_int_t *index)
{
    struct str text = g->message;

    if (g->help.n)
        text = arena_printf(a, STR_FMT " (" STR_FMT ")", STR_ARG(g->message),
                            STR_ARG(g->help));
    json_t *o = json_pack("{s:s, s:I, s:s, s:{s:o}}", "ruleId",
                          diag_name(g->code), "ruleIndex", index[g->code],
                          "level",
                          g->severity == DIAG_ERROR ? "error" : "warning",
                          "message", "text", text_json(a, text));

    if (placed(m, g->span))
        json_object_set_new(o, "locations",
                            json_pack("[o]", location(a, m, g->span)));
    if (placed(m, g->also)) {
        json_t *also = location(a, m, g->also);

        json_object_set_new(also, "id", json_integer(0));
        json_object_set_new(also, "message",
                            json_pack("{s:o}", "text", text_json(a, g->label)));
        json_object_set_new(o, "relatedLocations", json_pack("[o]", also));
    }
    return o;
}

static json_t *rule(enum diag_code code)
{
    return json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s}}", "id",
                     diag_name(code), "shortDescription", "text",
                     diag_title(code), "fullDescription", "text",
                     diag_explanation(code), "defaultConfiguration", "level",
                     diag_severity(code) == DIAG_ERROR ? "error" : "warning");
}

/* The rules that were broken, and where each is in the list. */
static json_t *rules_used(const struct diags *d, json_int_t *index)
{
    json_t *rules = json_array();

    for (enum diag_code code = 0; code < DIAG_CODES; code++)
        index[code] = -1;
    for (size_t i = 0; i < d->n; i++) {
        enum diag_code code = d->items[i]->code;

        if (index[code] >= 0)
            continue;
        index[code] = (json_int_t)json_array_size(rules);
        json_array_append_new(rules, rule(code));
    }
    return rules;
}

void diag_render_sarif(const struct diags *d, const struct source_map *m,
                       struct buf *out)
{
    struct arena a = {0};
    json_int_t index[DIAG_CODES];
    json_t *rules = rules_used(d, index);
    json_t *results = json_array();

    for (size_t i = 0; i < d->n; i++)
        json_array_append_new(results, result(&a, m, d->items[i], index));
    json_t *top = json_pack(
        "{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:s, s:o}]}",
        "$schema", schema, "version", "2.1.0", "runs", "tool", "driver",
        "name", "pipec", "version", PIPEC_VERSION, "rules", rules,
        "columnKind", "unicodeCodePoints", "results", results);

    json_text(out, top);
    arena_free(&a);
}
