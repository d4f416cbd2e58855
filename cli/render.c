/* pipec render: prints what a kustomization makes. */
#include "cli/command.h"

#include "base/file.h"
#include "base/page.h"
#include "cli/option.h"
#include "cli/render.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the smallest rendering takes, in bytes. */
enum { HEAP_LEAST = 96 * 1024 };

command_fn command_render;

struct arguments {
    const char *dir, *reorder, *restrictor, *helm_command, *format, *out, *diff, *diff_as;
    bool enable_helm, strict, offline;
};

static struct kustomize_options options_of(const struct arguments *x)
{
    return (struct kustomize_options){
        .keep_order = !strcmp(x->reorder, "none"),
        .unrestricted = !strcmp(x->restrictor, "LoadRestrictionsNone"),
        .enable_helm = x->enable_helm,
        .helm_command = x->helm_command ? str_of(x->helm_command) : STR(""),
        .offline = x->offline,
    };
}

static void warn(const struct kustomize_result *r)
{
    for (size_t i = 0; i < r->warnings.n; i++)
        fprintf(stderr, STR_FMT "\n", STR_ARG(r->warnings.items[i]));
    if (r->warnings.more)
        fprintf(stderr, "%zu warnings more\n", r->warnings.more);
}

static bool print(const struct arguments *x, const struct kustomize_result *r,
                  struct err *e)
{
    bool json = !strcmp(x->format, "json");
    struct buf b = {0};

    if (x->out && render_is_folder(x->out))
        return render_to_folder(r, x->out, json, e);
    bool ok = render_text(&b, r, json, e) &&
              (x->out ? file_write(x->out, buf_str(&b), 0644, e)
                      : file_write_fd(STDOUT_FILENO, buf_str(&b), e));

    buf_free(&b);
    return ok;
}

static bool print_diff(struct arena *a, const struct arguments *x,
                       const struct kustomize_options *o,
                       const struct kustomize_result *r, struct err *e)
{
    struct buf b = {0};
    bool ok = render_diff(a, o, x->dir, x->diff,
                          !strcmp(x->diff_as, "text"), r, &b, e) &&
              file_write_fd(STDOUT_FILENO, buf_str(&b), e);

    buf_free(&b);
    return ok;
}

static int render(const struct arguments *x)
{
    struct arena a = {0};
    struct kustomize_options o = options_of(x);
    struct kustomize_result r;
    struct err e = {0};

    page_warm_heap(HEAP_LEAST);
    bool ok = kustomize_build(&a, &o, str_of(x->dir), &r, &e);

    if (ok) {
        warn(&r);
        ok = !x->strict || !r.warnings.n;
        if (!ok)
            fputs("pipec render: --strict makes errors of warnings\n", stderr);
        else if (x->diff)
            ok = print_diff(&a, x, &o, &r, &e);
        else
            ok = print(x, &r, &e);
    }
    if (e.kind)
        fprintf(stderr, "%s\n", e.msg);
    kustomize_free(&r);
    arena_free(&a);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

int command_render(int argc, char **argv)
{
    struct arguments x = {.reorder = "legacy", .format = "yaml", .diff_as = "fields",
                          .restrictor = "LoadRestrictionsRootOnly"};
    const struct option table[] = {
        {0, "reorder", OPTION_TEXT, &x.reorder, "none|legacy",
         "none: objects as they came; legacy: by kind"},
        {0, "load-restrictor", OPTION_TEXT, &x.restrictor,
         "LoadRestrictionsRootOnly|LoadRestrictionsNone",
         "whether files outside the folder may be read"},
        {0, "enable-helm", OPTION_FLAG, &x.enable_helm, NULL,
         "let helmCharts run helm"},
        {0, "helm-command", OPTION_TEXT, &x.helm_command, "NAME",
         "which helm"},
        {0, "offline", OPTION_FLAG, &x.offline, NULL,
         "take remote bases from the cache alone"},
        {0, "strict", OPTION_FLAG, &x.strict, NULL,
         "make errors of warnings"},
        {0, "format", OPTION_TEXT, &x.format, "yaml|json",
         "json: a list of the objects"},
        {'o', "output", OPTION_TEXT, &x.out, "PATH",
         "write there; in a folder (DIR/) one file an object"},
        {0, "diff", OPTION_TEXT, &x.diff, "REF",
         "print what differs from a Git commit, object by object"},
        {0, "diff-as", OPTION_TEXT, &x.diff_as, "fields|text",
         "how to tell it: changed fields, or lines of the text"},
        {0},
    };
    static const struct option_usage usage = {
        "render", "[DIR]", 1,
        "Prints what the kustomization in DIR (this folder) makes: the bytes\n"
        "of 'kubectl kustomize', with warnings where the author can hardly\n"
        "have meant what these rules do.\n",
    };
    int code = option_parse(&usage, table, &argc, argv);

    if (code >= 0)
        return code;
    x.dir = argc > 1 ? argv[1] : ".";
    return render(&x);
}
