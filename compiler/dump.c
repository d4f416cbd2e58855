#include "compiler/dump.h"

#include "base/arena.h"
#include "compiler/lex.h"

#include <inttypes.h>

static const char *const kind_names[] = {
#define TOKEN(kind, spelling) #kind,
#include "compiler/token.def"
#undef TOKEN
};

static void put_quoted(struct buf *out, struct str s)
{
    buf_addc(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];

        if (c == '\n')
            buf_adds(out, "\\n");
        else if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            buf_addf(out, "\\x%02x", c);
        else
            buf_addc(out, (char)c);
    }
    buf_addc(out, '"');
}

void dump_tokens(const struct source_map *m, const struct source_file *f,
                 struct diags *d, struct buf *out)
{
    struct arena a = {0};
    struct lexer l;
    struct token t;

    lex_init(&l, &a, f, d);
    do {
        lex_next(&l, &t);
        struct source_place at = source_place(m, t.span.start);

        buf_addf(out, "%u:%u %s", at.line, at.column, kind_names[t.kind]);
        if (t.kind != TOKEN_END) {
            buf_addc(out, ' ');
            put_quoted(out, source_text(m, t.span));
        }
        if (t.inner.end > t.inner.start) {
            buf_addc(out, ' ');
            put_quoted(out, source_text(m, t.inner));
        }
        buf_addc(out, '\n');
    } while (t.kind != TOKEN_END);
    arena_free(&a);
}

struct dump {
    struct buf *out;
    size_t level;
};

static void dump_node(struct dump *d, const struct ast *n);

static void line(struct dump *d, const char *kind)
{
    buf_pad(d->out, ' ', 2 * d->level);
    buf_adds(d->out, kind);
}

static void end(struct dump *d)
{
    buf_addc(d->out, '\n');
}

static void child(struct dump *d, const struct ast *n)
{
    d->level++;
    if (n)
        dump_node(d, n);
    d->level--;
}

static void children(struct dump *d, struct ast_items items)
{
    for (size_t i = 0; i < items.n; i++)
        child(d, items.items[i]);
}

static void put_name(struct dump *d, struct str name)
{
    buf_addf(d->out, " " STR_FMT, STR_ARG(name));
}

static void put_type(struct dump *d, const struct ast_type *t)
{
    buf_add(d->out, t->name);
    for (size_t i = 0; i < t->n; i++) {
        buf_adds(d->out, i ? ", " : "(");
        put_type(d, t->args[i]);
    }
    if (t->n)
        buf_addc(d->out, ')');
}

static void put_typed(struct dump *d, struct str name,
                      const struct ast_type *t)
{
    put_name(d, name);
    if (t) {
        buf_adds(d->out, ": ");
        put_type(d, t);
    }
    end(d);
}

static void dump_block(struct dump *d, const struct ast_block *b)
{
    d->level++;
    line(d, "block\n");
    children(d, (struct ast_items){b->items, b->n});
    d->level--;
}

static void dump_statement_node(struct dump *d, const struct ast_node *n)
{
    put_name(d, n->name);
    end(d);
    children(d, n->args);
    d->level++;
    for (size_t i = 0; i < n->n_named; i++) {
        line(d, "named");
        put_name(d, n->named[i].key);
        end(d);
        child(d, n->named[i].value);
    }
    d->level--;
    if (n->block)
        dump_block(d, n->block);
}

static void dump_define(struct dump *d, const struct ast_define *n)
{
    put_name(d, n->name);
    end(d);
    d->level++;
    for (size_t i = 0; i < n->n_params; i++) {
        line(d, "param");
        put_typed(d, n->params[i].name, n->params[i].type);
        child(d, n->params[i].value);
    }
    d->level--;
    dump_block(d, n->block);
}

