#include "compiler/format.h"

#include "compiler/formatter.h"

/* Statements and blocks. */

static void format_statement(struct formatter *f, const struct ast *n);

static void format_named(struct formatter *f, const struct ast_named *n)
{
    put_mark(f, " ");
    put_source(f, n->key_span);
    put_mark(f, "=");
    format_expr(f, n->value);
}

static void format_args(struct formatter *f, const struct ast_node *n)
{
    for (size_t i = 0; i < n->args.n; i++) {
        const struct ast *arg = n->args.items[i];

        if (i && i > n->words)
            put_mark(f, ",");
        if (i && i > n->words && broken(f, f->last, arg->span.start)) {
            put_comments(f, arg->span.start);
            end_line(f);
        } else {
            put_mark(f, " ");
        }
        format_expr(f, arg);
    }
}

/* Statements on lines of their own. */
static void format_lines(struct formatter *f, const struct ast_block *b)
{
    for (size_t i = 0; i < b->n; i++) {
        f->fresh = true;
        put_comments(f, b->items[i]->span.start);
        end_line(f);
        keep_blank_line(f, b->items[i]->span.start);
        f->fresh = true;
        format_statement(f, b->items[i]);
    }
}

static bool comment_before(const struct formatter *f, uint32_t at)
{
    return f->comment < f->file->n_comments &&
           f->file->comments[f->comment].start < at;
}

static void format_inline(struct formatter *f, const struct ast_block *b)
{
    put_mark(f, b->n ? " " : "");
    for (size_t i = 0; i < b->n; i++) {
        put_mark(f, i ? "; " : "");
        format_statement(f, b->items[i]);
    }
    put_mark(f, b->n ? " " : "");
}

/* On the line that is being written: false, with nothing changed, where it
 * was not there, or does not fit. */
static bool try_inline(struct formatter *f, const struct ast_block *b)
{
    struct formatter before = *f;
    bool empty = b->n == 0 && !comment_before(f, b->span.end);

    if (!empty && broken(f, b->span.start, b->span.end))
        return false;
    f->flat = true;
    format_inline(f, b);
    f->flat = before.flat;
    if (f->flat || f->line.n < FORMAT_WIDTH)
        return true;
    f->line.n = before.line.n;
    f->heredocs.n = before.heredocs.n;
    f->last = before.last;
    f->fresh = before.fresh;
    f->opened = before.opened;
    return false;
}

static void format_block(struct formatter *f, const struct ast_block *b)
{
    struct span open = {b->span.start, b->span.start + 1};
    struct span close = {b->span.end - 1, b->span.end};

    put_mark(f, " ");
    put(f, open, STR("{"));
    if (!try_inline(f, b)) {
        open_level(f);
        format_lines(f, b);
        close_level(f, close.start);
    }
    put(f, close, STR("}"));
}

static void format_node(struct formatter *f, const struct ast_node *n)
{
    put_source(f, n->name_span);
    format_args(f, n);
    for (size_t i = 0; i < n->n_named; i++)
        format_named(f, &n->named[i]);
    if (n->block)
        format_block(f, n->block);
}

void format_type(struct formatter *f, const struct ast_type *t)
{
    struct span name = {t->span.start, t->span.start + (uint32_t)t->name.n};

    put(f, name, t->name);
    if (!t->n)
        return;
    put_mark(f, "(");
    for (size_t i = 0; i < t->n; i++) {
        if (i)
            put_mark(f, ", ");
        format_type(f, t->args[i]);
    }
    put(f, (struct span){t->span.end - 1, t->span.end}, STR(")"));
}

static void format_typed(struct formatter *f, const struct ast_type *type,
                         const struct ast *value)
{
    if (type) {
        put_mark(f, ": ");
        format_type(f, type);
    }
    if (value) {
        put_mark(f, " = ");
        format_expr(f, value);
    }
}

static void format_binding(struct formatter *f, const struct ast_binding *n)
{
    static const struct str binders[] = {
        [AST_LET] = {"let", 3},
        [AST_PARAM] = {"param", 5},
        [AST_SECRET] = {"secret", 6},
    };
    struct str word = binders[n->binder];
    uint32_t start = n->head.span.start;

    put(f, (struct span){start, start + (uint32_t)word.n}, word);
    put_mark(f, " ");
    put_source(f, n->name_span);
    format_typed(f, n->type, n->value);
}

static void format_param(struct formatter *f, const struct ast_param *n)
{
    put_source(f, n->name_span);
    format_typed(f, n->type, n->value);
}

static void format_params(struct formatter *f, const struct ast_define *n)
{
    struct span body = n->block->span;
    uint32_t first = n->n_params ? n->params[0].name_span.start : body.start;
    bool lines = comment_before(f, body.start) ||
                 (n->n_params && broken(f, f->last, first));

    put_mark(f, "(");
    f->last++;
    if (lines)
        open_level(f);
    for (size_t i = 0; i < n->n_params; i++) {
        separate(f, i, lines, n->params[i].name_span.start);
        format_param(f, &n->params[i]);
        if (lines || i + 1 < n->n_params)
            put_mark(f, ",");
    }
    if (lines)
        close_level(f, body.start);
    put_mark(f, ")");
    f->fresh = false;
}

static void format_define(struct formatter *f, const struct ast_define *n)
{
    uint32_t start = n->head.span.start;

    put(f, (struct span){start, start + 6}, STR("define"));
    put_mark(f, " ");
    put_source(f, n->name_span);
    format_params(f, n);
    format_block(f, n->block);
}

static void format_off(struct formatter *f, const struct ast_off *n)
{
    uint32_t start = n->head.span.start;

    put(f, (struct span){start, start + 2}, STR("/- "));
    format_statement(f, n->statement);
}

static void format_statement(struct formatter *f, const struct ast *n)
{
    if (n->kind == AST_NODE)
        format_node(f, ast_node(n));
    else if (n->kind == AST_BINDING)
        format_binding(f, ast_binding(n));
    else if (n->kind == AST_DEFINE)
        format_define(f, ast_define(n));
    else if (n->kind == AST_OFF)
        format_off(f, ast_off(n));
}

void format_file(const struct ast_file *file, struct buf *out)
{
    struct formatter f = {
        .file = file, .last = file->block.span.start, .opened = true,
    };

    format_lines(&f, &file->block);
    f.fresh = true;
    put_comments(&f, UINT32_MAX);
    end_line(&f);
    join_lines(&f, out);
    buf_free(&f.line);
    arena_free(&f.arena);
}
