#include "runtime/http/http.h"

#include "base/buf.h"
#include "base/clock.h"
#include "tests/support/server.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* ---- nginx, and a server of exact bytes ---------------------------------- */

static struct {
    struct arena arena;
    struct str dir;
    int port, other, tls;
    pid_t nginx;
    struct http_client *client;
} env;

static const char config[] =
    "daemon off; user root; worker_processes 1; pid %s/pid; error_log %s/err warn;\n"
    "events { worker_connections 256; }\n"
    "http { access_log %s/log; client_body_temp_path %s/b;\n"
    " proxy_temp_path %s/p; fastcgi_temp_path %s/f; uwsgi_temp_path %s/u;\n"
    " scgi_temp_path %s/s; client_max_body_size 64m; root %s/www;\n"
    " server { listen 127.0.0.1:%d; listen unix:%s/sock;\n"
    "  listen 127.0.0.1:%d ssl;\n"
    "  ssl_certificate %s/tls.crt; ssl_certificate_key %s/tls.key;\n"
    "  location /echo { return 200 \"$request_method $http_x_key "
    "$content_length $http_authorization $args\"; }\n"
    "  location /moved { return 302 /echo; }\n"
    "  location /kept { return 307 /echo; }\n"
    "  location /away { return 302 http://127.0.0.1:%d/echo; }\n"
    "  location /down { return 302 http://127.0.0.1:%d/echo; }\n"
    "  location /file { return 302 file:///etc/passwd; }\n"
    "  location /loop { return 302 /loop; }\n"
    "  location /gone { return 503 '{\"error\":\"later\"}'; }\n"
    "  location /auth { auth_basic x; auth_basic_user_file %s/users;\n"
    "    try_files /small =404; }\n"
    "  location /packed { gzip on; gzip_types *; gzip_min_length 1;\n"
    "    try_files /big =404; }\n"
    " }\n"
    " server { listen 127.0.0.1:%d; location / { return 200 \"$http_x_key "
    "$http_authorization $http_accept\"; } } }\n";

static int setup(void **state)
{
    struct arena *a = &env.arena;
    struct err e = {0};

    (void)state;
    unsetenv("http_proxy"), unsetenv("https_proxy");
    env.dir = scratch_make(a);
    env.port = free_port(), env.other = free_port(), env.tls = free_port();
    const char *d = env.dir.s;
    scratch_write(a, env.dir, "conf",
                  arena_printf(a, config, d, d, d, d, d, d, d, d, d, env.port,
                               d, env.tls, d, d, env.other, env.port, d,
                               env.other).s);
    scratch_write(a, env.dir, "www/small", "small\n");
    assert_int_equal(SH(a, "cd %s; printf 'bot:{PLAIN}s3cret\\n' >users; "
                        "head -c 3000000 /dev/zero >www/big; "
                        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 "
                        "-subj /CN=localhost -keyout tls.key -out tls.crt "
                        "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 "
                        "2>/dev/null", d), 0);
    env.nginx = server_start(
        arena_printf(a, "exec nginx -e %s/err -c %s/conf", d, d).s);
    assert_true(wait_port(env.port));
    env.client = http_client_create(&e);
    assert_non_null(env.client);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    http_client_destroy(env.client);
    server_stop(env.nginx);
    scratch_remove(&env.arena, env.dir);
    arena_free(&env.arena);
    return 0;
}

static struct str url(int port, const char *path)
{
    return arena_printf(&env.arena, "http://127.0.0.1:%d%s", port, path);
}

struct canned {
    int fd;
    const char *bytes; /* NULL: accept and say nothing */
    int linger_ms;
};

static void *canned_serve(void *ctx)
{
    struct canned *s = ctx;
    char request[4096];
    int fd = accept(s->fd, NULL, NULL);

    if (s->bytes && read(fd, request, sizeof(request)) > 0 &&
        write(fd, s->bytes, strlen(s->bytes)) < 0)
        abort();
    pause_ms(s->linger_ms);
    close(fd);
    return NULL;
}

/* Answers one connection with these bytes. */
static pthread_t canned_start(struct canned *s, int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    pthread_t thread;

    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(s->fd, 8), 0);
    getsockname(s->fd, (struct sockaddr *)&at, &n);
    *port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&thread, NULL, canned_serve, s), 0);
    return thread;
}

static bool send_q(struct http_request q, struct http_response *r,
                   struct err *e)
{
    memset(e, 0, sizeof(*e));
    return http_send(env.client, &env.arena, &q, r, e);
}

static void assert_text(struct str got, const char *want)
{
    assert_string_equal(arena_dup(&env.arena, got).s, want);
}

static void assert_says(const struct err *e, enum err_kind kind,
                        const char *part)
{
    if (!strstr(e->msg, part))
        fail_msg("'%s' does not say '%s'", e->msg, part);
    assert_int_equal(e->kind, kind);
}

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
        cmocka_unit_test(test_a_get_brings_status_headers_and_body),
        cmocka_unit_test(test_method_headers_and_body_are_sent),
        cmocka_unit_test(test_every_status_is_an_answer),
        cmocka_unit_test(test_basic_authentication_opens_the_door),
        cmocka_unit_test(test_a_redirect_is_followed_only_when_asked),
        cmocka_unit_test(test_credentials_stay_at_their_origin),
        cmocka_unit_test(test_a_redirect_never_leaves_http_nor_downgrades),
        cmocka_unit_test(test_only_http_urls_are_taken),
        cmocka_unit_test(test_a_line_end_in_a_header_is_refused),
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
