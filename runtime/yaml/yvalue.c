#include "runtime/yaml/yvalue.h"

#include "base/buf.h"
#include "runtime/yaml/yscalar.h"

#include <math.h>
#include <openssl/evp.h>
#include <string.h>

static bool refuse(struct arena *a, const struct ynode *n, const char *what,
                   struct err *e)
{
    return err_set(e, ERR_INPUT, "%s: '" STR_FMT "' %s",
                   ynode_where(a, n).s,
                   (int)(n->text.n > 60 ? 60 : n->text.n), n->text.s, what);
}

static bool number(struct arena *a, const struct ynode *n, struct yvalue *out,
                   struct err *e)
{
    struct ynumber num;

    if (!yscalar_number(n->text, YDIALECT_12, &num))
        return refuse(a, n, "is not a number, but what stands here has to "
                            "stay one", e);
    if (n->tag == YTAG_INT && num.kind == YNUMBER_FLOAT)
        return refuse(a, n, "is not a whole number, but what stands here has "
                            "to stay one", e);
    if (n->tag == YTAG_FLOAT || num.kind == YNUMBER_FLOAT) {
        if (num.kind != YNUMBER_FLOAT)
            num.f = num.kind == YNUMBER_INT ? (double)num.i : (double)num.u;
        if (isnan(num.f) || isinf(num.f))
            return refuse(a, n, "is a number that JSON cannot hold; quote it",
                          e);
        *out = (struct yvalue){.kind = YVALUE_FLOAT, .f = num.f};
        return true;
    }
    out->kind = YVALUE_INT;
    out->text = num.kind == YNUMBER_INT
                    ? arena_printf(a, "%lld", (long long)num.i)
                    : arena_printf(a, "%llu", (unsigned long long)num.u);
    return true;
}

static bool binary(struct arena *a, const struct ynode *n, struct yvalue *out,
                   struct err *e)
{
    char *plain = arena_array(a, char, n->text.n + 1);
    size_t len = 0, pad = 0;

    for (size_t i = 0; i < n->text.n; i++)
        if (!strchr(" \t\r\n", n->text.s[i]))
            plain[len++] = n->text.s[i];
    while (pad < len && plain[len - 1 - pad] == '=')
        pad++;
    unsigned char *bytes = arena_array(a, unsigned char, len + 1);
    int got = len % 4 || pad > 2
                  ? -1
                  : EVP_DecodeBlock(bytes, (unsigned char *)plain, (int)len);

    if (got < 0)
        return refuse(a, n, "is not base64, as its tag !!binary says", e);
    out->kind = YVALUE_STR;
    out->text = (struct str){(char *)bytes, (size_t)got - pad};
    return true;
}

static bool is_small_int(struct str s)
{
    if (!s.n || s.n > 15 || (s.s[0] == '0' && s.n > 1))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.s[i] < '0' || s.s[i] > '9')
            return false;
    return true;
}

static bool gets_quotes(const struct ynode *n)
{
    if (n->style != YSTYLE_PLAIN || n->bad_tag)
        return false;
    return n->tag == YTAG_TIME ? str_find(n->text, ':') < n->text.n
                               : n->tag == YTAG_NULL && !n->text.n;
}

