#include "runtime/http/http.h"

#include "base/buf.h"
#include "base/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/web_server.h"

static void test_a_large_body_meets_its_ceiling(void **state)
{
    struct http_request q = {.url = url(env.port, "/big")};
    struct http_response r;
    struct err e;

    (void)state;
    assert_true(send_q(q, &r, &e));
    assert_int_equal(r.body.n, 3000000);
    q.body_max = 100000;
    assert_false(send_q(q, &r, &e));
    assert_says(&e, ERR_NET, "larger than 100000 bytes");
}

static void test_a_packed_body_is_measured_unpacked(void **state)
{
    struct http_request q = {.url = url(env.port, "/packed")};
    struct http_response r;
    struct err e;

    (void)state;
    assert_true(send_q(q, &r, &e));
    assert_int_equal(r.body.n, 3000000);
    assert_text(http_response_header(&r, STR("content-encoding")), "gzip");
    q.body_max = 100000;
    assert_false(send_q(q, &r, &e));
    assert_says(&e, ERR_NET, "larger than 100000 bytes");
}

static bool take_some(void *ctx, struct str piece)
{
    size_t *n = ctx;

    *n += piece.n;
    return *n < 200000;
}

static void test_a_body_can_be_taken_in_pieces_and_left(void **state)
{
    struct http_response r;
    struct err e;
    size_t n = 0;

    (void)state;
    assert_true(send_q((struct http_request){
        .url = url(env.port, "/big"), .on_body = take_some, .ctx = &n,
        .body_max = 10}, &r, &e));
    assert_in_range(n, 200000, 2999999);
    assert_int_equal(r.body.n, 0);
}

static void test_a_unix_socket_is_a_way_in(void **state)
{
    struct http_response r;
    struct err e;

    (void)state;
    assert_true(send_q((struct http_request){
        .url = STR("http://any/small"),
        .unix_socket = file_join(&env.arena, env.dir, STR("sock"))}, &r, &e));
    assert_text(r.body, "small\n");
}

static void test_a_certificate_must_be_trusted(void **state)
{
    struct http_request q = {.url = arena_printf(
        &env.arena, "https://127.0.0.1:%d/small", env.tls)};
    struct http_response r;
    struct err e;

    (void)state;
    assert_false(send_q(q, &r, &e));
    assert_says(&e, ERR_NET, "certificate");
    q.tls.ca_file = file_join(&env.arena, env.dir, STR("tls.crt"));
    assert_true(send_q(q, &r, &e));
    assert_true(file_read(&env.arena, q.tls.ca_file.s, 10000, &q.tls.ca_pem,
                          &e));
    q.tls.ca_file = STR("");
    assert_true(send_q(q, &r, &e));
    q.tls.ca_pem = STR("");
    q.tls.insecure = true;
    assert_true(send_q(q, &r, &e));
}

static void test_no_listener_is_a_plain_error(void **state)
{
    struct http_response r;
    struct err e;

    (void)state;
    assert_false(send_q((struct http_request){
        .url = arena_printf(&env.arena,
                            "http://me:hunter2@127.0.0.1:%d/x?token=hunter3",
                            free_port())}, &r, &e));
    assert_says(&e, ERR_NET, "cannot connect to 'http://127.0.0.1:");
    assert_says(&e, ERR_NET, "Connection refused");
    assert_null(strstr(e.msg, "hunter"));
}

static void test_silence_ends_at_the_time_limit(void **state)
{
    struct canned s = {.linger_ms = 600};
    struct http_response r;
    struct err e;
    int port;
    pthread_t thread = canned_start(&s, &port);
    int64_t t0 = clock_monotonic_ms();

    (void)state;
    assert_false(send_q((struct http_request){.url = url(port, "/"),
                                              .total_ms = 200}, &r, &e));
    assert_says(&e, ERR_TIMEOUT, "within 200ms");
    assert_in_range(clock_monotonic_ms() - t0, 190, 590);
    pthread_join(thread, NULL);
    close(s.fd);
}

static void test_an_answer_cut_short_is_an_error(void **state)
{
    struct canned s = {
        .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"};
    struct http_response r;
    struct err e;
    int port;
    pthread_t thread = canned_start(&s, &port);

    (void)state;
    assert_false(send_q((struct http_request){.url = url(port, "/")}, &r, &e));
    assert_says(&e, ERR_NET, "no answer from");
    pthread_join(thread, NULL);
    close(s.fd);
}

static void test_what_is_not_http_is_an_error(void **state)
{
    struct canned s = {.bytes = "SSH-2.0-OpenSSH_9.2\r\n"};
    struct http_response r;
    struct err e;
    int port;
    pthread_t thread = canned_start(&s, &port);

    (void)state;
    assert_false(send_q((struct http_request){.url = url(port, "/")}, &r, &e));
    assert_int_equal(e.kind, ERR_NET);
    pthread_join(thread, NULL);
    close(s.fd);
}

static void test_many_go_at_once_over_few_connections(void **state)
{
    enum { N = 200 };
    struct http_job *jobs = arena_array(&env.arena, struct http_job, N + 1);
    struct err e = {0};

    (void)state;
    for (int i = 0; i < N; i++)
        jobs[i].request.url = arena_printf(
            &env.arena, "http://127.0.0.1:%d/echo?q=%d", env.port, i);
    jobs[N].request.url = STR("ftp://x/");
    assert_true(http_send_all(env.client, &env.arena, jobs, N + 1, 8, &e));
    for (int i = 0; i < N; i++) {
        assert_true(jobs[i].ok);
        assert_text(jobs[i].response.body,
                    arena_printf(&env.arena, "GET    q=%d", i).s);
    }
    assert_false(jobs[N].ok);
    assert_says(&jobs[N].error, ERR_INPUT, "http://");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_large_body_meets_its_ceiling),
        cmocka_unit_test(test_a_packed_body_is_measured_unpacked),
        cmocka_unit_test(test_a_body_can_be_taken_in_pieces_and_left),
        cmocka_unit_test(test_a_unix_socket_is_a_way_in),
        cmocka_unit_test(test_a_certificate_must_be_trusted),
        cmocka_unit_test(test_no_listener_is_a_plain_error),
        cmocka_unit_test(test_silence_ends_at_the_time_limit),
        cmocka_unit_test(test_an_answer_cut_short_is_an_error),
        cmocka_unit_test(test_what_is_not_http_is_an_error),
        cmocka_unit_test(test_many_go_at_once_over_few_connections),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
