#include "runtime/kustomize/node_hash.h"

#include "runtime/kustomize/node_place.h"
#include "runtime/kustomize/noted.h"
#include "runtime/yaml/ywrite.h"

/* The reference's numbers. */
enum {
    KIND_SEQ = 2, KIND_MAP = 4, KIND_SCALAR = 8,
    STYLE_FOLDED = 16, STYLE_FLOW = 32, /* and those of node_place.h */
};

/* Where a node was read; made by code: all 0, and no tag. */
struct at {
    uint32_t line, col;
};

/* The text that generators begin with, and what stands where in it. */
static const struct at ROOT = {2, 1}, API_VERSION = {2, 1},
                       API_VERSION_VALUE = {2, 13}, KIND = {3, 1},
                       KIND_VALUE = {3, 7}, NOWHERE = {0, 0};

static void open_node(struct buf *b, int kind, int style, const char *tag,
                      struct str value)
{
    buf_addf(b, "{\"Kind\":%d,\"Style\":%d,\"Tag\":\"%s\",\"Value\":", kind,
             style, tag);
    ywrite_json_string(b, value);
    buf_adds(b, ",\"Anchor\":\"\",\"Alias\":null,\"Content\":");
}

static void close_node(struct buf *b, struct at at)
{
    buf_addf(b, ",\"HeadComment\":\"\",\"LineComment\":\"\","
                "\"FootComment\":\"\",\"Line\":%u,\"Column\":%u}",
             at.line, at.col);
}

static void put_text(struct buf *b, struct str text, int style,
                     const char *tag, struct at at)
{
    open_node(b, KIND_SCALAR, style, tag, text);
    buf_adds(b, "null");
    close_node(b, at);
}

static const char *tag_of(const struct ynode *n)
{
    static const char *const tags[] = {
        [YTAG_STR] = "!!str", [YTAG_NULL] = "!!null", [YTAG_BOOL] = "!!bool",
        [YTAG_INT] = "!!int", [YTAG_FLOAT] = "!!float",
        [YTAG_TIME] = "!!timestamp", [YTAG_BINARY] = "!!binary",
        [YTAG_MERGE] = "!!merge",
    };

    return n->untagged ? "" : tags[n->tag];
}

static int style_of(const struct ynode *n)
{
    static const int styles[] = {
        [YSTYLE_PLAIN] = 0, [YSTYLE_SINGLE] = NODE_SINGLE,
        [YSTYLE_DOUBLE] = NODE_DOUBLE, [YSTYLE_LITERAL] = NODE_LITERAL,
        [YSTYLE_FOLDED] = STYLE_FOLDED, [YSTYLE_FLOW] = STYLE_FLOW,
    };

    return styles[n->style];
}

static struct at at_of(const struct ynode *n)
{
    return n->untagged ? NOWHERE : (struct at){n->line, n->col};
}

static void put_scalar(struct buf *b, const struct ynode *n)
{
    bool read = n->line && !n->untagged && ynode_is_string(n);

    put_text(b, n->text,
             read && !n->file ? node_shape(n->text, false).style : style_of(n),
             tag_of(n), at_of(n));
}

static void put_key(struct buf *b, const struct ypair *p)
{
    put_text(b, p->key, p->line ? node_shape(p->key, true).style : 0,
             p->line ? "!!str" : "", (struct at){p->line, p->col});
}

static void put_node(struct buf *b, const struct ynode *n);

static void put_content(struct buf *b, const struct ynode *n)
{
    bool map = n->kind == YNODE_MAP;

    buf_adds(b, ynode_count(n) ? "[" : "null");
    for (size_t i = 0; i < ynode_count(n); i++) {
        if (i)
            buf_addc(b, ',');
        if (map) {
            put_key(b, &n->map.items[i]);
            buf_addc(b, ',');
        }
        put_node(b, map ? n->map.items[i].value : n->seq.items[i]);
    }
    if (ynode_count(n))
        buf_addc(b, ']');
}

static void put_node(struct buf *b, const struct ynode *n)
{
    if (n->kind == YNODE_SCALAR) {
        put_scalar(b, n);
        return;
    }
    bool map = n->kind == YNODE_MAP;
    bool empty = n->line && !n->file && !ynode_count(n);

    open_node(b, map ? KIND_MAP : KIND_SEQ, empty ? STYLE_FLOW : style_of(n),
              !n->line ? "" : map ? "!!map" : "!!seq", STR(""));
    put_content(b, n);
    close_node(b, (struct at){n->line, n->col});
}

static void put_annotation(struct buf *b, const struct ynode *value,
                           enum noted_how how)
{
    static const int styles[] = {[NOTED_PLAIN] = 0,
                                 [NOTED_QUOTED] = NODE_DOUBLE,
                                 [NOTED_ALONE] = NODE_SINGLE};

