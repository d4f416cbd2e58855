#include "cli/command.h"

#include "base/diff.h"
#include "base/file.h"
#include "cli/option.h"
#include "compiler/format.h"
#include "compiler/parse.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

command_fn command_fmt;

enum { FILES_MAX = 10000 };

struct options {
    bool check, diff;
};

static struct str path_of(const char *path)
{
    return strcmp(path, "-") ? str_of(path) : STR("<stdin>");
}

static bool read_source(struct source_map *m, const char *path,
                        struct source_file **out, struct err *e)
{
    struct str text;
    bool ok = strcmp(path, "-")
                  ? file_read(m->arena, path, SOURCE_BYTES_MAX, &text, e)
                  : file_read_fd(m->arena, STDIN_FILENO, SOURCE_BYTES_MAX,
                                 &text, e);

    if (!ok)
        return false;
    *out = source_add(m, path_of(path), text, e);
    return *out != NULL;
}

static void report(struct diags *d, const struct source_map *m)
{
    struct buf out = {0};

    diag_sort(d);
    diag_render(d, m, DIAG_TEXT, isatty(STDERR_FILENO) && !getenv("NO_COLOR"),
                &out);
    if (out.n)
        fwrite(out.s, 1, out.n, stderr);
    buf_free(&out);
}

static bool write_back(const char *path, struct str text, struct err *e)
{
    struct stat st;
    mode_t mode = stat(path, &st) ? 0644 : st.st_mode & 07777;

    return file_write(path, text, mode, e);
}

/* What to do with the old text and the new. */
static int deliver(const struct options *o, const char *path, struct str old,
                   struct str new, struct err *e)
{
    bool same = str_eq(old, new), std = !strcmp(path, "-");

    if (o->diff && !same) {
        struct buf diff = {0};

        diff_unified(&diff, path_of(path), path_of(path), old, new,
                     DIFF_CONTEXT);
        fwrite(diff.s, 1, diff.n, stdout);
        buf_free(&diff);
    } else if (o->check && !same) {
        puts(std ? "<stdin>" : path);
    }
    if (o->check)
        return same ? EXIT_DONE : EXIT_FAILED;
    if (o->diff)
        return EXIT_DONE;
    if (std)
        return file_write_fd(STDOUT_FILENO, new, e) ? EXIT_DONE : EXIT_INTERNAL;
    return same || write_back(path, new, e) ? EXIT_DONE : EXIT_INTERNAL;
}

static int format_path(const struct options *o, const char *path)
{
    struct arena a = {0};
    struct source_map m = {.arena = &a};
    struct diags d = {.arena = &a};
    struct buf out = {0};
    struct err e = {0};
    struct source_file *f;
    int status = EXIT_INPUT;

    if (read_source(&m, path, &f, &e)) {
        struct ast_file *file = parse_file(&a, f, &d);

        if (!d.errors)
            format_file(file, &out);
        report(&d, &m);
        if (!d.errors)
            status = deliver(o, path, f->text, buf_str(&out), &e);
    }
    if (e.kind)
        fprintf(stderr, "pipec fmt: %s\n", e.msg);
    buf_free(&out);
    arena_free(&a);
    return status;
}

/* The worst of all files' statuses. */
static int format_all(const struct options *o, char **files, size_t n)
{
    int worst = EXIT_DONE;

    for (size_t i = 0; i < n; i++) {
        int status = format_path(o, files[i]);

        if (status > worst)
            worst = status;
    }
    return worst;
}

/* All .pipeline files of this folder. */
static int format_folder(const struct options *o)
{
    glob_t found = {0};
    int status = EXIT_INPUT;

    if (glob("*.pipeline", 0, NULL, &found) == 0)
        status = format_all(o, found.gl_pathv, found.gl_pathc);
    else
        fputs("pipec fmt: no .pipeline file in this folder\n", stderr);
    globfree(&found);
    return status;
}

int command_fmt(int argc, char **argv)
{
    struct options o = {0};
    const struct option_usage usage = {
        .command = "fmt",
        .positionals = "[FILE…|-]",
        .positionals_max = FILES_MAX,
        .about = "Lays out pipelines in the one usual way, in place; '-' reads "
                 "standard input\nand writes standard output. Without a file, "
                 "all .pipeline files of this folder.\n",
    };
    const struct option table[] = {
        {'c', "check", OPTION_FLAG, &o.check, NULL,
         "change nothing, list the files that would change, end with 1"},
        {'d', "diff", OPTION_FLAG, &o.diff, NULL,
         "change nothing, show what would change"},
        {0},
    };
    int status = option_parse(&usage, table, &argc, argv);

    if (status >= 0)
        return status;
    return argc > 1 ? format_all(&o, argv + 1, (size_t)argc - 1)
                    : format_folder(&o);
}
