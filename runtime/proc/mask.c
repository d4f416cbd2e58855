#include "runtime/proc/mask.h"

#include "base/die.h"
#include "runtime/proc/mask_forms.h"

#include <stdlib.h>
#include <string.h>

struct pattern {
    struct str text;
    struct pattern *next; /* with the same first byte, longest first */
};

struct mask {
    struct pattern *by_first[256];
    uint8_t pair[65536 / 8]; /* the first two bytes of some pattern; of
                                one-byte patterns every pair they may start */
    size_t n, longest;
};

struct mask *mask_create(void)
{
    struct mask *m = calloc(1, sizeof *m);

    if (!m)
        die_oom();
    return m;
}

void mask_destroy(struct mask *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < 256; i++)
        while (m->by_first[i]) {
            struct pattern *p = m->by_first[i];

            m->by_first[i] = p->next;
            free(p);
        }
    free(m);
}

bool mask_empty(const struct mask *m)
{
    return !m->n;
}

static void set_pair(struct mask *m, unsigned a, unsigned b)
{
    m->pair[(a << 8 | b) >> 3] |= (uint8_t)(1u << (b & 7));
}

static bool has_pair(const struct mask *m, const unsigned char *s)
{
    return m->pair[((unsigned)s[0] << 8 | s[1]) >> 3] >> (s[1] & 7) & 1;
}

static void add_pattern(void *ctx, struct str text)
{
    struct mask *m = ctx;

    if (!text.n)
        return;

    unsigned char first = (unsigned char)text.s[0];
    struct pattern **at = &m->by_first[first];

    while (*at && (*at)->text.n > text.n)
        at = &(*at)->next;
    for (struct pattern *p = *at; p && p->text.n == text.n; p = p->next)
        if (str_eq(p->text, text))
            return;

    struct pattern *p = malloc(sizeof *p + text.n);

    if (!p)
        die_oom();
    memcpy(p + 1, text.s, text.n);
    p->text = (struct str){(const char *)(p + 1), text.n};
    p->next = *at;
    *at = p;
    if (text.n > 1)
        set_pair(m, first, (unsigned char)text.s[1]);
    for (unsigned b = 0; text.n == 1 && b < 256; b++)
        set_pair(m, first, b);
    m->n++;
    if (text.n > m->longest)
        m->longest = text.n;
}

void mask_add(struct mask *m, struct str secret)
{
    mask_forms(str_sub(secret, 0, MASK_SECRET_MAX), MASK_DERIVE_MIN,
               add_pattern, m);
}

/* Length of the longest pattern at s; 0 where there is none. */
static size_t match_at(const struct mask *m, struct str s)
{
    if (s.n > 1 && !has_pair(m, (const unsigned char *)s.s))
        return 0;
    for (struct pattern *p = m->by_first[(unsigned char)s.s[0]]; p; p = p->next)
        if (str_starts(s, p->text))
            return p->text.n;
    return 0;
}

/* Whether s, all of it, is the beginning of a longer pattern. */
static bool may_become(const struct mask *m, struct str s)
{
    for (struct pattern *p = m->by_first[(unsigned char)s.s[0]]; p; p = p->next)
        if (p->text.n > s.n && str_starts(p->text, s))
            return true;
    return false;
}

/* Where the text that has to wait for more begins. */
static size_t safe_length(const struct mask *m, struct str s)
{
    size_t from = s.n > m->longest ? s.n - m->longest : 0;

    for (size_t i = from; i < s.n; i++)
        if (may_become(m, str_skip(s, i)))
            return i;
    return s.n;
}

/* How far the masked part that reaches from i to end does reach, with the
 * secrets that overlap it; those that start at `until` or later wait. */
static size_t stretch(const struct mask *m, struct str s, size_t i, size_t end,
                      size_t until)
{
    for (; i < end && i < until; i++) {
        size_t more = i + match_at(m, str_skip(s, i));

        if (more > end)
            end = more;
    }
    return end;
}

/* Masks what starts before `until`. `covered` bytes at the start are replaced
 * already. Returns how many bytes of s from `until` on are. */
static size_t scan(const struct mask *m, struct str s, size_t covered,
                   size_t until, struct buf *out)
{
    size_t plain, i, end = stretch(m, s, 0, covered, until);

    for (plain = i = end; i < until;) {
        size_t n = match_at(m, str_skip(s, i));

        if (!n) {
            i++;
            continue;
        }
        buf_add(out, str_sub(s, plain, i - plain));
        buf_adds(out, "***");
        plain = i = end = stretch(m, s, i + 1, i + n, until);
    }
    if (plain < until)
        buf_add(out, str_sub(s, plain, until - plain));
    return end > until ? end - until : 0;
}

void mask_feed(const struct mask *m, struct mask_stream *st, struct str text,
               bool last, struct buf *out)
{
    bool joined = st->held.n > 0;

    if (joined) {
        buf_add(&st->held, text);
        text = buf_str(&st->held);
    }

    size_t until = last ? text.n : safe_length(m, text);
    struct str rest = str_skip(text, until);

    st->covered = scan(m, text, st->covered, until, out);
    if (joined) {
        memmove(st->held.s, rest.s, rest.n);
        st->held.n = rest.n;
    } else {
        buf_add(&st->held, rest);
    }
}

void mask_text(const struct mask *m, struct str text, struct buf *out)
{
    scan(m, text, 0, text.n, out);
}
