#include "runtime/kustomize/fieldpath_internal.h"

#include "runtime/kustomize/regex.h"
#include "runtime/yaml/yscalar.h"
#include "runtime/yaml/ywrite.h"

/* Targets of replacements: every place that a path leads to, made where it is
 * not there yet. */

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
    if (!fieldpath_read_part(m->p->items[i + 1], true, &next, &ignored))
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
    if (!fieldpath_need_map(n, name, m->e))
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
    if (!fieldpath_need_list(n, m->p->items[i], m->e))
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
    if (!fieldpath_need_list(n, m->p->items[i], m->e))
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

    if (!fieldpath_need_list(n, m->p->items[i], m->e) ||
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
    if (!fieldpath_read_part(m->p->items[i], true, &part, m->e))
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
