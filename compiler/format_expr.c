#include "compiler/formatter.h"

static bool is_heredoc(enum ast_quote quote)
{
    return quote == AST_HEREDOC || quote == AST_HEREDOC_RAW;
}

/* A break after an operator or a comma, where the source has one. */
static void put_break(struct formatter *f, uint32_t to)
{
    if (!broken(f, f->last, to)) {
        put_mark(f, " ");
        return;
    }
    put_comments(f, to);
    end_line(f);
}

static bool has_comment(const struct formatter *f, struct span s)
{
    return f->comment < f->file->n_comments &&
           f->file->comments[f->comment].start < s.end;
}

static void format_template(struct formatter *f, const struct ast_template *n)
{
    struct span head = n->head.span;

    if (is_heredoc(n->quote)) {
        put_source(f, head);
        arena_push(&f->arena, &f->heredocs, &n->head);
        return;
    }
    put(f, (struct span){head.start, head.start + 1}, STR("\""));
    for (size_t i = 0; i < n->parts.n; i++) {
        const struct ast *part = n->parts.items[i];
        bool text = part->kind == AST_STRING && !part->grouped &&
                    part->span.start == ast_string(part)->inner.start;

        if (text) {
            put_source(f, part->span);
            continue;
        }
        put_mark(f, "\\(");
        format_expr(f, part);
        put_mark(f, ")");
    }
    put(f, (struct span){head.end - 1, head.end}, STR("\""));
}

static void format_string(struct formatter *f, const struct ast_string *n)
{
    put_source(f, n->head.span);
    if (is_heredoc(n->quote))
        arena_push(&f->arena, &f->heredocs, &n->head);
}

/* Items between brackets: on one line, or one a line. open is written already;
 * close stands at the end of span. */
static void format_items(struct formatter *f, struct ast_items items,
                         struct span span, uint32_t first, const char *close)
{
    bool lines = items.n && (broken(f, f->last, first) || has_comment(f, span));
    struct span end = {span.end - 1, span.end};

    if (!items.n && has_comment(f, span))
        lines = true;
    if (lines)
        open_level(f);
    for (size_t i = 0; i < items.n; i++) {
        separate(f, i, lines, items.items[i]->span.start);
        format_expr(f, items.items[i]);
        if (lines || i + 1 < items.n)
            put_mark(f, ",");
    }
    if (lines)
        close_level(f, end.start);
    put(f, end, str_of(close));
}

static uint32_t first_start(const struct ast_items items, struct span span)
{
    return items.n ? items.items[0]->span.start : span.end;
}

static void format_list(struct formatter *f, const struct ast_list *n)
{
    struct span s = n->head.span;

    put(f, (struct span){s.start, s.start + 1}, STR("["));
    format_items(f, n->items, s, first_start(n->items, s), "]");
}

static void format_call(struct formatter *f, const struct ast_call *n)
{
    format_expr(f, n->callee);
    put_mark(f, "(");
    f->last++;
    format_items(f, n->args, n->head.span,
                 first_start(n->args, n->head.span), ")");
}

static void format_entry(struct formatter *f, const struct ast_entry *e)
{
    format_expr(f, e->key);
    put_mark(f, ": ");
    format_expr(f, e->value);
}

static void format_map(struct formatter *f, const struct ast_map *n)
{
    struct span s = n->head.span;

    put(f, (struct span){s.start, s.start + 1}, STR("{"));
    bool lines = has_comment(f, s) ||
                 (n->n && broken(f, f->last, n->entries[0].key->span.start));

    if (lines)
        open_level(f);
    for (size_t i = 0; i < n->n; i++) {
        separate(f, i, lines, n->entries[i].key->span.start);
        format_entry(f, &n->entries[i]);
        if (lines || i + 1 < n->n)
            put_mark(f, ",");
    }
    if (lines)
        close_level(f, s.end - 1);
    put(f, (struct span){s.end - 1, s.end}, STR("}"));
}

static void format_binary(struct formatter *f, const struct ast_binary *n)
{
    format_expr(f, n->left);
    put_mark(f, " ");
    put_mark(f, ast_op_name(n->op));
    put_break(f, n->right->span.start);
    format_expr(f, n->right);
}

static void format_cond(struct formatter *f, const struct ast_cond *n)
{
    format_expr(f, n->test);
    put_mark(f, " ?");
    put_break(f, n->yes->span.start);
    format_expr(f, n->yes);
    put_mark(f, " :");
    put_break(f, n->no->span.start);
    format_expr(f, n->no);
}

static void format_unary(struct formatter *f, const struct ast_unary *n)
{
    struct span s = n->head.span;

    put(f, (struct span){s.start, s.start + 1}, str_of(ast_op_name(n->op)));
    format_expr(f, n->operand);
}

static void format_index(struct formatter *f, const struct ast_index *n)
{
    format_expr(f, n->object);
    put_mark(f, "[");
    format_expr(f, n->index);
    put(f, (struct span){n->head.span.end - 1, n->head.span.end}, STR("]"));
}

static void format_member(struct formatter *f, const struct ast_member *n)
{
    format_expr(f, n->object);
    put_comments(f, n->name_span.start);
    put_mark(f, ".");
    put_source(f, n->name_span);
}

static void format_for(struct formatter *f, const struct ast_for *n)
{
    put_source(f, n->name_span);
    put_mark(f, " in");
    put_break(f, n->list->span.start);
    format_expr(f, n->list);
}

static void format_compound(struct formatter *f, const struct ast *n)
{
    switch (n->kind) {
    case AST_TEMPLATE: format_template(f, ast_template(n)); break;
    case AST_STRING: format_string(f, ast_string(n)); break;
    case AST_MEMBER: format_member(f, ast_member(n)); break;
    case AST_INDEX: format_index(f, ast_index(n)); break;
    case AST_CALL: format_call(f, ast_call(n)); break;
    case AST_UNARY: format_unary(f, ast_unary(n)); break;
    case AST_BINARY: format_binary(f, ast_binary(n)); break;
    case AST_COND: format_cond(f, ast_cond(n)); break;
    case AST_LIST: format_list(f, ast_list(n)); break;
    case AST_MAP: format_map(f, ast_map(n)); break;
    case AST_FOR: format_for(f, ast_for(n)); break;
    case AST_NAME: case AST_INT: case AST_DURATION: case AST_SIZE:
    case AST_FLOAT: case AST_PERCENT: case AST_BOOL: case AST_NONE:
    case AST_ERROR: put_source(f, n->span); break;
    case AST_BINDING: case AST_NODE: case AST_DEFINE: case AST_OFF: break;
    }
}

void format_expr(struct formatter *f, const struct ast *n)
{
    if (n->grouped)
        put_mark(f, "(");
    format_compound(f, n);
    if (!n->grouped)
        return;
    for (unsigned i = 0; i < n->grouped; i++) {
        uint32_t close = next_token(f);

        put_comments(f, close);
        f->last = close + 1;
    }
    put_mark(f, ")");
}
