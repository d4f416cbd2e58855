#include "runtime/sched/part.h"

#include "base/file.h"

#include <string.h>
#include <unistd.h>

/* Commands in a container: the engine's client runs them, with the pipeline's
 * folder at its own place. Values of variables go through the client's
 * environment, so that none stands on a command line. */

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

static const char *engine(struct attempt *a)
{
    static const char *const names[] = {"docker", "podman", NULL};

    for (size_t i = 0; names[i]; i++)
        if (in_path(a->envp, names[i]))
            return names[i];
    return NULL;
}

bool container_wrap(struct attempt *a, struct proc_spec *spec, struct err *e)
{
    const char *shell[] = {"sh", "-eu", "-c", spec->shell, NULL};
    const char *const *inner = spec->shell ? shell : spec->argv;
    const char *home = a->s->spec.pipeline_dir, *client = engine(a);
    size_t words = 0, n = 0;

    if (!client)
        return err_set(e, ERR_IO, "container '%s' needs docker or podman: "
                       "neither is in PATH", a->container);
    while (inner[words])
        words++;

    const char **argv = arena_array(&a->arena, const char *, FIXED_WORDS +
                                    2 * a->node->n_env + words);
    const char *const head[] = {
        client, "run", "--rm", "--init", "--volume",
        arena_printf(&a->arena, "%s:%s", home, home).s, "--workdir", a->dir,
        "--env", "PIPEC_RUN", NULL};

    for (size_t i = 0; head[i]; i++)
        argv[n++] = head[i];
    for (size_t i = 0; i < a->node->n_env; i++) {
        argv[n++] = "--env";
        argv[n++] = arena_dup(&a->arena, a->node->env[i].name).s;
    }
    argv[n++] = a->container;
    memcpy(argv + n, inner, words * sizeof *argv);
    spec->argv = argv;
    spec->shell = NULL;
    return true;
}