static void dump_binding(struct dump *d, const struct ast_binding *n)
{
    static const char *const binders[] = {
        [AST_LET] = " let", [AST_PARAM] = " param", [AST_SECRET] = " secret",
    };

    buf_adds(d->out, binders[n->binder]);
    put_typed(d, n->name, n->type);
    child(d, n->value);
}

static void dump_map(struct dump *d, const struct ast_map *n)
{
    end(d);
    for (size_t i = 0; i < n->n; i++) {
        child(d, n->entries[i].key);
        child(d, n->entries[i].value);
    }
}

static void dump_named_part(struct dump *d, struct str name,
                            const struct ast *n)
{
    put_name(d, name);
    end(d);
    child(d, n);
}

static void dump_binary(struct dump *d, const struct ast_binary *n)
{
    buf_addf(d->out, " %s\n", ast_op_name(n->op));
    child(d, n->left);
    child(d, n->right);
}

static void dump_three(struct dump *d, const struct ast *a,
                       const struct ast *b, const struct ast *c)
{
    end(d);
    child(d, a);
    child(d, b);
    child(d, c);
}

/* What has no children. */
static void dump_leaf(struct dump *d, const struct ast *n)
{
    if (n->kind == AST_BOOL) {
        buf_adds(d->out, ast_bool(n)->value ? " true" : " false");
    } else if (n->kind == AST_STRING) {
        buf_addc(d->out, ' ');
        put_quoted(d->out, ast_string(n)->value);
    } else if (n->kind == AST_NAME) {
        put_name(d, ast_name(n)->name);
    } else if (n->kind == AST_FLOAT || n->kind == AST_PERCENT) {
        buf_addf(d->out, " %.17g", ast_float(n)->value);
    } else if (n->kind != AST_NONE && n->kind != AST_ERROR) {
        buf_addf(d->out, " %" PRId64, ast_int(n)->value);
    }
    end(d);
}

static void dump_expr(struct dump *d, const struct ast *n)
{
    if (n->kind == AST_TEMPLATE) {
        end(d);
        children(d, ast_template(n)->parts);
    } else if (n->kind == AST_LIST) {
        end(d);
        children(d, ast_list(n)->items);
    } else if (n->kind == AST_CALL) {
        end(d);
        child(d, ast_call(n)->callee);
        children(d, ast_call(n)->args);
    } else if (n->kind == AST_MAP) {
        dump_map(d, ast_map(n));
    } else if (n->kind == AST_MEMBER) {
        dump_named_part(d, ast_member(n)->name, ast_member(n)->object);
    } else if (n->kind == AST_FOR) {
        dump_named_part(d, ast_for(n)->name, ast_for(n)->list);
    } else if (n->kind == AST_INDEX) {
        dump_three(d, ast_index(n)->object, ast_index(n)->index, NULL);
    } else if (n->kind == AST_UNARY) {
        buf_addf(d->out, " %s\n", ast_op_name(ast_unary(n)->op));
        child(d, ast_unary(n)->operand);
    } else if (n->kind == AST_BINARY) {
        dump_binary(d, ast_binary(n));
    } else if (n->kind == AST_COND) {
        dump_three(d, ast_cond(n)->test, ast_cond(n)->yes, ast_cond(n)->no);
    } else {
        dump_leaf(d, n);
    }
}

static void dump_node(struct dump *d, const struct ast *n)
{
    line(d, ast_kind_name(n->kind));
    if (n->kind == AST_NODE) {
        dump_statement_node(d, ast_node(n));
    } else if (n->kind == AST_BINDING) {
        dump_binding(d, ast_binding(n));
    } else if (n->kind == AST_DEFINE) {
        dump_define(d, ast_define(n));
    } else if (n->kind == AST_OFF) {
        end(d);
        child(d, ast_off(n)->statement);
    } else {
        dump_expr(d, n);
    }
}

void dump_ast(const struct ast_file *file, struct buf *out)
{
    struct dump d = {.out = out};

    for (size_t i = 0; i < file->block.n; i++)
        dump_node(&d, file->block.items[i]);
}
