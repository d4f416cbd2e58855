/* pipec check: compiles, and tells all errors and warnings. */
#include "cli/command.h"

#include "cli/option.h"
#include "cli/project.h"
#include "compiler/dump.h"
#include "compiler/parse.h"

#include <stdio.h>
#include <string.h>

command_fn command_check;

static void print(const struct buf *out)
{
    if (out->n)
        fwrite(out->s, 1, out->n, stdout);
}

/* tokens and ast: what a phase has made of the text, however wrong it is. */
static void dump_early(struct project *p, const char *what)
{
    struct buf out = {0};

    if (!strcmp(what, "tokens"))
        dump_tokens(&p->sources, p->file, &p->diags, &out);
    else
        dump_ast(parse_file(&p->arena, p->file, &p->diags), &out);
    print(&out);
    buf_free(&out);
}

static int check(struct project *p, const struct project_options *o,
                 enum diag_format format, const char *dump)
{
    bool graph = dump && !strcmp(dump, "graph");
    struct buf out = {0};

    p->no_graph = !dump;
    if (dump && !graph)
        dump_early(p, dump);
    else if (project_compile(p, o, graph) && graph)
        graph_json(&out, &p->graph);
    print(&out);
    buf_free(&out);
    project_report(p, format);
    return p->diags.errors ? EXIT_INPUT : EXIT_DONE;
}

int command_check(int argc, char **argv)
{
    struct project p = {0};
    struct project_options o = {0};
    const char *format = "text", *dump = NULL;
    enum diag_format f = DIAG_TEXT;
    struct err e = {0};
    const struct option table[] = {
        {0, "format", OPTION_TEXT, &format, "text|json|sarif|github",
         "how to tell"},
        {0, "dump", OPTION_TEXT, &dump, "tokens|ast|graph",
         "print what a phase has made of it"},
        {'p', "param", OPTION_LIST, &o.params, "NAME=VALUE",
         "give a param a value"},
        {0, "stdlib", OPTION_TEXT, &o.stdlib_dir, "DIR",
         "read the kinds from DIR"},
        {0},
    };
    static const struct option_usage usage = {
        "check", "[FILE]", 1,
        "Compiles FILE and tells all errors and warnings. FILE is '-' for\n"
        "standard input; without one it is pipec.pipeline, or the only\n"
        "*.pipeline in this folder. Nothing is run, and nothing of Git or the\n"
        "environment looked at: the answer is the same everywhere.\n",
    };
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;
    o.file = argc > 1 ? argv[1] : NULL;
    diag_format_of(str_of(format), &f);
    if (project_open(&p, &o, &e))
        code = check(&p, &o, f, dump);
    else
        fprintf(stderr, "pipec check: %s\n", e.msg), code = EXIT_INPUT;
    project_close(&p);
    return code;
}
