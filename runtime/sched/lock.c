#include "runtime/sched/part.h"

#include "base/file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { OWNER_BYTES_MAX = 32, FILE_MODE = 0600, DIR_MODE = 0700 };

/* A file name that no two lock names share. */
static const char *lock_path(struct arena *a, const struct sched *s,
                             struct str name)
{
    struct buf b = {0};
    const char *path;

    for (size_t i = 0; i < name.n; i++)
        if (isalnum((unsigned char)name.s[i]) || name.s[i] == '-')
            buf_addc(&b, name.s[i]);
        else
            buf_addf(&b, "%%%02x", (unsigned char)name.s[i]);
    path = arena_printf(a, "%s/locks/" STR_FMT, store_dir(s->store),
                        STR_ARG(buf_str(&b))).s;
    buf_free(&b);
    return path;
}

static struct str describe(struct arena *a, struct str name, int fd)
{
    char owner[OWNER_BYTES_MAX];
    ssize_t n = pread(fd, owner, sizeof owner, 0);

    if (n <= 0)
        return arena_printf(a, "lock '" STR_FMT "'", STR_ARG(name));
    return arena_printf(a, "lock '" STR_FMT "', held by run %.*s",
                        STR_ARG(name), (int)n, owner);
}

/* -1: an error, or with *what filled, that another run has it. */
static int take(struct attempt *a, struct str name, struct str *what,
                struct err *e)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    const char *path = lock_path(&a->arena, a->s, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);

    if (fd < 0) {
        err_errno(e, "lock '%s'", path);
        return -1;
    }
    if (!fcntl(fd, F_OFD_SETLK, &whole)) {
        struct str owner = arena_printf(&a->arena, "%lld",
                                        (long long)a->s->run);

        if (!ftruncate(fd, 0) &&
            pwrite(fd, owner.s, owner.n, 0) == (ssize_t)owner.n)
            return fd;
        err_errno(e, "lock '%s'", path);
    } else if (errno == EAGAIN || errno == EACCES) {
        *what = describe(&a->arena, name, fd);
    } else {
        err_errno(e, "lock '%s'", path);
    }
    close(fd);
    return -1;
}

bool lock_take(struct attempt *a, bool *wait, struct str *what, struct err *e)
{
    const struct graph_node *n = a->node;

    if (!n->extra->n_locks || a->lock_fds)
        return true;

    struct str dir = file_join(&a->arena, str_of(store_dir(a->s->store)),
                               STR("locks"));

    if (!file_mkdirs(dir.s, DIR_MODE, e))
        return false;
    a->lock_fds = arena_array(&a->arena, int, n->extra->n_locks);
    for (size_t i = 0; i < n->extra->n_locks; i++)
        a->lock_fds[i] = -1;
    for (size_t i = 0; i < n->extra->n_locks; i++) {
        a->lock_fds[i] = take(a, n->extra->locks[i], what, e);
        if (a->lock_fds[i] >= 0)
            continue;
        lock_release(a); /* all or none: no two runs wait for each other */
        *wait = what->n > 0;
        return *wait;
    }
    return true;
}

void lock_release(struct attempt *a)
{
    for (size_t i = 0; a->lock_fds && i < a->node->extra->n_locks; i++)
        if (a->lock_fds[i] >= 0)
            close(a->lock_fds[i]);
    a->lock_fds = NULL;
}
