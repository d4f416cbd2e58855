/* Any bytes are parsed: nothing crashes or hangs, each node's span lies within
 * the file, and where there is no error there is no error node. */
#include "base/die.h"
#include "compiler/dump.h"
#include "compiler/parse.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct check {
    struct span file;
    size_t errors; /* error nodes */
};

static void check_node(struct check *c, const struct ast *n);

static void check_span(const struct check *c, struct span s)
{
    if (s.start < c->file.start || s.end < s.start || s.end > c->file.end)
        BUG("span %u-%u outside %u-%u", s.start, s.end, c->file.start,
            c->file.end);
}

static void check_items(struct check *c, struct ast_items items)
{
    for (size_t i = 0; i < items.n; i++)
        check_node(c, items.items[i]);
}

static void check_block(struct check *c, const struct ast_block *b)
{
    check_span(c, b->span);
    check_items(c, (struct ast_items){b->items, b->n});
}

static void check_type(struct check *c, const struct ast_type *t)
{
    check_span(c, t->span);
    for (size_t i = 0; i < t->n; i++)
        check_type(c, t->args[i]);
}

static void check_statement(struct check *c, const struct ast_node *n)
{
    check_span(c, n->name_span);
    check_items(c, n->args);
    if (n->words >= n->args.n && n->words)
        BUG("%u words of %zu arguments", n->words, n->args.n);
    for (size_t i = 0; i < n->n_named; i++) {
        check_span(c, n->named[i].key_span);
        check_node(c, n->named[i].value);
    }
    if (n->block)
        check_block(c, n->block);
}

static void check_define(struct check *c, const struct ast_define *n)
{
    for (size_t i = 0; i < n->n_params; i++) {
        check_span(c, n->params[i].name_span);
        if (n->params[i].type)
            check_type(c, n->params[i].type);
        if (n->params[i].value)
            check_node(c, n->params[i].value);
    }
    check_block(c, n->block);
}

static void check_binding(struct check *c, const struct ast_binding *n)
{
    check_span(c, n->name_span);
    if (n->type)
        check_type(c, n->type);
    if (n->value)
        check_node(c, n->value);
}

static void check_map(struct check *c, const struct ast_map *n)
{
    for (size_t i = 0; i < n->n; i++) {
        check_node(c, n->entries[i].key);
        check_node(c, n->entries[i].value);
    }
}

static void check_operator(struct check *c, const struct ast *n)
{
    if (n->kind == AST_UNARY) {
        check_node(c, ast_unary(n)->operand);
    } else if (n->kind == AST_BINARY) {
        check_node(c, ast_binary(n)->left);
        check_node(c, ast_binary(n)->right);
        check_span(c, ast_binary(n)->op_span);
    } else {
        check_node(c, ast_cond(n)->test);
        check_node(c, ast_cond(n)->yes);
        check_node(c, ast_cond(n)->no);
    }
}

static void check_node(struct check *c, const struct ast *n)
{
    check_span(c, n->span);
    switch (n->kind) {
    case AST_BINDING: check_binding(c, ast_binding(n)); break;
    case AST_NODE: check_statement(c, ast_node(n)); break;
    case AST_DEFINE: check_define(c, ast_define(n)); break;
    case AST_OFF: check_node(c, ast_off(n)->statement); break;
    case AST_NONE: case AST_BOOL: case AST_INT: case AST_DURATION:
    case AST_SIZE: case AST_FLOAT: case AST_PERCENT: case AST_NAME: break;
    case AST_STRING: check_span(c, ast_string(n)->inner); break;
    case AST_TEMPLATE: check_items(c, ast_template(n)->parts); break;
    case AST_MEMBER: check_node(c, ast_member(n)->object); break;
    case AST_INDEX:
        check_node(c, ast_index(n)->object);
        check_node(c, ast_index(n)->index);
        break;
    case AST_CALL:
        check_node(c, ast_call(n)->callee);
        check_items(c, ast_call(n)->args);
        break;
    case AST_UNARY: case AST_BINARY: case AST_COND: check_operator(c, n); break;
    case AST_LIST: check_items(c, ast_list(n)->items); break;
    case AST_MAP: check_map(c, ast_map(n)); break;
    case AST_FOR: check_node(c, ast_for(n)->list); break;
    case AST_ERROR: c->errors++; break;
    }
}

static void check_diags(const struct check *c, const struct diags *d)
{
    for (size_t i = 0; i < d->n; i++) {
        /* The end of a line, or of the file, is shown as one more byte. */
        struct span s = d->items[i]->span;

        if (s.start < c->file.start || s.end > c->file.end + 2)
            BUG("diagnostic %u-%u outside", s.start, s.end);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct source_map m = {.arena = &a};
    struct diags d = {.arena = &a};
    struct err e = {0};
    struct buf out = {0};
    struct str text = arena_dup(&a, (struct str){(const char *)data, size});
    struct source_file *f = source_add(&m, STR("fuzz.pipeline"), text, &e);
    struct ast_file *file = parse_file(&a, f, &d);
    struct check c = {{f->base, f->base + (uint32_t)text.n}, 0};

    check_block(&c, &file->block);
    check_diags(&c, &d);
    if (c.errors && !d.errors)
        BUG("an error node without an error");
    dump_ast(file, &out);
    buf_clear(&out);
    diag_sort(&d);
    for (enum diag_format i = DIAG_TEXT; i <= DIAG_GITHUB; i++)
        diag_render(&d, &m, i, false, &out);
    parse_value(&a, f, &d);
    buf_free(&out);
    arena_free(&a);
    return 0;
}
