#include "runtime/git/libgit2.h"

#include "base/dylib.h"

static const char *const sonames[] = {"libgit2.so.1.5", NULL};

static const struct dylib_symbol symbols[] = {
#define GIT_FN(name) {"git_" #name, offsetof(struct git_lib, name)},
#include "runtime/git/libgit2.def"
#undef GIT_FN
    {0},
};

bool git_lib_load(struct git_lib *g, struct err *e)
{
    const struct dylib lib = {
        .sonames = sonames, .package = "libgit2-1.5", .symbols = symbols};

    if (!dylib_load(&lib, g, e))
        return false;
    if (g->libgit2_init() < 0)
        return err_set(e, ERR_IO, "libgit2 does not start: %s",
                       git_lib_reason(g));
    /* A repository that another user owns is refused for fear of what its
     * configuration may start. Nothing here is ever started by it, and in a
     * container the checkout often is somebody else's. */
    g->libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    return true;
}

const char *git_lib_reason(const struct git_lib *g)
{
    const git_error *last = g->error_last();

    return last && last->message ? last->message : "unknown reason";
}

struct str git_lib_hex(const struct git_lib *g, struct arena *a,
                       const git_oid *id)
{
    char text[GIT_OID_HEXSZ + 1];

    g->oid_tostr(text, sizeof(text), id);
    return arena_dup(a, str_of(text));
}

bool git_lib_oid(const struct git_lib *g, struct str s, git_oid *id)
{
    char text[GIT_OID_HEXSZ + 1] = "";

    if (s.n != GIT_OID_HEXSZ)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.s[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
              (c >= 'A' && c <= 'F')))
            return false;
        text[i] = c;
    }
    return g->oid_fromstr(id, text) == 0;
}

#ifdef __SANITIZE_ADDRESS__
/* libgit2 1.5 leaves the match data of its configuration look-ups behind, a
 * few kilobytes a time: not ours to mend, and a worker is short-lived. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libpcre2";
}
#endif
