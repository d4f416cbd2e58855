#ifndef COMPILER_DIAG_H
#define COMPILER_DIAG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/near.h"
#include "base/str.h"
#include "compiler/source.h"
#include "compiler/span.h"

#include <stdbool.h>
#include <stddef.h>

/* What a compile has to say. Phases collect; nobody prints below cli/.
 * A diagnostic has a stable code (compiler/codes.def: its title and what
 * `pipec explain` tells), the place, one sentence with the values involved,
 * often a second place, and a remedy. Codes that begin with E are errors, with
 * W warnings. Where the tree holds AST_ERROR the parser has spoken already:
 * stay silent on it.
 *
 *     struct diag *g = diag_add(d, DIAG_E0301, name->head.span,
 *                               "no stage or value is named '" STR_FMT "'",
 *                               STR_ARG(name->name));
 *     diag_also(d, g, decl->name_span, "declared here");
 *     diag_help(d, g, "did you mean '" STR_FMT "'?", STR_ARG(near.best));
 *
 * A message is one line, lower case, without a full stop; it says what was
 * wanted and what was found, with names in 'single quotes'. A help line is an
 * imperative or a question. */

enum diag_code {
#define CODE(code, title, text) DIAG_##code,
#include "compiler/codes.def"
#undef CODE
    DIAG_CODES
};

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

enum diag_format {
    DIAG_TEXT,
    DIAG_JSON,
    DIAG_SARIF,  /* 2.1.0 */
    DIAG_GITHUB, /* workflow commands: ::error file=… */
};

enum {
    DIAG_MAX = 1000,        /* kept; what is over is only counted */
    DIAG_MESSAGE_MAX = 600, /* bytes of one message, label or help line */
};

struct diag {
    enum diag_code code;
    enum diag_severity severity;
    struct span span;
    struct span also; /* nowhere if there is no second place */
    struct str message;
    struct str label; /* of the second place: "declared here" */
    struct str help;  /* empty if there is no remedy to tell */
};

struct diags {
    struct arena *arena;
    struct diag **items; /* in the order they were found */
    size_t n, cap;
    size_t errors, warnings; /* all, also those not kept */
    struct diag spare;       /* handed out when items are full */
};

/* Adds one; never NULL, so that diag_also() and diag_help() can follow. */
struct diag *diag_add(struct diags *d, enum diag_code code, struct span at,
                      const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void diag_also(struct diags *d, struct diag *g, struct span at,
               const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void diag_help(struct diags *d, struct diag *g, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The usual help line, where near has found something. */
void diag_help_near(struct diags *d, struct diag *g,
                    const struct near *near);

/* A copy in which nothing can upset a terminal or a JSON text: control
 * characters, newlines too, and malformed UTF-8 become U+FFFD. Messages have
 * passed through it. */
struct str diag_printable(struct arena *a, struct str s);
/* A path as a URI reference. */
struct str diag_uri(struct arena *a, struct str path);

/* The catalogue. */
const char *diag_name(enum diag_code code);  /* "E0203" */
const char *diag_title(enum diag_code code); /* "unclosed block" */
const char *diag_explanation(enum diag_code code);
enum diag_severity diag_severity(enum diag_code code);
/* DIAG_CODES where no code has this name, in either case. */
enum diag_code diag_find(struct str name);

/* Sorted by place, without repetitions. Call before rendering. */
void diag_sort(struct diags *d);
/* Appends all of it to out. color is for DIAG_TEXT only. Text, and the
 * GitHub commands, are empty when there is nothing to say; JSON and SARIF are
 * documents in any case. */
void diag_render(const struct diags *d, const struct source_map *m,
                 enum diag_format format, bool color, struct buf *out);
/* diag_text.c, diag_json.c, diag_sarif.c: one format each. */
void diag_render_text(const struct diags *d, const struct source_map *m,
                      bool color, struct buf *out);
void diag_render_json(const struct diags *d, const struct source_map *m,
                      struct buf *out);
void diag_render_sarif(const struct diags *d, const struct source_map *m,
                       struct buf *out);
void diag_render_github(const struct diags *d, const struct source_map *m,
                        struct buf *out);
/* "text" "json" "sarif" "github"; false for another word. */
bool diag_format_of(struct str word, enum diag_format *out);

#endif
