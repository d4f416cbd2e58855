#ifndef RUNTIME_YAML_YVALUE_H
#define RUNTIME_YAML_YVALUE_H

#include "base/err.h"
#include "runtime/yaml/ynode.h"

/* What a scalar is after the reference's way through JSON. Shared by the
 * writers of YAML and JSON. */

struct yvalue {
    enum { YVALUE_STR, YVALUE_NULL, YVALUE_BOOL, YVALUE_INT, YVALUE_FLOAT }
        kind;
    struct str text; /* of STR and INT, "true" "false" "null" */
    double f;        /* of FLOAT */
};

/* The meaning of the scalar. in_flow: it stands in {} or [], where the
 * reference's rewriting puts quotes around a plain text that is empty or is a
 * time with a ':'. Made texts live in the arena. False (ERR_INPUT,
 * with file:line:col): .inf, .nan, a text that is not of its tag. */
bool yvalue_of(struct arena *a, const struct ynode *n, bool in_flow,
               struct yvalue *out, struct err *e);
/* FLOAT as YAML and as JSON have it: a whole one in 64 bits is an integer. */
struct str yvalue_float(struct arena *a, double f, bool json);
/* The string as a YAML 1.1 reader has it when it meets it raw in JSON: NEL
 * folds into a space; malformed UTF-8 is U+FFFD. False: control characters. */
bool yvalue_fold(struct arena *a, struct str s, struct str *out);
/* Valid UTF-8 of s, with U+FFFD for each byte that is not. */
struct str yvalue_utf8(struct arena *a, struct str s);

#endif
