#include "runtime/kustomize/repourl.h"

#include <string.h>
#include <strings.h>

enum { TIMEOUT_MS = 27 * 1000, TIMEOUT_MAX_S = 24 * 3600 };

static bool take(struct str *s, const char *prefix)
{
    size_t n = strlen(prefix);

    if (s->n < n || strncasecmp(s->s, prefix, n) != 0)
        return false;
    *s = str_skip(*s, n);
    return true;
}

bool repourl_is_http(struct str s)
{
    return take(&s, "http://") || take(&s, "https://");
}

static int64_t read_timeout(struct str s)
{
    int64_t n = 0;
    size_t digits = 0;

    while (digits < s.n && s.s[digits] >= '0' && s.s[digits] <= '9' &&
           n < TIMEOUT_MAX_S)
        n = n * 10 + (s.s[digits++] - '0');
    struct str unit = str_skip(s, digits);

    if (!digits || n == 0)
        return TIMEOUT_MS;
    if (!unit.n || str_eq(unit, STR("s")))
        return n * 1000;
    if (str_eq(unit, STR("m")))
        return n * 60 * 1000;
    return str_eq(unit, STR("h")) ? n * 3600 * 1000 : TIMEOUT_MS;
}

static bool is_false(struct str s)
{
    return str_eq(s, STR("0")) || str_eq(s, STR("f")) ||
           str_eq(s, STR("false")) || str_eq(s, STR("F")) ||
           str_eq(s, STR("False")) || str_eq(s, STR("FALSE"));
}

static void read_query(struct str query, struct repourl *out)
{
    struct str version = STR("");

    while (query.n) {
        struct str value, item = str_cut(query, '&', &query);
        struct str key = str_cut(item, '=', &value);

        if (str_eq(key, STR("ref")) && value.n)
            out->ref = value;
        else if (str_eq(key, STR("version")))
            version = value;
        else if (str_eq(key, STR("timeout")))
            out->timeout_ms = read_timeout(value);
        else if (str_eq(key, STR("submodules")) && is_false(value))
            out->submodules = false;
    }
    if (!out->ref.n)
        out->ref = version;
}

/* "user@" off the front of s, where there is one before the host's end. */
static struct str take_user(struct str *s)
{
    size_t at = str_find(*s, '@'), slash = str_find(*s, '/');

    if (at >= s->n || at > slash)
        return STR("");
    struct str user = str_sub(*s, 0, at + 1);

    *s = str_skip(*s, at + 1);
    return user;
}

/* Everything up to and with the host's end. */
static bool take_host(struct arena *a, struct str *s, struct str *host)
{
    static const char *const schemes[] = {"ssh://", "https://", "http://",
                                          "file://"};
    const char *scheme = "";

    take(s, "git::");
    for (size_t i = 0; i < 4 && !*scheme; i++)
        if (take(s, schemes[i]))
            scheme = schemes[i];
    if (!strcmp(scheme, "file://")) {
        *host = STR("file://");
        return s->n > 0;
    }
    struct str user = take_user(s), rest = *s;
    bool github = take(&rest, "github.com/") || take(&rest, "github.com:");

    if (!*scheme && !user.n && !github)
        return false;
    if (github) {
        bool ssh = !strcmp(scheme, "ssh://") || str_eq(user, STR("git@"));

        *s = rest;
        *host = ssh ? STR("git@github.com:") : STR("https://github.com/");
        return true;
    }
    size_t end = str_find(*s, '/');

    if (!*scheme && str_find(*s, ':') < end)
        end = str_find(*s, ':');
    if (!end || end >= s->n)
        return false;
    *host = arena_printf(a, "%s" STR_FMT STR_FMT, scheme, STR_ARG(user),
                         STR_ARG(str_sub(*s, 0, end + 1)));
    *s = str_skip(*s, end + 1);
    return true;
}

/* Where the repository's path ends in s, and the directory's begins. */
static bool split_path(struct str s, bool file, size_t *end, size_t *next)
{
    size_t mark = str_search(s, STR("_git/"));

    if (mark < s.n) {
        *end = mark + 5 + str_find(str_skip(s, mark + 5), '/');
        *next = *end + 1;
        return true;
    }
    mark = str_search(s, STR("//"));
    if (mark < s.n) {
        *end = mark;
        *next = mark + 2;
        return true;
    }
    mark = str_search(s, STR(".git/"));
    if (mark < s.n || str_ends(s, STR(".git"))) {
        *end = mark < s.n ? mark + 4 : s.n;
        *next = *end + 1;
        return true;
    }
    *end = file ? s.n : str_find(s, '/');
    if (!file && *end < s.n)
        *end += 1 + str_find(str_skip(s, *end + 1), '/');
    else if (!file)
        return false;
    *next = *end + 1;
    return *end > 0;
}

bool repourl_parse(struct arena *a, struct str text, struct repourl *out)
{
    struct str host, query, s = str_cut(text, '?', &query);
    size_t end, next;

    *out = (struct repourl){.timeout_ms = TIMEOUT_MS, .submodules = true};
    if (!text.n || text.s[0] == '/' || memchr(text.s, 0, text.n))
        return false;
    read_query(query, out);
    if (!take_host(a, &s, &host) ||
        !split_path(s, str_eq(host, STR("file://")), &end, &next))
        return false;
    out->url = arena_printf(a, STR_FMT STR_FMT, STR_ARG(host),
                            STR_ARG(str_sub(s, 0, end)));
    out->path = arena_dup(a, str_skip(s, next));
    out->ref = arena_dup(a, out->ref);
    return true;
}
