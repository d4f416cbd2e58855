#include "cli/command.h"

#include "base/file.h"
#include "runtime/kustomize/kustomize.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

command_fn command_render;

struct arguments {
    struct kustomize_options o;
    const char *dir;
    bool strict;
};

static int usage(const char *wrong, const char *what)
{
    fprintf(stderr, "pipec render: %s%s\n", wrong, what);
    return EXIT_INPUT;
}

/* The value of an option: "--name=value", or the next argument. NULL where
 * argv[*i] is something else; "" where the value is missing. */
static const char *value(int argc, char **argv, int *i, const char *name)
{
    size_t n = strlen(name);

    if (strncmp(argv[*i], name, n) != 0)
        return NULL;
    if (argv[*i][n] == '=')
        return argv[*i] + n + 1;
    if (argv[*i][n])
        return NULL;
    return *i + 1 < argc ? argv[++*i] : "";
}

static bool set_option(struct arguments *x, int argc, char **argv, int *i)
{
    const char *v;

    if (!strcmp(argv[*i], "--enable-helm"))
        x->o.enable_helm = true;
    else if (!strcmp(argv[*i], "--strict"))
        x->strict = true;
    else if ((v = value(argc, argv, i, "--helm-command")))
        x->o.helm_command = str_of(v);
    else if ((v = value(argc, argv, i, "--reorder")))
        x->o.keep_order = !strcmp(v, "none");
    else if ((v = value(argc, argv, i, "--load-restrictor")))
        x->o.unrestricted = !strcmp(v, "LoadRestrictionsNone");
    else
        return false;
    return true;
}

static int print(struct arguments *x, struct kustomize_result *r,
                 struct err *e)
{
    struct buf b = {0};
    bool ok = kustomize_write(&b, r, e) &&
              file_write_fd(STDOUT_FILENO, buf_str(&b), e);

    (void)x;
    buf_free(&b);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

static void warn(const struct kustomize_result *r)
{
    for (size_t i = 0; i < r->warnings.n; i++)
        fprintf(stderr, STR_FMT "\n", STR_ARG(r->warnings.items[i]));
    if (r->warnings.more)
        fprintf(stderr, "%zu warnings more\n", r->warnings.more);
}

static int render(struct arguments *x)
{
    struct arena a = {0};
    struct kustomize_result r;
    struct err e = {0};
    int code = EXIT_FAILED;

    if (kustomize_build(&a, &x->o, str_of(x->dir), &r, &e)) {
        warn(&r);
        if (x->strict && r.warnings.n)
            fputs("pipec render: warnings are errors with --strict\n",
                  stderr);
        else
            code = print(x, &r, &e);
    }
    if (e.kind)
        fprintf(stderr, "%s\n", e.msg);
    kustomize_free(&r);
    arena_free(&a);
    return code;
}

int command_render(int argc, char **argv)
{
    struct arguments x = {.dir = NULL};

    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' && !x.dir)
            x.dir = argv[i];
        else if (!set_option(&x, argc, argv, &i))
            return usage("what is this: ", argv[i]);
    }
    if (!x.dir)
        x.dir = ".";
    return render(&x);
}
