#ifndef RUNTIME_YAML_YSCALAR_H
#define RUNTIME_YAML_YSCALAR_H

#include "base/arena.h"
#include "runtime/yaml/yread.h"

/* What a plain scalar means: the resolution of YAML 1.1 and of the 1.2-like
 * dialect, and the one way each number is written back. */

/* The tag of a plain scalar's text. */
enum ytag yscalar_resolve(struct str text, enum ydialect dialect);
/* Would a YAML 1.1 reader take the plain text for something other than a
 * string? (Also for the old words y, n, on, off and for base 60.) */
bool yscalar_needs_quotes(struct str text);

/* The value of an INT or FLOAT text: an integer in int64 or uint64 range, or a
 * double. */
struct ynumber {
    enum { YNUMBER_INT, YNUMBER_UINT, YNUMBER_FLOAT } kind;
    int64_t i;
    uint64_t u;
    double f;
};
/* False where the text is none. */
bool yscalar_number(struct str text, enum ydialect dialect,
                    struct ynumber *out);
/* false for "false", "no", "off", "n" in any case; true for all else. */
bool yscalar_true(struct str text);

/* A double as JSON has it from Go: shortest digits that read back, exponent
 * from 1e21 and below 1e-6. buf holds 40 bytes; returns the length. */
size_t yscalar_json_double(double f, char *buf);
/* As Go's 'g' with shortest digits: 1e+20, 1e-07, 1.5. buf holds 40 bytes. */
size_t yscalar_go_double(double f, char *buf);
/* Makes n the text, borrowed, as if it were written anew in n's own style: a
 * plain one may turn out a number. */
void yscalar_set(struct ynode *n, struct str text);
/* Quotes a plain string that YAML 1.1 takes for something else; the style is
 * kept when the place gets another text. */
void yscalar_quote(struct ynode *n);
/* As ynode_set(), but a new key is plain: 1 and true are no strings then, and
 * the tree cannot be printed. So it is with keys that the reference sets. */
void yscalar_put(struct arena *a, struct ynode *map, struct str key,
                 struct ynode *value);
/* The RFC 3339 text of a timestamp scalar (2001-01-01 becomes
 * 2001-01-01T00:00:00Z); false where it is none. */
bool yscalar_time(struct arena *a, struct str text, struct str *out);

#endif
