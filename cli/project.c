#include "cli/project.h"

#include "base/file.h"
#include "cli/command.h"
#include "compiler/parse.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char preferred[] = "pipec.pipeline";

/* The only *.pipeline in the folder. */
static bool find_file(struct arena *a, struct str *out, struct err *e)
{
    DIR *d;
    struct dirent *entry;
    struct str other = {0};

    *out = STR(preferred);
    if (access(preferred, F_OK) == 0)
        return true;
    *out = (struct str){0};
    d = opendir(".");
    if (!d)
        return err_errno(e, "cannot list this folder");
    while ((entry = readdir(d))) {
        struct str name = str_of(entry->d_name);

        if (!str_ends(name, STR(".pipeline")) || name.s[0] == '.')
            continue;
        if (out->n)
            other = arena_dup(a, name);
        else
            *out = arena_dup(a, name);
    }
    closedir(d);
    if (other.n)
        return err_set(e, ERR_USAGE, "this folder has several pipelines, such "
                       "as '" STR_FMT "' and '" STR_FMT "': name one",
                       STR_ARG(*out), STR_ARG(other));
    return out->n || err_set(e, ERR_USAGE, "this folder has no pipeline; "
                             "'pipec init' writes a first one");
}

bool project_open(struct project *p, const struct project_options *o,
                  struct err *e)
{
    struct str text;

    p->sources.arena = &p->arena;
    p->diags.arena = &p->arena;
    p->stdlib_dir = o->stdlib_dir;
    if (o->file)
        p->path = str_of(o->file);
    else if (!find_file(&p->arena, &p->path, e))
        return false;
    p->dir = file_dir(p->path);
    if (!str_eq(p->path, STR("-"))) {
        p->file = source_read(&p->sources, arena_dup(&p->arena, p->path).s, e);
        return p->file != NULL;
    }
    if (!file_read_fd(&p->arena, STDIN_FILENO, SOURCE_BYTES_MAX, &text, e))
        return err_wrap(e, "standard input");
    p->path = STR("(stdin).pipeline");
    p->dir = STR(".");
    p->file = source_add(&p->sources, p->path, text, e);
    return p->file != NULL;
}

static struct compile_param *read_params(struct project *p,
                                         const struct project_options *o)
{
    struct compile_param *all = arena_array(&p->arena, struct compile_param,
                                            o->params.n);

    for (size_t i = 0; i < o->params.n; i++)
        all[i].name = str_cut(str_of(o->params.items[i]), '=', &all[i].text);
    return all;
}

static struct str folder_name(struct project *p)
{
    char *full = realpath(arena_dup(&p->arena, p->dir).s, NULL);
    struct str name = full ? file_base(str_of(full)) : STR("pipeline");

    name = arena_dup(&p->arena, name);
    free(full);
    return name;
}

bool project_compile(struct project *p, const struct project_options *o,
                     bool facts)
{
    project_host(p);
    struct compile_options co = {
        .host = &p->host,
        .sources = &p->sources,
        .params = read_params(p, o),
        .n_params = o->params.n,
        .folder = folder_name(p),
        .facts = facts,
    };

    p->ast = parse_file(&p->arena, p->file, &p->diags);
    return compile(&p->arena, p->ast, &co, &p->diags,
                   p->no_graph ? NULL : &p->graph);
}

void project_report(struct project *p, enum diag_format format)
{
    struct buf out = {0};
    bool text = format == DIAG_TEXT;

    diag_sort(&p->diags);
    diag_render(&p->diags, &p->sources, format,
                isatty(STDERR_FILENO) && !getenv("NO_COLOR"), &out);
    if (out.n)
        fwrite(out.s, 1, out.n, text ? stderr : stdout);
    buf_free(&out);
}

void project_close(struct project *p)
{
    repo_close(p->repo);
    arena_free(&p->arena);
}
