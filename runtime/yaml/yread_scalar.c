#include "runtime/yaml/yread_internal.h"

#include "runtime/yaml/yscalar.h"

#include <string.h>

static bool count(struct reader *r, const yaml_event_t *ev)
{
    r->written++;
    return ++r->nodes <= r->nodes_max ||
           reader_fail(r, ev->start_mark, "the document has too many values");
}

static void put_place(struct reader *r, const yaml_event_t *ev,
                      enum ynode_kind kind, struct ynode *n)
{
    n->kind = (uint8_t)kind;
    n->line = (uint32_t)ev->start_mark.line + r->line;
    n->col = (uint32_t)ev->start_mark.column + 1;
    n->file = r->o->file;
}

bool reader_make(struct reader *r, const yaml_event_t *ev, enum ynode_kind kind,
                 struct ynode **out)
{
    if (!count(r, ev))
        return false;
    *out = arena_new(r->a, struct ynode);
    put_place(r, ev, kind, *out);
    return true;
}

static size_t tree_size(const struct ynode *n)
{
    size_t size = 1;

    if (n->kind == YNODE_SEQ)
        for (size_t i = 0; i < n->seq.n; i++)
            size += tree_size(n->seq.items[i]);
    else if (n->kind == YNODE_MAP)
        for (size_t i = 0; i < n->map.n; i++)
            size += tree_size(n->map.items[i].value);
    return size;
}

bool reader_copy(struct reader *r, yaml_mark_t at,
                         const struct ynode *n, struct ynode **out)
{
    size_t size = tree_size(n);

    r->copied += size;
    r->nodes += size;
    if (r->copied > YREAD_COPIES_MAX + 10 * r->written ||
        r->nodes > r->nodes_max)
        return reader_fail(r, at, "aliases make the document too large; "
                              "write the values out");
    *out = ynode_copy(r->a, n);
    return true;
}

bool reader_alias(struct reader *r, yaml_event_t *ev, struct ynode **out)
{
    const char *name = (const char *)ev->data.alias.anchor;
    struct ynode *n = map_get(&r->anchors, str_of(name));

    if (n)
        return reader_copy(r, ev->start_mark, n, out);
    struct str what = arena_printf(
        r->a, "alias '*%s' has no anchor '&%s' before it in this document",
        name, name);

    return reader_fail(r, ev->start_mark, what.s);
}

void reader_anchor(struct reader *r, const yaml_char_t *anchor,
                        struct ynode *n)
{
    if (anchor)
        map_set(r->a, &r->anchors,
                arena_dup(r->a, str_of((const char *)anchor)), n);
}

/* The short name of a tag of the YAML schema, NULL for any other. */
static const char *core_tag(const yaml_char_t *tag)
{
    static const char prefix[] = "tag:yaml.org,2002:";

    if (strncmp((const char *)tag, prefix, sizeof(prefix) - 1))
        return NULL;
    return (const char *)tag + sizeof(prefix) - 1;
}

static void tag_explicit(struct reader *r, struct ynode *n, const char *name)
{
    static const struct {
        const char *name;
        enum ytag tag;
    } tags[] = {
        {"str", YTAG_STR},     {"null", YTAG_NULL}, {"bool", YTAG_BOOL},
        {"int", YTAG_INT},     {"float", YTAG_FLOAT},
        {"timestamp", YTAG_TIME}, {"binary", YTAG_BINARY},
    };
    enum ytag found = yscalar_resolve(n->text, r->o->dialect);

    for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
        if (strcmp(tags[i].name, name) != 0)
            continue;
        n->tag = (uint8_t)tags[i].tag;
        /* Quotes say nothing beside a tag. */
        if (n->tag == YTAG_BOOL || n->tag == YTAG_INT || n->tag == YTAG_FLOAT)
            n->style = YSTYLE_PLAIN;
        n->bad_tag = n->tag != found && n->tag != YTAG_STR &&
                     n->tag != YTAG_BINARY &&
                     !(n->tag == YTAG_FLOAT && found == YTAG_INT);
        return;
    }
    n->tag = YTAG_STR;
}

