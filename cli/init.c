/* pipec init: a commented pipeline for the repository it finds. */
#include "cli/command.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "cli/option.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OVERLAYS_MAX = 8, NAME_BYTES_MAX = 63, MAKEFILE_MAX = 1 << 20 };

/* What a file in the root tells about how the repository is built. */
static const struct toolchain {
    const char *file, *what, *lint, *test, *junit;
} toolchains[] = {
    {"go.mod", "Go", "go vet ./...",
     "go test ./...", NULL},
    {"Cargo.toml", "Rust", "cargo clippy --all-targets -- -D warnings",
     "cargo test", NULL},
    {"pyproject.toml", "Python", "python3 -m compileall -q .",
     "python3 -m pytest -q --junitxml=build/junit.xml", "build/junit.xml"},
    {"requirements.txt", "Python", "python3 -m compileall -q .",
     "python3 -m pytest -q --junitxml=build/junit.xml", "build/junit.xml"},
    {"pom.xml", "Java (Maven)", NULL,
     "mvn -B -q verify", "target/surefire-reports/*.xml"},
    {"build.gradle", "Java (Gradle)", NULL,
     "./gradlew check", "build/test-results/test/*.xml"},
    {"build.gradle.kts", "Java (Gradle)", NULL,
     "./gradlew check", "build/test-results/test/*.xml"},
    {"package.json", "JavaScript", "npm run --if-present lint",
     "npm test --if-present", NULL},
    {"Makefile", "make", NULL, NULL, NULL},
    {"CMakeLists.txt", "CMake", NULL, "cmake -S . -B build && "
     "cmake --build build && ctest --test-dir build --output-on-failure",
     NULL},
    {0},
};

struct found {
    const struct toolchain *tools;
    const char *test; /* the command that tests it */
    bool dockerfile;
    struct str overlays[OVERLAYS_MAX]; /* names, sorted as the folder gives */
    size_t n_overlays;
    struct str overlay_root;
    struct str name; /* of the pipeline */
};

static bool there(struct arena *a, struct str dir, const char *name)
{
    return access(file_join(a, dir, str_of(name)).s, F_OK) == 0;
}

static struct str identifier(struct arena *a, struct str name)
{
    struct buf b = {.max = NAME_BYTES_MAX};

    for (size_t i = 0; i < name.n; i++) {
        char c = name.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';

        if (letter || ((digit || c == '-' || c == '_') && b.n))
            buf_addc(&b, c);
        else if (b.n && b.s[b.n - 1] != '-')
            buf_addc(&b, '-');
    }
    while (b.n && b.s[b.n - 1] == '-')
        b.n--;

    struct str s = arena_dup(a, b.n ? buf_str(&b) : STR("app"));

