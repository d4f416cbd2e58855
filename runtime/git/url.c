#include "runtime/git/url.h"

static size_t find_last(struct str s, char c)
{
    for (size_t i = s.n; i-- > 0;)
        if (s.s[i] == c)
            return i;
    return s.n;
}

static void split_host(struct str authority, struct url_parts *p)
{
    size_t at = find_last(authority, '@');
    struct str password, rest = authority;
    int64_t port = 0;

    if (at < authority.n) {
        p->userinfo = str_sub(authority, 0, at);
        p->user = str_cut(p->userinfo, ':', &password);
        rest = str_skip(authority, at + 1);
    }
    size_t colon = find_last(rest, ':');

    if (colon < rest.n && str_int(str_skip(rest, colon + 1), &port) &&
        port > 0 && port < 65536) {
        p->port = (int)port;
        rest.n = colon;
    }
    if (rest.n > 1 && rest.s[0] == '[' && rest.s[rest.n - 1] == ']')
        rest = str_sub(rest, 1, rest.n - 2);
    p->host = rest;
}

struct url_parts url_split(struct str url)
{
    struct url_parts p = {.scheme = STR("file"), .path = url};
    size_t scheme = str_search(url, STR("://"));
    size_t slash = str_find(url, '/'), colon = str_find(url, ':');

    if (scheme < url.n) {
        struct str rest = str_skip(url, scheme + 3);
        size_t n = str_find(rest, '/');
        p.scheme = str_sub(url, 0, scheme);
        p.path = str_skip(rest, n);
        split_host(str_sub(rest, 0, n), &p);
    } else if (colon < slash && colon < url.n) {
        p.scheme = STR("ssh");
        p.path = str_skip(url, colon + 1);
        split_host(str_sub(url, 0, colon), &p);
    }
    return p;
}

struct str url_shown(struct arena *a, struct str url)
{
    struct url_parts p = url_split(url);
    struct str path = str_sub(p.path, 0, str_find(p.path, '?'));

    bool short_form = str_search(url, STR("://")) == url.n;

    if (short_form && str_eq(p.scheme, STR("file")))
        return arena_dup(a, url);
    if (short_form)
        return arena_printf(a, STR_FMT ":" STR_FMT, STR_ARG(p.host),
                            STR_ARG(path));
    bool v6 = str_find(p.host, ':') < p.host.n;
    struct str port = p.port ? arena_printf(a, ":%d", p.port) : STR("");

    return arena_printf(a, STR_FMT "://%s" STR_FMT "%s" STR_FMT STR_FMT,
                        STR_ARG(p.scheme), v6 ? "[" : "", STR_ARG(p.host),
                        v6 ? "]" : "", STR_ARG(port), STR_ARG(path));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct str url_file_path(struct arena *a, struct str url)
{
    struct url_parts p = url_split(url);

    if (!str_eq(p.scheme, STR("file")))
        return STR("");
    if (str_search(url, STR("://")) == url.n)
        return arena_dup(a, url);
    char *out = arena_array(a, char, p.path.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < p.path.n; i++) {
        int hi = -1, lo = -1;
        if (p.path.s[i] == '%' && i + 2 < p.path.n) {
            hi = hex_digit(p.path.s[i + 1]);
            lo = hex_digit(p.path.s[i + 2]);
        }
        bool coded = hi >= 0 && lo >= 0 && (hi || lo);
        out[n++] = coded ? (char)(hi * 16 + lo) : p.path.s[i];
        i += coded ? 2 : 0;
    }
    return (struct str){out, n};
}

struct str url_resolve(struct arena *a, struct str base, struct str relation)
{
    if (!str_starts(relation, STR("./")) && !str_starts(relation, STR("../")))
        return arena_dup(a, relation);
    while (base.n && base.s[base.n - 1] == '/')
        base.n--;
    for (;;) {
        if (str_starts(relation, STR("./"))) {
            relation = str_skip(relation, 2);
            continue;
        }
        if (!str_starts(relation, STR("../")))
            break;
        relation = str_skip(relation, 3);
        size_t slash = find_last(base, '/'), colon = find_last(base, ':');
        if (slash < base.n)
            base.n = slash;
        else if (colon < base.n)
            return arena_printf(a, STR_FMT ":" STR_FMT, (int)colon, base.s,
                                STR_ARG(relation));
    }
    return arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(base),
                        STR_ARG(relation));
}
