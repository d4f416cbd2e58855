#include "runtime/kustomize/node_hash.h"

#include "runtime/kustomize/memo.h"
#include "runtime/yaml/yscalar.h"
#include "runtime/yaml/ywrite.h"
#include "runtime/yaml/ywrite_text.h"

/* The reference prints its own nodes as JSON: each a map of kind, style, tag,
 * value, children, comments (there are none left) and place. A node made since
 * the text was read stands in no place. */

struct node_text {
    size_t annotations_at; /* where they stand among metadata's fields */
    size_t annotations;    /* how many of the object's own were there */
    struct str ns;         /* as the text had it */
    bool prefix, suffix;   /* these notes were there, or are in late */
    struct {
        struct late {
            const char *key;
            size_t at; /* how many annotations were there before it */
        } *items;
        size_t n, cap;
    } late;
};

static const char PREFIXES[] = "internal.config.kubernetes.io/prefixes",
                  SUFFIXES[] = "internal.config.kubernetes.io/suffixes";

/* As the reference's nodes have them. */
enum { KIND_SEQ = 2, KIND_MAP = 4, KIND_SCALAR = 8 };
enum { STYLE_DOUBLE = 2, STYLE_SINGLE = 4, STYLE_LITERAL = 8, STYLE_FLOW = 32 };

/* ---- places ---- */

struct shape {
    unsigned style;
    uint32_t width, lines;
};

static struct shape shape_of(struct str s, bool key)
{
    struct buf b = {0};
    struct ypage page = {.b = &b, .whitespace = true};
    struct shape shape = {.lines = 1};

    ywrite_text(&page, s, 0, key);
    char first = b.n ? b.s[0] : 0;

    for (size_t i = 0; i < b.n; i++)
        shape.width += ((unsigned char)b.s[i] & 0xC0) != 0x80;
    buf_free(&b);
    if (first == '"')
        shape.style = STYLE_DOUBLE;
    else if (first == '\'')
        shape.style = STYLE_SINGLE;
    else if (first == '|')
        shape.style = STYLE_LITERAL;
    if (shape.style == STYLE_LITERAL) {
        for (size_t i = 0; i < s.n; i++)
            shape.lines += s.s[i] == '\n';
        shape.lines += s.s[s.n - 1] != '\n';
    }
    return shape;
}

struct placing {
    uint32_t line;
};

static void put(struct ynode *n, uint32_t line, uint32_t col)
{
    n->file = NULL;
    n->line = line;
    n->col = col;
}

static void place(struct placing *p, struct ynode *n, uint32_t indent);

/* A value or item whose first line began already, at col. */
static bool place_short(struct placing *p, struct ynode *n, uint32_t col)
{
    if (n->kind != YNODE_SCALAR && ynode_count(n))
        return false;
    put(n, p->line, col);
    p->line += ynode_is_string(n) ? shape_of(n->text, false).lines : 1;
    return true;
}

static void place_pair(struct placing *p, struct ypair *pair, uint32_t indent)
{
    uint32_t width = shape_of(pair->key, true).width;

    pair->line = p->line;
    pair->col = indent + 1;
    if (place_short(p, pair->value, indent + width + 3))
        return;
    p->line++;
    place(p, pair->value, indent + (pair->value->kind == YNODE_MAP ? 2 : 0));
}

static void place(struct placing *p, struct ynode *n, uint32_t indent)
{
    put(n, p->line, indent + 1);
    if (n->kind == YNODE_MAP) {
        for (size_t i = 0; i < n->map.n; i++)
            place_pair(p, &n->map.items[i], indent);
        return;
    }
    for (size_t i = 0; i < n->seq.n; i++)
        if (!place_short(p, n->seq.items[i], indent + 3))
            place(p, n->seq.items[i], indent + 2);
}

static bool is_other(const struct resource *r)
{
    struct str kind = resource_kind(r);

    return r->needs_hash && !str_eq(kind, STR("ConfigMap")) &&
           !str_eq(kind, STR("Secret"));
}

