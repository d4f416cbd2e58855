#include "runtime/yaml/ywrite.h"

#include "runtime/yaml/ykey.h"
#include "runtime/yaml/yscalar.h"
#include "runtime/yaml/yvalue.h"
#include "runtime/yaml/ywrite_text.h"

/* JSON with Go's own escapes: hashes of ConfigMaps and Secrets are taken over
 * these very bytes, and no JSON library writes them. */

enum {
    DEPTH_MAX = 1000,
    INT_AS_IT_IS = 6, /* digits below which every writer agrees */
};

struct json {
    struct arena scratch;
    struct buf *b;
    struct err *e;
    size_t depth;
    size_t flow; /* how many of them are written in {} or [] */
};

static bool write_node(struct json *j, const struct ynode *n);

static void write_escape(struct buf *b, unsigned char c)
{
    static const char short_for[] = "\b\f\n\r\t\"\\";
    static const char letter[] = "bfnrt\"\\";

    for (size_t i = 0; short_for[i]; i++)
        if (c == (unsigned char)short_for[i]) {
            buf_addf(b, "\\%c", letter[i]);
            return;
        }
    buf_addf(b, "\\u%04x", c);
}

static void write_string(struct json *j, struct str s)
{
    size_t from = 0;

    s = yvalue_utf8(&j->scratch, s);
    buf_addc(j->b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];
        bool separator = c == 0xE2 && i + 2 < s.n &&
                         (unsigned char)s.s[i + 1] == 0x80 &&
                         ((unsigned char)s.s[i + 2] & 0xFE) == 0xA8;

        if (c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' &&
            c != '&' && !separator)
            continue;
        buf_add(j->b, str_sub(s, from, i - from));
        if (separator) {
            buf_adds(j->b, s.s[i + 2] & 1 ? "\\u2029" : "\\u2028");
            i += 2;
        } else {
            write_escape(j->b, c);
        }
        from = i + 1;
    }
    buf_add(j->b, str_skip(s, from));
    buf_addc(j->b, '"');
}

void ywrite_json_string(struct buf *b, struct str s)
{
    struct json j = {.b = b};

    write_string(&j, s);
    arena_free(&j.scratch);
}

static bool write_scalar(struct json *j, const struct ynode *n)
{
    struct yvalue v;

    if (!yvalue_of(&j->scratch, n, j->flow > 0, &v, j->e))
        return false;
    if (v.kind == YVALUE_STR)
        write_string(j, v.text);
    else if (v.kind == YVALUE_FLOAT)
        buf_add(j->b, yvalue_float(&j->scratch, v.f, true));
    else
        buf_add(j->b, v.text);
    return true;
}

static bool write_map(struct json *j, const struct ynode *n)
{
    const struct ypair **pairs =
        arena_array(&j->scratch, const struct ypair *, n->map.n);

    if (!ykey_sort_bytes(n, j->depth == 1, pairs, j->e))
        return false;
    buf_addc(j->b, '{');
    for (size_t i = 0; i < n->map.n; i++) {
        if (i)
            buf_addc(j->b, ',');
        write_string(j, pairs[i]->key);
        buf_addc(j->b, ':');
        if (!write_node(j, pairs[i]->value))
            return false;
    }
    buf_addc(j->b, '}');
    return true;
}

static bool write_seq(struct json *j, const struct ynode *n)
{
    buf_addc(j->b, '[');
    for (size_t i = 0; i < n->seq.n; i++) {
        if (i)
            buf_addc(j->b, ',');
        if (!write_node(j, n->seq.items[i]))
            return false;
    }
    buf_addc(j->b, ']');
    return true;
}

static bool write_node(struct json *j, const struct ynode *n)
{
    if (n->kind == YNODE_SCALAR)
        return write_scalar(j, n);
    if (j->depth >= DEPTH_MAX)
        return err_set(j->e, ERR_INPUT, "%s: maps and lists nest too deep",
                       ynode_where(&j->scratch, n).s);
    j->depth++;
    j->flow += n->style == YSTYLE_FLOW;
    bool ok = n->kind == YNODE_MAP ? write_map(j, n) : write_seq(j, n);

    j->flow -= n->style == YSTYLE_FLOW;
    j->depth--;
    return ok;
}

bool ywrite_json(struct buf *b, const struct ynode *n, struct err *e)
{
    struct json j = {.b = b, .e = e};
    bool ok = write_node(&j, n);

    arena_free(&j.scratch);
    return ok;
}

