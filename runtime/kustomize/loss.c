#include "runtime/kustomize/loss.h"

#include "base/map.h"
#include "runtime/yaml/yscalar.h"

#include <string.h>

enum {
    NUMBER_BYTES = 40, /* a double as text */
    SHOWN_BYTES = 60,  /* of a text in a message */
};

static struct str shown(struct str s)
{
    return str_sub(s, 0, s.n < SHOWN_BYTES ? s.n : SHOWN_BYTES);
}

/* ---- numbers and times ---- */

/* The digits of a decimal number without zeros at either end, its point and
 * its exponent: 0.120e3 has 12. Returns how many there are; to may be NULL. */
static size_t digits(struct str s, char *to)
{
    size_t n = 0, end = 0;

    for (size_t i = 0; i < s.n && s.s[i] != 'e' && s.s[i] != 'E'; i++) {
        if (s.s[i] < '0' || s.s[i] > '9' || (!n && s.s[i] == '0'))
            continue;
        if (to)
            to[n] = s.s[i];
        n++;
        if (s.s[i] != '0')
            end = n;
    }
    return end;
}

static bool is_decimal(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789+-._eE", s.s[i]))
            return false;
    return true;
}

static void warn_digits(struct warnings *w, const struct ynode *n, double f,
                        const char *why)
{
    char text[NUMBER_BYTES], was[SHOWN_BYTES], is[NUMBER_BYTES];
    size_t len = yscalar_json_double(f, text);
    size_t many = digits(n->text, NULL);
    size_t few = digits((struct str){text, len}, is);

    if (many <= SHOWN_BYTES) {
        digits(n->text, was);
        if (many == few && !memcmp(was, is, few))
            return;
    }
    struct str s = shown(n->text);

    warn_add(w, n, "%s: '" STR_FMT "' becomes %.*s; quote it if it is a text",
             why, STR_ARG(s), (int)len, text);
}

static void odd_scalar(struct warnings *w, const struct ynode *n)
{
    struct ynumber num;
    struct str time;

    if (n->tag == YTAG_TIME) {
        if (yscalar_time(w->a, n->text, &time) && !str_eq(time, n->text))
            warn_add(w, n, "a time: '" STR_FMT "' becomes \"" STR_FMT
                     "\"; quote it", STR_ARG(n->text), STR_ARG(time));
        return;
    }
    if (is_decimal(n->text) &&
        yscalar_number(n->text, YDIALECT_12, &num) &&
        num.kind == YNUMBER_FLOAT)
        warn_digits(w, n, num.f, "more digits than a number holds");
}

void loss_of_reading(struct warnings *w, const struct yread_odd *odd)
{
    for (size_t i = 0; w && i < odd->n; i++)
        odd_scalar(w, odd->items[i]);
}

enum { EXACT_DIGITS = 15 }; /* whole numbers that a double always holds */

static void whole_number(struct warnings *w, const struct ynode *n)
{
    struct ynumber num;

    if (n->tag != YTAG_INT || n->text.n <= EXACT_DIGITS ||
        !yscalar_number(n->text, YDIALECT_12, &num) ||
        num.kind == YNUMBER_FLOAT)
        return;
    warn_digits(w, n, num.kind == YNUMBER_INT ? (double)num.i : (double)num.u,
                "a JSON patch on this object keeps no whole number above 2^53");
}

void loss_of_json(struct warnings *w, const struct ynode *n)
{
    if (n->kind == YNODE_SCALAR)
        whole_number(w, n);
    for (size_t i = 0; n->kind == YNODE_SEQ && i < n->seq.n; i++)
        loss_of_json(w, n->seq.items[i]);
    for (size_t i = 0; n->kind == YNODE_MAP && i < n->map.n; i++)
        loss_of_json(w, n->map.items[i].value);
}

/* ---- patches ---- */

/* True and FALSE and the like, but not yes, n, on: no others begin so. */
static bool says_truth(struct str s)
{
    return s.n && strchr("tTfF", s.s[0]);
}

