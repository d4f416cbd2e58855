#include "compiler/parse.h"

#include "compiler/parser.h"

#include <string.h>

/* Statements and blocks, and how the parser finds its feet after an error. */

/* On to where a statement can begin: a new line, after ';', a closing brace.
 * Blocks on the way are passed over whole. */
static void sync_statement(struct parser *p)
{
    size_t open = 0;

    for (; !at(p, TOKEN_END); advance(p)) {
        if (open == 0 && (p->token.newline || at(p, TOKEN_SEMICOLON) ||
                          at(p, TOKEN_RBRACE)))
            break;
        open += at(p, TOKEN_LBRACE);
        open -= at(p, TOKEN_RBRACE);
    }
    p->panic = false;
}

/* From inside a block to after its closing brace. */
static void skip_block(struct parser *p)
{
    for (size_t open = 1; open && !at(p, TOKEN_END); advance(p)) {
        open += at(p, TOKEN_LBRACE);
        open -= at(p, TOKEN_RBRACE);
    }
    p->panic = false;
}

static struct ast *parse_statement(struct parser *p);

/* '/-' before a statement, at the '/'. */
static struct ast *parse_off(struct parser *p)
{
    struct ast_off *n = ast_make(p, ast_off, AST_OFF, p->token.span);

    advance(p);
    advance(p);
    p->token.newline = false;
    if (!enter(p)) {
        n->statement = ast_failed(p, n->head.span);
        return &n->head;
    }
    n->statement = parse_statement(p);
    n->head.span.end = p->end;
    leave(p);
    return &n->head;
}

static bool at_slashdash(const struct parser *p)
{
    return at(p, TOKEN_SLASH) && p->lexer.at[0] == '-';
}

static struct ast *parse_keyword(struct parser *p)
{
    if (at_word(p, "let"))
        return parse_binding(p, AST_LET);
    if (at_word(p, "param"))
        return parse_binding(p, AST_PARAM);
    if (at_word(p, "secret"))
        return parse_binding(p, AST_SECRET);
    if (at_word(p, "define"))
        return parse_define(p);
    return parse_node(p);
}

static struct ast *parse_stray(struct parser *p)
{
    struct span here = p->token.span;
    struct diag *g;

    if (at(p, TOKEN_BAD)) {
        p->panic = true;
    } else if (at(p, TOKEN_RPAREN) || at(p, TOKEN_RBRACKET)) {
        fail_at(p, DIAG_E0203, here, "%s closes nothing",
                token_name(p->token.kind));
    } else {
        g = fail_at(p, DIAG_E0204, here, "a statement begins with a name, not "
                    "%s", token_name(p->token.kind));
        if (g && at(p, TOKEN_LBRACE))
            diag_help(p->diags, g, "put '{' on the line of the statement that "
                                   "the block belongs to");
    }
    if (at(p, TOKEN_LBRACE)) {
        p->panic = false;
        parse_block(p); /* for the mistakes in it */
        return ast_failed(p, here);
    }
    advance(p);
    sync_statement(p);
    return ast_failed(p, here);
}

/* A name in quotes, which has to be followed by something, or it is a value
 * that was meant for another statement. */
static struct ast *parse_entry(struct parser *p)
{
    struct ast *n = parse_node(p);
    const struct ast_node *node = ast_node(n);

    if (node->args.n || node->n_named || node->block || p->panic)
        return n;
    fail_at(p, DIAG_E0204, n->span,
            "a statement begins with a name, not a string alone");
    return ast_failed(p, n->span);
}

static struct ast *parse_statement(struct parser *p)
{
    bool entry = at(p, TOKEN_STRING) &&
                 (p->token.quote == AST_QUOTED || p->token.quote == AST_RAW);

    if (at(p, TOKEN_NAME))
        return parse_keyword(p);
    if (at_slashdash(p))
        return parse_off(p);
    return entry ? parse_entry(p) : parse_stray(p);
}

