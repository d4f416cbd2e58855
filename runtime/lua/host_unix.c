#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "runtime/lua/host.h"

#include <errno.h>
#include <lauxlib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    ANSWER_MAX = 8 << 20, /* bytes */
    TIMEOUT_MS = 10000,
    CHUNK = 16 << 10,
};

static bool wait_for(int fd, short events, int64_t until, struct err *e)
{
    for (;;) {
        int64_t left = until - clock_monotonic_ms();
        struct pollfd p = {.fd = fd, .events = events};
        int n = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (n > 0)
            return true;
        if (n == 0)
            return err_set(e, ERR_TIMEOUT, "no answer in time");
        if (errno != EINTR)
            return err_errno(e, "waiting for an answer");
    }
}

static bool talk(int fd, struct str request, int64_t until, struct buf *answer,
                 struct err *e)
{
    if (!file_write_fd(fd, request, e))
        return false;
    /* The other side answers one request and closes, as HAProxy does. */
    while (!answer->overflow) {
        char chunk[CHUNK];
        if (!wait_for(fd, POLLIN, until, e))
            return false;
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n == 0)
            return true;
        if (n < 0 && errno != EINTR)
            return err_errno(e, "reading the answer");
        if (n > 0)
            buf_add(answer, (struct str){chunk, (size_t)n});
    }
    return err_set(e, ERR_NET, "an answer of more than %d MiB",
                   ANSWER_MAX >> 20);
}

static bool ask(const char *path, struct str request, int64_t ms,
                struct buf *answer, struct err *e)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof to.sun_path)
        return err_set(e, ERR_INPUT, "the path is too long for a socket");
    memcpy(to.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_errno(e, "socket");
    bool ok = connect(fd, (struct sockaddr *)&to, sizeof to) == 0 ||
              err_errno(e, "cannot connect");
    ok = ok && talk(fd, request, clock_monotonic_ms() + ms, answer, e);
    close(fd);
    return ok;
}

static int ask_unix(lua_State *L)
{
    struct err e = {0};
    const char *path = luaL_checkstring(L, 1);
    struct str request = host_str(L, 2);
    int opts = lua_istable(L, 3) ? 3 : 0;
    int64_t ms = host_opt_ms(L, opts, "timeout", TIMEOUT_MS);
    struct arena *a = host_arena(L);
    host_check_cancel(L);
    struct buf answer = {.max = ANSWER_MAX};
    bool ok = ask(path, request, ms, &answer, &e);
    struct str text = arena_dup(a, buf_str(&answer));
    buf_free(&answer);
    if (!ok) {
        err_wrap(&e, "'%s'", path);
        return host_raise(L, &e);
    }
    host_push_str(L, text);
    return 1;
}

static const struct host_function functions[] = {
    {"unix", ask_unix, "(path, request, {timeout})",
     "sends a text to a Unix socket and returns all it answers"},
    {0},
};

const struct host_module host_unix = {"", "Unix sockets.", functions};
