#include "runtime/yaml/yread_internal.h"

#include "base/die.h"
#include "runtime/yaml/yhint.h"

#include <string.h>

enum { LAST_WINS_LINEAR = 16, OPEN_FIRST = 64 };

static bool read_node(struct reader *r, yaml_event_t *ev, struct ynode **out);

bool reader_fail(struct reader *r, yaml_mark_t at, const char *what)
{
    return err_set(r->e, ERR_INPUT, "%s:%u:%u: %s",
                   r->o->file ? r->o->file : "-",
                   (uint32_t)at.line + r->line, (uint32_t)at.column + 1, what);
}

static bool fail_parse(struct reader *r)
{
    yaml_parser_t *p = &r->parser;
    const char *what = p->problem ? p->problem : "malformed YAML";
    const char *remedy = "";

    if (p->error == YAML_READER_ERROR)
        return err_set(r->e, ERR_INPUT, "%s: byte %zu: %s; save it as UTF-8",
                       r->o->file ? r->o->file : "-", p->problem_offset, what);
    if (strstr(what, "cannot start any token"))
        remedy = "; indent with spaces and quote text that begins so";
    else if (strstr(what, "mapping values are not allowed"))
        remedy = "; quote the text or mend the indentation";
    else if (strstr(what, "could not find expected ':'"))
        remedy = "; a key needs ': ' and its value";
    else if (strstr(what, "did not find expected"))
        remedy = "; mend the indentation or the brackets";
    struct str said = arena_printf(r->a, "%s%s", what, remedy);

    return reader_fail(r, p->problem_mark, said.s);
}

static bool next(struct reader *r, yaml_event_t *ev)
{
    return yaml_parser_parse(&r->parser, ev) || fail_parse(r);
}

static bool read_items(struct reader *r, struct ynode *seq)
{
    for (;;) {
        yaml_event_t ev;
        struct ynode *item = NULL;

        if (!next(r, &ev))
            return false;
        if (ev.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&ev);
            return true;
        }
        bool ok = read_node(r, &ev, &item);

        yaml_event_delete(&ev);
        if (!ok)
            return false;
        ynode_push(r->a, seq, item);
    }
}

static bool merge_one(struct reader *r, yaml_mark_t at, struct ynode *map,
                      const struct ynode *from, bool over)
{
    if (!ynode_is_map(from))
        return reader_fail(r, at, "'<<' takes a map or a list of maps");
    for (size_t i = 0; i < from->map.n; i++) {
        const struct ypair *p = &from->map.items[i];
        struct ypair *old = ynode_pair(map, p->key);
        struct ynode *copy;

        if (old && !over)
            continue;
        if (!reader_copy(r, at, p->value, &copy))
            return false;
        if (old)
            old->value = copy;
        else
            arena_push(r->a, &map->map,
                       ((struct ypair){p->key, copy, p->line, p->col, p->tag}));
    }
    return true;
}

/* Merge keys last, so that the map's own keys stand. Of several sources the
 * later wins, which is how the reference reads them. */
static bool merge_all(struct reader *r, yaml_mark_t at, struct ynode *map,
                      struct ynode *sources)
{
    for (size_t i = sources->seq.n; i-- > 0;) {
        struct ynode *s = sources->seq.items[i];

        if (!ynode_is_seq(s)) {
            if (!merge_one(r, at, map, s, false))
                return false;
            continue;
        }
        for (size_t j = s->seq.n; j-- > 0;)
            if (!merge_one(r, at, map, s->seq.items[j], false))
                return false;
    }
    return true;
}

/* A map while it is read: its pairs are the last of those that are open. */
struct unread {
    size_t from;
    struct map index;      /* of the keys, once they are many */
    struct ynode *sources; /* of its merge keys; NULL: none */
    yaml_mark_t merged;
};

/* Where the key stands already, or where its hash says it does. */
static struct ypair *seen(struct reader *r, struct unread *u, struct str key)
{
    struct ypair *items = r->open.items + u->from;
    struct ynode map = {.kind = YNODE_MAP};

    map.map.items = items;
    map.map.n = r->open.n - u->from;
    if (map.map.n < LAST_WINS_LINEAR)
        return ynode_pair(&map, key);
    if (map.map.n == LAST_WINS_LINEAR && !u->index.head)
        for (size_t i = 0; i < map.map.n; i++)
            map_set(r->a, &u->index, items[i].key,
                    (void *)(uintptr_t)(i + 1));
    size_t at = (size_t)(uintptr_t)map_get(&u->index, key);

    return at ? &items[at - 1] : NULL;
}

static bool add_pair(struct reader *r, struct unread *u,
                     const struct ynode *key, struct ynode *value)
{
    struct ypair p = {key->text, value, key->line, key->col, key->tag};
    struct ypair *old = r->o->duplicates == YDUP_KEEP
                            ? NULL : seen(r, u, key->text);

    if (old && r->o->duplicates == YDUP_REFUSE)
        return err_set(r->e, ERR_INPUT,
                       "%s: key '" STR_FMT "' is here twice, first on line "
                       "%u; remove one", ynode_where(r->a, key).s,
                       STR_ARG(key->text), old->line);
    if (old) {
        *old = p;
        return true;
    }
    arena_push(r->a, &r->open, p);
    if (u->index.head)
        map_set(r->a, &u->index, key->text,
                (void *)(uintptr_t)(r->open.n - u->from));
    return true;
}