bool yvalue_of(struct arena *a, const struct ynode *n, bool in_flow,
               struct yvalue *out, struct err *e)
{
    if (in_flow && gets_quotes(n)) {
        *out = (struct yvalue){.kind = YVALUE_STR, .text = n->text};
        return true;
    }
    *out = (struct yvalue){.kind = YVALUE_STR, .text = n->text};
    switch ((enum ytag)n->tag) {
    case YTAG_STR:
    case YTAG_MERGE:
        return true;
    case YTAG_NULL:
        if (n->text.n && yscalar_resolve(n->text, YDIALECT_12) != YTAG_NULL)
            return refuse(a, n, "is not null, as its tag says", e);
        out->kind = YVALUE_NULL;
        out->text = STR("null");
        return true;
    case YTAG_BOOL:
        if (n->bad_tag ||
            yscalar_resolve(n->text, YDIALECT_11) != YTAG_BOOL)
            return refuse(a, n, "is not true or false, but what stands here "
                                "has to stay one of them", e);
        out->kind = YVALUE_BOOL;
        out->text = yscalar_true(n->text) ? STR("true") : STR("false");
        return true;
    case YTAG_INT:
        if (is_small_int(n->text)) {
            out->kind = YVALUE_INT;
            return true;
        }
        return number(a, n, out, e);
    case YTAG_FLOAT:
        return number(a, n, out, e);
    case YTAG_TIME:
        return yscalar_time(a, n->text, &out->text) ||
               refuse(a, n, "is not a time, as its tag says", e);
    case YTAG_BINARY:
        return binary(a, n, out, e);
    }
    return false;
}

static bool fits_integer(const char *text)
{
    struct ynumber num;

    return !strpbrk(text, ".e") &&
           yscalar_number(str_of(text), YDIALECT_12, &num) &&
           num.kind != YNUMBER_FLOAT;
}

struct str yvalue_float(struct arena *a, double f, bool json)
{
    char text[48] = {0};

    yscalar_json_double(f, text);
    if (fits_integer(text))
        return !strcmp(text, "-0") ? STR("0") : arena_dup(a, str_of(text));
    if (json)
        return arena_dup(a, str_of(text));
    memset(text, 0, sizeof(text));
    yscalar_go_double(f, text);
    return arena_dup(a, str_of(text));
}

struct str yvalue_utf8(struct arena *a, struct str s)
{
    size_t bad = 0;

    for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
        n = (unsigned char)s.s[i] < 0x80 ? 1 : str_utf8(str_skip(s, i));
        bad += !n;
    }
    if (!bad)
        return s;
    char *out = arena_array(a, char, s.n + 2 * bad + 1);
    size_t len = 0;

    for (size_t i = 0; i < s.n;) {
        size_t n = str_utf8(str_skip(s, i));

        memcpy(out + len, n ? s.s + i : "\xEF\xBF\xBD", n ? n : 3);
        len += n ? n : 3;
        i += n ? n : 1;
    }
    return (struct str){out, len};
}

static bool is_nel(struct str s, size_t i)
{
    return i + 1 < s.n && (unsigned char)s.s[i] == 0xC2 &&
           (unsigned char)s.s[i + 1] == 0x85;
}

static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];

        if (c == 0x7F)
            return true;
        if (c == 0xC2 && i + 1 < s.n) {
            unsigned char d = (unsigned char)s.s[i + 1];

            if (d < 0xA0 && d != 0x85)
                return true;
        }
        if (c == 0xEF && i + 2 < s.n && (unsigned char)s.s[i + 1] == 0xBF &&
            (unsigned char)s.s[i + 2] >= 0xBE)
            return true;
    }
    return false;
}

bool yvalue_fold(struct arena *a, struct str s, struct str *out)
{
    size_t i = 0, n = 0;

    while (i < s.n && (unsigned char)s.s[i] < 0x7F)
        i++;
    *out = s;
    if (i == s.n)
        return true;
    s = *out = yvalue_utf8(a, s);
    if (has_control(s))
        return false;
    if (str_search(s, STR("\xC2\x85")) == s.n)
        return true;
    char *to = arena_array(a, char, s.n + 1);

    for (i = 0; i < s.n;) {
        if (!is_nel(s, i)) {
            to[n++] = s.s[i++];
            continue;
        }
        size_t breaks = 0;

        while (n && to[n - 1] == ' ')
            n--;
        for (; is_nel(s, i) || (i < s.n && s.s[i] == ' ');)
            if (is_nel(s, i))
                breaks++, i += 2;
            else
                i++;
        /* One break is a space, of more all but the first stay, as LF. */
        if (breaks == 1)
            to[n++] = ' ';
        for (; breaks > 1; breaks--)
            to[n++] = '\n';
    }
    *out = (struct str){to, n};
    return true;
}