/* What follows a statement: a newline, ';' or the block's end. */
static void end_statement(struct parser *p)
{
    struct diag *g;

    if (p->panic)
        sync_statement(p);
    if (take_if(p, TOKEN_SEMICOLON) || p->token.newline || at(p, TOKEN_END) ||
        at(p, TOKEN_RBRACE))
        return;
    if (at(p, TOKEN_NAME)) {
        g = fail_at(p, DIAG_E0205, p->token.span,
                    "'" STR_FMT "' begins another statement on this line",
                    STR_ARG(token_text(p)));
        if (g)
            diag_help(p->diags, g, "put ';' or a newline before it");
        p->panic = false;
        return;
    }
    fail_expected(p, "the end of the statement");
    sync_statement(p);
    take_if(p, TOKEN_SEMICOLON);
}

/* Whether a let, param, secret or define is among them. */
static bool parse_statements(struct parser *p, bool top)
{
    bool names = false;

    while (!at(p, TOKEN_END) && (top || !at(p, TOKEN_RBRACE))) {
        if (take_if(p, TOKEN_SEMICOLON))
            continue;
        if (at(p, TOKEN_RBRACE)) {
            fail_at(p, DIAG_E0203, p->token.span, "'}' closes nothing");
            p->panic = false;
            advance(p);
            continue;
        }
        p->too_high = false;
        struct ast *n = parse_statement(p);

        names |= n->kind == AST_BINDING || n->kind == AST_DEFINE;
        push_item(p, n);
        end_statement(p);
    }
    return names;
}

static void take_items(struct parser *p, size_t from, struct ast_block *b)
{
    b->n = (uint32_t)(p->stack.n - from);
    p->stack.n = from;
    if (b->n == 0)
        return;
    b->items = arena_array(p->arena, struct ast *, b->n);
    memcpy(b->items, p->stack.items + from, b->n * sizeof(*b->items));
}

/* Blanks before the first word of the line that an offset lies in. */
static size_t indent_of(const struct parser *p, uint32_t offset)
{
    const char *s = p->lexer.text + (offset - p->lexer.base);
    size_t n = 0;

    while (s > p->lexer.text && s[-1] != '\n')
        s--;
    while (s[n] == ' ' || s[n] == '\t')
        n++;
    return n;
}

/* The first statement that is indented no more than the block's own is where
 * the brace is missing. */
static void report_unclosed(struct parser *p, struct span opened,
                            const struct ast_block *b)
{
    struct diag *g = fail_at(p, DIAG_E0202, opened, "'{' has no '}'");

    for (size_t i = 0; g && i < b->n; i++) {
        struct span s = b->items[i]->span;

        if (indent_of(p, s.start) > indent_of(p, opened.start))
            continue;
        s.end = s.start + 1;
        diag_also(p->diags, g, s, "perhaps missing before this");
        return;
    }
}

struct ast_block *parse_block(struct parser *p)
{
    struct ast_block *b = arena_new(p->arena, struct ast_block);
    struct span opened = p->token.span;
    size_t from = p->stack.n, loose = p->loose;

    advance(p);
    if (!enter(p)) {
        b->span = opened;
        skip_block(p);
        return b;
    }
    p->loose = 0;
    b->names = parse_statements(p, false);
    p->loose = loose;
    take_items(p, from, b);
    if (!take_if(p, TOKEN_RBRACE))
        report_unclosed(p, opened, b);
    b->span = (struct span){opened.start, p->end};
    leave(p);
    return b;
}

static struct parser begin(struct arena *a, const struct source_file *f,
                           struct diags *d)
{
    struct parser p = {.arena = a, .diags = d, .errors_before = d->errors};

    lex_init(&p.lexer, a, f, d);
    advance(&p);
    p.end = p.token.span.start;
    return p;
}

struct ast_file *parse_file(struct arena *a, const struct source_file *f,
                            struct diags *d)
{
    struct ast_file *file = arena_new(a, struct ast_file);
    struct parser p = begin(a, f, d);

    file->block.names = parse_statements(&p, true);
    take_items(&p, 0, &file->block);
    file->source = f;
    file->block.span = (struct span){f->base, f->base + (uint32_t)f->text.n};
    file->comments = p.lexer.comments.items;
    file->n_comments = p.lexer.comments.n;
    return file;
}

struct ast *parse_value(struct arena *a, const struct source_file *f,
                        struct diags *d)
{
    struct parser p = begin(a, f, d);

    p.loose = 1;
    struct ast *n = parse_expr(&p);

    if (!at(&p, TOKEN_END))
        fail_expected(&p, "the end of the value");
    return n;
}
