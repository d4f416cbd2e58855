#include "runtime/proc/capture.h"

#include "base/die.h"
#include "base/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct capture {
    const struct mask *mask;
    struct mask_stream stream;
    struct buf masked;
    struct buf line; /* begun, its newline not seen */
    char *path;
    int fd;
    int64_t bytes;
    char *tail; /* a ring of CAPTURE_TAIL_MAX bytes, made when first used */
    size_t tail_at, tail_n;
    capture_lines_fn *fn;
    void *ctx;
};

struct capture *capture_create(const struct mask *m, const char *path,
                               capture_lines_fn *fn, void *ctx)
{
    struct capture *c = calloc(1, sizeof *c);

    if (!c)
        die_oom();
    c->mask = m;
    c->fd = -1;
    c->fn = fn;
    c->ctx = ctx;
    if (path && !(c->path = strdup(path)))
        die_oom();
    return c;
}

void capture_destroy(struct capture *c)
{
    if (!c)
        return;
    if (c->fd >= 0)
        close(c->fd);
    buf_free(&c->stream.held);
    buf_free(&c->masked);
    buf_free(&c->line);
    free(c->tail);
    free(c->path);
    free(c);
}

static void keep_tail(struct capture *c, struct str s)
{
    if (!c->tail && !(c->tail = malloc(CAPTURE_TAIL_MAX)))
        die_oom();
    if (s.n > CAPTURE_TAIL_MAX)
        s = str_skip(s, s.n - CAPTURE_TAIL_MAX);
    while (s.n) {
        struct str part = str_sub(s, 0, CAPTURE_TAIL_MAX - c->tail_at);

        memcpy(c->tail + c->tail_at, part.s, part.n);
        c->tail_at = (c->tail_at + part.n) % CAPTURE_TAIL_MAX;
        c->tail_n += part.n;
        s = str_skip(s, part.n);
    }
    if (c->tail_n > CAPTURE_TAIL_MAX)
        c->tail_n = CAPTURE_TAIL_MAX;
}

struct str capture_tail(struct arena *a, const struct capture *c)
{
    struct buf b = {0};
    size_t start = (c->tail_at + CAPTURE_TAIL_MAX - c->tail_n) %
                   CAPTURE_TAIL_MAX;

    for (size_t i = 0; i < c->tail_n; i++)
        buf_addc(&b, c->tail[(start + i) % CAPTURE_TAIL_MAX]);

    struct str all = buf_str(&b), rest = all;

    if (c->tail_n == CAPTURE_TAIL_MAX) { /* it begins amid a line */
        str_cut(all, '\n', &rest);
        if (!rest.n)
            rest = all;
    }
    rest = arena_dup(a, rest);
    buf_free(&b);
    return rest;
}

int64_t capture_bytes(const struct capture *c)
{
    return c->bytes;
}

static bool write_log(struct capture *c, struct str s, struct err *e)
{
    if (!c->path)
        return true;
    if (c->fd < 0)
        c->fd = open(c->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (c->fd < 0)
        return err_errno(e, "log '%s'", c->path);
    if (!file_write_fd(c->fd, s, e))
        return err_wrap(e, "log '%s'", c->path);
    c->bytes += (int64_t)s.n;
    return true;
}

static void pass(struct capture *c, struct str s, bool partial)
{
    if (c->fn && s.n)
        c->fn(c->ctx, s, partial);
}

/* Length of the whole lines at the start of s. */
static size_t whole_lines(struct str s)
{
    const char *end = s.n ? memrchr(s.s, '\n', s.n) : NULL;

    return end ? (size_t)(end - s.s) + 1 : 0;
}

static void cut_lines(struct capture *c, struct str s)
{
    if (c->line.n) {
        size_t to = str_find(s, '\n');
        struct str head = str_sub(s, 0, to < s.n ? to + 1 : s.n);

        if (c->line.n + head.n > CAPTURE_LINE_MAX) {
            pass(c, buf_str(&c->line), true);
            buf_clear(&c->line);
        } else {
            buf_add(&c->line, head);
            s = str_skip(s, head.n);
            if (to == head.n)
                return;
            pass(c, buf_str(&c->line), false);
            buf_clear(&c->line);
        }
    }

    size_t whole = whole_lines(s);
    struct str rest = str_skip(s, whole);

    pass(c, str_sub(s, 0, whole), false);
    for (; rest.n > CAPTURE_LINE_MAX; rest = str_skip(rest, CAPTURE_LINE_MAX))
        pass(c, str_sub(rest, 0, CAPTURE_LINE_MAX), true);
    buf_add(&c->line, rest);
}

static bool pass_on(struct capture *c, struct str s, struct err *e)
{
    if (!s.n)
        return true;

    bool ok = write_log(c, s, e);

    keep_tail(c, s);
    if (c->fn)
        cut_lines(c, s);
    return ok;
}

bool capture_feed(struct capture *c, struct str bytes, struct err *e)
{
    if (!c->mask || (mask_empty(c->mask) && !c->stream.held.n))
        return pass_on(c, bytes, e);
    buf_clear(&c->masked);
    mask_feed(c->mask, &c->stream, bytes, false, &c->masked);
    return pass_on(c, buf_str(&c->masked), e);
}

bool capture_note(struct capture *c, struct str line, struct err *e)
{
    bool ok = write_log(c, line, e);

    keep_tail(c, line);
    return ok;
}

bool capture_flush(struct capture *c, struct err *e)
{
    bool ok = true;

    if (c->stream.held.n) {
        buf_clear(&c->masked);
        mask_feed(c->mask, &c->stream, (struct str){"", 0}, true, &c->masked);
        ok = pass_on(c, buf_str(&c->masked), e);
    }
    pass(c, buf_str(&c->line), true);
    buf_clear(&c->line);
    return ok;
}
