/* The built-in functions on text. */
#include "graph/function.h"

#include "base/buf.h"
#include "base/file.h"
#include "graph/operator.h"

#include <string.h>

enum { SLUG_MAX = 63 };

static bool strings(const struct value *v, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (!function_wants(&v[i], VALUE_STRING, "strings", e))
            return false;
    return true;
}

static bool give(struct arena *a, struct buf *b, struct value *out)
{
    *out = value_string(arena_dup(a, buf_str(b)));
    buf_free(b);
    return true;
}

bool function_arity(const struct function *f, size_t n, struct err *e)
{
    size_t least = 0, most = 0;

    for (struct str rest = str_of(f->params); rest.n;) {
        struct str p = str_cut(rest, ',', &rest);

        if (str_ends(p, STR("*"))) {
            most = SIZE_MAX;
        } else {
            most += most != SIZE_MAX;
            least += !str_ends(p, STR("?"));
        }
    }
    if (n >= least && n <= most)
        return true;
    return err_set(e, ERR_INPUT, "%s() takes %s%zu argument%s, not %zu",
                   f->name, n < least && least != most ? "at least " :
                   least != most ? "at most " : "", n < least ? least : most,
                   (n < least ? least : most) == 1 ? "" : "s", n);
}

bool function_basename(struct arena *a, const struct value *v, size_t n,
                       struct value *out, struct err *e)
{
    (void)a;
    if (!strings(v, n, e))
        return false;
    *out = value_string(file_base(v->s));
    return true;
}

bool function_dirname(struct arena *a, const struct value *v, size_t n,
                      struct value *out, struct err *e)
{
    (void)a;
    if (!strings(v, n, e))
        return false;
    *out = value_string(file_dir(v->s));
    return true;
}

bool function_contains(struct arena *a, const struct value *v, size_t n,
                       struct value *out, struct err *e)
{
    (void)n;
    return operator_binary(a, OP_IN, &v[1], &v[0], out, e);
}

bool function_matches(struct arena *a, const struct value *v, size_t n,
                      struct value *out, struct err *e)
{
    (void)n;
    return operator_binary(a, OP_MATCH, &v[0], &v[1], out, e);
}

bool function_starts_with(struct arena *a, const struct value *v, size_t n,
                          struct value *out, struct err *e)
{
    (void)a;
    if (!strings(v, n, e))
        return false;
    *out = value_bool(str_starts(v[0].s, v[1].s));
    return true;
}

bool function_ends_with(struct arena *a, const struct value *v, size_t n,
                        struct value *out, struct err *e)
{
    (void)a;
    if (!strings(v, n, e))
        return false;
    *out = value_bool(str_ends(v[0].s, v[1].s));
    return true;
}

bool function_string(struct arena *a, const struct value *v, size_t n,
                     struct value *out, struct err *e)
{
    struct str s;

    (void)n;
    if (!value_text(a, v, &s))
        return err_set(e, ERR_INPUT, "%s has no text", operator_kind_name(v));
    *out = value_string(s);
    return true;
}

bool function_trim(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    (void)a;
    if (!strings(v, n, e))
        return false;
    *out = value_string(str_trim(v->s));
    return true;
}

static bool shifted(struct arena *a, const struct value *v, char from,
                    struct value *out, struct err *e)
{
    struct buf b = {0};

    if (!strings(v, 1, e))
        return false;
    for (size_t i = 0; i < v->s.n; i++) {
        char c = v->s.s[i];
        buf_addc(&b, c >= from && c <= from + 25 ? (char)(c ^ 0x20) : c);
    }
    return give(a, &b, out);
}

bool function_lower(struct arena *a, const struct value *v, size_t n,
                    struct value *out, struct err *e)
{
    (void)n;
    return shifted(a, v, 'A', out, e);
}

bool function_upper(struct arena *a, const struct value *v, size_t n,
                    struct value *out, struct err *e)
{
    (void)n;
    return shifted(a, v, 'a', out, e);
}

bool function_slug(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    struct buf b = {0};

    if (!strings(v, n, e))
        return false;
    for (size_t i = 0; i < v->s.n && b.n < SLUG_MAX; i++) {
        char c = v->s.s[i];
        bool upper = c >= 'A' && c <= 'Z';
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (upper || plain)
            buf_addc(&b, upper ? (char)(c ^ 0x20) : c);
        else if (b.n && b.s[b.n - 1] != '-')
            buf_addc(&b, '-');
    }
    while (b.n && b.s[b.n - 1] == '-')
        b.n--;
    return give(a, &b, out);
}

bool function_replace(struct arena *a, const struct value *v, size_t n,
                      struct value *out, struct err *e)
{
    struct buf b = {.max = EXPR_BYTES_MAX};

    if (!strings(v, n, e))
        return false;
    if (v[1].s.n == 0)
        return err_set(e, ERR_INPUT, "of an empty string");
    for (struct str rest = v[0].s; rest.n;) {
        size_t at = str_search(rest, v[1].s);

        buf_add(&b, str_sub(rest, 0, at));
        if (at < rest.n)
            buf_add(&b, v[2].s);
        rest = str_skip(rest, at < rest.n ? at + v[1].s.n : at);
    }
    bool over = b.overflow;

