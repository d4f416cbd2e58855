/* What parses without an error is formatted: the result parses to the same
 * tree, has the same comments, and formatted again does not change. */
#include "base/die.h"
#include "compiler/dump.h"
#include "compiler/format.h"
#include "compiler/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct text {
    struct source_map map;
    struct diags diags;
    struct ast_file *file;
    struct buf tree, formatted;
};

static void read_text(struct text *t, struct arena *a, struct str s)
{
    struct err e = {0};

    *t = (struct text){.map.arena = a, .diags.arena = a};
    struct source_file *f = source_add(&t->map, STR("fuzz"),
                                       arena_dup(a, s), &e);

    t->file = parse_file(a, f, &t->diags);
    if (t->diags.errors)
        return;
    dump_ast(t->file, &t->tree);
    format_file(t->file, &t->formatted);
}

static struct str comment(const struct text *t, size_t i)
{
    return source_text(&t->map, t->file->comments[i]);
}

static void compare(const struct text *a, const struct text *b)
{
    if (b->diags.errors)
        BUG("does not parse any more: %.*s\n%s",
            STR_ARG(b->diags.items[0]->message), a->formatted.s);
    if (!str_eq(buf_str(&a->tree), buf_str(&b->tree)))
        BUG("another tree:\n%s", a->formatted.s);
    if (!str_eq(buf_str(&a->formatted), buf_str(&b->formatted)))
        BUG("not stable:\n%s\n----\n%s", a->formatted.s, b->formatted.s);
    if (a->file->n_comments != b->file->n_comments)
        BUG("%zu comments became %zu", a->file->n_comments,
            b->file->n_comments);
    for (size_t i = 0; i < a->file->n_comments; i++)
        if (!str_eq(comment(a, i), comment(b, i)))
            BUG("comment %zu is another", i);
}

static void free_text(struct text *t)
{
    buf_free(&t->tree);
    buf_free(&t->formatted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct text a, b;

    read_text(&a, &arena, (struct str){(const char *)data, size});
    if (!a.diags.errors) {
        buf_cstr(&a.formatted);
        read_text(&b, &arena, buf_str(&a.formatted));
        if (!b.diags.errors)
            buf_cstr(&b.formatted);
        compare(&a, &b);
        free_text(&b);
    }
    free_text(&a);
    arena_free(&arena);
    return 0;
}
