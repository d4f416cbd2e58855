#include "graph/type.h"

#include "base/buf.h"

#include <string.h>

enum { TYPE_DEPTH_MAX = 16, SYMBOLS_MAX = 256 };

/* By kind; those with parts have no name alone. */
static const struct {
    const char *name;
    struct type type;
} simple[] = {
#define SIMPLE(kind_, name_) [kind_] = {name_, {.kind = kind_}}
    SIMPLE(TYPE_ANY, "any"),
    SIMPLE(TYPE_NONE, "none"),
    SIMPLE(TYPE_BOOL, "bool"),
    SIMPLE(TYPE_INT, "int"),
    SIMPLE(TYPE_FLOAT, "float"),
    SIMPLE(TYPE_STRING, "string"),
    SIMPLE(TYPE_PATH, "path"),
    SIMPLE(TYPE_DURATION, "duration"),
    SIMPLE(TYPE_PERCENT, "percent"),
    SIMPLE(TYPE_SIZE, "size"),
    SIMPLE(TYPE_SYMBOL, "symbol"),
    SIMPLE(TYPE_COMMAND, "command"),
    SIMPLE(TYPE_STAGE, "stage"),
#undef SIMPLE
};

enum { SIMPLES = sizeof(simple) / sizeof(*simple) };

const struct type *type_simple(enum type_kind kind)
{
    return &simple[simple[kind].name ? kind : TYPE_ANY].type;
}

static const struct type *wrap(struct arena *a, enum type_kind kind,
                               const struct type *of)
{
    struct type *t = arena_new(a, struct type);

    *t = (struct type){.kind = kind, .of = of};
    return t;
}

const struct type *type_list(struct arena *a, const struct type *of)
{
    return wrap(a, TYPE_LIST, of);
}

const struct type *type_argv(void)
{
    static const struct type argv = {
        .kind = TYPE_LIST, .of = &simple[TYPE_STRING].type,
    };
    return &argv;
}

const struct type *type_map(struct arena *a, const struct type *of)
{
    return wrap(a, TYPE_MAP, of);
}

const struct type *type_secret(struct arena *a, const struct type *of)
{
    return wrap(a, TYPE_SECRET, of);
}

static const struct type *parse_symbols(struct arena *a, struct str inner,
                                        struct err *e)
{
    struct { struct str *items; size_t n, cap; } v = {0};
    struct type *t = arena_new(a, struct type);

    while (inner.n) {
        struct str word = str_trim(str_cut(inner, '|', &inner));

        if (word.n == 0 || v.n == SYMBOLS_MAX) {
            err_set(e, ERR_INPUT, "symbol(...) takes names between '|'");
            return NULL;
        }
        arena_push(a, &v, arena_dup(a, word));
    }
    *t = (struct type){.kind = TYPE_SYMBOL, .symbols = v.items, .n = v.n};
    return t;
}

static const struct type *parse(struct arena *a, struct str text, int depth,
                                struct err *e)
{
    text = str_trim(text);
    for (size_t i = 0; i < SIMPLES; i++)
        if (simple[i].name && str_eq(text, str_of(simple[i].name)))
            return &simple[i].type;
    size_t open = str_find(text, '(');

    if (open == text.n || text.s[text.n - 1] != ')' || depth > TYPE_DEPTH_MAX) {
        err_set(e, ERR_INPUT, "'" STR_FMT "' is not a type",
                (int)(text.n < 80 ? text.n : 80), text.s);
        return NULL;
    }
    struct str head = str_trim(str_sub(text, 0, open));
    struct str inner = str_sub(text, open + 1, text.n - open - 2);

    if (str_eq(head, STR("symbol")))
        return parse_symbols(a, inner, e);
    enum type_kind kind = str_eq(head, STR("list")) ? TYPE_LIST
                        : str_eq(head, STR("map")) ? TYPE_MAP
                        : str_eq(head, STR("secret")) ? TYPE_SECRET : TYPE_NONE;

    if (kind == TYPE_NONE) {
        err_set(e, ERR_INPUT, "'" STR_FMT "(...)' is not a type",
                (int)(head.n < 80 ? head.n : 80), head.s);
        return NULL;
    }
    const struct type *of = parse(a, inner, depth + 1, e);

    return of ? wrap(a, kind, of) : NULL;
}

const struct type *type_parse(struct arena *a, struct str text, struct err *e)
{
    return parse(a, text, 0, e);
}

static void print(struct buf *out, const struct type *t)
{
    if (t->kind == TYPE_LIST || t->kind == TYPE_MAP || t->kind == TYPE_SECRET) {
        buf_adds(out, t->kind == TYPE_LIST ? "list("
                    : t->kind == TYPE_MAP ? "map(" : "secret(");
        print(out, t->of);
        buf_addc(out, ')');
        return;
    }
    if (simple[t->kind].name)
        buf_adds(out, simple[t->kind].name);
    for (size_t i = 0; i < t->n; i++) {
        buf_addc(out, i ? '|' : '(');
        buf_add(out, t->symbols[i]);
    }
    if (t->n)
        buf_addc(out, ')');
}

struct str type_text(struct arena *a, const struct type *t)
{
    struct buf b = {0};

    print(&b, t);
    struct str text = arena_dup(a, buf_str(&b));

    buf_free(&b);
    return text;
}

bool type_eq(const struct type *a, const struct type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->n != b->n || !a->of != !b->of)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!str_eq(a->symbols[i], b->symbols[i]))
            return false;
    return !a->of || type_eq(a->of, b->of);
}

static bool symbols_fit(const struct type *from, const struct type *to)
{
    for (size_t i = 0; i < from->n; i++) {
        size_t j = 0;

        while (j < to->n && !str_eq(from->symbols[i], to->symbols[j]))
            j++;
        if (to->n && j == to->n)
            return false;
    }
    return from->n || !to->n;
}

bool type_fits(const struct type *from, const struct type *to)
{
    if (from->kind == TYPE_ANY || to->kind == TYPE_ANY)
        return from->kind != TYPE_SECRET;
    if (to->kind == TYPE_SECRET)
        return type_fits(from->kind == TYPE_SECRET ? from->of : from, to->of);
    if (to->kind == TYPE_COMMAND)
        return from->kind == TYPE_COMMAND || from->kind == TYPE_STRING ||
               (from->kind == TYPE_LIST &&
                (from->of->kind == TYPE_ANY || from->of->kind == TYPE_STRING ||
                 from->of->kind == TYPE_PATH));
    if (to->kind == TYPE_FLOAT)
        return from->kind == TYPE_FLOAT || from->kind == TYPE_INT ||
               from->kind == TYPE_PERCENT;
    if (to->kind == TYPE_STRING || to->kind == TYPE_PATH)
        return from->kind == TYPE_STRING || from->kind == TYPE_PATH;
    if (from->kind != to->kind)
        return false;
    if (to->kind == TYPE_LIST || to->kind == TYPE_MAP)
        return type_fits(from->of, to->of);
    return to->kind != TYPE_SYMBOL || symbols_fit(from, to);
}
