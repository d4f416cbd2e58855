#include "runtime/oci/layer.h"

#include "base/file.h"
#include "base/map.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 64, FOLDER_MODE = 0755 };

/* One copy being collected. */
struct source {
    struct layer *layer;
    const struct oci_copy *copy;
    unsigned depth;
};

static bool add(struct layer *l, struct layer_entry entry, struct err *e)
{
    if (l->entries.n >= OCI_FILES_MAX)
        return err_set(e, ERR_INPUT, "an image has at most %d files",
                       OCI_FILES_MAX);
    entry.order = l->entries.n;
    arena_push(l->arena, &l->entries, entry);
    return true;
}

/* "/a//b/./c" is "a/b/c"; ".." and names that mean a deletion to a container
 * engine are refused. */
static bool clean_path(struct arena *a, struct str path, struct str *out,
                       struct err *e)
{
    char *p = arena_array(a, char, path.n + 1);
    struct str rest = path;
    size_t n = 0;

    if (!str_starts(path, STR("/")) || memchr(path.s, '\0', path.n) ||
        path.n >= PATH_MAX)
        return err_set(e, ERR_INPUT, "'" STR_FMT "' is no absolute path in "
                       "an image", STR_ARG(path));
    while (rest.n) {
        struct str part = str_cut(rest, '/', &rest);
        if (!part.n || str_eq(part, STR(".")))
            continue;
        if (str_eq(part, STR("..")) || str_starts(part, STR(".wh.")))
            return err_set(e, ERR_INPUT, "'" STR_FMT "' cannot be a path in "
                           "an image", STR_ARG(path));
        if (n)
            p[n++] = '/';
        memcpy(p + n, part.s, part.n);
        n += part.n;
    }
    *out = (struct str){p, n};
    return true;
}

static bool add_link(struct source *s, struct str from, struct str to,
                     struct err *e)
{
    char target[PATH_MAX];
    ssize_t n = readlink(from.s, target, sizeof(target));

    if (n < 0)
        return err_errno(e, "cannot read the link '%s'", from.s);
    return add(s->layer, (struct layer_entry){
        .path = to, .type = S_IFLNK, .mode = 0777,
        .target = arena_dup(s->layer->arena, (struct str){target, (size_t)n})},
        e);
}

static bool add_file(struct source *s, struct str from, struct str to,
                     const struct stat *st, struct err *e)
{
    unsigned mode = s->copy->mode ? s->copy->mode
                    : st->st_mode & S_IXUSR ? 0755u : 0644u;

    if (!to.n)
        return err_set(e, ERR_INPUT, "'%s' cannot be the image's root",
                       from.s);
    return add(s->layer, (struct layer_entry){
        .path = to, .from = from, .type = S_IFREG, .mode = mode & 07777,
        .size = st->st_size}, e);
}

static bool add_source(struct source *s, struct str from, struct str to,
                       struct err *e);

static bool add_folder(struct source *s, struct str from, struct str to,
                       struct err *e)
{
    struct arena *a = s->layer->arena;
    const struct dirent *d;

    if (s->depth >= DEPTH_MAX)
        return err_set(e, ERR_INPUT, "'%s' is nested more than %d deep",
                       from.s, DEPTH_MAX);
    if (to.n && !add(s->layer, (struct layer_entry){
                         .path = to, .type = S_IFDIR, .mode = FOLDER_MODE}, e))
        return false;
    DIR *dir = opendir(from.s);

    if (!dir)
        return err_errno(e, "cannot read folder '%s'", from.s);
    bool ok = true;

    s->depth++;
    while (ok && (d = readdir(dir))) {
        struct str name = str_of(d->d_name), child, clean;
        if (str_eq(name, STR(".")) || str_eq(name, STR("..")))
            continue;
        child = arena_printf(a, "/" STR_FMT "/" STR_FMT, STR_ARG(to),
                             STR_ARG(name));
        ok = clean_path(a, child, &clean, e) &&
             add_source(s, file_join(a, from, name), clean, e);
    }
    s->depth--;
    closedir(dir);
    return ok;
}

static bool add_source(struct source *s, struct str from, struct str to,
                       struct err *e)
{
    struct stat st;

    if (lstat(from.s, &st) < 0)
        return err_set(e, ERR_INPUT, "cannot copy '%s': %s", from.s,
                       errno == ENOENT ? "it does not exist"
                                       : "it cannot be read");
    if (S_ISREG(st.st_mode))
        return add_file(s, from, to, &st, e);
    if (S_ISDIR(st.st_mode))
        return add_folder(s, from, to, e);
    if (S_ISLNK(st.st_mode))
        return add_link(s, from, to, e);
    return err_set(e, ERR_INPUT, "cannot copy '%s': it is no file, folder or "
                   "link", from.s);
}