/* The byte where the parser's character index lies; indexes only grow. */
static size_t byte_at(struct reader *r, size_t index)
{
    while (r->at_char < index && r->at_byte < r->text.n) {
        size_t n = str_utf8(str_skip(r->text, r->at_byte));

        r->at_byte += n ? n : 1;
        r->at_char++;
    }
    return r->at_byte;
}

/* The reference's readers refuse the one escape that JSON has and YAML 1.1
 * had not. */
static bool check_escapes(struct reader *r, const yaml_event_t *ev)
{
    size_t i = byte_at(r, ev->start_mark.index);
    size_t to = byte_at(r, ev->end_mark.index);

    for (; i + 1 < to; i++) {
        if (r->text.s[i] != '\\')
            continue;
        if (r->text.s[++i] == '/')
            return reader_fail(r, ev->start_mark,
                           "'\\/' is no escape of YAML; write '/'");
    }
    return true;
}

static bool read_scalar(struct reader *r, yaml_event_t *ev, struct ynode *n)
{
    static const uint8_t styles[] = {
        [YAML_PLAIN_SCALAR_STYLE] = YSTYLE_PLAIN,
        [YAML_SINGLE_QUOTED_SCALAR_STYLE] = YSTYLE_SINGLE,
        [YAML_DOUBLE_QUOTED_SCALAR_STYLE] = YSTYLE_DOUBLE,
        [YAML_LITERAL_SCALAR_STYLE] = YSTYLE_LITERAL,
        [YAML_FOLDED_SCALAR_STYLE] = YSTYLE_FOLDED,
    };
    struct str text = {(const char *)ev->data.scalar.value,
                       ev->data.scalar.length};
    const yaml_char_t *tag = ev->data.scalar.tag;

    n->text = arena_dup(r->a, text);
    n->style = styles[ev->data.scalar.style];
    if (r->slashes && n->style == YSTYLE_DOUBLE && !check_escapes(r, ev))
        return false;
    if (tag && core_tag(tag))
        tag_explicit(r, n, core_tag(tag));
    else if (!tag && n->style == YSTYLE_PLAIN)
        n->tag = (uint8_t)yscalar_resolve(n->text, r->o->dialect);
    return true;
}

static bool is_odd(const struct ynode *n)
{
    return n->style == YSTYLE_PLAIN &&
           (n->tag == YTAG_TIME || (n->text.n > YREAD_PLAIN_DIGITS &&
                                    (n->tag == YTAG_INT ||
                                     n->tag == YTAG_FLOAT)));
}

bool reader_scalar(struct reader *r, yaml_event_t *ev, struct ynode **out)
{
    if (!reader_make(r, ev, YNODE_SCALAR, out) || !read_scalar(r, ev, *out))
        return false;
    if (r->odd && is_odd(*out))
        arena_push(r->a, r->odd, *out);
    reader_anchor(r, ev->data.scalar.anchor, *out);
    return true;
}

bool reader_key(struct reader *r, yaml_event_t *ev, struct ynode *key)
{
    struct ynode *alias = NULL;

    if (ev->type == YAML_ALIAS_EVENT && !reader_alias(r, ev, &alias))
        return false;
    if (alias ? alias->kind != YNODE_SCALAR : ev->type != YAML_SCALAR_EVENT)
        return reader_fail(r, ev->start_mark,
                           "a key must be a string, not a map or list");
    if (alias) {
        *key = *alias;
        return true;
    }
    put_place(r, ev, YNODE_SCALAR, key);
    if (!count(r, ev) || !read_scalar(r, ev, key))
        return false;
    if (ev->data.scalar.anchor)
        reader_anchor(r, ev->data.scalar.anchor, ynode_copy(r->a, key));
    return true;
}
