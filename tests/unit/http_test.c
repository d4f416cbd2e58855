#include "runtime/http/http.h"

#include "base/buf.h"
#include "base/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/web_server.h"

/* ---- the tests ----------------------------------------------------------- */

static void test_a_get_brings_status_headers_and_body(void **state)
{
    struct http_response r;
    struct err e;

    (void)state;
    assert_true(send_q((struct http_request){.url = url(env.port, "/small")},
                       &r, &e));
    assert_int_equal(r.status, 200);
    assert_text(r.body, "small\n");
    assert_text(http_response_header(&r, STR("content-length")), "6");
    assert_text(http_response_header(&r, STR("no-such")), "");
}

static void test_method_headers_and_body_are_sent(void **state)
{
    struct http_header h = {STR("X-Key"), STR("k1")};
    struct http_response r;
    struct err e;

    (void)state;
    assert_true(send_q((struct http_request){
        .url = url(env.port, "/echo?a=b"), .headers = &h, .header_count = 1,
        .body = STR("12345")}, &r, &e));
    assert_text(r.body, "POST k1 5  a=b");
    assert_true(send_q((struct http_request){
        .url = url(env.port, "/echo"), .method = STR("DELETE"),
        .bearer = STR("tok")}, &r, &e));
    assert_text(r.body, "DELETE   Bearer tok ");
}

static void test_every_status_is_an_answer(void **state)
{
    struct http_response r;
    struct err e;

    (void)state;
    assert_true(send_q((struct http_request){.url = url(env.port, "/gone")},
                       &r, &e));
    assert_int_equal(r.status, 503);
    assert_text(r.body, "{\"error\":\"later\"}");
}

static void test_basic_authentication_opens_the_door(void **state)
{
    struct http_request q = {.url = url(env.port, "/auth")};
    struct http_response r;
    struct err e;

    (void)state;
    assert_true(send_q(q, &r, &e));
    assert_int_equal(r.status, 401);
    q.user = STR("bot"), q.password = STR("s3cret");
    assert_true(send_q(q, &r, &e));
    assert_int_equal(r.status, 200);
}

static void test_a_redirect_is_followed_only_when_asked(void **state)
{
    struct http_request q = {.url = url(env.port, "/moved"),
                             .body = STR("x"), .bearer = STR("tok")};
    struct http_response r;
    struct err e;

    (void)state;
    assert_true(send_q(q, &r, &e));
    assert_int_equal(r.status, 302);
    q.redirects = 3;
    assert_true(send_q(q, &r, &e));
    assert_text(r.body, "GET   Bearer tok ");
    q.url = url(env.port, "/kept");
    assert_true(send_q(q, &r, &e));
    assert_text(r.body, "POST  1 Bearer tok ");
    q.url = url(env.port, "/loop");
    assert_false(send_q(q, &r, &e));
    assert_says(&e, ERR_NET, "redirects more than 3 times");
}

static void test_credentials_stay_at_their_origin(void **state)
{
    struct http_header h[] = {{STR("X-Key"), STR("secret")},
                              {STR("Accept"), STR("text/x")}};
    struct http_response r;
    struct err e;

    (void)state;
    assert_true(send_q((struct http_request){
        .url = url(env.port, "/away"), .headers = h, .header_count = 2,
        .bearer = STR("tok"), .redirects = 2}, &r, &e));
    assert_text(r.body, "  text/x");
}

static void test_a_redirect_never_leaves_http_nor_downgrades(void **state)
{
    struct http_request q = {.url = url(env.port, "/file"), .redirects = 2};
    struct http_response r;
    struct err e;

    (void)state;
    assert_false(send_q(q, &r, &e));
    q.url = arena_printf(&env.arena, "https://localhost:%d/down", env.tls);
    q.tls.ca_file = file_join(&env.arena, env.dir, STR("tls.crt"));
    assert_false(send_q(q, &r, &e));
    assert_says(&e, ERR_NET, "from https to 'http'");
}

static void test_only_http_urls_are_taken(void **state)
{
    struct http_response r;
    struct err e;

    (void)state;
    assert_false(send_q((struct http_request){.url = STR("file:///etc/passwd")},
                        &r, &e));
    assert_says(&e, ERR_INPUT, "http://");
    assert_false(send_q((struct http_request){.url = STR("http://a/b c")},
                        &r, &e));
    assert_says(&e, ERR_INPUT, "byte 11");
}

static void test_a_line_end_in_a_header_is_refused(void **state)
{
    struct http_header h = {STR("X-Key"), STR("a\r\nX-Other: b")};
    struct http_response r;
    struct err e;

    (void)state;
    assert_false(send_q((struct http_request){
        .url = url(env.port, "/echo"), .headers = &h, .header_count = 1},
        &r, &e));
    assert_says(&e, ERR_INPUT, "header 1 is not valid");
    assert_false(send_q((struct http_request){
        .url = url(env.port, "/echo"), .bearer = STR("a\nb")}, &r, &e));
    assert_null(strstr(e.msg, "a\nb"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_get_brings_status_headers_and_body),
        cmocka_unit_test(test_method_headers_and_body_are_sent),
        cmocka_unit_test(test_every_status_is_an_answer),
        cmocka_unit_test(test_basic_authentication_opens_the_door),
        cmocka_unit_test(test_a_redirect_is_followed_only_when_asked),
        cmocka_unit_test(test_credentials_stay_at_their_origin),
        cmocka_unit_test(test_a_redirect_never_leaves_http_nor_downgrades),
        cmocka_unit_test(test_only_http_urls_are_taken),
        cmocka_unit_test(test_a_line_end_in_a_header_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
