#include "runtime/kustomize/fieldpath_internal.h"

#include "runtime/yaml/yscalar.h"

/* ---- splitting ---- */

static struct str join(struct arena *a, struct str x, struct str y)
{
    return arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(x), STR_ARG(y));
}

/* At each '.', but not at "\."; one in front counts for nothing. */
static bool split_dots(struct arena *a, struct str path, struct fieldpath *out,
                       struct err *e)
{
    struct str rest = path;
    bool more;

    if (rest.n > 1 && rest.s[0] == '.')
        rest = str_skip(rest, 1);

    do {
        more = str_find(rest, '.') < rest.n;
        struct str part = str_cut(rest, '.', &rest);
        struct str *last = out->n ? &out->items[out->n - 1] : NULL;

        if (last && last->n && last->s[last->n - 1] == '\\') {
            *last = join(a, str_sub(*last, 0, last->n - 1), part);
            continue;
        }
        if (out->n == FIELDPATH_PARTS_MAX)
            return err_set(e, ERR_INPUT, "a field path of more than %d parts",
                           FIELDPATH_PARTS_MAX);
        arena_push(a, out, part);
    } while (more);
    return true;
}

static struct str trim_brackets(struct str s)
{
    while (s.n && (s.s[0] == '[' || s.s[0] == ']'))
        s = str_skip(s, 1);
    while (s.n && (s.s[s.n - 1] == '[' || s.s[s.n - 1] == ']'))
        s.n--;
    return s;
}

bool fieldpath_split(struct arena *a, struct str path, struct fieldpath *out,
                     struct err *e)
{
    size_t n = 0;

    *out = (struct fieldpath){0};
    if (!split_dots(a, path, out, e))
        return false;
    for (size_t i = 0; i < out->n; i++) {
        struct str part = out->items[i];

        if (!str_starts(part, STR("[")) || str_ends(part, STR("]"))) {
            out->items[n++] = part;
            continue;
        }
        /* What brackets hold together. */
        while (i + 1 < out->n) {
            struct str next = out->items[++i];

            part = join(a, part, next);
            if (str_ends(next, STR("]")))
                break;
        }
        out->items[n++] = str_find(part, '=') < part.n ? part
                                                       : trim_brackets(part);
    }
    out->n = n;
    return true;
}

/* ---- parts ---- */

bool fieldpath_read_part(struct str s, bool target, struct part *out,
                         struct err *e)
{
    *out = (struct part){.kind = PART_FIELD, .name = s};
    bool plus = s.n > 1 && s.s[0] == '+' && s.s[1] != '-';

    if (str_int(plus ? str_skip(s, 1) : s, &out->index)) {
        if (out->index >= 0)
            out->kind = PART_INDEX;
        else if (!target)
            return err_set(e, ERR_INPUT, "a list's index cannot be negative");
    } else if (str_starts(s, STR("[")) && str_ends(s, STR("]"))) {
        struct str inner = str_sub(s, 1, s.n > 1 ? s.n - 2 : 0);

        if (str_find(inner, '=') == inner.n)
            return err_set(e, ERR_INPUT, "'" STR_FMT "' must be [field=value]",
                           STR_ARG(s));
        out->kind = PART_ELEMENT;
        out->name = str_cut(inner, '=', &out->value);
    } else if (!target && str_eq(s, STR("-"))) {
        out->kind = PART_LAST;
    } else if (target && str_eq(s, STR("*"))) {
        out->kind = PART_EACH;
    }
    return true;
}

bool fieldpath_need_list(const struct ynode *n, struct str part, struct err *e)
{
    return ynode_is_seq(n) || ynode_is_null(n) ||
           err_set(e, ERR_INPUT, "'" STR_FMT "' needs a list, but there is "
                                 "none", STR_ARG(part));
}

bool fieldpath_need_map(const struct ynode *n, struct str part, struct err *e)
{
    return ynode_is_map(n) || ynode_is_null(n) ||
           err_set(e, ERR_INPUT, "'" STR_FMT "' needs a map, but there is "
                                 "none", STR_ARG(part));
}

/* ---- sources ---- */

static struct ynode *element(const struct ynode *list, const struct part *p)
{
    for (size_t i = 0; ynode_is_seq(list) && i < list->seq.n; i++) {
        struct ynode *elem = list->seq.items[i];
        const struct ynode *at =
            p->name.n ? ynode_get_str(elem, p->name) : elem;

        if (at && str_eq(ynode_text(at), p->value))
            return elem;
    }
    return NULL;
}

static struct ynode *make_element(struct arena *a, struct ynode *list,
                                  const struct part *p)
{
    struct ynode *value =
        ynode_scalar(a, yscalar_resolve(p->value, YDIALECT_12), p->value);
    struct ynode *elem = value;

    if (p->name.n) {
        elem = ynode_map(a);
        ynode_set(a, elem, p->name, value);
    }
    ynode_push(a, list, elem);
    return elem;
}

static struct ynode *make_field(struct arena *a, struct ynode *map,
                                struct str name, const struct str *next)
{
    struct ynode *n = !next ? ynode_string(a, STR(""))
                      : str_starts(*next, STR("[")) ? ynode_seq(a)
                                                    : ynode_map(a);

    yscalar_put(a, map, name, n);
    return n;
}

bool fieldpath_get(struct arena *make, struct ynode *root,
                   const struct fieldpath *p, struct ynode **out,
                   struct err *e)
{
    *out = root;
    for (size_t i = 0; *out && i < p->n; i++) {
        struct str text = str_trim(p->items[i]);
        struct part part;

        if (!text.n)
            continue;
        if (!fieldpath_read_part(text, false, &part, e))
            return false;
        if (part.kind == PART_FIELD ? !fieldpath_need_map(*out, text, e)
                                    : !fieldpath_need_list(*out, text, e))
            return false;
        size_t n = ynode_is_seq(*out) ? (*out)->seq.n : 0;

        struct ynode *in = *out;

        if (part.kind == PART_FIELD)
            *out = ynode_get_str(in, text);
        else if (part.kind == PART_ELEMENT)
            *out = element(in, &part);
        else if (part.kind == PART_LAST)
            *out = n ? (*out)->seq.items[n - 1] : NULL;
        else
            *out = (uint64_t)part.index < n ? (*out)->seq.items[part.index]
                                            : NULL;
        if (*out || !make)
            continue;
        if (part.kind == PART_FIELD && ynode_is_map(in))
            *out = make_field(make, in, text,
                              i + 1 < p->n ? &p->items[i + 1] : NULL);
        if (part.kind == PART_ELEMENT && ynode_is_seq(in))
            *out = make_element(make, in, &part);
    }
    return true;
}
