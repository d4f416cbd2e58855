#include "compiler/parser.h"

/* Precedence climbing over one table; then what is tighter than any operator:
 * the unary ones, and member, index and call. */

enum {
    LEVEL_OR = 1,
    LEVEL_AND,
    LEVEL_COMPARE, /* does not chain */
    LEVEL_ADD,
    LEVEL_MULTIPLY,
};

struct operator {
    int level; /* 0: no binary operator */
    enum ast_op op;
};

static struct operator binary_operator(const struct parser *p)
{
    static const struct operator table[] = {
        [TOKEN_OR] = {LEVEL_OR, AST_OR},
        [TOKEN_AND] = {LEVEL_AND, AST_AND},
        [TOKEN_EQ] = {LEVEL_COMPARE, AST_EQ},
        [TOKEN_NE] = {LEVEL_COMPARE, AST_NE},
        [TOKEN_LT] = {LEVEL_COMPARE, AST_LT},
        [TOKEN_LE] = {LEVEL_COMPARE, AST_LE},
        [TOKEN_GT] = {LEVEL_COMPARE, AST_GT},
        [TOKEN_GE] = {LEVEL_COMPARE, AST_GE},
        [TOKEN_MATCH] = {LEVEL_COMPARE, AST_MATCH},
        [TOKEN_PLUS] = {LEVEL_ADD, AST_ADD},
        [TOKEN_MINUS] = {LEVEL_ADD, AST_SUB},
        [TOKEN_STAR] = {LEVEL_MULTIPLY, AST_MUL},
        [TOKEN_SLASH] = {LEVEL_MULTIPLY, AST_DIV},
        [TOKEN_PERCENT] = {LEVEL_MULTIPLY, AST_MOD},
    };

    if (!same_line(p))
        return (struct operator){0};
    if (at(p, TOKEN_NAME))
        return at_word(p, "in") ? (struct operator){LEVEL_COMPARE, AST_IN}
                                : (struct operator){0};
    return table[p->token.kind];
}

static struct ast *parse_name(struct parser *p)
{
    struct str text = token_text(p);
    struct span here = p->token.span;
    bool yes = at_word(p, "true");

    if (at_word(p, "in")) {
        fail_expected(p, "a value");
        return ast_failed(p, here);
    }
    if (yes || at_word(p, "false")) {
        struct ast_bool *n = ast_make(p, ast_bool, AST_BOOL, here);

        n->value = yes;
        advance(p);
        return &n->head;
    }
    if (at_word(p, "none")) {
        advance(p);
        return ast_alloc(p, sizeof(struct ast), AST_NONE, here);
    }
    struct ast_name *n = ast_make(p, ast_name, AST_NAME, here);

    n->name = text;
    advance(p);
    return &n->head;
}

static struct ast *parse_group(struct parser *p)
{
    struct span opened = p->token.span;

    advance(p);
    p->loose++;
    struct ast *n = parse_expr(p);

    if (at(p, TOKEN_ASSIGN)) {
        struct diag *g = fail_at(p, DIAG_E0212, p->token.span,
                                 "'=' does not compare");

        if (g)
            diag_help(p->diags, g, "write '==' to compare");
    }
    if (at(p, TOKEN_COMMA) && !p->panic) {
        struct diag *g = fail_at(p, DIAG_E0201, p->token.span,
                                 "expected ')', found ','");

        if (g) {
            diag_also(p->diags, g, opened, "opened here");
            diag_help(p->diags, g, "a list is written [a, b]; the arguments "
                                   "of a node stand without parentheses");
        }
    }
    p->loose--;
    close_bracket(p, TOKEN_RPAREN, opened);
    n->grouped++;
    return n;
}

static struct ast *parse_primary(struct parser *p)
{
    struct span here = p->token.span;

    /* Only asked for where something must stand: a name at the start of the
     * next line is another statement's. */
    if (same_line(p)) {
        if (at(p, TOKEN_NAME))
            return parse_name(p);
        if (at(p, TOKEN_NUMBER))
            return parse_number(p);
        if (at(p, TOKEN_STRING) || at(p, TOKEN_HEAD))
            return parse_string(p);
        if (at(p, TOKEN_LPAREN))
            return parse_group(p);
        if (at(p, TOKEN_LBRACKET))
            return parse_list(p);
    }
    fail_expected(p, "a value");
    if (at(p, TOKEN_BAD))
        advance(p);
    return ast_failed(p, here);
}

static struct ast *parse_member(struct parser *p, struct ast *object,
                                uint32_t start)
{
    advance(p);
    if (!at(p, TOKEN_NAME) || !same_line(p)) {
        fail_expected(p, "a name after '.'");
        return object;
    }
    struct ast_member *n = ast_make(p, ast_member, AST_MEMBER,
                                    ((struct span){start, p->token.span.end}));

    n->name = token_text(p);
    n->name_span = p->token.span;
    n->object = adopt(p, &n->head, object);
    advance(p);
    return &n->head;
}

