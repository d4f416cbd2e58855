#ifndef TESTS_SUPPORT_WORKER_H
#define TESTS_SUPPORT_WORKER_H

#include "base/buf.h"
#include "runtime/lua/worker.h"
#include "runtime/proc/channel.h"

#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A supervisor in miniature: starts a worker in a child, answers its intents,
 * and keeps all it says. */
struct session {
    json_t *said;        /* list of messages */
    const char *steer;   /* sent when it waits */
    const char *on;      /* when a message of this type comes... */
    const char *send;    /* ...this is sent, once */
    bool hang_up;        /* ...or the socket is closed */
    int status;
};

static inline void serve(struct session *s, int fd)
{
    struct buf b = {0};
    struct err e = {0};
    while (channel_read(fd, &b, &e)) {
        json_t *m = json_loadb(b.s, b.n, 0, NULL);
        assert_non_null(m);
        const char *t = json_string_value(json_object_get(m, "t"));
        json_array_append_new(s->said, m);
        if (strcmp(t, "intent") == 0) {
            char ack[80];
            snprintf(ack, sizeof ack, "{\"t\":\"ack\",\"id\":%lld}",
                     json_integer_value(json_object_get(m, "id")));
            assert_true(channel_write(fd, str_of(ack), &e));
        }
        if (s->on && strcmp(t, s->on) == 0) {
            s->on = NULL;
            if (s->hang_up)
                break;
            assert_true(channel_write(fd, str_of(s->send), &e));
        }
    }
    close(fd);
    buf_free(&b);
}

static inline void work(struct session *s, const char *start)
{
    int fds[2];
    struct err e = {0};
    assert_true(channel_pair(fds, &e));
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        bool ok = worker_run(NULL, fds[1], &e);
        _exit(ok ? 0 : 4);
    }
    close(fds[1]);
    s->said = json_array();
    assert_true(channel_write(fds[0], str_of(start), &e));
    serve(s, fds[0]);
    waitpid(pid, &s->status, 0);
}

/* The n-th message (from 0) of a type; NULL where there are fewer. */
static inline json_t *said(struct session *s, const char *type, size_t n)
{
    size_t i;
    json_t *m;
    json_array_foreach(s->said, i, m)
    {
        const char *t = json_string_value(json_object_get(m, "t"));
        if (strcmp(t, type) == 0 && n-- == 0)
            return m;
    }
    return NULL;
}

static inline const char *text(json_t *m, const char *key)
{
    const char *s = json_string_value(json_object_get(m, key));
    return s ? s : "";
}

static inline bool passed(struct session *s)
{
    return json_is_true(json_object_get(said(s, "done", 0), "ok"));
}

static inline void finish(struct session *s)
{
    json_decref(s->said);
    assert_true(WIFEXITED(s->status));
    assert_int_equal(WEXITSTATUS(s->status), 0);
}

#define START(node) START_WITH("", node)
/* with further members of the message: "\"x\":1," */
#define START_WITH(members, node)                                          \
    "{" members "\"t\":\"start\",\"attempt\":1,\"phase\":\"run\","                    \
    "\"pipeline_dir\":\"/tmp\",\"state_dir\":\"/tmp\","                    \
    "\"env\":{\"PATH\":\"/usr/bin:/bin\",\"WHO\":\"me\"},"                 \
    "\"vars\":{},\"node\":" node "}"

#endif
