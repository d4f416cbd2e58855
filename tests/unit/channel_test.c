#include "runtime/proc/channel.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct end {
    struct loop *loop;
    struct channel *ch;
    struct buf got;
    int frames;
    bool closed, orderly;
};

static void on_frame(void *ctx, struct str frame)
{
    struct end *x = ctx;

    x->frames++;
    buf_addf(&x->got, "<%zu>", frame.n);
    if (frame.n == 3)
        channel_send(x->ch, frame, NULL);
}

static void on_closed(void *ctx, const struct err *e)
{
    struct end *x = ctx;

    x->closed = true;
    x->orderly = e->kind == ERR_CANCELLED;
}

static struct end open_end(int fds[2])
{
    struct end x = {0};
    struct err e = {0};

    assert_true(channel_pair(fds, &e));
    x.loop = loop_create(&e);
    return x;
}

static void *other_end(void *arg)
{
    int fd = *(int *)arg;
    struct err e = {0};
    struct buf b = {0};
    static char big[1000000];

    channel_write(fd, STR(""), &e);
    channel_write(fd, (struct str){big, sizeof big}, &e);
    channel_write(fd, STR("abc"), &e);
    if (!channel_read(fd, &b, &e) || !str_eq(buf_str(&b), STR("abc")))
        channel_write(fd, STR("wrong!"), &e);
    buf_free(&b);
    close(fd);
    return NULL;
}

static void frames_of_any_size_arrive_whole_both_ways(void **state)
{
    int fds[2];
    struct end x = open_end(fds);
    struct err e = {0};
    pthread_t t;

    (void)state;
    x.ch = channel_create(x.loop, fds[0], on_frame, on_closed, &x, &e);
    pthread_create(&t, NULL, other_end, &fds[1]);
    loop_run(x.loop);
    pthread_join(t, NULL);
    assert_string_equal(buf_cstr(&x.got), "<0><1000000><3>");
    assert_true(x.closed && x.orderly);
    loop_destroy(x.loop);
    buf_free(&x.got);
}

static void a_length_beyond_the_ceiling_ends_it(void **state)
{
    int fds[2];
    struct end x = open_end(fds);
    struct err e = {0};

    (void)state;
    x.ch = channel_create(x.loop, fds[0], on_frame, on_closed, &x, &e);
    assert_int_equal(write(fds[1], "\xff\xff\xff\xff", 4), 4);
    loop_run(x.loop);
    assert_true(x.closed && !x.orderly);
    close(fds[1]);
    loop_destroy(x.loop);
}

static void the_queue_to_a_deaf_end_is_bounded(void **state)
{
    int fds[2];
    struct end x = open_end(fds);
    struct err e = {0};
    static char big[4000000];
    int sent = 0;

    (void)state;
    x.ch = channel_create(x.loop, fds[0], on_frame, on_closed, &x, &e);
    while (channel_send(x.ch, (struct str){big, sizeof big}, &e))
        assert_true(++sent < 20);
    channel_destroy(x.ch);
    close(fds[1]);
    loop_destroy(x.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_any_size_arrive_whole_both_ways),
        cmocka_unit_test(a_length_beyond_the_ceiling_ends_it),
        cmocka_unit_test(the_queue_to_a_deaf_end_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
