#include "runtime/lua/wire.h"

#include "base/buf.h"
#include "base/clock.h"
#include "runtime/proc/channel.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEERS_MAX = 1000 };

void wire_init(struct wire *w, int fd)
{
    *w = (struct wire){.fd = fd, .acks = json_array(), .steers = json_array()};
}

void wire_clear(struct wire *w)
{
    json_decref(w->acks);
    json_decref(w->steers);
    *w = (struct wire){.fd = -1};
}

static void cancel(struct wire *w, const char *reason)
{
    if (!w->cancelled)
        snprintf(w->reason, sizeof w->reason, "%s", reason);
    w->cancelled = true;
}

static json_t *receive(struct wire *w, struct err *e)
{
    struct buf b = {0};
    json_t *v = NULL;
    if (channel_read(w->fd, &b, e)) {
        v = json_loadb(b.s, b.n, 0, NULL);
        if (!json_is_object(v))
            err_set(e, ERR_IO, "the supervisor sent no JSON object");
    }
    buf_free(&b);
    if (json_is_object(v))
        return v;
    json_decref(v);
    w->closed = true;
    cancel(w, "pipec itself is gone");
    return NULL;
}

static bool is_start(const json_t *v)
{
    const char *t = json_string_value(json_object_get(v, "t"));
    return t && strcmp(t, "start") == 0;
}

json_t *wire_start(struct wire *w, struct err *e)
{
    json_t *v = receive(w, e);
    if (v && !is_start(v)) {
        err_set(e, ERR_IO, "the first message is not a start");
        json_decref(v);
        return NULL;
    }
    return v;
}

json_t *wire_next(struct wire *w)
{
    struct err ignored = {0};
    json_t *v = receive(w, &ignored);
    while (v && !is_start(v)) {
        json_decref(v);
        v = receive(w, &ignored);
    }
    return v;
}

void wire_send(struct wire *w, json_t *message)
{
    char *text = w->closed ? NULL : json_dumps(message, JSON_COMPACT);
    json_decref(message);
    if (!text)
        return;
    struct err e = {0};
    if (!channel_write(w->fd, str_of(text), &e) && e.kind == ERR_IO) {
        w->closed = true;
        cancel(w, "pipec itself is gone");
    }
    free(text);
}

static void take(struct wire *w, json_t *v)
{
    const char *t = json_string_value(json_object_get(v, "t"));
    const char *reason = json_string_value(json_object_get(v, "reason"));
    if (!t)
        return;
    if (strcmp(t, "ack") == 0)
        json_array_append(w->acks, json_object_get(v, "id"));
    else if (strcmp(t, "nack") == 0)
        json_array_append_new(w->acks, json_integer(-json_integer_value(
                                           json_object_get(v, "id"))));
    else if (strcmp(t, "steer") == 0 &&
             json_array_size(w->steers) < STEERS_MAX)
        json_array_append(w->steers, v);
    else if (strcmp(t, "cancel") == 0)
        cancel(w, reason ? reason : "it was cancelled");
}

bool wire_poll(struct wire *w, int64_t ms)
{
    if (w->closed)
        return false;
    struct pollfd p = {.fd = w->fd, .events = POLLIN};
    int timeout = ms < 0 || ms > 1 << 30 ? -1 : (int)ms;
    if (poll(&p, 1, timeout) <= 0)
        return false;

    struct err e = {0};
    json_t *v = receive(w, &e);
    if (v)
        take(w, v);
    json_decref(v);
    return true;
}

static bool acked(struct wire *w, int64_t id)
{
    for (size_t i = 0; i < json_array_size(w->acks); i++) {
        if (json_integer_value(json_array_get(w->acks, i)) != id)
            continue;
        json_array_remove(w->acks, i);
        return true;
    }
    return false;
}

bool wire_await_ack(struct wire *w, int64_t id)
{
    while (!acked(w, id)) {
        if (w->closed || acked(w, -id))
            return false;
        wire_poll(w, -1);
    }
    return true;
}

static bool one_of(const char *words, const char *word)
{
    struct str rest = str_of(words);
    while (rest.n) {
        if (str_eq(str_cut(rest, ' ', &rest), str_of(word)))
            return true;
    }
    return false;
}

json_t *wire_take_steer(struct wire *w, const char *actions)
{
    for (size_t i = 0; i < json_array_size(w->steers); i++) {
        json_t *v = json_array_get(w->steers, i);
        const char *a = json_string_value(json_object_get(v, "action"));
        if (!a || !one_of(actions, a))
            continue;
        json_incref(v);
        json_array_remove(w->steers, i);
        return v;
    }
    return NULL;
}
