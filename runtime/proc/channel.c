#include "runtime/proc/channel.h"

#include "base/die.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_BYTES = 4, READ_BYTES = 64 * 1024 };

struct channel {
    struct loop *loop;
    int fd;
    struct loop_watch *watch;
    struct buf in, out;
    size_t sent; /* of out */
    bool dispatching, doomed;
    channel_frame_fn *frame;
    channel_closed_fn *closed;
    void *ctx;
};

static size_t get_length(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;

    return (size_t)u[0] | (size_t)u[1] << 8 | (size_t)u[2] << 16 |
           (size_t)u[3] << 24;
}

static void put_length(char *s, size_t n)
{
    for (int i = 0; i < HEAD_BYTES; i++, n >>= 8)
        s[i] = (char)(n & 255);
}

bool channel_pair(int fds[2], struct err *e)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
        return err_errno(e, "socket pair");
    return true;
}

static void release(struct channel *c)
{
    loop_unwatch(c->watch);
    close(c->fd);
    buf_free(&c->in);
    buf_free(&c->out);
    free(c);
}

void channel_destroy(struct channel *c)
{
    if (!c)
        return;
    if (c->dispatching)
        c->doomed = true;
    else
        release(c);
}

bool channel_waits(const struct channel *c)
{
    char byte;

    return recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void fail(struct channel *c, const struct err *e)
{
    channel_closed_fn *closed = c->closed;
    void *ctx = c->ctx;

    release(c);
    closed(ctx, e);
}

/* Hands out the whole frames in c->in. False where one is too long. */
static bool dispatch(struct channel *c, struct err *e)
{
    size_t at = 0;

    while (!c->doomed && c->in.n - at >= HEAD_BYTES) {
        size_t n = get_length(c->in.s + at);

        if (n > CHANNEL_FRAME_MAX)
            return err_set(e, ERR_IO, "a message of %zu bytes", n);
        if (c->in.n - at - HEAD_BYTES < n)
            break;
        c->frame(c->ctx, (struct str){c->in.s + at + HEAD_BYTES, n});
        at += HEAD_BYTES + n;
    }
    if (at) {
        memmove(c->in.s, c->in.s + at, c->in.n - at);
        c->in.n -= at;
    }
    return true;
}

static bool take_in(struct channel *c, struct err *e)
{
    buf_reserve(&c->in, READ_BYTES);

    ssize_t n = recv(c->fd, c->in.s + c->in.n, READ_BYTES, MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ||
               err_errno(e, "worker's socket");
    if (n == 0)
        return err_set(e, ERR_CANCELLED, "worker's socket closed");
    c->in.n += (size_t)n;
    c->dispatching = true;

    bool ok = dispatch(c, e);

    c->dispatching = false;
    return ok;
}

static bool send_out(struct channel *c, struct err *e)
{
    while (c->sent < c->out.n) {
        ssize_t n = send(c->fd, c->out.s + c->sent, c->out.n - c->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0 && errno != EINTR)
            return err_errno(e, "worker's socket");
        if (n > 0)
            c->sent += (size_t)n;
    }
    if (c->sent == c->out.n) {
        c->sent = 0;
        buf_clear(&c->out);
    }
    return true;
}

static void on_ready(void *ctx, int events)
{
    struct channel *c = ctx;
    struct err e = {0};
    bool ok = true;

    if (events & LOOP_READ)
        ok = take_in(c, &e);
    if (c->doomed) {
        release(c);
        return;
    }
    if (ok && c->out.n)
        ok = send_out(c, &e);
    if (!ok)
        fail(c, &e);
    else
        loop_watch_events(c->watch, LOOP_READ | (c->out.n ? LOOP_WRITE : 0));
}

struct channel *channel_create(struct loop *l, int fd, channel_frame_fn *frame,
                               channel_closed_fn *closed, void *ctx,
                               struct err *e)
{
    struct channel *c = calloc(1, sizeof *c);

    if (!c)
        die_oom();
    *c = (struct channel){
        .loop = l, .fd = fd, .frame = frame, .closed = closed, .ctx = ctx};
    c->watch = loop_watch(l, fd, LOOP_READ, on_ready, c, e);
    if (c->watch)
        return c;
    close(fd);
    free(c);
    return NULL;
}

void channel_hand_over(struct channel *c, channel_frame_fn *frame,
                       channel_closed_fn *closed, void *ctx)
{
    c->frame = frame;
    c->closed = closed;
    c->ctx = ctx;
}

bool channel_send(struct channel *c, struct str frame, struct err *e)
{
    char head[HEAD_BYTES];

    if (frame.n > CHANNEL_FRAME_MAX)
        return err_set(e, ERR_IO, "a message of %zu bytes is too long",
                       frame.n);
    if (c->out.n - c->sent + frame.n > CHANNEL_QUEUE_MAX)
        return err_set(e, ERR_IO, "the worker does not take its messages");
    put_length(head, frame.n);
    buf_add(&c->out, (struct str){head, sizeof head});
    buf_add(&c->out, frame);
    /* An error here will be met again when the loop looks. */
    if (!send_out(c, e) || c->out.n)
        loop_watch_events(c->watch, LOOP_READ | LOOP_WRITE);
    return true;
}

/* ---- the blocking end ---------------------------------------------------- */

static bool write_all(int fd, struct str s, struct err *e)
{
    while (s.n) {
        ssize_t n = send(fd, s.s, s.n, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR)
            return err_errno(e, "supervisor's socket");
        if (n > 0)
            s = str_skip(s, (size_t)n);
    }
    return true;
}

bool channel_write(int fd, struct str frame, struct err *e)
{
    char head[HEAD_BYTES];

    if (frame.n > CHANNEL_FRAME_MAX)
        return err_set(e, ERR_IO, "a message of %zu bytes is too long",
                       frame.n);
    put_length(head, frame.n);
    return write_all(fd, (struct str){head, sizeof head}, e) &&
           write_all(fd, frame, e);
}

static bool read_all(int fd, char *to, size_t want, struct err *e)
{
    while (want) {
        ssize_t n = recv(fd, to, want, 0);

        if (n == 0)
            return err_set(e, ERR_CANCELLED, "supervisor's socket closed");
        if (n < 0 && errno != EINTR)
            return err_errno(e, "supervisor's socket");
        if (n > 0) {
            to += n;
            want -= (size_t)n;
        }
    }
    return true;
}

bool channel_read(int fd, struct buf *buf, struct err *e)
{
    char head[HEAD_BYTES];

    if (!read_all(fd, head, sizeof head, e))
        return false;

    size_t n = get_length(head);

    if (n > CHANNEL_FRAME_MAX)
        return err_set(e, ERR_IO, "a message of %zu bytes", n);
    buf_clear(buf);
    buf_reserve(buf, n + 1);
    buf->n = n;
    return read_all(fd, buf->s, n, e);
}
