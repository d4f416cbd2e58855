#include "runtime/oci/sweep.h"

#include "base/file.h"
#include "base/map.h"
#include "runtime/oci/base.h"
#include "runtime/oci/oci.h"

#include <dirent.h>
#include <unistd.h>

enum { DEPTH_MAX = 4 };

/* The blobs that are named by something, by their digits. */
struct marks {
    struct arena *arena;
    struct str layout;
    struct map seen;
};

static bool mark_all(struct marks *m, const json_t *j, int depth);

/* Manifests and indexes name other blobs; configurations and layers do not. */
static bool names_others(const char *type)
{
    struct str t = str_of(type);

    return str_search(t, STR(".manifest.")) < t.n ||
           str_search(t, STR(".index.")) < t.n;
}

/* A descriptor's blob, and what that names. False where it cannot be read:
 * then nothing can be said of the rest. */
static bool mark(struct marks *m, const json_t *descriptor, int depth)
{
    const char *s =
        json_string_value(json_object_get(descriptor, "digest"));
    const char *type =
        json_string_value(json_object_get(descriptor, "mediaType"));
    struct str prefix = STR("sha256:"), text;
    struct err ignored = {0};

    if (!s || !type || !str_starts(str_of(s), prefix) || depth > DEPTH_MAX)
        return false;
    struct str digest = arena_dup(m->arena, str_of(s));

    map_set(m->arena, &m->seen, str_skip(digest, prefix.n), m);
    if (!names_others(type))
        return true;
    if (!blob_get(m->arena, m->layout, digest, OCI_JSON_MAX, &text, &ignored))
        return false;
    json_t *j = oci_json_parse(text, "blob", &ignored);
    bool ok = j && mark_all(m, j, depth + 1);

    json_decref(j);
    return ok;
}

static bool mark_list(struct marks *m, const json_t *list, int depth)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
        if (!mark(m, one, depth))
            return false;
    return true;
}

static bool mark_all(struct marks *m, const json_t *j, int depth)
{
    const json_t *config = json_object_get(j, "config");

    return (!config || mark(m, config, depth)) &&
           mark_list(m, json_object_get(j, "layers"), depth) &&
           mark_list(m, json_object_get(j, "manifests"), depth);
}

void oci_sweep(struct arena *a, struct str layout, const json_t *index)
{
    struct marks m = {.arena = a, .layout = layout};
    struct str folder =
        arena_printf(a, STR_FMT "/blobs/sha256", STR_ARG(layout));
    DIR *dir = mark_all(&m, index, 0) ? opendir(folder.s) : NULL;
    const struct dirent *d;

    while (dir && (d = readdir(dir))) {
        struct str name = str_of(d->d_name);
        if (!str_eq(name, STR(".")) && !str_eq(name, STR("..")) &&
            !map_get(&m.seen, name))
            unlink(file_join(a, folder, name).s);
    }
    if (dir)
        closedir(dir);
    map_free(&m.seen);
}
