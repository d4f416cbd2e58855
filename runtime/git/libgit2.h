#ifndef RUNTIME_GIT_LIBGIT2_H
#define RUNTIME_GIT_LIBGIT2_H

#include "base/arena.h"
#include "base/err.h"

#include <git2.h>

/* libgit2 1.5, loaded when first used: its structs changed between versions,
 * so no other will do. Only this room includes this header. */
struct git_lib {
#define GIT_FN(name) __typeof__(git_##name) *name;
#include "runtime/git/libgit2.def"
#undef GIT_FN
};

/* Loads the library and starts it up; both may be done again. */
bool git_lib_load(struct git_lib *g, struct err *e);

/* What libgit2 last complained of, as text in the library. */
const char *git_lib_reason(const struct git_lib *g);

/* Forty hexadecimal digits, in the arena. */
struct str git_lib_hex(const struct git_lib *g, struct arena *a,
                       const git_oid *id);

/* False where s is not exactly forty hexadecimal digits. */
bool git_lib_oid(const struct git_lib *g, struct str s, git_oid *id);

#endif
