/* Any bytes are compiled, with a world made up: nothing crashes or hangs; what
 * compiles is a graph that can be written and read again, to the same bytes;
 * what does not says why. */
#include "base/die.h"
#include "base/map.h"
#include "compiler/compile.h"
#include "compiler/parse.h"
#include "runtime/lua/probe.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_BYTES_MAX = 64 * 1024 };

static bool fake_schema(void *ctx, struct arena *a, struct schema_set *set,
                        struct str family, struct str name, struct err *e)
{
    struct probe_spec spec = {0};

    (void)ctx;
    return probe_stdlib(a, &spec, set, family, name, e);
}

static bool fake_read(void *ctx, struct arena *a, struct str path,
                      struct str *text, struct err *e)
{
    static const char other[] =
        "let x = \"1\"\nuse \"other.pipeline\" as=again\n"
        "define d(n: int = 1) { run a { run \"echo \\(n)\" } }\n";

    (void)ctx;
    if (!str_ends(path, STR("other.pipeline")))
        return err_set(e, ERR_IO, "cannot open '" STR_FMT "'", STR_ARG(path));
    *text = arena_dup(a, STR(other));
    return true;
}

static bool fake_glob(void *ctx, struct arena *a, struct str pattern,
                      struct str **paths, size_t *n, struct err *e)
{
    (void)ctx, (void)e, (void)pattern;
    *n = 2;
    *paths = arena_array(a, struct str, 2);
    (*paths)[0] = STR("a.c");
    (*paths)[1] = STR("b.c");
    return true;
}

static bool fake_env(void *ctx, struct str name, struct str *value)
{
    (void)ctx;
    *value = STR("value");
    return str_eq(name, STR("HOME"));
}

static bool fake_git(void *ctx, struct arena *a, struct str name,
                     struct value *out, struct err *e)
{
    (void)ctx, (void)a, (void)e;
    *out = str_eq(name, STR("dirty")) ? value_bool(false)
                                      : value_string(STR("main"));
    return true;
}

static void check_graph(struct arena *a, const struct graph *g)
{
    struct buf first = {0}, again = {0};
    struct graph back;
    struct err e = {0};

    graph_json(&first, g);
    if (!graph_load(a, buf_str(&first), &back, &e))
        BUG("its own graph is refused: %s", e.msg);
    graph_json(&again, &back);
    if (!str_eq(buf_str(&first), buf_str(&again)))
        BUG("a graph changes when it is read and written");
    buf_free(&first);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct compile_host host = {
        .schema = fake_schema, .read = fake_read, .glob = fake_glob,
        .env = fake_env, .git = fake_git,
    };
    struct arena a = {0};
    struct source_map m = {.arena = &a};
    struct diags d = {.arena = &a};
    struct graph g;
    struct err e = {0};

    if (size > FUZZ_BYTES_MAX)
        return 0;
    struct str text = arena_dup(&a, (struct str){(const char *)data, size});
    struct source_file *f = source_add(&m, STR("fuzz.pipeline"), text, &e);

    for (int facts = 0; f && facts < 2; facts++) {
        struct compile_options o = {.host = &host, .sources = &m,
                                    .folder = STR("fuzz"),
                                    .facts = facts > 0};
        size_t before = d.errors;
        struct ast_file *file = parse_file(&a, f, &d);
        bool ok = compile(&a, file, &o, &d, &g);

        if (ok != (d.errors == 0))
            BUG("compile() and its errors disagree");
        if (ok)
            check_graph(&a, &g);
        if (d.errors != before)
            break;
    }
    arena_free(&a);
    return 0;
}