void node_text_note(struct arena *a, struct resource *r)
{
    struct ynode *meta = ynode_get(r->node, "metadata");
    struct ynode *notes = resource_annotations(r);
    struct placing p = {.line = 1};

    r->text = NULL;
    if (!is_other(r) || !ynode_is_map(meta))
        return;
    r->text = arena_new(a, struct node_text);
    r->text->annotations = ynode_count(notes);
    r->text->annotations_at = ynode_count(meta) - (notes != NULL);
    if (notes)
        memo_show(a, r);
    place(&p, r->node, 0);
    memo_hide(r);
    r->text->ns = resource_namespace(r);
    r->text->prefix = r->prefixes.n > 0;
    r->text->suffix = r->suffixes.n > 0;
}

static void note_late(struct arena *a, struct resource *r, const char *key)
{
    struct late late = {key, ynode_count(resource_annotations(r))};

    arena_push(a, &r->text->late, late);
}

void node_text_remember(struct arena *a, struct resource *r)
{
    if (r->prefixes.n && !r->text->prefix)
        note_late(a, r, PREFIXES);
    if (r->suffixes.n && !r->text->suffix)
        note_late(a, r, SUFFIXES);
    r->text->prefix = r->prefixes.n > 0;
    r->text->suffix = r->suffixes.n > 0;
}

/* ---- annotations ---- */

static void move(struct arena *a, struct ynode *to, struct ynode *from,
                 const char *key)
{
    struct ynode *n = ynode_get(from, key);

    if (!n)
        return;
    n->style = YSTYLE_SINGLE;
    ynode_remove(from, str_of(key));
    ynode_set(a, to, str_of(key), n);
}

static void add_late(struct arena *a, struct ynode *to, struct ynode *memo,
                     const struct node_text *text, size_t at)
{
    for (size_t i = 0; i < text->late.n; i++)
        if (text->late.items[i].at == at)
            move(a, to, memo, text->late.items[i].key);
}

/* The object's own and the notes, in the order in which they came. */
static struct ynode *all_annotations(struct arena *a,
                                     const struct resource *r)
{
    struct resource *only = resource_copy(a, r);
    struct ynode *own = resource_annotations(r)
                            ? ynode_copy(a, resource_annotations(r))
                            : NULL;
    struct ynode *out = ynode_map(a), *late = ynode_map(a);

    only->node = ynode_map(a);
    memo_show(a, only);
    struct ynode *memo = resource_annotations(only);

    for (size_t i = 0; i <= ynode_count(own); i++) {
        if (i >= r->text->annotations)
            add_late(a, late, memo, r->text, i);
        if (i == ynode_count(own))
            break;
        ynode_set(a, i < r->text->annotations ? out : late,
                  own->map.items[i].key, own->map.items[i].value);
    }
    for (size_t i = 0; i < ynode_count(memo); i++)
        ynode_set(a, out, memo->map.items[i].key, memo->map.items[i].value);
    ynode_sort(out);
    for (size_t i = 0; i < out->map.n; i++)
        yscalar_quote(out->map.items[i].value);
    for (size_t i = 0; i < late->map.n; i++)
        ynode_set(a, out, late->map.items[i].key, late->map.items[i].value);
    return out;
}

static struct ynode *whole(struct arena *a, const struct resource *r)
{
    struct ynode *top = ynode_copy(a, r->node);
    struct ynode *meta = ynode_get(top, "metadata");
    struct ynode *notes = all_annotations(a, r), *to = ynode_map(a);

    if (!ynode_is_map(meta))
        return top; /* a replacement may have put anything there */
    ynode_remove(meta, STR("annotations"));
    struct ynode *ns = ynode_get(meta, "namespace");

    if (ynode_is_scalar(ns) && !str_eq(ns->text, r->text->ns))
        put(ns, 0, 0);
    for (size_t i = 0; i <= meta->map.n; i++) {
        if (i == r->text->annotations_at)
            ynode_set(a, to, STR("annotations"), notes);
        if (i < meta->map.n)
            arena_push(a, &to->map, meta->map.items[i]);
    }
    meta->map.items = to->map.items;
    meta->map.n = to->map.n;
    meta->map.cap = to->map.cap;
    return top;
}

/* ---- nodes as JSON ---- */

