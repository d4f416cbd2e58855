#include "runtime/kustomize/rendered_store.h"

#include "base/file.h"
#include "base/sha256.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0600, DIR_MODE = 0700 };

struct str rendered_digest(struct arena *a, struct str text)
{
    char *hex = arena_array(a, char, SHA256_HEX_BYTES);

    sha256_hex(text, hex);
    return str_of(hex);
}

/* Another program than this one may render otherwise. */
static struct str path_of(struct arena *a, const char *folder,
                          const struct rendering *r)
{
    struct stat st = {0};

    stat("/proc/self/exe", &st);
    struct str key = arena_printf(
        a, PIPEC_VERSION "\n%ju\n%ju\n%jd.%09ld\n%d%d\n" STR_FMT,
        (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (intmax_t)st.st_mtim.tv_sec,
        st.st_mtim.tv_nsec, r->unrestricted, r->keep_order, STR_ARG(r->dir));

    return arena_printf(a, "%s/%.32s", folder, rendered_digest(a, key).s);
}

static bool read_own(struct arena *a, const char *path, struct str *out)
{
    struct err ignored = {0};
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool ok = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
              st.st_uid == geteuid() && !(st.st_mode & 077) &&
              file_read_fd(a, fd, RENDERED_BYTES_MAX, out, &ignored);

    if (fd >= 0)
        close(fd);
    return ok;
}

static bool read_look(struct arena *a, json_t *from, struct look *l)
{
    const char *path, *answer;
    size_t n, answer_n;
    int what, kind, ok;

    if (json_unpack(from, "[iis%bs%]", &what, &kind, &path, &n, &ok, &answer,
                    &answer_n) ||
        what < LOOK_KIND || what > LOOK_TEXT)
        return false;
    *l = (struct look){.what = (enum look_kind)what,
                       .kind = (enum vfs_kind)kind,
                       .path = arena_dup(a, (struct str){path, n}).s,
                       .ok = ok,
                       .answer = arena_dup(a, (struct str){answer, answer_n})};
    return true;
}

static bool read_head(struct arena *a, json_t *head, struct rendering *r)
{
    json_t *looks = json_object_get(head, "looks"), *item;
    json_t *warnings = json_object_get(head, "warnings");
    size_t i;

    json_array_foreach(looks, i, item) {
        struct look l;

        if (!read_look(a, item, &l))
            return false;
        arena_push(a, &r->looks, l);
    }
    r->warnings.a = a;
    json_array_foreach(warnings, i, item)
        arena_push(a, &r->warnings,
                   arena_dup(a, (struct str){json_string_value(item),
                                             json_string_length(item)}));
    r->warnings.more =
        (size_t)json_integer_value(json_object_get(head, "more"));
    return r->looks.n > 0;
}

bool rendered_load(struct arena *a, const char *folder, struct rendering *r)
{
    struct str all, rest, sum;

    if (!read_own(a, path_of(a, folder, r).s, &all))
        return false;
    sum = str_cut(all, '\n', &rest);
    if (!str_eq(sum, rendered_digest(a, rest)))
        return false;
    struct str line = str_cut(rest, '\n', &r->text);
    json_t *head = json_loadb(line.s, line.n, 0, NULL);
    bool ok = head && read_head(a, head, r);

    json_decref(head);
    return ok;
}

/* One line of JSON; NULL where a path is no UTF-8. */
static char *write_head(const struct rendering *r)
{
    json_t *looks = json_array(), *warnings = json_array();

    for (size_t i = 0; i < r->looks.n; i++) {
        const struct look *l = &r->looks.items[i];

        json_array_append_new(
            looks, json_pack("[iis%bs%]", (int)l->what, (int)l->kind, l->path,
                             strlen(l->path), l->ok,
                             l->answer.s ? l->answer.s : "", l->answer.n));
    }
    for (size_t i = 0; i < r->warnings.n; i++)
        json_array_append_new(warnings, json_stringn(r->warnings.items[i].s,
                                                     r->warnings.items[i].n));
    bool whole = json_array_size(looks) == r->looks.n &&
                 json_array_size(warnings) == r->warnings.n;
    json_t *head = json_pack("{sososI}", "looks", looks, "warnings", warnings,
                             "more", (json_int_t)r->warnings.more);
    char *line = whole && head ? json_dumps(head, JSON_COMPACT) : NULL;

    json_decref(head);
    return line;
}

/* Removes the oldest file where the folder is full. */
static void make_room(struct arena *a, const char *folder)
{
    DIR *d = opendir(folder);
    struct str oldest = {0};
    time_t since = 0;
    size_t n = 0;

    for (struct dirent *f; d && (f = readdir(d));) {
        struct str path = arena_printf(a, "%s/%s", folder, f->d_name);
        struct stat st;

        if (lstat(path.s, &st) || !S_ISREG(st.st_mode))
            continue;
        n++;
        if (!oldest.n || st.st_mtime < since) {
            oldest = path;
            since = st.st_mtime;
        }
    }
    if (d)
        closedir(d);
    if (n >= RENDERED_KEPT_MAX)
        unlink(oldest.s);
}

void rendered_save(const char *folder, const struct rendering *r)
{
    struct arena a = {0};
    struct err ignored = {0};

    if (str_search(r->text, STR("kind: Secret")) < r->text.n)
        return;
    char *head = write_head(r);
    struct str rest = head ? arena_printf(&a, "%s\n" STR_FMT, head,
                                          STR_ARG(r->text))
                           : (struct str){0};

    free(head);
    mkdir(folder, DIR_MODE);
    if (rest.n && rest.n + SHA256_HEX_BYTES < RENDERED_BYTES_MAX) {
        make_room(&a, folder);
        file_write(path_of(&a, folder, r).s,
                   arena_join(&a, rendered_digest(&a, rest), STR("\n"), rest),
                   FILE_MODE, &ignored);
    }
    arena_free(&a);
}
