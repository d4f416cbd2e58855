#include "base/file.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_CHUNK = 64 * 1024 };

bool file_read_fd(struct arena *a, int fd, size_t max, struct str *out,
                  struct err *e)
{
    struct buf b = {0};

    for (;;) {
        buf_reserve(&b, READ_CHUNK);
        ssize_t n = read(fd, b.s + b.n, READ_CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            buf_free(&b);
            return err_errno(e, "cannot read");
        }
        if (n == 0)
            break;
        b.n += (size_t)n;
        if (b.n > max) {
            buf_free(&b);
            return err_set(e, ERR_INPUT, "larger than %zu bytes", max);
        }
    }
    *out = arena_dup(a, buf_str(&b));
    buf_free(&b);
    return true;
}

static bool read_sized(struct arena *a, int fd, size_t size, struct str *out,
                       struct err *e)
{
    char *p = arena_array(a, char, size + 1);
    size_t n = 0;

    while (n < size) {
        ssize_t got = read(fd, p + n, size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(e, "cannot read");
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *out = (struct str){p, n};
    return true;
}

bool file_read(struct arena *a, const char *path, size_t max, struct str *out,
               struct err *e)
{
    struct stat st;
    bool ok = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return err_errno(e, "cannot open '%s'", path);
    if (fstat(fd, &st) < 0)
        err_errno(e, "cannot stat '%s'", path);
    else if (!S_ISREG(st.st_mode))
        err_set(e, ERR_INPUT, "'%s' is not a regular file", path);
    else if ((size_t)st.st_size > max)
        err_set(e, ERR_INPUT, "'%s' is larger than %zu bytes", path, max);
    else
        ok = read_sized(a, fd, (size_t)st.st_size, out, e) ||
             err_wrap(e, "'%s'", path);
    close(fd);
    return ok;
}

bool file_write_fd(int fd, struct str text, struct err *e)
{
    while (text.n) {
        ssize_t n = write(fd, text.s, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(e, "cannot write");
        text = str_skip(text, (size_t)n);
    }
    return true;
}

bool file_write(const char *path, struct str text, mode_t mode, struct err *e)
{
    struct arena a = {0};
    struct str tmp = arena_printf(&a, "%s.%ld.tmp", path, (long)getpid());
    int fd = open(tmp.s, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    bool ok = fd >= 0 || err_errno(e, "cannot create '%s'", tmp.s);

    if (fd >= 0) {
        ok = file_write_fd(fd, text, e) || err_wrap(e, "'%s'", path);
        if (close(fd) < 0 && ok)
            ok = err_errno(e, "cannot write '%s'", path);
        if (ok && rename(tmp.s, path) < 0)
            ok = err_errno(e, "cannot replace '%s'", path);
        if (!ok)
            unlink(tmp.s);
    }
    arena_free(&a);
    return ok;
}

bool file_mkdirs(const char *path, mode_t mode, struct err *e)
{
    char *copy = strdup(path);
    bool ok = copy != NULL || err_errno(e, "cannot create '%s'", path);

    for (char *p = copy; ok && *p; p++) {
        p += strspn(p, "/");
        p += strcspn(p, "/");
        char kept = *p;

        *p = '\0';
        if (*copy && mkdir(copy, mode) < 0 && errno != EEXIST)
            ok = err_errno(e, "cannot create folder '%s'", copy);
        *p = kept;
        if (!kept)
            break;
    }
    free(copy);
    return ok;
}

struct str file_join(struct arena *a, struct str dir, struct str name)
{
    if ((name.n && name.s[0] == '/') || dir.n == 0 || str_eq(dir, STR(".")))
        return arena_dup(a, name);
    const char *slash = dir.s[dir.n - 1] == '/' ? "" : "/";

    return arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(dir), slash,
                        STR_ARG(name));
}

struct str file_clean(struct arena *a, struct str path)
{
    char *out = arena_array(a, char, path.n + 2);
    bool root = path.n && path.s[0] == '/';
    size_t n = 0;

    if (root)
        out[n++] = '/';
    for (struct str rest = path; rest.n;) {
        struct str part = str_cut(rest, '/', &rest);
        size_t cut = n;

        if (!part.n || str_eq(part, STR(".")))
            continue;
        while (cut > root && out[cut - 1] != '/')
            cut--;
        struct str last = {out + cut, n - cut};

        if (str_eq(part, STR("..")) && last.n && !str_eq(last, part)) {
            n = cut > root ? cut - 1 : root;
            continue;
        }
        if (str_eq(part, STR("..")) && root)
            continue; /* of a root, the root */
        if (n > root)
            out[n++] = '/';
        memcpy(out + n, part.s, part.n);
        n += part.n;
    }
    if (!n)
        out[n++] = '.';
    return (struct str){out, n};
}

struct str file_dir(struct str path)
{
    size_t n = path.n;

    while (n && path.s[n - 1] != '/')
        n--;
    if (n == 0)
        return STR(".");
    return n == 1 ? STR("/") : str_sub(path, 0, n - 1);
}

struct str file_base(struct str path)
{
    size_t n = path.n;

    while (n && path.s[n - 1] != '/')
        n--;
    return str_skip(path, n);
}
