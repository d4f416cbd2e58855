#include "runtime/lua/box.h"

#include "runtime/proc/container.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static const char *text_at(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));

    return s ? s : "";
}

/* The stage's variables and the command's own. */
static const char *const *names(struct host *h, struct arena *a,
                                const struct child_spec *c, size_t n_own)
{
    const json_t *list = json_object_get(h->node, "variables");
    size_t n = json_array_size(list);
    const char **out = arena_array(a, const char *, n + n_own + 1);

    for (size_t i = 0; i < n; i++)
        out[i] = json_string_value(json_array_get(list, i));
    for (size_t i = 0; i < n_own; i++) {
        struct str rest;

        out[n + i] = arena_dup(a, str_cut(str_of(c->envp[i]), '=', &rest)).s;
    }
    return out;
}

/* The pipeline's folder, and others that the stage's files may be in. */
static const char *const *folders(struct host *h, struct arena *a)
{
    const char **out = arena_array(a, const char *, 4);
    const char *home = text_at(h->start, "pipeline_dir");
    size_t n = 0;

    out[n++] = home;
    if (!str_starts(str_of(h->state_dir), str_of(home)))
        out[n++] = h->state_dir;
    if (*h->temp_dir)
        out[n++] = h->temp_dir;
    return out;
}

bool box_wrap(struct host *h, struct arena *a, struct child_spec *c,
              size_t n_own, struct err *e)
{
    char dir[PATH_MAX];
    struct container box = {.image = text_at(h->node, "container")};

    if (!*box.image)
        return true;
    if (!realpath(c->dir ? c->dir : ".", dir))
        return err_errno(e, "directory '%s'", c->dir ? c->dir : ".");
    box.dir = arena_dup(a, str_of(dir)).s;
    box.folders = folders(h, a);
    box.names = names(h, a, c, n_own);
    box.envp = c->envp;
    box.stdin_used = c->input.s != NULL;
    c->argv = container_argv(a, &box, c->argv, e);
    return c->argv != NULL;
}
