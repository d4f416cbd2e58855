#include "runtime/yaml/ywrite.h"

#include "runtime/yaml/ykey.h"
#include "runtime/yaml/yvalue.h"
#include "runtime/yaml/ywrite_text.h"

enum { SIMPLE_KEY_MAX = 128, INDENT = 2, DEPTH_MAX = 1000, FEW_KEYS = 24 };

struct writer {
    struct arena scratch;
    struct ypage page;
    struct err *e;
    size_t depth;
    size_t flow; /* how many of them are written in {} or [] */
};

/* Where a node stands: how far in, and what is before it on its line. */
struct place {
    size_t indent;   /* of the collection it is in */
    bool top;        /* the document itself */
    bool in_map;     /* it is a value after 'key:' */
};

static bool write_node(struct writer *w, const struct ynode *n,
                       struct place at);

static bool write_string(struct writer *w, const struct ynode *n, struct str s,
                         size_t indent, bool key)
{
    struct str folded;

    if (!yvalue_fold(&w->scratch, s, &folded))
        return err_set(w->e, ERR_INPUT,
                       "%s: the text has a control character, which cannot "
                       "be printed; take it out",
                       ynode_where(&w->scratch, n).s);
    ywrite_text(&w->page, folded, indent, key);
    return true;
}

static bool write_scalar(struct writer *w, const struct ynode *n,
                         struct place at)
{
    struct yvalue v;

    if (n->tag == YTAG_STR && ywrite_is_word(n->text)) {
        ypage_raw(&w->page, n->text);
        return true;
    }
    if (!yvalue_of(&w->scratch, n, w->flow > 0, &v, w->e))
        return false;
    if (v.kind == YVALUE_STR)
        return write_string(w, n, v.text,
                            at.top ? INDENT : at.indent + INDENT, false);
    if (v.kind == YVALUE_FLOAT)
        v.text = w->page.unfolded ? n->text
                                  : yvalue_float(&w->scratch, v.f, false);
    ypage_raw(&w->page, v.text);
    return true;
}

static bool write_items(struct writer *w, const struct ynode *n,
                        struct place at)
{
    /* A list under its key is not indented, unless '- ' or ': ' is before it
     * on the line. */
    size_t indent = at.top ? 0
                    : at.in_map && !w->page.indention ? at.indent
                                                      : at.indent + INDENT;

    for (size_t i = 0; i < n->seq.n; i++) {
        ypage_indent(&w->page, indent);
        ypage_mark(&w->page, "-", true, true);
        if (!write_node(w, n->seq.items[i],
                        (struct place){.indent = indent}))
            return false;
    }
    return true;
}

static bool is_simple_key(struct str key)
{
    return key.n <= SIMPLE_KEY_MAX && !ywrite_shape(key).multiline;
}

static bool write_pair(struct writer *w, const struct ynode *map,
                       const struct ypair *p, size_t indent)
{
    struct place at = {.indent = indent, .in_map = true};

    ypage_indent(&w->page, indent);
    if (p->key.n <= SIMPLE_KEY_MAX && ywrite_is_word(p->key)) {
        ypage_raw(&w->page, p->key);
        ypage_mark(&w->page, ":", false, false);
    } else if (is_simple_key(p->key)) {
        if (!write_string(w, map, p->key, indent + INDENT, true))
            return false;
        ypage_mark(&w->page, ":", false, false);
    } else {
        ypage_mark(&w->page, "?", true, true);
        if (!write_string(w, map, p->key, indent + INDENT, false))
            return false;
        ypage_indent(&w->page, indent);
        ypage_mark(&w->page, ":", true, true);
    }
    return write_node(w, p->value, at);
}

static bool write_pairs(struct writer *w, const struct ynode *n,
                        struct place at)
{
    size_t indent = at.top ? 0 : at.indent + INDENT;
    const struct ypair *few[FEW_KEYS], **pairs = few;

    if (n->map.n > FEW_KEYS)
        pairs = arena_array(&w->scratch, const struct ypair *, n->map.n);
    if (!ykey_sort(n, at.top, pairs, w->e))
        return false;
    for (size_t i = 0; i < n->map.n; i++)
        if (!write_pair(w, n, pairs[i], indent))
            return false;
    return true;
}

static bool write_node(struct writer *w, const struct ynode *n,
                       struct place at)
{
    bool ok;

    if (w->depth >= DEPTH_MAX)
        return err_set(w->e, ERR_INPUT, "%s: maps and lists nest too deep",
                       ynode_where(&w->scratch, n).s);
    if (n->kind == YNODE_SCALAR)
        return write_scalar(w, n, at);
    if (!ynode_count(n)) {
        ypage_raw(&w->page, n->kind == YNODE_MAP ? STR("{}") : STR("[]"));
        return true;
    }
    w->depth++;
    w->flow += n->style == YSTYLE_FLOW;
    ok = n->kind == YNODE_MAP ? write_pairs(w, n, at) : write_items(w, n, at);
    w->flow -= n->style == YSTYLE_FLOW;
    w->depth--;
    return ok;
}

static bool write_page(struct ypage page, const struct ynode *n,
                       struct err *e)
{
    struct writer w = {.page = page, .e = e};
    bool ok = write_node(&w, n, (struct place){.top = true});

    if (ok)
        ypage_indent(&w.page, 0);
    arena_free(&w.scratch);
    return ok;
}

bool ywrite_yaml(struct buf *b, const struct ynode *n, struct err *e)
{
    return write_page((struct ypage){.b = b, .whitespace = true,
                                     .indention = true}, n, e);
}

bool ywrite_reread(struct buf *b, const struct ynode *n, struct err *e)
{
    return write_page((struct ypage){.b = b, .whitespace = true,
                                     .indention = true, .unfolded = true},
                      n, e);
}
