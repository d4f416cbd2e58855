#include "compiler/check.h"

/* Whether a stage runs: its when=, that of the instances it is in, and the
 * branches of its environment, all of which have to hold. */

enum { EQUALS_MAX = 8 };

struct equal { /* path == "text", as far as && joins it */
    struct str path;
    struct value value;
    struct span at;
};

struct conditions {
    struct check *c;
    struct draft *out;
    struct typed all;
    struct equal equals[EQUALS_MAX];
    size_t n;
    bool reported;
};

static void join(struct conditions *w, const struct typed *t, struct str text)
{
    struct graph_extra *x = node_extra(w->c, w->out->node);
    struct typed both = *t;

    x->when_text = x->when_text.n
        ? arena_join(w->c->a, x->when_text, STR(" && "), text) : text;
    if (w->all.type) {
        struct ast at = {0};

        both.x = (struct expr){.kind = EXPR_BINARY, .op = OP_AND, .n = 2};
        both.x.kids = arena_array(w->c->a, struct expr, 2);
        both.x.kids[0] = w->all.x;
        both.x.kids[1] = t->x;
        typed_fold(w->c, &both, &at);
    }
    w->all = both;
}

static void report_never(struct conditions *w, const struct equal *a,
                         const struct equal *b)
{
    struct check *c = w->c;
    struct diag *g = diag_add(c->d, DIAG_W0606, b->at,
                              "this stage never runs: " STR_FMT " cannot be "
                              STR_FMT " and " STR_FMT, STR_ARG(a->path),
                              STR_ARG(value_show(c->a, &a->value)),
                              STR_ARG(value_show(c->a, &b->value)));

    diag_also(c->d, g, a->at, "the other condition");
    w->reported = true;
}

static void add_equal(struct conditions *w, struct equal e)
{
    for (size_t i = 0; i < w->n && !w->reported; i++)
        if (str_eq(w->equals[i].path, e.path) &&
            !value_eq(&w->equals[i].value, &e.value))
            report_never(w, &w->equals[i], &e);
    if (w->n < EQUALS_MAX)
        w->equals[w->n++] = e;
}

/* Collects git.branch == "main" out of a && b && c. */
static void collect(struct conditions *w, const struct ast *n)
{
    struct equal e = {.at = n->span};

    if (n->kind != AST_BINARY)
        return;
    const struct ast_binary *b = ast_binary(n);
    const struct ast *name = b->left, *text = b->right;

    if (b->op == AST_AND) {
        collect(w, b->left);
        collect(w, b->right);
    }
    if (b->op != AST_EQ)
        return;
    if (name->kind == AST_STRING) {
        name = b->right;
        text = b->left;
    }
    if (text->kind != AST_STRING || name->kind == AST_STRING ||
        !symbol_path(w->c, name, &e.path))
        return;
    e.value = value_string(ast_string(text)->value);
    add_equal(w, e);
}

static void add_written(struct conditions *w, struct scope *s,
                        const struct ast *n)
{
    struct check *c = w->c;
    struct typed t = infer_fit(c, s, n, type_simple(TYPE_BOOL), STR("'when'"));

    if (!t.type)
        return;
    if (t.phase == PHASE_STATIC && typed_known(&t)) {
        struct diag *g = diag_add(c->d, DIAG_W0605, n->span,
                                  "this condition is always %s",
                                  t.x.lit.b ? "true" : "false");

        diag_help(c->d, g, t.x.lit.b
                      ? "leave it out"
                      : "to switch a stage off, write /- before it");
    }
    collect(w, n);
    join(w, &t, source_text(c->o->sources, n->span));
}

/* A glob as a pattern of =~. */
static struct str glob_pattern(struct check *c, struct str glob)
{
    char *out = arena_array(c->a, char, 5 * glob.n + 4), *p = out;

    *p++ = '^';
    for (size_t i = 0; i < glob.n; i++) {
        char ch = glob.s[i];

        if (ch == '*' && i + 1 < glob.n && glob.s[i + 1] == '*') {
            *p++ = '.', *p++ = '*';
            i++;
        } else if (ch == '*') {
            *p++ = '[', *p++ = '^', *p++ = '/', *p++ = ']', *p++ = '*';
        } else if (ch == '?') {
            *p++ = '.';
        } else {
            if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                  (ch >= '0' && ch <= '9') || ch == '_' || ch == '/' ||
                  (unsigned char)ch >= 0x80))
                *p++ = '\\';
            *p++ = ch;
        }
    }
    *p++ = '$';
    return (struct str){out, (size_t)(p - out)};
}

