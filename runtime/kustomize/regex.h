#ifndef RUNTIME_KUSTOMIZE_REGEX_H
#define RUNTIME_KUSTOMIZE_REGEX_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/* Regular expressions as users of the reference write them (RE2), run by PCRE2
 * with limits. What RE2 does not have is refused; plain words cost nothing. */

enum {
    REGEX_PATTERN_MAX = 16 * 1024,      /* bytes */
    REGEX_STEPS_MAX = 2 * 1000 * 1000,  /* of matching one text */
    REGEX_DEPTH_MAX = 10 * 1000,        /* of its backtracking */
};

enum regex_form {
    REGEX_WHOLE, /* must match the whole text: ^(?:pattern)$ */
    REGEX_PART,  /* anywhere in the text */
};

/* A zeroed struct matches everything. */
struct regex {
    struct str word; /* the pattern, where it is only a word */
    enum regex_form form;
    bool any;
    struct pcre2_real_code_8 *code; /* NULL for words */
};

/* An empty pattern matches everything. The pattern is borrowed. */
bool regex_open(struct regex *r, struct str pattern, enum regex_form form,
                struct err *e);
/* False is an error: the text took too many steps. */
bool regex_match(const struct regex *r, struct str text, bool *matches,
                 struct err *e);
void regex_close(struct regex *r);

#endif