void loss_of_operations(struct warnings *w, const struct ynode *n)
{
    if (n->kind == YNODE_SCALAR && n->tag == YTAG_BOOL && n->line &&
        !says_truth(n->text))
        warn_add(w, n, "'" STR_FMT "' is %s in a JSON patch; quote it if it "
                       "is a text", STR_ARG(n->text),
                 yscalar_true(n->text) ? "true" : "false");
    for (size_t i = 0; n->kind == YNODE_SEQ && i < n->seq.n; i++)
        loss_of_operations(w, n->seq.items[i]);
    for (size_t i = 0; n->kind == YNODE_MAP && i < n->map.n; i++)
        loss_of_operations(w, n->map.items[i].value);
}

void loss_of_directives(struct warnings *w, const struct ynode *n)
{
    for (size_t i = 0; n->kind == YNODE_SEQ && i < n->seq.n; i++)
        loss_of_directives(w, n->seq.items[i]);
    for (size_t i = 0; n->kind == YNODE_MAP && i < n->map.n; i++) {
        const struct ypair *p = &n->map.items[i];

        if (str_eq(p->key, STR("$retainKeys")) ||
            str_starts(p->key, STR("$setElementOrder/")) ||
            str_starts(p->key, STR("$deleteFromPrimitiveList/")))
            warn_add(w, p->value, "'" STR_FMT "' is carried out by the API "
                     "server only: here it becomes a field of the object",
                     STR_ARG(p->key));
        loss_of_directives(w, p->value);
    }
}

void loss_of_empty(struct warnings *w, const struct ynode *dest,
                   const struct ynode *patch)
{
    if (patch && patch != dest && !ynode_is_null(patch) &&
        !ynode_count(patch) && ynode_count(dest))
        warn_add(w, patch, "an empty %s is merged, which changes nothing; "
                 "'%s' empties it", ynode_is_map(patch) ? "map" : "list",
                 ynode_is_map(patch) ? "$patch: replace"
                                     : "[{$patch: replace}]");
}

static struct str joined_keys(struct arena *a, const struct ynode *elem,
                              const struct str *keys, size_t n)
{
    struct str all = {0};

    for (size_t i = 0; i < n; i++) {
        struct str one = ynode_text(ynode_get_str(elem, keys[i]));

        if (!one.n)
            return one;
        all = i ? arena_printf(a, STR_FMT "\n" STR_FMT, STR_ARG(all),
                               STR_ARG(one))
                : one;
    }
    return all;
}

void loss_of_twins(struct warnings *w, struct arena *a,
                   const struct ynode *list, const struct str *keys, size_t n)
{
    struct map seen = {0};

    for (size_t i = 0; list && ynode_is_seq(list) && i < list->seq.n; i++) {
        struct ynode *elem = list->seq.items[i];
        struct str key = joined_keys(a, elem, keys, n);

        if (!key.n)
            continue;
        if (map_get(&seen, key))
            warn_add(w, elem, "two elements of a list that is merged have "
                     "the same '" STR_FMT "': only one stays",
                     STR_ARG(keys[0]));
        map_set(a, &seen, key, elem);
    }
    map_free(&seen);
}

/* ---- the kustomization file ---- */

static bool says_something(struct str line)
{
    line = str_trim(line);
    return line.n && line.s[0] != '#';
}

void loss_of_documents(struct warnings *w, struct str text,
                       const struct ynode *root)
{
    struct str line;
    bool next = false;

    for (uint32_t n = 1; text.n; n++) {
        line = str_cut(text, '\n', &text);
        if (n <= root->line)
            continue;
        bool mark = str_starts(line, STR("---")) &&
                    !str_trim(str_skip(line, 3)).n;

        if (next && !mark && says_something(line)) {
            const struct ynode at = {.file = root->file, .line = n, .col = 1};

            warn_add(w, &at, "only the first document of a kustomization "
                             "file is read; this is the second");
            return;
        }
        next = next || mark;
    }
}
