#include "graph/graph_load.h"

bool graph_load_wrong(struct graph_loader *l, const char *what, const char *wanted)
{
    return err_set(l->e, ERR_INPUT, "'%s' is not %s", what, wanted);
}

bool graph_load_word(struct str s, const char *const *words, unsigned *out)
{
    for (*out = 0; words[*out]; ++*out)
        if (str_eq(s, str_of(words[*out])))
            return true;
    return false;
}

struct members members_of(struct graph_loader *l, const struct value *v)
{
    if (v->kind != VALUE_MAP)
        return (struct members){
            .l = l, .ok = err_set(l->e, ERR_INPUT, "that is no object")};
    return (struct members){l, v->map.pairs, v->map.n, true};
}

const struct value *member(struct members *m, const char *key)
{
    if (!m->left || !str_eq(m->next->key, str_of(key)))
        return NULL;
    m->left--;
    return &m->next++->value;
}

static const struct value *member_of(struct members *m, const char *key,
                                     enum value_kind kind, const char *wanted)
{
    const struct value *v = member(m, key);

    if (!v || v->kind == kind)
        return v;
    m->ok = graph_load_wrong(m->l, key, wanted);
    return NULL;
}

struct str member_text(struct members *m, const char *key)
{
    const struct value *v = member_of(m, key, VALUE_STRING, "a string");

    return v ? v->s : STR("");
}

int64_t member_int(struct members *m, const char *key)
{
    const struct value *v = member_of(m, key, VALUE_INT, "a whole number");

    return v ? v->i : 0;
}

bool member_flag(struct members *m, const char *key)
{
    const struct value *v = member_of(m, key, VALUE_BOOL, "true or false");

    return v && v->b;
}

struct value member_value(struct members *m, const char *key)
{
    const struct value *v = member(m, key);

    return v ? *v : (struct value){.kind = VALUE_NONE};
}

const struct value *member_list(struct members *m, const char *key)
{
    static const struct value empty = {.kind = VALUE_LIST};
    const struct value *v = member_of(m, key, VALUE_LIST, "a list");

    return v ? v : &empty;
}

struct graph_place member_place(struct members *m)
{
    const struct value *p = member_list(m, "place");
    struct graph_place out = {.file = m->l->g->file};
    size_t n = p->list.n, at = n == 3;

    if (n == 0)
        return out;
    if ((n != 2 && n != 3) || p->list.items[at].kind != VALUE_INT ||
        p->list.items[at + 1].kind != VALUE_INT ||
        (at && p->list.items[0].kind != VALUE_STRING)) {
        m->ok = graph_load_wrong(m->l, "place", "[file, line, column]");
        return out;
    }
    if (at)
        out.file = p->list.items[0].s;
    out.line = (uint32_t)p->list.items[at].i;
    out.col = (uint32_t)p->list.items[at + 1].i;
    return out;
}

bool members_end(struct members *m)
{
    return m->ok && (!m->left || err_set(m->l->e, ERR_INPUT, "there is no '"
                                         STR_FMT "' at that place",
                                         STR_ARG(m->next->key)));
}
