#include "runtime/proc/container.h"

#include "base/file.h"

#include <string.h>
#include <unistd.h>

enum { FIXED_WORDS = 16 };

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

static const char *engine(const char *const *envp)
{
    static const char *const names[] = {"docker", "podman", NULL};

    for (size_t i = 0; names[i]; i++)
        if (in_path(envp, names[i]))
            return names[i];
    return NULL;
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

    out[n++] = engine(c->envp);
    if (!out[0]) {
        err_set(e, ERR_IO, "container '%s' needs docker or podman: neither is "
                "in PATH", c->image);
        return NULL;
    }
    out[n++] = "run";
    out[n++] = "--rm";
    out[n++] = "--init";
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
