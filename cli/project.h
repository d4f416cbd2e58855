#ifndef CLI_PROJECT_H
#define CLI_PROJECT_H

#include "base/arena.h"
#include "base/err.h"
#include "cli/option.h"
#include "compiler/compile.h"
#include "runtime/git/repo.h"

#include <stdbool.h>

/* The pipeline that a subcommand works on: found, read and compiled, with the
 * compiler's host made of the rooms of runtime/. In the caller's frame; zeroed
 * it is ready. */
struct project {
    struct arena arena;
    struct source_map sources;
    struct diags diags;
    struct source_file *file;
    struct ast_file *ast;
    struct graph graph;
    bool no_graph;           /* only its errors are wanted */
    struct str path;         /* as given or found */
    struct str dir;          /* the pipeline's folder; "." for here */
    const char *stdlib_dir;  /* --stdlib, or NULL */
    struct compile_host host;
    struct repo *repo;       /* opened by the first git fact */
    /* users' Lua files, relative to dir */
    struct { const char **items; size_t n, cap; } lua_files;
};

/* --stdlib and --param of the command line, into the project. */
struct project_options {
    const char *file; /* NULL: the one in this folder; "-": standard input */
    const char *stdlib_dir;
    struct option_list params; /* "name=value" */
};

/* Finds and reads the file: the one given; else pipec.pipeline, else the only
 * *.pipeline of the folder. */
bool project_open(struct project *p, const struct project_options *o,
                  struct err *e);
/* Parses and compiles. With facts, values of git and of the environment are
 * looked up (compile.h). True where no error was found; p->diags tell all. */
bool project_compile(struct project *p, const struct project_options *o,
                     bool facts);
/* Prints the diagnostics: text to stderr, other formats to stdout. */
void project_report(struct project *p, enum diag_format format);
void project_close(struct project *p);

/* The host functions, for p->host (cli/project_host.c). */
void project_host(struct project *p);

#endif
