#ifndef TESTS_SUPPORT_WEB_SERVER_H
#define TESTS_SUPPORT_WEB_SERVER_H

/* To be included after <cmocka.h>. */
#include "runtime/http/http.h"
#include "base/buf.h"
#include "base/clock.h"
#include "tests/support/says.h"
#include "tests/support/server.h"

#include <pthread.h>
#include <stddef.h>

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

static inline int setup(void **state)
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

static inline int teardown(void **state)
{
    (void)state;
    http_client_destroy(env.client);
    server_stop(env.nginx);
    scratch_remove(&env.arena, env.dir);
    arena_free(&env.arena);
    return 0;
}

static inline struct str url(int port, const char *path)
{
    return arena_printf(&env.arena, "http://127.0.0.1:%d%s", port, path);
}

struct canned {
    int fd;
    const char *bytes; /* NULL: accept and say nothing */
    int linger_ms;
};

static inline void *canned_serve(void *ctx)
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
static inline pthread_t canned_start(struct canned *s, int *port)
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

static inline bool send_q(struct http_request q, struct http_response *r,
                   struct err *e)
{
    memset(e, 0, sizeof(*e));
    return http_send(env.client, &env.arena, &q, r, e);
}

#endif