static struct ast *parse_index(struct parser *p, struct ast *object,
                               uint32_t start)
{
    struct span opened = p->token.span;
    struct ast_index *n = ast_make(p, ast_index, AST_INDEX, opened);

    advance(p);
    p->loose++;
    n->object = adopt(p, &n->head, object);
    n->index = adopt(p, &n->head, parse_expr(p));
    p->loose--;
    close_bracket(p, TOKEN_RBRACKET, opened);
    n->head.span = (struct span){start, p->end};
    return &n->head;
}

static struct ast *parse_call(struct parser *p, struct ast *callee,
                              uint32_t start)
{
    struct ast_call *n = ast_make(p, ast_call, AST_CALL, p->token.span);

    n->callee = adopt(p, &n->head, callee);
    parse_call_args(p, n);
    n->head.span = (struct span){start, p->end};
    return &n->head;
}

static struct ast *parse_postfix(struct parser *p)
{
    uint32_t start = p->token.span.start;
    struct ast *n = parse_primary(p);

    for (;;) {
        if (p->panic || !same_line(p))
            return n;
        if (at(p, TOKEN_DOT))
            n = parse_member(p, n, start);
        else if (at(p, TOKEN_LBRACKET) && !p->token.space)
            n = parse_index(p, n, start);
        else if (at(p, TOKEN_LPAREN) && !p->token.space)
            n = parse_call(p, n, start);
        else
            return n;
    }
}

static struct ast *parse_unary(struct parser *p)
{
    bool negate = at(p, TOKEN_MINUS);
    struct span here = p->token.span;

    if (!negate && !at(p, TOKEN_NOT))
        return parse_postfix(p);
    if (!same_line(p) || !enter(p))
        return parse_primary(p);
    struct ast_unary *n = ast_make(p, ast_unary, AST_UNARY, here);

    advance(p);
    n->op = negate ? AST_NEGATE : AST_NOT;
    n->operand = adopt(p, &n->head, parse_unary(p));
    n->head.span.end = p->end;
    leave(p);
    return &n->head;
}

static struct ast *parse_binary(struct parser *p, int level)
{
    uint32_t start = p->token.span.start;
    struct ast *left = parse_unary(p);

    for (int before = 0; !p->panic;) {
        struct operator o = binary_operator(p);

        if (o.level < level || o.level == 0)
            break;
        if (o.level == LEVEL_COMPARE && before == LEVEL_COMPARE) {
            struct diag *g = fail_at(p, DIAG_E0208, p->token.span,
                                     "comparisons do not chain");

            if (g)
                diag_help(p->diags, g, "join two comparisons with '&&'");
            p->panic = false;
        }
        before = o.level;
        struct ast_binary *n = ast_make(p, ast_binary, AST_BINARY,
                                        p->token.span);

        n->op_span = p->token.span;
        n->op = o.op;
        advance(p);
        /* An operator carries on to the next line. */
        p->token.newline = false;
        n->left = adopt(p, &n->head, left);
        n->right = adopt(p, &n->head, parse_binary(p, o.level + 1));
        n->head.span = (struct span){start, p->end};
        left = &n->head;
    }
    return left;
}

static struct ast *parse_choice(struct parser *p, struct ast *test,
                                uint32_t start)
{
    struct span question = p->token.span;
    struct ast_cond *n = ast_make(p, ast_cond, AST_COND, question);

    advance(p);
    p->token.newline = false;
    n->test = adopt(p, &n->head, test);
    n->yes = adopt(p, &n->head, parse_expr(p));
    if (!at(p, TOKEN_COLON) || !same_line(p)) {
        struct diag *g = fail_expected(p, "':' and the other value");

        if (g)
            diag_also(p->diags, g, question, "of the choice begun here");
        n->no = ast_failed(p, question);
    } else {
        advance(p);
        p->token.newline = false;
        n->no = adopt(p, &n->head, parse_expr(p));
    }
    n->head.span = (struct span){start, p->end};
    return &n->head;
}

struct ast *parse_expr(struct parser *p)
{
    uint32_t start = p->token.span.start;

    if (!enter(p))
        return ast_failed(p, p->token.span);
    if (at(p, TOKEN_LBRACE) && same_line(p)) {
        struct ast *map = parse_map(p);

        leave(p);
        return map;
    }
    struct ast *n = parse_binary(p, LEVEL_OR);

    if (at(p, TOKEN_QUESTION) && same_line(p) && !p->panic)
        n = parse_choice(p, n, start);
    leave(p);
    return n;
}
