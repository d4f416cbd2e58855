#include "runtime/proc/mask_forms.h"

#include "base/buf.h"

#include <string.h>

static const char lower[] = "0123456789abcdef";
static const char upper[] = "0123456789ABCDEF";

static char digit64(unsigned v, bool url)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    return v < 62 ? alphabet[v] : v == 62 ? "+-"[url] : "/_"[url];
}

/* What of base64 depends on the secret alone when `skip` bytes (0-2) come
 * before it in the encoded text: the first characters mix with those, the
 * last with what follows, unless nothing does (`final`). */
static struct str base64(struct buf *b, struct str s, size_t skip, bool url,
                         bool final)
{
    uint32_t bits = 0;
    unsigned have = 0;

    for (size_t i = 0; i < skip + s.n; i++) {
        bits = bits << 8 | (i < skip ? 0 : (unsigned char)s.s[i - skip]);
        for (have += 8; have >= 6; have -= 6)
            buf_addc(b, digit64(bits >> (have - 6) & 63, url));
    }
    if (final && have)
        buf_addc(b, digit64(bits << (6 - have) & 63, url));
    return str_skip(buf_str(b), skip ? skip + 1 : 0);
}

static struct str percent(struct buf *b, struct str s, const char *digits,
                          bool plus)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || (c && strchr("-._~", c));

        if (plain) {
            buf_addc(b, (char)c);
        } else if (plus && c == ' ') {
            buf_addc(b, '+');
        } else {
            buf_addc(b, '%');
            buf_addc(b, digits[c >> 4]);
            buf_addc(b, digits[c & 15]);
        }
    }
    return buf_str(b);
}

static struct str hex(struct buf *b, struct str s, const char *digits)
{
    for (size_t i = 0; i < s.n; i++) {
        buf_addc(b, digits[(unsigned char)s.s[i] >> 4]);
        buf_addc(b, digits[(unsigned char)s.s[i] & 15]);
    }
    return buf_str(b);
}

static struct str json(struct buf *b, struct str s, bool slash)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];

        if (c == '"' || c == '\\' || (slash && c == '/'))
            buf_addc(b, '\\');
        if (c == '\n')
            buf_adds(b, "\\n");
        else if (c == '\t')
            buf_adds(b, "\\t");
        else if (c == '\r')
            buf_adds(b, "\\r");
        else if (c < 0x20)
            buf_addf(b, "\\u%04x", c);
        else
            buf_addc(b, (char)c);
    }
    return buf_str(b);
}

void mask_forms(struct str secret, size_t derive_min, mask_form_fn *fn,
                void *ctx)
{
    struct str rest = secret;
    struct buf b = {0};

    if (str_find(secret, '\n') == secret.n)
        fn(ctx, secret);
    while (rest.n) {
        struct str line = str_trim(str_cut(rest, '\n', &rest));

        if (line.n == secret.n || line.n >= derive_min)
            fn(ctx, line); /* not the lone brace of a JSON key file */
    }
    if (secret.n < derive_min)
        return;
    for (size_t way = 0; way < 12; way++) {
        fn(ctx, base64(&b, secret, way / 4, way & 1, way & 2));
        buf_clear(&b);
    }
    for (int plus = 0; plus < 2; plus++) {
        fn(ctx, percent(&b, secret, upper, plus));
        buf_clear(&b);
        fn(ctx, percent(&b, secret, lower, plus));
        buf_clear(&b);
    }
    fn(ctx, hex(&b, secret, lower));
    buf_clear(&b);
    fn(ctx, hex(&b, secret, upper));
    buf_clear(&b);
    fn(ctx, json(&b, secret, false));
    buf_clear(&b);
    fn(ctx, json(&b, secret, true));
    buf_free(&b);
}
