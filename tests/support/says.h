#ifndef TESTS_SUPPORT_SAYS_H
#define TESTS_SUPPORT_SAYS_H

#include "base/err.h"
#include "base/str.h"

#include <string.h>

/* For unit tests: texts that should be equal, errors that should say
 * something. To be included after <cmocka.h>. */

static inline void assert_text(struct str got, const char *want)
{
    if (!str_eq(got, str_of(want)))
        fail_msg("'" STR_FMT "' is not '%s'", STR_ARG(got), want);
}

static inline void assert_says(const struct err *e, enum err_kind kind,
                               const char *part)
{
    if (!strstr(e->msg, part))
        fail_msg("'%s' does not say '%s'", e->msg, part);
    assert_int_equal(e->kind, kind);
}

#endif
