#include "compiler/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

struct parsed {
    struct arena arena;
    struct source_map map;
    struct diags diags;
    struct ast_file *file;
};

static struct ast_block parse(struct parsed *p, const char *text)
{
    struct err e = {0};

    *p = (struct parsed){0};
    p->map.arena = p->diags.arena = &p->arena;
    p->file = parse_file(&p->arena,
                         source_add(&p->map, STR("t"), str_of(text), &e),
                         &p->diags);
    return p->file->block;
}

/* The value of `let x = …`, with every operator's operands in brackets. */
static void spell(const struct ast *n, struct buf *out)
{
    if (n->kind == AST_BINARY) {
        buf_addc(out, '(');
        spell(ast_binary(n)->left, out);
        buf_adds(out, ast_op_name(ast_binary(n)->op));
        spell(ast_binary(n)->right, out);
        buf_addc(out, ')');
    } else if (n->kind == AST_UNARY) {
        buf_addc(out, '(');
        buf_adds(out, ast_op_name(ast_unary(n)->op));
        spell(ast_unary(n)->operand, out);
        buf_addc(out, ')');
    } else if (n->kind == AST_COND) {
        buf_addc(out, '(');
        spell(ast_cond(n)->test, out);
        buf_addc(out, '?');
        spell(ast_cond(n)->yes, out);
        buf_addc(out, ':');
        spell(ast_cond(n)->no, out);
        buf_addc(out, ')');
    } else if (n->kind == AST_MEMBER) {
        spell(ast_member(n)->object, out);
        buf_addc(out, '.');
        buf_add(out, ast_member(n)->name);
    } else {
        buf_add(out, ast_name(n)->name);
    }
}

static void binds_as(const char *text, const char *want)
{
    struct parsed p;
    struct buf b = {0}, out = {0};

    buf_addf(&b, "let x = %s", text);
    struct ast_block block = parse(&p, buf_cstr(&b));

    assert_int_equal(p.diags.errors, 0);
    spell(ast_binding(block.items[0])->value, &out);
    assert_string_equal(buf_cstr(&out), want);
    buf_free(&b);
    buf_free(&out);
    arena_free(&p.arena);
}

static void operators_bind_by_their_level(void **state)
{
    (void)state;
    binds_as("a || b && c == d + e * -f.g", "(a||(b&&(c==(d+(e*(-f.g))))))");
    binds_as("a - b - c", "((a-b)-c)");
    binds_as("a * b % c / d", "(((a*b)%c)/d)");
    binds_as("!a in b", "((!a)in" "b)");
    binds_as("a =~ b ? c : d ? e : f", "((a=~b)?c:(d?e:f))");
    binds_as("(a || b) && c", "((a||b)&&c)");
    binds_as("a-b - c", "(a-b-c)");
}

static void a_node_has_words_arguments_named_ones_and_a_block(void **state)
{
    struct parsed p;
    struct ast_block b = parse(&p, "router istio \"x\", y a=1 b-c=2 { d; e }");
    const struct ast_node *n = ast_node(b.items[0]);

    (void)state;
    assert_int_equal(p.diags.errors, 0);
    assert_true(str_eq(n->name, STR("router")));
    assert_int_equal(n->args.n, 3);
    assert_int_equal(n->words, 1);
    assert_int_equal(n->n_named, 2);
    assert_true(str_eq(n->named[1].key, STR("b-c")));
    assert_int_equal(n->block->n, 2);
    assert_true(str_eq(source_text(&p.map, n->head.span),
                       STR("router istio \"x\", y a=1 b-c=2 { d; e }")));
    assert_true(str_eq(source_text(&p.map, n->named[0].key_span), STR("a")));
    arena_free(&p.arena);
}

static void names_of_kinds_may_have_dots_or_quotes(void **state)
{
    struct parsed p;
    struct ast_block b = parse(&p, "py.service api\n\"a b\" 1");

    (void)state;
    assert_int_equal(p.diags.errors, 0);
    assert_true(str_eq(ast_node(b.items[0])->name, STR("py.service")));
    assert_true(ast_node(b.items[1])->quoted);
    assert_true(str_eq(ast_node(b.items[1])->name, STR("a b")));
    arena_free(&p.arena);
}

