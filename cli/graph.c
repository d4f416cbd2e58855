/* pipec graph: the stages and what each waits for, as a picture. */
#include "cli/command.h"

#include "cli/graph_picture.h"
#include "cli/option.h"
#include "cli/project.h"

#include <stdio.h>
#include <string.h>

command_fn command_graph;

static int draw(struct project *p, const struct project_options *o,
                const char *format)
{
    struct buf out = {0};
    bool ok = project_compile(p, o, !strcmp(format, "json"));

    project_report(p, DIAG_TEXT);
    if (!ok)
        return EXIT_INPUT;
    if (!strcmp(format, "svg") && p->graph.n_nodes > PICTURE_NODES_MAX) {
        fprintf(stderr, "pipec graph: %zu stages are too many for a drawing; "
                        "try --format dot\n", p->graph.n_nodes);
        return EXIT_INPUT;
    }
    if (!strcmp(format, "json"))
        graph_json(&out, &p->graph);
    else if (!strcmp(format, "dot"))
        graph_dot(&out, &p->graph);
    else if (!strcmp(format, "mermaid"))
        graph_mermaid(&out, &p->graph);
    else if (!strcmp(format, "svg"))
        graph_svg(&out, &p->graph);
    else
        graph_text(&out, &p->graph);
    if (out.n)
        fwrite(out.s, 1, out.n, stdout);
    buf_free(&out);
    return EXIT_DONE;
}

int command_graph(int argc, char **argv)
{
    struct project p = {0};
    struct project_options o = {0};
    const char *format = "text";
    struct err e = {0};
    const struct option table[] = {
        {0, "format", OPTION_TEXT, &format, "text|dot|mermaid|svg|json",
         "how to draw it"},
        {'p', "param", OPTION_LIST, &o.params, "NAME=VALUE",
         "give a param a value"},
        {0, "stdlib", OPTION_TEXT, &o.stdlib_dir, "DIR",
         "read the kinds from DIR"},
        {0},
    };
    static const struct option_usage usage = {
        "graph", "[FILE]", 1,
        "Draws the stages and what each waits for. json is the whole graph, as\n"
        "'pipec plan --out' saves it.\n",
    };
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;
    o.file = argc > 1 ? argv[1] : NULL;
    if (project_open(&p, &o, &e))
        code = draw(&p, &o, format);
    else
        fprintf(stderr, "pipec graph: %s\n", e.msg), code = EXIT_INPUT;
    project_close(&p);
    return code;
}