static bool read_pairs(struct reader *r, struct unread *u)
{
    for (;;) {
        yaml_event_t ev;
        struct ynode key = {0}, *value = NULL;

        if (!next(r, &ev))
            return false;
        bool over = ev.type == YAML_MAPPING_END_EVENT;
        yaml_mark_t at = ev.start_mark;
        bool ok = over || reader_key(r, &ev, &key);

        yaml_event_delete(&ev);
        if (over || !ok)
            return ok;
        if (!next(r, &ev))
            return false;
        ok = read_node(r, &ev, &value);
        yaml_event_delete(&ev);
        if (!ok)
            return false;
        if (key.tag == YTAG_MERGE) {
            u->merged = at;
            u->sources = u->sources ? u->sources : ynode_seq(r->a);
            ynode_push(r->a, u->sources, value);
        } else if (!add_pair(r, u, &key, value)) {
            return false;
        }
    }
}

static bool read_map(struct reader *r, struct ynode *map)
{
    struct unread u = {.from = r->open.n};
    bool ok = read_pairs(r, &u);
    size_t n = r->open.n - u.from;

    if (n) {
        map->map.items = arena_array(r->a, struct ypair, n);
        memcpy(map->map.items, r->open.items + u.from,
               n * sizeof(struct ypair));
        map->map.n = map->map.cap = n;
    }
    r->open.n = u.from;
    map_free(&u.index);
    return ok && (!u.sources || merge_all(r, u.merged, map, u.sources));
}

static bool read_collection(struct reader *r, yaml_event_t *ev,
                            struct ynode **out)
{
    bool is_seq = ev->type == YAML_SEQUENCE_START_EVENT;
    bool flow = is_seq ? ev->data.sequence_start.style ==
                             YAML_FLOW_SEQUENCE_STYLE
                       : ev->data.mapping_start.style ==
                             YAML_FLOW_MAPPING_STYLE;

    if (r->depth == YREAD_DEPTH_MAX)
        return reader_fail(r, ev->start_mark, "maps and lists nest too deep");
    if (!reader_make(r, ev, is_seq ? YNODE_SEQ : YNODE_MAP, out))
        return false;
    (*out)->style = flow ? YSTYLE_FLOW : YSTYLE_PLAIN;
    r->depth++;
    bool ok = is_seq ? read_items(r, *out) : read_map(r, *out);

    r->depth--;
    /* Only now: an alias inside its own anchor has nothing to stand for. */
    if (ok)
        reader_anchor(r, is_seq ? ev->data.sequence_start.anchor
                              : ev->data.mapping_start.anchor, *out);
    return ok;
}

static bool read_node(struct reader *r, yaml_event_t *ev, struct ynode **out)
{
    if (ev->type == YAML_ALIAS_EVENT)
        return reader_alias(r, ev, out);
    if (ev->type == YAML_SCALAR_EVENT)
        return reader_scalar(r, ev, out);
    return read_collection(r, ev, out);
}

static bool end_document(struct reader *r)
{
    yaml_event_t ev;

    if (!next(r, &ev))
        return false;
    yaml_event_delete(&ev);
    return true;
}

/* The first document's node; *out stays NULL where the stream has none. */
static bool read_document(struct reader *r, struct ynode **out)
{
    for (;;) {
        yaml_event_t ev;

        if (!next(r, &ev))
            return false;
        bool ends = ev.type == YAML_STREAM_END_EVENT;
        bool starts = ev.type == YAML_STREAM_START_EVENT ||
                      ev.type == YAML_DOCUMENT_START_EVENT;
        bool ok = ends || starts || read_node(r, &ev, out);

        yaml_event_delete(&ev);
        if (!starts)
            return ok && (ends || end_document(r));
    }
}

bool reader_first(struct arena *a, struct str text,
                  const struct yread_options *o, struct yread_odd *odd,
                  struct ynode **out, struct err *e)
{
    struct ypair few[OPEN_FIRST];
    struct reader r = {.a = a, .o = o, .e = e, .text = text,
                       .open = {few, 0, OPEN_FIRST}, .odd = odd,
                       .line = o->line ? o->line : 1};

    *out = NULL;
    r.nodes_max = o->nodes_max ? o->nodes_max : YREAD_NODES_MAX;
    if (text.n > YREAD_BYTES_MAX)
        return err_set(e, ERR_INPUT, "%s: larger than %d MiB",
                       o->file ? o->file : "-", YREAD_BYTES_MAX >> 20);
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = r.text = str_skip(text, 3);
    if (!text.n)
        return true;
    if (!yaml_parser_initialize(&r.parser))
        die_oom();
    r.slashes = str_find(text, '\\') < text.n;
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.s,
                                 text.n);
    bool ok = read_document(&r, out);

    yaml_parser_delete(&r.parser);
    map_free(&r.anchors);
    if (ok)
        yhint_read(text, r.line, *out);
    return ok;
}

bool yread_first(struct arena *a, struct str text,
                 const struct yread_options *o, struct ynode **out,
                 struct err *e)
{
    return reader_first(a, text, o, NULL, out, e);
}