static bool collect_copy(struct layer *l, const struct oci_copy *c,
                         struct err *e)
{
    struct source s = {.layer = l, .copy = c};
    struct str to = c->to, clean;
    struct stat st;

    if (c->from.n && str_ends(to, STR("/")) &&
        stat(arena_dup(l->arena, c->from).s, &st) == 0 &&
        !S_ISDIR(st.st_mode))
        to = arena_printf(l->arena, STR_FMT STR_FMT, STR_ARG(to),
                          STR_ARG(file_base(c->from)));
    if (!clean_path(l->arena, to, &clean, e))
        return false;
    if (c->from.n)
        return add_source(&s, arena_dup(l->arena, c->from), clean, e);
    if (!clean.n)
        return err_set(e, ERR_INPUT, "a text cannot be the image's root");
    return add(l, (struct layer_entry){
        .path = clean, .text = c->text, .type = S_IFREG,
        .mode = (c->mode ? c->mode : 0644) & 07777,
        .size = (int64_t)c->text.n}, e);
}

/* ---- folders above, order, doubles --------------------------------------- */

static bool add_parents(struct layer *l, struct err *e)
{
    struct map seen = {0};
    size_t n = l->entries.n;
    bool ok = true;

    for (size_t i = 0; ok && i < n; i++) {
        struct str path = l->entries.items[i].path;
        for (size_t k = 0; ok && k < path.n; k++) {
            struct str parent = str_sub(path, 0, k);
            if (path.s[k] != '/' || map_get(&seen, parent))
                continue;
            map_set(l->arena, &seen, parent, l);
            ok = add(l, (struct layer_entry){
                .path = parent, .type = S_IFDIR, .mode = FOLDER_MODE}, e);
        }
    }
    map_free(&seen);
    return ok;
}

/* A folder comes before what is in it, though not always right before. */
static int by_path(const void *x, const void *y)
{
    const struct layer_entry *a = x, *b = y;
    int c = str_cmp(a->path, b->path);

    if (c)
        return c;
    return a->order < b->order ? -1 : a->order > b->order;
}

static bool is_within(struct str path, struct str folder)
{
    return path.n > folder.n && str_starts(path, folder) &&
           path.s[folder.n] == '/';
}

/* Something else than a folder with something in it cannot be unpacked. */
static bool check_parents(const struct layer *l, struct err *e)
{
    for (size_t i = 0; i < l->entries.n; i++) {
        const struct layer_entry *x = &l->entries.items[i];
        if (x->type == S_IFDIR)
            continue;
        for (size_t k = i + 1; k < l->entries.n &&
             str_starts(l->entries.items[k].path, x->path); k++)
            if (is_within(l->entries.items[k].path, x->path))
                return err_set(e, ERR_INPUT, "'/" STR_FMT "' is a file and "
                               "the folder of '/" STR_FMT "' at once",
                               STR_ARG(x->path),
                               STR_ARG(l->entries.items[k].path));
    }
    return true;
}

/* Of a path's entries the last copied stays; an implied folder never replaces
 * what was copied. */
static void keep_last(struct layer *l, size_t copied)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->entries.n;) {
        size_t best = i, k = i;
        for (; k < l->entries.n && str_eq(l->entries.items[k].path,
                                          l->entries.items[i].path); k++)
            if (l->entries.items[k].order < copied)
                best = k;
        l->entries.items[kept++] = l->entries.items[best];
        i = k;
    }
    l->entries.n = kept;
}

static void drop_filled_folders(struct layer *l)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->entries.n; i++) {
        const struct layer_entry *x = &l->entries.items[i];
        bool filled = false;
        for (size_t k = i + 1; x->type == S_IFDIR && !filled &&
             k < l->entries.n &&
             str_starts(l->entries.items[k].path, x->path); k++)
            filled = is_within(l->entries.items[k].path, x->path);
        if (!filled)
            l->entries.items[kept++] = *x;
    }
    l->entries.n = kept;
}

bool layer_collect(struct layer *l, const struct oci_copy *copies, size_t n,
                   struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (!collect_copy(l, &copies[i], e))
            return false;
    size_t copied = l->entries.n;

    if (!add_parents(l, e))
        return false;
    if (l->entries.n)
        qsort(l->entries.items, l->entries.n, sizeof(*l->entries.items),
              by_path);
    keep_last(l, copied);
    if (l->on_base)
        drop_filled_folders(l);
    return check_parents(l, e);
}
