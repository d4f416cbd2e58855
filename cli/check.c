#include "cli/command.h"

#include "base/file.h"
#include "compiler/dump.h"
#include "compiler/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

command_fn command_check;

static const char usage[] =
    "usage: pipec check [FILE] [--format text|json|sarif|github]\n"
    "                   [--dump=tokens|ast]\n\n"
    "Compiles FILE (or '-', standard input; without one, the folder's only\n"
    ".pipeline) and tells all errors and warnings. --dump prints what a phase\n"
    "of the compiler has made of it.\n";

struct options {
    const char *file;
    enum diag_format format;
    const char *dump; /* NULL, "tokens", "ast" */
};

static bool bad(const char *what, const char *arg)
{
    fprintf(stderr, "pipec check: %s '%s'\n", what, arg);
    return false;
}

/* The value of --name=value or --name value; NULL where arg is another. */
static const char *value_of(const char *name, char **argv, int *i)
{
    size_t n = strlen(name);

    if (strncmp(argv[*i], name, n))
        return NULL;
    if (argv[*i][n] == '=')
        return argv[*i] + n + 1;
    if (argv[*i][n] || !argv[*i + 1])
        return NULL;
    return argv[++*i];
}

static bool parse_option(struct options *o, char **argv, int *i)
{
    const char *format = value_of("--format", argv, i);
    const char *dump = format ? NULL : value_of("--dump", argv, i);

    if (format)
        return diag_format_of(str_of(format), &o->format) ||
               bad("no format", format);
    if (dump) {
        o->dump = dump;
        return !strcmp(dump, "tokens") || !strcmp(dump, "ast") ||
               bad("nothing to dump is named", dump);
    }
    if (argv[*i][0] == '-' && argv[*i][1])
        return bad("no option", argv[*i]);
    if (o->file)
        return bad("one file too many:", argv[*i]);
    o->file = argv[*i];
    return true;
}

static int compile(const struct options *o, struct source_map *m,
                   struct source_file *f)
{
    struct diags d = {.arena = m->arena};
    struct buf out = {0};

    if (o->dump && !strcmp(o->dump, "tokens")) {
        dump_tokens(m, f, &d, &out);
    } else {
        struct ast_file *file = parse_file(m->arena, f, &d);

        if (o->dump)
            dump_ast(file, &out);
    }
    fwrite(out.s, 1, out.n, stdout);
    buf_clear(&out);
    diag_sort(&d);
    diag_render(&d, m, o->format,
                isatty(STDERR_FILENO) && !getenv("NO_COLOR"), &out);
    fwrite(out.s, 1, out.n, o->format == DIAG_TEXT ? stderr : stdout);
    buf_free(&out);
    return d.errors ? EXIT_INPUT : EXIT_DONE;
}

int command_check(int argc, char **argv)
{
    struct arena a = {0};
    struct source_map m = {.arena = &a};
    struct options o = {0};
    struct err e = {0};

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help")) {
            fputs(usage, stdout);
            return EXIT_DONE;
        }
        if (!parse_option(&o, argv, &i))
            return EXIT_INPUT;
    }
    if (!o.file) {
        fputs(usage, stderr);
        return EXIT_INPUT;
    }
    struct source_file *f = source_read(&m, o.file, &e);

    if (!f)
        fprintf(stderr, "pipec check: %s\n", e.msg);
    int status = f ? compile(&o, &m, f) : EXIT_INPUT;

    arena_free(&a);
    return status;
}
