#include "runtime/proc/container.h"

#include "base/file.h"

#include <string.h>
#include <unistd.h>

enum { FIXED_WORDS = 24 };

static bool in_path(const char *const *envp, const char *name)
{
    struct arena a = {0};
    struct str rest = {0};
    bool found = false;

    for (; *envp; envp++)
        if (str_starts(str_of(*envp), STR("PATH=")))
            rest = str_skip(str_of(*envp), 5);
    while (rest.n && !found) {
        struct str dir = str_cut(rest, ':', &rest);

        found = !access(file_join(&a, dir, str_of(name)).s, X_OK);
    }
    arena_free(&a);
    return found;
}

const char *container_engine(const char *const *envp)
{
    static const char *const names[] = {"docker", "podman", NULL};

    for (size_t i = 0; names[i]; i++)
        if (in_path(envp, names[i]))
            return names[i];
    return NULL;
}

static const char *variable(const char *const *envp, const char *entry)
{
    size_t n = strlen(entry);

    for (; *envp; envp++)
        if (!strncmp(*envp, entry, n))
            return *envp + n;
    return "";
}

static size_t add_labels(struct arena *a, const char **out,
                         const char *const *envp)
{
    static const char *const labels[][2] = {
        {"pipec.run", CONTAINER_RUN_DIR}, {"pipec.stage", CONTAINER_STAGE}};
    size_t n = 0;

    for (size_t i = 0; i < 2; i++) {
        out[n++] = "--label";
        out[n++] = arena_printf(a, "%s=%s", labels[i][0],
                                variable(envp, labels[i][1])).s;
    }
    return n;
}

static size_t count(const char *const *list)
{
    size_t n = 0;

    while (list[n])
        n++;
    return n;
}

const char *const *container_argv(struct arena *a, const struct container *c,
                                  const char *const *argv, struct err *e)
{
    size_t words = count(argv), names = count(c->names);
    size_t folders = count(c->folders), n = 0;
    const char **out = arena_array(a, const char *, FIXED_WORDS + 2 * names +
                                   2 * folders + words);

    out[n++] = container_engine(c->envp);
    if (!out[0]) {
        err_set(e, ERR_IO, "container '%s' needs docker or podman: neither is "
                "in PATH", c->image);
        return NULL;
    }
    out[n++] = "run";
    out[n++] = "--rm";
    out[n++] = "--init";
    n += add_labels(a, out + n, c->envp);
    if (c->stdin_used)
        out[n++] = "--interactive";
    for (size_t i = 0; i < folders; i++) {
        out[n++] = "--volume";
        out[n++] = arena_printf(a, "%s:%s", c->folders[i], c->folders[i]).s;
    }
    out[n++] = "--workdir";
    out[n++] = c->dir;
    out[n++] = "--env";
    out[n++] = "PIPEC_RUN";
    for (size_t i = 0; i < names; i++) {
        out[n++] = "--env";
        out[n++] = c->names[i];
    }
    out[n++] = c->image;
    memcpy(out + n, argv, words * sizeof *argv);
    return out;
}

const char *const *container_sweep(struct arena *a, const char *engine,
                                   const char *run_dir, const char *stage)
{
    static const char script[] =
        "ids=$(\"$0\" ps -aq --filter \"label=pipec.run=$1\" "
        "--filter \"label=pipec.stage=$2\") && [ -n \"$ids\" ] && "
        "\"$0\" rm -f $ids";
    const char *const words[] = {"sh", "-c", script, engine, run_dir, stage,
                                 NULL};
    const char **out = arena_array(a, const char *, 7);

    memcpy(out, words, sizeof words);
    return out;
}