    if (how == NOTED_AS_NODE || value->kind != YNODE_SCALAR)
        put_node(b, value);
    else
        put_text(b, value->text, styles[how], "!!str", NOWHERE);
}

static void put_annotations(struct arena *a, struct buf *b,
                            const struct resource *r)
{
    const struct ynode *notes = noted_show(a, r);
    const struct noted *x = r->noted;
    size_t n = 0;

    put_text(b, STR("annotations"), 0, "", NOWHERE);
    buf_addc(b, ',');
    open_node(b, KIND_MAP, 0, "", STR(""));
    for (size_t i = 0; i < x->n; i++) {
        const struct ynode *value = ynode_get_str(notes, x->items[i].key);

        if (!value)
            continue;
        buf_addc(b, n++ ? ',' : '[');
        put_text(b, x->items[i].key, 0, "", NOWHERE);
        buf_addc(b, ',');
        put_annotation(b, value, x->items[i].how);
    }
    buf_adds(b, n ? "]" : "null");
    close_node(b, NOWHERE);
}

/* A field that was set since a text was read: it has a type, but no place. */
static bool is_set(const struct noted *x, const struct ypair *p)
{
    const struct ynode *n = p->value;

    if (!x->reread || n->kind != YNODE_SCALAR)
        return false;
    if (str_eq(p->key, STR("namespace")))
        return n->untagged || !str_eq(n->text, x->ns);
    return n->untagged && !p->line;
}

static void put_metadata(struct arena *a, struct buf *b,
                         const struct resource *r)
{
    const struct ynode *meta = ynode_get(r->node, "metadata");
    size_t others = 0, n = 0;

    open_node(b, KIND_MAP, 0, r->noted->reread ? "!!map" : "", STR(""));
    for (size_t i = 0; i <= ynode_count(meta); i++) {
        if (others == r->noted->before || i == ynode_count(meta)) {
            if (others <= r->noted->before) {
                buf_addc(b, n++ ? ',' : '[');
                put_annotations(a, b, r);
                others = r->noted->before + 1;
            }
        }
        const struct ypair *p =
            i < ynode_count(meta) ? &meta->map.items[i] : NULL;

        if (!p || str_eq(p->key, STR("annotations")))
            continue;
        buf_addc(b, n++ ? ',' : '[');
        put_key(b, p);
        buf_addc(b, ',');
        if (is_set(r->noted, p))
            put_text(b, p->value->text, style_of(p->value), "!!str", NOWHERE);
        else
            put_node(b, p->value);
        others += others < r->noted->before;
    }
    buf_addc(b, ']');
    close_node(b, r->noted->reread ? at_of(meta) : NOWHERE);
}

/* What was only replaced stands where the first text stood; NULL is not there.
 */
static void put_first(struct buf *b, const char *key, struct at at,
                      const struct ynode *value, struct at value_at)
{
    if (!value)
        return;
    put_text(b, str_of(key), 0, "!!str", at);
    buf_addc(b, ',');
    if (value->untagged || value->line || value->kind != YNODE_SCALAR)
        put_node(b, value);
    else
        put_text(b, ynode_text(value), 0, "!!str", value_at);
}

static void put_field(struct arena *a, struct buf *b, const struct resource *r,
                      const struct ypair *p)
{
    put_key(b, p);
    buf_addc(b, ',');
    if (str_eq(p->key, STR("metadata")) && ynode_is_map(p->value))
        put_metadata(a, b, r);
    else
        put_node(b, p->value);
}

/* The object as generators begin it. */
static void put_begun(struct arena *a, struct buf *b, const struct resource *r)
{
    const struct ynode *api_version = ynode_get(r->node, "apiVersion");
    const struct ynode *kind = ynode_get(r->node, "kind");

    put_first(b, "apiVersion", API_VERSION, api_version, API_VERSION_VALUE);
    if (api_version && kind)
        buf_addc(b, ',');
    put_first(b, "kind", KIND, kind, KIND_VALUE);
    for (size_t i = 0; i < r->node->map.n; i++) {
        const struct ypair *p = &r->node->map.items[i];

        if (str_eq(p->key, STR("apiVersion")) || str_eq(p->key, STR("kind")))
            continue;
        buf_addc(b, ',');
        put_field(a, b, r, p);
    }
}

void node_json(struct arena *a, struct buf *b, struct resource *r)
{
    bool reread = r->noted->reread;

    noted_sync(a, r);
    open_node(b, KIND_MAP, 0, "!!map", STR(""));
    buf_addc(b, '[');
    if (!reread)
        put_begun(a, b, r);
    for (size_t i = 0; reread && i < r->node->map.n; i++) {
        if (i)
            buf_addc(b, ',');
        put_field(a, b, r, &r->node->map.items[i]);
    }
    buf_addc(b, ']');
    close_node(b, reread ? at_of(r->node) : ROOT);
}
