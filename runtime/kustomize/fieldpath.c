#include "runtime/kustomize/fieldpath.h"

#include "runtime/kustomize/regex.h"
#include "runtime/yaml/yscalar.h"
#include "runtime/yaml/ywrite.h"

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

enum part_kind { PART_FIELD, PART_INDEX, PART_ELEMENT, PART_LAST, PART_EACH };

struct part {
    enum part_kind kind;
    int64_t index;
    struct str name, value; /* of [name=value] */
};

static bool read_part(struct str s, bool target, struct part *out,
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

static bool need_list(const struct ynode *n, struct str part, struct err *e)
{
    return ynode_is_seq(n) || ynode_is_null(n) ||
           err_set(e, ERR_INPUT, "'" STR_FMT "' needs a list, but there is "
                                 "none", STR_ARG(part));
}

static bool need_map(const struct ynode *n, struct str part, struct err *e)
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
        if (!read_part(text, false, &part, e))
            return false;
        if (part.kind == PART_FIELD ? !need_map(*out, text, e)
                                    : !need_list(*out, text, e))
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

/* ---- targets ---- */

struct matcher {
    struct arena *a;
    const struct fieldpath *p;
    int create;
    struct found_nodes *out;
    struct err *e;
};

static bool match(struct matcher *m, struct ynode *n, size_t i);

static struct ynode *make(struct matcher *m, int kind)
{
    switch ((enum ynode_kind)kind) {
    case YNODE_MAP: return ynode_map(m->a);
    case YNODE_SEQ: return ynode_seq(m->a);
    case YNODE_SCALAR: break;
    }
    /* Its type is not known before its text is. */
    struct ynode *n = ynode_string(m->a, (struct str){0});

    n->style = YSTYLE_PLAIN;
    n->tag = YTAG_MERGE;
    n->untagged = true;
    return n;
}

/* What part i is to be made as: by what part i + 1 needs. */
static struct ynode *make_for(struct matcher *m, size_t i)
{
    struct part next;
    struct err ignored = {0};

    if (i + 1 >= m->p->n || !m->p->items[i + 1].n)
        return make(m, m->create);
    if (!read_part(m->p->items[i + 1], true, &next, &ignored))
        return make(m, YNODE_SEQ);
    return make(m, next.kind == PART_INDEX || next.kind == PART_ELEMENT
                       ? YNODE_SEQ : YNODE_MAP);
}

/* A part without a name is the value itself, where that is ""; what is to be
 * made there takes its place, but is filled elsewhere. */
static bool match_itself(struct matcher *m, struct ynode *n, size_t i)
{
    if (!ynode_is_scalar(n))
        return err_set(m->e, ERR_INPUT, "a part of the path is empty; take "
                                        "the '.' beside it out");
    if (!ynode_is_null(n) && !n->text.n)
        return match(m, n, i + 1);
    if (m->create < 0)
        return true;
    struct ynode *made = make_for(m, i);

    if (!ynode_is_scalar(made))
        ynode_become(n, made);
    else if (n->style != YSTYLE_PLAIN)
        n->text = STR("");
    else
        ynode_become(n, ynode_null(m->a));
    return match(m, ynode_copy(m->a, made), i + 1);
}

static bool match_field(struct matcher *m, struct ynode *n, size_t i)
{
    struct str name = m->p->items[i];

    if (!name.n)
        return match_itself(m, n, i);

    if (!need_map(n, name, m->e))
        return false;
    struct ynode *field = ynode_get_str(n, name);

    if (!field && m->create < 0)
        return true;
    if (!field) {
        field = make_for(m, i);
        if (ynode_is_map(n))
            yscalar_put(m->a, n, name, field);
    }
    return match(m, field, i + 1);
}

static bool match_index(struct matcher *m, struct ynode *n, size_t i,
                        int64_t index)
{
    if (!need_list(n, m->p->items[i], m->e))
        return false;
    size_t count = ynode_is_seq(n) ? n->seq.n : 0;

    if ((uint64_t)index == count && m->create >= 0 && ynode_is_seq(n)) {
        ynode_push(m->a, n, make_for(m, i));
        count++;
    }
    /* In a null it is made, and lost. */
    if (!index && !count && m->create >= 0 && ynode_is_null(n))
        return match(m, make_for(m, i), i + 1);
    if ((uint64_t)index >= count)
        return err_set(m->e, ERR_INPUT, "index %lld, but the list has %zu "
                                        "elements", (long long)index, count);
    return match(m, n->seq.items[index], i + 1);
}

static bool match_each(struct matcher *m, struct ynode *n, size_t i)
{
    if (!need_list(n, m->p->items[i], m->e))
        return false;
    for (size_t j = 0; ynode_is_seq(n) && j < n->seq.n; j++)
        if (!match(m, n->seq.items[j], i + 1))
            return false;
    return true;
}

/* The text as the YAML file would show it: quotes count. */
static struct str shown(struct matcher *m, const struct ynode *n)
{
    char quote = n->style == YSTYLE_SINGLE   ? '\''
                 : n->style == YSTYLE_DOUBLE ? '"'
                                             : 0;

    if (!ynode_is_scalar(n)) {
        struct buf b = {0};
        struct err ignored = {0};
        struct str text = {0};

        if (ywrite_reread(&b, n, &ignored))
            text = str_trim(arena_dup(m->a, buf_str(&b)));
        buf_free(&b);
        return text;
    }
    if (!quote)
        return str_trim(ynode_text(n));
    return arena_printf(m->a, "%c" STR_FMT "%c", quote, STR_ARG(n->text),
                        quote);
}

static bool match_elements(struct matcher *m, struct ynode *n, size_t i,
                           const struct part *part, const struct regex *r)
{
    for (size_t j = 0; ynode_is_seq(n) && j < n->seq.n; j++) {
        struct ynode *elem = n->seq.items[j];
        const struct ynode *at =
            part->name.n ? ynode_get_str(elem, part->name) : elem;
        bool matches;

        if (!at)
            continue;
        if (!regex_match(r, shown(m, at), &matches, m->e))
            return false;
        /* An element chosen by its own text ends the path. */
        if (matches && !match(m, elem, part->name.n ? i + 1 : m->p->n))
            return false;
    }
    return true;
}

static struct ynode *new_element(struct matcher *m, const struct part *part)
{
    struct ynode *value =
        ynode_scalar(m->a, yscalar_resolve(part->value, YDIALECT_12),
                     part->value);

    value->untagged = true;
    if (!part->name.n) {
        /* As make() has it: it is about to be set. */
        value->tag = YTAG_MERGE;
        return value;
    }
    struct ynode *map = ynode_map(m->a);

    ynode_set(m->a, map, part->name, value);
    return map;
}

static bool match_element(struct matcher *m, struct ynode *n, size_t i,
                          const struct part *part)
{
    size_t before = m->out->n;
    struct regex r;

    if (!need_list(n, m->p->items[i], m->e) ||
        !regex_open(&r, part->value, REGEX_PART, m->e))
        return false;
    bool ok = match_elements(m, n, i, part, &r);

    if (ok && m->out->n == before && m->create >= 0) {
        struct ynode *list = ynode_is_seq(n) ? n : ynode_seq(m->a);

        ynode_push(m->a, list, new_element(m, part));
        ok = match_elements(m, list, i, part, &r);
    }
    regex_close(&r);
    return ok;
}

static bool match(struct matcher *m, struct ynode *n, size_t i)
{
    struct part part;

    if (i == m->p->n) {
        if (m->out->n == FIELDPATH_FOUND_MAX)
            return err_set(m->e, ERR_INPUT, "the path leads to more than %d "
                                            "places", FIELDPATH_FOUND_MAX);
        arena_push(m->a, m->out, n);
        return true;
    }
    if (!read_part(m->p->items[i], true, &part, m->e))
        return false;
    switch (part.kind) {
    case PART_INDEX: return match_index(m, n, i, part.index);
    case PART_ELEMENT: return match_element(m, n, i, &part);
    case PART_EACH: return match_each(m, n, i);
    case PART_LAST:
    case PART_FIELD: break;
    }
    return match_field(m, n, i);
}

bool fieldpath_match(struct arena *a, struct ynode *root,
                     const struct fieldpath *p, int create,
                     struct found_nodes *out, struct err *e)
{
    struct matcher m = {.a = a, .p = p, .create = create, .out = out, .e = e};

    *out = (struct found_nodes){0};
    return match(&m, root, 0);
}