    give(a, &b, out);
    return !over || err_set(e, ERR_INPUT, "text longer than %d bytes",
                            EXPR_BYTES_MAX);
}

bool function_split(struct arena *a, const struct value *v, size_t n,
                    struct value *out, struct err *e)
{
    struct { struct value *items; size_t n, cap; } parts = {0};
    struct str rest = {0};

    if (!strings(v, n, e))
        return false;
    if (v[1].s.n == 0)
        return err_set(e, ERR_INPUT, "by an empty string");
    for (rest = v[0].s;;) {
        size_t at = str_search(rest, v[1].s);

        arena_push(a, &parts, value_string(str_sub(rest, 0, at)));
        if (at == rest.n)
            break;
        rest = str_skip(rest, at + v[1].s.n);
    }
    *out = function_list(parts.items, parts.n);
    return true;
}

bool function_join(struct arena *a, const struct value *v, size_t n,
                   struct value *out, struct err *e)
{
    struct buf b = {.max = EXPR_BYTES_MAX};
    struct str s;

    (void)n;
    if (!function_wants(&v[0], VALUE_LIST, "a list", e) ||
        !function_wants(&v[1], VALUE_STRING, "a string", e))
        return false;
    for (size_t i = 0; i < v->list.n; i++) {
        if (!value_text(a, &v->list.items[i], &s)) {
            buf_free(&b);
            return err_set(e, ERR_INPUT, "%s has no text",
                           operator_kind_name(&v->list.items[i]));
        }
        if (i)
            buf_add(&b, v[1].s);
        buf_add(&b, s);
    }
    return give(a, &b, out);
}

/* ---- semantic versions (semver.org 2.0.0, precedence: section 11) -------- */

struct semver {
    int64_t part[3];
    struct str pre; /* after '-', without build metadata */
};

static bool semver_read(struct str s, struct semver *out, struct err *e)
{
    struct str whole = s, build;

    if (str_starts(s, STR("v")))
        s = str_skip(s, 1);
    s = str_cut(s, '+', &build);
    s = str_cut(s, '-', &out->pre);
    for (int i = 0; i < 3; i++) {
        struct str digits = str_cut(s, '.', &s);

        if (!str_int(digits, &out->part[i]) || digits.s[0] == '-' ||
            (digits.n > 1 && digits.s[0] == '0') || (i == 2 && s.n))
            return err_set(e, ERR_INPUT,
                           "'" STR_FMT "' is not a semantic version",
                           (int)(whole.n < 60 ? whole.n : 60), whole.s);
    }
    return true;
}

static int pre_cmp(struct str a, struct str b)
{
    int64_t x, y;

    if (a.n == 0 || b.n == 0) /* a release comes after its previews */
        return (a.n == 0) - (b.n == 0);
    while (a.n && b.n) {
        struct str p = str_cut(a, '.', &a), q = str_cut(b, '.', &b);
        bool pn = str_int(p, &x), qn = str_int(q, &y);
        int c = pn && qn ? (x > y) - (x < y) : pn != qn ? qn - pn
              : str_cmp(p, q);

        if (c)
            return c < 0 ? -1 : 1;
    }
    return (a.n > 0) - (b.n > 0);
}

bool function_semver_compare(struct arena *a, const struct value *v, size_t n,
                             struct value *out, struct err *e)
{
    struct semver x, y;
    int c = 0;

    (void)a;
    if (!strings(v, n, e) || !semver_read(v[0].s, &x, e) ||
        !semver_read(v[1].s, &y, e))
        return false;
    for (int i = 0; i < 3 && !c; i++)
        c = (x.part[i] > y.part[i]) - (x.part[i] < y.part[i]);
    *out = value_int(c ? c : pre_cmp(x.pre, y.pre));
    return true;
}

bool function_semver_bump(struct arena *a, const struct value *v, size_t n,
                          struct value *out, struct err *e)
{
    static const char *const names[] = {"major", "minor", "patch"};
    struct semver x;
    int which = 0;

    if (!strings(v, n, e) || !semver_read(v[0].s, &x, e))
        return false;
    while (which < 3 && !str_eq(v[1].s, str_of(names[which])))
        which++;
    if (which == 3)
        return err_set(e, ERR_INPUT, "bumps \"major\", \"minor\" or \"patch\"");
    /* 1.2.3-rc.1 is a preview of patch 1.2.3 */
    if (which < 2 || x.pre.n == 0)
        x.part[which]++;
    for (int i = which + 1; i < 3; i++)
        x.part[i] = 0;
    *out = value_string(arena_printf(a, "%s%lld.%lld.%lld",
        str_starts(v[0].s, STR("v")) ? "v" : "", (long long)x.part[0],
        (long long)x.part[1], (long long)x.part[2]));
    return true;
}