static void slashdash_switches_a_statement_off(void **state)
{
    struct parsed p;
    struct ast_block b = parse(&p, "/- a { b }\n/-let c = 1\nd");

    (void)state;
    assert_int_equal(p.diags.errors, 0);
    assert_int_equal(b.n, 3);
    assert_int_equal(ast_off(b.items[0])->statement->kind, AST_NODE);
    assert_int_equal(ast_off(b.items[1])->statement->kind, AST_BINDING);
    assert_int_equal(b.items[2]->kind, AST_NODE);
    arena_free(&p.arena);
}

static void a_template_is_texts_and_expressions(void **state)
{
    struct parsed p;
    struct ast_block b = parse(&p, "a \"x\\(y)\\(\"z\")\\n\"");
    const struct ast_template *t =
        ast_template(ast_node(b.items[0])->args.items[0]);

    (void)state;
    assert_int_equal(p.diags.errors, 0);
    assert_int_equal(t->parts.n, 4);
    assert_true(str_eq(ast_string(t->parts.items[0])->value, STR("x")));
    assert_int_equal(t->parts.items[1]->kind, AST_NAME);
    assert_true(str_eq(ast_string(t->parts.items[3])->value, STR("\n")));
    arena_free(&p.arena);
}

static void here_documents_of_one_line_follow_each_other(void **state)
{
    struct parsed p;
    struct ast_block b = parse(&p, "a <<~X, <<~'Y' k=1\n  x\n  X\ny\\(z)\nY\nb");
    const struct ast_node *n = ast_node(b.items[0]);

    (void)state;
    assert_int_equal(p.diags.errors, 0);
    assert_int_equal(b.n, 2);
    assert_true(str_eq(ast_string(n->args.items[0])->value, STR("x\n")));
    assert_true(str_eq(ast_string(n->args.items[1])->value, STR("y\\(z)\n")));
    assert_int_equal(n->n_named, 1);
    arena_free(&p.arena);
}

static void one_mistake_spoils_one_statement(void **state)
{
    struct parsed p;
    struct ast_block b = parse(&p, "a { b ) ; c }\nd = 1\ne [1 2]\nlet = 2\nf");

    (void)state;
    assert_int_equal(p.diags.errors, 4);
    assert_int_equal(b.n, 5);
    assert_int_equal(ast_node(b.items[0])->block->n, 2);
    assert_true(str_eq(ast_node(b.items[4])->name, STR("f")));
    arena_free(&p.arena);
}

static void a_value_alone_is_parsed(void **state)
{
    struct arena a = {0};
    struct source_map m = {.arena = &a};
    struct diags d = {.arena = &a};
    struct err e = {0};
    struct ast *n = parse_value(&a, source_add(&m, STR("p"), STR("99.5%"), &e),
                                &d);

    (void)state;
    assert_int_equal(n->kind, AST_PERCENT);
    assert_true(ast_float(n)->value == 99.5);
    assert_int_equal(d.errors, 0);
    parse_value(&a, source_add(&m, STR("p"), STR("1 2"), &e), &d);
    parse_value(&a, source_add(&m, STR("p"), STR(""), &e), &d);
    assert_int_equal(d.errors, 2);
    arena_free(&a);
}

static void comments_are_kept_with_their_places(void **state)
{
    struct parsed p;

    (void)state;
    parse(&p, "a # one\r\n# two\nb \"#\"");
    assert_int_equal(p.file->n_comments, 2);
    assert_true(str_eq(source_text(&p.map, p.file->comments[0]), STR("# one")));
    assert_true(str_eq(source_text(&p.map, p.file->comments[1]), STR("# two")));
    arena_free(&p.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_by_their_level),
        cmocka_unit_test(a_node_has_words_arguments_named_ones_and_a_block),
        cmocka_unit_test(names_of_kinds_may_have_dots_or_quotes),
        cmocka_unit_test(slashdash_switches_a_statement_off),
        cmocka_unit_test(a_template_is_texts_and_expressions),
        cmocka_unit_test(here_documents_of_one_line_follow_each_other),
        cmocka_unit_test(one_mistake_spoils_one_statement),
        cmocka_unit_test(a_value_alone_is_parsed),
        cmocka_unit_test(comments_are_kept_with_their_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