struct shown {
    unsigned kind, style;
    const char *tag;
    struct str value;
    uint32_t line, col;
};

static bool open_node(struct buf *b, const struct shown *s, struct err *e)
{
    struct ynode value = {.kind = YNODE_SCALAR, .tag = YTAG_STR,
                          .text = s->value};

    buf_addf(b, "{\"Kind\":%u,\"Style\":%u,\"Tag\":\"%s\",\"Value\":",
             s->kind, s->style, s->tag);
    if (!ywrite_json(b, &value, e))
        return false;
    buf_adds(b, ",\"Anchor\":\"\",\"Alias\":null,\"Content\":");
    return true;
}

static void close_node(struct buf *b, const struct shown *s)
{
    buf_addf(b, ",\"HeadComment\":\"\",\"LineComment\":\"\","
             "\"FootComment\":\"\",\"Line\":%u,\"Column\":%u}",
             s->line, s->col);
}

static bool leaf(struct buf *b, const struct shown *s, struct err *e)
{
    if (!open_node(b, s, e))
        return false;
    buf_adds(b, "null");
    close_node(b, s);
    return true;
}

static bool show_key(struct buf *b, const struct ypair *p, struct err *e)
{
    struct shown s = {.kind = KIND_SCALAR, .tag = p->line ? "!!str" : "",
                      .value = p->key, .line = p->line, .col = p->col};

    if (p->line)
        s.style = shape_of(p->key, true).style;
    return leaf(b, &s, e);
}

static bool show_scalar(struct buf *b, const struct ynode *n, bool typed,
                        struct err *e)
{
    static const char *const tags[] = {
        [YTAG_STR] = "!!str", [YTAG_NULL] = "!!null", [YTAG_BOOL] = "!!bool",
        [YTAG_INT] = "!!int", [YTAG_FLOAT] = "!!float",
        [YTAG_TIME] = "!!timestamp", [YTAG_BINARY] = "!!binary",
        [YTAG_MERGE] = "!!merge",
    };
    static const unsigned styles[] = {
        [YSTYLE_SINGLE] = STYLE_SINGLE, [YSTYLE_DOUBLE] = STYLE_DOUBLE,
        [YSTYLE_LITERAL] = STYLE_LITERAL, [YSTYLE_FOLDED] = 16,
        [YSTYLE_FLOW] = STYLE_FLOW,
    };
    struct shown s = {.kind = KIND_SCALAR, .tag = tags[n->tag],
                      .value = n->text, .style = styles[n->style],
                      .line = n->line, .col = n->col};

    /* A text put in the place of another has no type, nor a place. */
    if (n->untagged) {
        s.tag = typed ? s.tag : "";
        s.line = s.col = 0;
    } else if (n->line && ynode_is_string(n)) {
        s.style = shape_of(n->text, false).style;
    }
    return leaf(b, &s, e);
}

static bool show(struct buf *b, const struct ynode *n, bool typed,
                 struct err *e)
{
    bool map = n->kind == YNODE_MAP;
    struct shown s = {.kind = map ? KIND_MAP : KIND_SEQ, .tag = "",
                      .line = n->line, .col = n->col};

    if (n->kind == YNODE_SCALAR)
        return show_scalar(b, n, typed, e);
    if (n->line)
        s.tag = map ? "!!map" : "!!seq";
    if (!ynode_count(n)) {
        s.style = STYLE_FLOW;
        return leaf(b, &s, e);
    }
    bool ok = open_node(b, &s, e);

    for (size_t i = 0; ok && i < ynode_count(n); i++) {
        const struct ypair *p = map ? &n->map.items[i] : NULL;

        buf_addc(b, i ? ',' : '[');
        if (p) {
            ok = show_key(b, p, e);
            buf_addc(b, ',');
        }
        bool own = p && (!p->line || str_eq(p->key, STR("namespace")));

        ok = ok && show(b, p ? p->value : n->seq.items[i], own, e);
    }
    buf_addc(b, ']');
    close_node(b, &s);
    return ok;
}

bool node_text_write(struct arena *a, struct buf *b, const struct resource *r,
                     struct err *e)
{
    return show(b, whole(a, r), false, e);
}