struct settle {
    struct arena *a;
    enum ywrite_way way;
    size_t flow; /* how many maps and lists around are in {} or [] */
    struct err *e;
};

/* Whether go-yaml v3 would write the text in plain. */
static bool is_plain(struct str s)
{
    return yscalar_resolve(s, YDIALECT_12) == YTAG_STR &&
           !yscalar_needs_quotes(s) && ywrite_shape(s).plain;
}

/* A number's text as go-yaml v3 writes a double: 1e+06. Where it is used as a
 * text, in an annotation say, it stays so. */
static void to_double(struct arena *a, struct yvalue *v)
{
    char text[40];

    if (v->kind == YVALUE_INT && v->text.n >= INT_AS_IT_IS)
        v->kind = str_double(v->text, &v->f) ? YVALUE_FLOAT : v->kind;
    if (v->kind != YVALUE_FLOAT)
        return;
    size_t n = yscalar_go_double(v->f, text);

    v->text = arena_dup(a, (struct str){text, n});
}

static bool settle_scalar(struct settle *x, struct ynode *n)
{
    static const uint8_t tags[] = {
        [YVALUE_STR] = YTAG_STR, [YVALUE_NULL] = YTAG_NULL,
        [YVALUE_BOOL] = YTAG_BOOL, [YVALUE_INT] = YTAG_INT,
        [YVALUE_FLOAT] = YTAG_FLOAT,
    };
    struct yvalue v;
    struct ynumber num;

    /* Lists are taken apart without being written first. */
    bool in_flow = x->flow > 0 && x->way == YWRITE_WAY_PATCH;

    if (!yvalue_of(x->a, n, in_flow, &v, x->e))
        return false;
    if (x->way == YWRITE_WAY_PATCH)
        to_double(x->a, &v);
    else if (v.kind == YVALUE_FLOAT)
        v.text = yvalue_float(x->a, v.f, true);
    n->text = v.text;
    n->tag = tags[v.kind];
    n->style = YSTYLE_PLAIN;
    n->untagged = false;
    n->reread = x->way == YWRITE_WAY_PATCH;
    n->under = YTAG_STR;
    if (v.kind == YVALUE_STR &&
        (x->way == YWRITE_WAY_LIST || !is_plain(n->text)))
        n->style = YSTYLE_DOUBLE;
    if (v.kind == YVALUE_FLOAT)
        n->tag = (uint8_t)yscalar_resolve(n->text, YDIALECT_12);
    if (n->tag == YTAG_INT && n->text.n > 18 &&
        yscalar_number(n->text, YDIALECT_12, &num) &&
        num.kind == YNUMBER_FLOAT)
        n->tag = YTAG_FLOAT;
    return true;
}

static bool settle(struct settle *x, struct ynode *n, bool top);

static bool settle_items(struct settle *x, struct ynode *n)
{
    for (size_t i = 0; i < n->seq.n; i++)
        if (!settle(x, n->seq.items[i], false))
            return false;
    return true;
}

static bool settle_pairs(struct settle *x, struct ynode *n, bool top)
{
    const struct ypair **pairs =
        arena_array(x->a, const struct ypair *, n->map.n);

    if (!ykey_sort_bytes(n, top, pairs, x->e))
        return false;
    for (size_t i = 0; i < n->map.n; i++) {
        n->map.items[i].tag = YTAG_STR;
        if (!settle(x, n->map.items[i].value, false))
            return false;
    }
    return true;
}

static bool settle(struct settle *x, struct ynode *n, bool top)
{
    if (n->kind == YNODE_SCALAR)
        return settle_scalar(x, n);
    x->flow += n->style == YSTYLE_FLOW;
    bool ok = n->kind == YNODE_SEQ ? settle_items(x, n)
                                   : settle_pairs(x, n, top);

    x->flow -= n->style == YSTYLE_FLOW;
    n->style = x->way == YWRITE_WAY_LIST ? YSTYLE_FLOW : YSTYLE_PLAIN;
    n->reread = x->way == YWRITE_WAY_PATCH;
    return ok;
}

bool ywrite_through_json(struct arena *a, struct ynode *n,
                         enum ywrite_way way, struct err *e)
{
    struct settle x = {.a = a, .way = way, .e = e};

    if (!settle(&x, n, true))
        return false;
    ynode_sort(n);
    return true;
}