static bool is_glob(struct str s)
{
    return str_find(s, '*') < s.n || str_find(s, '?') < s.n;
}

static struct typed branch_is(struct check *c, const struct typed *branch,
                              struct str glob)
{
    struct ast at = {0};
    struct typed t = {.type = type_simple(TYPE_BOOL), .phase = PHASE_PLAN};
    struct str right = is_glob(glob) ? glob_pattern(c, glob) : glob;

    t.x = (struct expr){.kind = EXPR_BINARY, .n = 2,
                        .op = is_glob(glob) ? OP_MATCH : OP_EQ};
    t.x.kids = arena_array(c->a, struct expr, 2);
    t.x.kids[0] = branch->x;
    t.x.kids[1] = (struct expr){.kind = EXPR_LITERAL,
                                .lit = value_string(right)};
    typed_fold(c, &t, &at);
    return t;
}

static struct typed either(struct check *c, struct typed a, struct typed b)
{
    struct ast at = {0};
    struct typed t = a;

    t.x = (struct expr){.kind = EXPR_BINARY, .op = OP_OR, .n = 2};
    t.x.kids = arena_array(c->a, struct expr, 2);
    t.x.kids[0] = a.x;
    t.x.kids[1] = b.x;
    typed_fold(c, &t, &at);
    return t;
}

static void add_branches(struct conditions *w, struct environment *v)
{
    const struct value *l = value_get(&v->config, STR("branch"));
    struct str text = {0};
    struct typed any = {0};
    bool open = !l || l->kind != VALUE_LIST || l->list.n == 0;

    for (size_t i = 0; !open && i < l->list.n; i++)
        open = l->list.items[i].kind != VALUE_STRING ||
               str_eq(l->list.items[i].s, STR("*"));
    if (open)
        return;
    struct typed branch = facts_git(w->c, STR("branch"), v->span);

    for (size_t i = 0; branch.type && i < l->list.n; i++) {
        struct str glob = l->list.items[i].s;
        struct typed one = branch_is(w->c, &branch, glob);

        any = any.type ? either(w->c, any, one) : one;
        text = arena_join(w->c->a, text, str_of(i ? " || " : ""),
                          STR("git.branch "),
                          str_of(is_glob(glob) ? "like \"" : "== \""), glob,
                          STR("\""));
    }
    if (l->list.n == 1 && !is_glob(l->list.items[0].s))
        add_equal(w, (struct equal){STR("git.branch"), l->list.items[0],
                                    w->out->span});
    if (any.type)
        join(w, &any, l->list.n > 1 ? arena_join(w->c->a, STR("("), text,
                                                 STR(")")) : text);
}

static void add_instances(struct conditions *w, const struct instance *i,
                          size_t cell)
{
    for (; i; cell = i->symbol.outer_cell, i = i->symbol.outer)
        for (size_t k = 0; k < i->symbol.call->n_named; k++)
            if (str_eq(i->symbol.call->named[k].key, STR("when")))
                add_written(w, i->cells[cell].outside,
                            i->symbol.call->named[k].value);
}

void instance_wiring(struct check *c, const struct stage *t, struct draft *out)
{
    size_t cell = t->symbol.outer_cell;

    for (const struct instance *i = t->symbol.outer; i; i = i->symbol.outer) {
        struct scope *s = i->cells[cell].outside;

        for (size_t k = 0; k < i->symbol.call->n_named; k++) {
            const struct ast_named *n = &i->symbol.call->named[k];

            if (str_eq(n->key, STR("needs")))
                needs_check(c, s, n->value);
            if (str_eq(n->key, STR("environment")) && !out->environment)
                out->environment = environment_find(c, n->value);
        }
        cell = i->symbol.outer_cell;
    }
}

void when_check(struct check *c, struct stage *t, struct scope *s,
                const struct ast *own, struct draft *out)
{
    struct conditions w = {.c = c, .out = out};

    if (own)
        add_written(&w, s, own);
    add_instances(&w, t->symbol.outer, t->symbol.outer_cell);
    if (out->environment)
        add_branches(&w, out->environment);
    if (w.all.type)
        out->node->when = typed_value(c, &w.all, own ? own->span
                                                    : t->symbol.span);
}
