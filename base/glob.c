#include "base/glob.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_BYTES_MAX = 256 };

static bool match_name(struct str pattern, struct str name)
{
    char p[NAME_BYTES_MAX], s[NAME_BYTES_MAX];

    if (pattern.n >= sizeof p || name.n >= sizeof s)
        return false;
    memcpy(p, pattern.s, pattern.n);
    p[pattern.n] = '\0';
    memcpy(s, name.s, name.n);
    s[name.n] = '\0';
    return fnmatch(p, s, FNM_PERIOD) == 0;
}

static struct str first(struct str path, struct str *rest)
{
    struct str head = str_cut(path, '/', rest);

    while (rest->n && (!head.n || str_eq(head, STR("."))))
        head = str_cut(*rest, '/', rest);
    return head;
}

/* Each '**' only ever gives up to the last one before it, so a pattern with
 * many of them stays quadratic at worst. */
bool glob_match(struct str pattern, struct str path)
{
    struct str retry_pattern = {0}, retry_path = {0};
    bool can_retry = false;

    for (;;) {
        struct str prest, rest;
        struct str head = first(pattern, &prest);

        if (!head.n && !path.n)
            return true;
        if (str_eq(head, STR("**"))) {
            if (!prest.n)
                return path.n > 0;
            retry_pattern = pattern = prest;
            retry_path = path;
            can_retry = true;
            continue;
        }
        if (head.n && path.n &&
            match_name(head, str_cut(path, '/', &rest)) &&
            !prest.n == !rest.n) {
            pattern = prest;
            path = rest;
            continue;
        }
        if (!can_retry || !retry_path.n || *retry_path.s == '.')
            return false;
        str_cut(retry_path, '/', &retry_path);
        path = retry_path;
        pattern = retry_pattern;
    }
}

struct walk {
    struct arena *a;
    const char *root;
    struct str pattern;
    struct {
        struct str *items;
        size_t n, cap;
    } found;
};

static bool visit(struct walk *w, struct str dir, int depth, struct err *e);

static bool enter(struct walk *w, struct str path, const char *name,
                  unsigned char type, int depth, struct err *e)
{
    if (type == DT_UNKNOWN) {
        struct stat st;
        struct str whole = file_join(w->a, str_of(w->root), path);

        if (lstat(whole.s, &st))
            return true; /* gone meanwhile */
        type = S_ISDIR(st.st_mode)   ? DT_DIR
               : S_ISREG(st.st_mode) ? DT_REG
               : S_ISLNK(st.st_mode) ? DT_LNK
                                     : DT_UNKNOWN;
    }
    if (type == DT_DIR)
        return !strcmp(name, ".git") || !strcmp(name, ".pipec") ||
               visit(w, path, depth + 1, e);
    if ((type != DT_REG && type != DT_LNK) || !glob_match(w->pattern, path))
        return true;
    if (w->found.n == GLOB_FILES_MAX)
        return err_set(e, ERR_INPUT, "'" STR_FMT "' matches more than %d files",
                       STR_ARG(w->pattern), GLOB_FILES_MAX);
    arena_push(w->a, &w->found, path);
    return true;
}

static bool visit(struct walk *w, struct str dir, int depth, struct err *e)
{
    struct str whole = file_join(w->a, str_of(w->root), dir);
    bool ok = true;
    DIR *d;

    if (depth > GLOB_DEPTH_MAX)
        return err_set(e, ERR_INPUT, "'%s' is nested more than %d deep",
                       whole.s, GLOB_DEPTH_MAX);
    d = opendir(whole.s);
    if (!d)
        return errno == ENOENT || errno == ENOTDIR ||
               err_errno(e, "'%s'", whole.s);
    for (struct dirent *x; ok && (x = readdir(d));) {
        if (!strcmp(x->d_name, ".") || !strcmp(x->d_name, ".."))
            continue;
        ok = enter(w, arena_dup(w->a, file_join(w->a, dir,
                                                str_of(x->d_name))),
                   x->d_name, x->d_type, depth, e);
    }
    closedir(d);
    return ok;
}

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The folders before the first name with a wildcard: no need to look beside
 * them. */
static struct str literal_part(struct arena *a, struct str pattern)
{
    struct str dir = STR(""), rest = pattern;

    while (rest.n) {
        struct str name = first(rest, &rest);

        if (!rest.n || strcspn(arena_dup(a, name).s, "*?[\\") != name.n)
            break;
        dir = file_join(a, dir, name);
    }
    return dir;
}

bool glob_list(struct arena *a, const char *root, struct str pattern,
               struct str **out, size_t *n, struct err *e)
{
    struct walk w = {.a = a, .root = root, .pattern = pattern};

    if (!visit(&w, literal_part(a, pattern), 0, e))
        return false;
    if (w.found.n)
        qsort(w.found.items, w.found.n, sizeof *w.found.items, by_bytes);
    *out = w.found.items;
    *n = w.found.n;
    return true;
}
