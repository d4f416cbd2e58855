#include "runtime/yaml/ykey.h"

#include "runtime/yaml/yletter.h"
#include "runtime/yaml/yscalar.h"

#include <stdlib.h>
#include <string.h>

enum { INSERTION_MAX = 24 };

typedef int compare_fn(struct str a, struct str b);

static bool is_digit(struct str s, size_t i)
{
    return i < s.n && s.s[i] >= '0' && s.s[i] <= '9';
}

static uint32_t rune_at(struct str s, size_t i)
{
    struct str rest = str_skip(s, i);
    const unsigned char *p = (const unsigned char *)rest.s;

    switch (str_utf8(rest)) {
    case 2: return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    case 3: return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    case 4:
        return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 |
               (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    default: return p[0];
    }
}

/* A run of digits from i, as a number that may wrap, and its end. */
static int64_t run(struct str s, size_t i, uint64_t start, size_t *end)
{
    uint64_t n = start;

    for (; is_digit(s, i); i++)
        n = n * 10 + (uint64_t)(s.s[i] - '0');
    *end = i;
    return (int64_t)n;
}

/* Two others than letters that differ at byte i. */
static int compare_others(struct str a, struct str b, size_t i)
{
    uint64_t start = 0;
    size_t a_end, b_end;

    if (a.s[i] == '0' || b.s[i] == '0')
        for (size_t j = i; j-- > 0 && is_digit(a, j);)
            if (a.s[j] != '0') {
                start = 1;
                break;
            }
    int64_t x = run(a, i, start, &a_end), y = run(b, i, start, &b_end);

    if (x != y)
        return x < y ? -1 : 1;
    if (a_end != b_end)
        return a_end < b_end ? -1 : 1;
    return rune_at(a, i) < rune_at(b, i) ? -1 : 1;
}

int ykey_compare(struct str a, struct str b)
{
    size_t i = 0, least = a.n < b.n ? a.n : b.n;

    while (i < least && a.s[i] == b.s[i])
        i++;
    if (i == least)
        return a.n < b.n ? -1 : a.n > b.n;
    while (i && ((unsigned char)a.s[i] & 0xC0) == 0x80)
        i--;
    uint32_t x = rune_at(a, i), y = rune_at(b, i);
    bool letter_a = yletter(x), letter_b = yletter(y);

    if (letter_a && letter_b)
        return x < y ? -1 : 1;
    if (letter_a || letter_b)
        return letter_b ? -1 : 1;
    return compare_others(a, b, i);
}

static int order_natural(const void *a, const void *b)
{
    return ykey_compare((*(const struct ypair *const *)a)->key,
                        (*(const struct ypair *const *)b)->key);
}

static int order_bytes(const void *a, const void *b)
{
    return str_cmp((*(const struct ypair *const *)a)->key,
                   (*(const struct ypair *const *)b)->key);
}

static bool fail_key(const struct ynode *map, const struct ypair *p,
                     struct err *e)
{
    struct arena a = {0};

    err_set(e, ERR_INPUT, "%s: key '" STR_FMT "' is a %s, which JSON has no "
            "keys of; put it in quotes", ypair_where(&a, map, p).s,
            STR_ARG(p->key), p->tag == YTAG_INT || p->tag == YTAG_FLOAT
                ? "number" : p->tag == YTAG_BOOL ? "boolean"
                : p->tag == YTAG_NULL ? "null" : "time");
    arena_free(&a);
    return false;
}

static bool fail_double(const struct ynode *map, const struct ypair *p,
                        const struct ypair *q, struct err *e)
{
    struct arena a = {0};
    const struct ypair *first = p->line <= q->line ? p : q;
    const struct ypair *second = first == p ? q : p;

    err_set(e, ERR_INPUT, "%s: key '" STR_FMT "' is here twice, first on line "
            "%u; remove one", ypair_where(&a, map, second).s, STR_ARG(p->key),
            first->line);
    arena_free(&a);
    return false;
}

static bool sort(const struct ynode *map, bool top, compare_fn *compare,
                 int order(const void *, const void *),
                 const struct ypair **v, struct err *e)
{
    size_t n = map->map.n;

    for (size_t i = 0; i < n; i++) {
        const struct ypair *p = &map->map.items[i];

        if (p->tag != YTAG_STR && p->tag != YTAG_MERGE && !top)
            return fail_key(map, p, e);
        v[i] = p;
    }
    if (n > INSERTION_MAX)
        qsort(v, n, sizeof(*v), order);
    else
        for (size_t i = 1; i < n; i++)
            for (size_t j = i; j && compare(v[j - 1]->key, v[j]->key) > 0;
                 j--) {
                const struct ypair *swap = v[j];

                v[j] = v[j - 1];
                v[j - 1] = swap;
            }
    for (size_t i = 1; i < n; i++)
        if (str_eq(v[i - 1]->key, v[i]->key))
            return fail_double(map, v[i - 1], v[i], e);
    return true;
}

bool ykey_sort(const struct ynode *map, bool top, const struct ypair **out,
               struct err *e)
{
    return sort(map, top, ykey_compare, order_natural, out, e);
}

bool ykey_sort_bytes(const struct ynode *map, bool top,
                     const struct ypair **out, struct err *e)
{
    return sort(map, top, str_cmp, order_bytes, out, e);
}

static struct str spell_number(struct arena *a, struct str key)
{
    struct ynumber number;
    char text[40];

    if (!yscalar_number(key, YDIALECT_11, &number))
        return key;
    if (number.kind == YNUMBER_INT)
        return arena_printf(a, "%lld", (long long)number.i);
    if (number.kind == YNUMBER_UINT)
        return arena_printf(a, "%llu", (unsigned long long)number.u);
    size_t n = yscalar_go_double(number.f, text);

    return arena_dup(a, (struct str){text, n});
}

static bool spell_pair(struct arena *a, const struct ynode *map,
                       struct ypair *p, struct err *e)
{
    switch (p->tag) {
    case YTAG_BOOL:
        p->key = yscalar_true(p->key) ? STR("true") : STR("false");
        break;
    case YTAG_INT:
    case YTAG_FLOAT: p->key = spell_number(a, p->key); break;
    case YTAG_NULL:
        return err_set(e, ERR_INPUT, "%s: a key cannot be null; put it in "
                       "quotes", ypair_where(a, map, p).s);
    case YTAG_STR:
    case YTAG_TIME:
    case YTAG_BINARY:
    case YTAG_MERGE: break;
    }
    p->tag = YTAG_STR;
    return true;
}

bool ykey_spell(struct arena *a, struct ynode *n, struct err *e)
{
    for (size_t i = 0; ynode_is_seq(n) && i < n->seq.n; i++)
        if (!ykey_spell(a, n->seq.items[i], e))
            return false;
    for (size_t i = 0; ynode_is_map(n) && i < n->map.n; i++)
        if (!spell_pair(a, n, &n->map.items[i], e) ||
            !ykey_spell(a, n->map.items[i].value, e))
            return false;
    return true;
}