    buf_free(&b);
    return s;
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static void find_overlays(struct arena *a, struct str dir, struct found *f)
{
    static const char *const roots[] = {
        "k8s/overlays", "deploy/overlays", "kustomize/overlays",
        "manifests/overlays", "overlays", NULL,
    };
    DIR *d = NULL;
    struct dirent *entry;

    for (size_t i = 0; roots[i] && !d; i++) {
        f->overlay_root = str_of(roots[i]);
        d = opendir(file_join(a, dir, f->overlay_root).s);
    }
    while (d && f->n_overlays < OVERLAYS_MAX && (entry = readdir(d))) {
        struct str name = arena_dup(a, str_of(entry->d_name));
        struct str path = file_join(a, dir, arena_printf(a, STR_FMT "/"
            STR_FMT "/kustomization.yaml", STR_ARG(f->overlay_root),
            STR_ARG(name)));

        if (name.s[0] != '.' && access(path.s, F_OK) == 0)
            f->overlays[f->n_overlays++] = name;
    }
    if (d)
        closedir(d);
    qsort(f->overlays, f->n_overlays, sizeof(*f->overlays), by_name);
}

/* "check" is GNU's name for what tests; many write "test". */
static const char *make_command(struct arena *a, struct str dir)
{
    static const char *const targets[] = {"check", "test", NULL};
    const char *path = file_join(a, dir, STR("Makefile")).s;
    struct str text, line;
    struct err e = {0};

    if (!file_read(a, path, MAKEFILE_MAX, &text, &e))
        return "make";
    for (size_t i = 0; targets[i]; i++)
        for (struct str rest = text; rest.n;) {
            line = str_cut(rest, '\n', &rest);
            struct str after, name = str_cut(line, ':', &after);

            if (name.n < line.n && !str_starts(after, STR("=")) &&
                str_eq(str_trim(name), str_of(targets[i])))
                return arena_printf(a, "make %s", targets[i]).s;
        }
    return "make";
}

static void find(struct arena *a, struct str dir, struct found *f)
{
    char *real = realpath(dir.s, NULL);

    f->name = identifier(a, file_base(str_of(real ? real : "app")));
    free(real);
    for (const struct toolchain *t = toolchains; t->file && !f->tools; t++)
        if (there(a, dir, t->file))
            f->tools = t;
    if (f->tools)
        f->test = f->tools->test ? f->tools->test : make_command(a, dir);
    f->dockerfile = there(a, dir, "Dockerfile");
    find_overlays(a, dir, f);
}

static void write_checks(struct buf *b, const struct found *f)
{
    const struct toolchain *t = f->tools;

    if (!t) {
        buf_adds(b, "# Nothing was recognised here: say how it is tested.\n"
                    "test unit {\n  run \"true\"\n}\n\n");
    } else {
        if (t->lint)
            buf_addf(b, "run lint {\n  run \"%s\"\n}\n\n", t->lint);
        buf_addf(b, "test unit {\n  run \"%s\"\n", f->test);
        if (t->junit)
            buf_addf(b, "  junit \"%s\"  # failed cases are named in "
                        "the summary\n", t->junit);
        buf_adds(b, "}\n\n");
    }
    buf_adds(b, "# Built in: finds keys and tokens that were committed.\n"
                "scan secrets { secrets }\n\n");
}

static void write_image(struct buf *b, const struct found *f)
{
    bool lint = f->tools && f->tools->lint;

    if (!f->dockerfile)
        return;
    buf_addf(b, "# docker, podman or buildah, whichever is there.\n"
                "build image needs=[%sunit, secrets] {\n"
                "  dockerfile \"Dockerfile\"\n"
                "  tag \"\\(registry)/" STR_FMT ":\\(git.short)\"\n"
                "}\n\n", lint ? "lint, " : "", STR_ARG(f->name));
}

static void write_overlays(struct buf *b, const struct found *f)
{
    struct str previous = {0};

    for (size_t i = 0; i < f->n_overlays; i++) {
        struct str o = f->overlays[i];

        buf_addf(b, "render " STR_FMT "-manifests {\n"
                    "  kustomize \"" STR_FMT "/" STR_FMT "\"\n}\n\n",
                 STR_ARG(o), STR_ARG(f->overlay_root), STR_ARG(o));
        previous = o;
    }
    if (previous.n)
        buf_addf(b, "# Next: commit the image to a GitOps repository, and let "
                    "traffic follow step by\n# step. 'pipec kinds commit' and "
                    "'pipec kinds rollout' tell how.\n");
}

static void write_pipeline(struct buf *b, const struct found *f)
{
    buf_addf(b, "# Made by 'pipec init'%s%s. 'pipec check' proves it, 'pipec "
                "plan' shows what would\n# happen, 'pipec run' does it.\n"
                "pipeline " STR_FMT " language=1\n\n",
             f->tools ? " for " : "", f->tools ? f->tools->what : "",
             STR_ARG(f->name));
    if (f->dockerfile)
        buf_adds(b, "# Give another with --param registry=... or "
                    "PIPEC_PARAM_REGISTRY.\n"
                    "param registry: string = \"localhost:5000\"\n\n");
    write_checks(b, f);
    write_image(b, f);
    write_overlays(b, f);
    while (b->n > 1 && b->s[b->n - 2] == '\n')
        b->n--;
}

static bool holds_pipeline(struct str dir, char *name, size_t size)
{
    DIR *d = opendir(dir.s);
    struct dirent *entry;
    bool found = false;

    while (d && !found && (entry = readdir(d))) {
        found = str_ends(str_of(entry->d_name), STR(".pipeline"));
        if (found)
            snprintf(name, size, "%s", entry->d_name);
    }
    if (d)
        closedir(d);
    return found;
}

static int init(struct arena *a, struct str dir, bool force)
{
    struct found f = {0};
    struct buf b = {0};
    struct err e = {0};
    char old[256];

    if (!force && holds_pipeline(dir, old, sizeof(old))) {
        fprintf(stderr, "pipec: there is '%s' already; --force writes another "
                        "beside or over it\n", old);
        return EXIT_INPUT;
    }
    find(a, dir, &f);
    write_pipeline(&b, &f);
    struct str path = file_join(a, dir, arena_printf(a, STR_FMT ".pipeline",
                                                     STR_ARG(f.name)));
    bool ok = file_write(path.s, buf_str(&b), 0644, &e);

    buf_free(&b);
    if (!ok) {
        fprintf(stderr, "pipec: %s\n", e.msg);
        return EXIT_FAILED;
    }
    printf("wrote %s (%s%s%zu overlay%s)\n\n  pipec check\n  pipec plan\n"
           "  pipec run\n", path.s, f.tools ? f.tools->what : "no toolchain "
           "recognised", f.dockerfile ? ", Dockerfile, " : ", ", f.n_overlays,
           f.n_overlays == 1 ? "" : "s");
    return EXIT_DONE;
}

command_fn command_init;

int command_init(int argc, char **argv)
{
    static const struct option_usage usage = {
        "init", "[DIR]", 1,
        "Writes a commented NAME.pipeline for the repository in DIR (.).\n",
    };
    bool force = false;
    const struct option options[] = {
        {0, "force", OPTION_FLAG, &force, NULL,
         "also where there is a pipeline already"},
        {0},
    };
    int code = option_parse(&usage, options, &argc, argv);
    struct arena a = {0};

    if (code >= 0)
        return code;
    code = init(&a, str_of(argc > 1 ? argv[1] : "."), force);
    arena_free(&a);
    return code;
}
