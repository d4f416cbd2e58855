#ifndef TESTS_SUPPORT_GIT_SERVERS_H
#define TESTS_SUPPORT_GIT_SERVERS_H

/* To be included after <cmocka.h>. */
#include "runtime/git/known_hosts.h"
#include "runtime/git/remote.h"
#include "runtime/git/url.h"
#include "base/clock.h"
#include "tests/support/says.h"
#include "tests/support/server.h"

#include <stddef.h>

/* git's own HTTP server behind nginx with passwords, and sshd. */
static struct {
    struct arena arena;
    struct str dir;
    int http, https, ssh;
    pid_t nginx, cgi, sshd;
    struct err e;
    unsigned round;
} env;

static const char nginx_conf[] =
    "daemon off; user root; worker_processes 1; pid %s/pid;\n"
    "error_log %s/err warn; events { worker_connections 64; }\n"
    "http { access_log %s/log; client_max_body_size 0;\n"
    " client_body_temp_path %s/b; proxy_temp_path %s/p;\n"
    " fastcgi_temp_path %s/f; uwsgi_temp_path %s/u; scgi_temp_path %s/s;\n"
    " server { listen 127.0.0.1:%d; listen 127.0.0.1:%d ssl;\n"
    "  ssl_certificate %s/tls.crt; ssl_certificate_key %s/tls.key;\n"
    "  location ~ ^/(git|open)(/.*)$ {\n"
    "   set $who x; auth_basic $realm; auth_basic_user_file %s/users;\n"
    "   include /etc/nginx/fastcgi_params;\n"
    "   fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;\n"
    "   fastcgi_param GIT_PROJECT_ROOT %s/srv;\n"
    "   fastcgi_param GIT_HTTP_EXPORT_ALL \"\";\n"
    "   fastcgi_param GIT_PROTOCOL $http_git_protocol;\n"
    "   fastcgi_param PATH_INFO $2; fastcgi_param REMOTE_USER bot;\n"
    "   fastcgi_pass unix:%s/cgi.sock; } }\n"
    " map $http_authorization $realm { default git; \"Bearer t0ken\" off; } }\n";

static const char sshd_conf[] =
    "Port %d\nListenAddress 127.0.0.1\nHostKey %s/keys/host\n"
    "PidFile %s/sshd.pid\nAuthorizedKeysFile %s/keys/authorized\n"
    "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n"
    "PermitRootLogin prohibit-password\nStrictModes no\nLogLevel ERROR\n";

static inline void start_http(void)
{
    struct arena *a = &env.arena;
    const char *d = env.dir.s;

    env.http = free_port();
    env.https = free_port();
    scratch_write(a, env.dir, "users", "bot:{PLAIN}s3cret\n");
    scratch_write(a, env.dir, "nginx.conf",
                  arena_printf(a, nginx_conf, d, d, d, d, d, d, d, d,
                               env.http, env.https, d, d, d, d, d).s);
    assert_int_equal(SH(a, "cd %s; openssl req -x509 -newkey rsa:2048 -nodes "
                        "-days 2 -subj /CN=localhost -keyout tls.key "
                        "-out tls.crt -addext subjectAltName=DNS:localhost "
                        "2>/dev/null", d), 0);
    env.cgi = server_start(arena_printf(
        a, "exec fcgiwrap -f -c 2 -s unix:%s/cgi.sock", d).s);
    env.nginx = server_start(arena_printf(
        a, "exec nginx -e %s/err -c %s/nginx.conf", d, d).s);
    assert_true(wait_port(env.http));
}

static inline void start_ssh(void)
{
    struct arena *a = &env.arena;
    const char *d = env.dir.s;

    env.ssh = free_port();
    scratch_write(a, env.dir, "keys/conf",
                  arena_printf(a, sshd_conf, env.ssh, d, d, d).s);
    assert_int_equal(SH(a, "mkdir -p /run/sshd; cd %s/keys; umask 077;"
                        "ssh-keygen -q -t ed25519 -N '' -f host;"
                        "ssh-keygen -q -t ed25519 -N '' -f bot;"
                        "ssh-keygen -q -t ed25519 -N '' -f stranger;"
                        "cp bot.pub authorized", d), 0);
    env.sshd = server_start(arena_printf(
        a, "exec /usr/sbin/sshd -D -e -f %s/keys/conf", d).s);
    assert_true(wait_port(env.ssh));
    assert_int_equal(SH(a, "cd %s/keys; awk '{print \"[127.0.0.1]:%d\", $1, "
                        "$2}' host.pub >known; awk '{print "
                        "\"[127.0.0.1]:%d\", $1, $2}' bot.pub >false",
                        d, env.ssh, env.ssh), 0);
}

static inline int setup(void **state)
{
    struct arena *a = &env.arena;

    (void)state;
    env.dir = scratch_make(a);
    setenv("HOME", env.dir.s, 1);
    unsetenv("SSH_AUTH_SOCK");
    assert_int_equal(SH(a, "cd %s; mkdir srv; git init -q --bare -b main "
                        "srv/up.git; git -C srv/up.git config "
                        "http.receivepack true; git init -q -b main w; cd w;"
                        "git config user.name T; git config user.email t@x;"
                        "echo 1 >app.yaml; git add -A; git commit -qm one;"
                        "git push -q ../srv/up.git main", env.dir.s), 0);
    start_http();
    start_ssh();
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    server_stop(env.nginx);
    server_stop(env.cgi);
    server_stop(env.sshd);
    scratch_remove(&env.arena, env.dir);
    arena_free(&env.arena);
    return 0;
}

static inline struct str in(const char *name)
{
    return file_join(&env.arena, env.dir, str_of(name));
}

static inline struct remote_spec http_spec(void)
{
    return (struct remote_spec){
        .url = arena_printf(&env.arena, "http://127.0.0.1:%d/git/up.git",
                            env.http),
        .branch = STR("main"), .cache_dir = in("cache"),
        .auth = {.user = STR("bot"), .password = STR("s3cret")}};
}

static inline struct remote_spec ssh_spec(void)
{
    return (struct remote_spec){
        .url = arena_printf(&env.arena, "ssh://root@127.0.0.1:%d%s/srv/up.git",
                            env.ssh, env.dir.s),
        .branch = STR("main"), .cache_dir = in("cache"),
        .auth = {.key_file = in("keys/bot"),
                 .known_hosts = in("keys/known")}};
}

static inline bool fetch(struct remote_spec spec)
{
    memset(&env.e, 0, sizeof(env.e));
    struct remote *r = remote_open(&spec, &env.e);
    bool ok = r && remote_fetch(r, &env.e);

    remote_close(r);
    return ok;
}

/* A commit with a text that nobody wrote before. */
static inline bool prepare(struct remote *r, struct remote_commit *c)
{
    struct remote_edit edit = {
        .path = STR("app.yaml"),
        .text = arena_printf(&env.arena, "round %u\n", ++env.round)};
    struct remote_message m = {.text = STR("deploy")};

    return remote_prepare(r, &env.arena, &edit, 1, &m, c, &env.e);
}

static inline bool commit_and_push(struct remote_spec spec)
{
    struct remote_commit c;
    enum remote_pushed result = REMOTE_MOVED;

    memset(&env.e, 0, sizeof(env.e));
    struct remote *r = remote_open(&spec, &env.e);
    bool ok = r && remote_fetch(r, &env.e) && prepare(r, &c) &&
              remote_push(r, &c, &result, &env.e);

    if (ok) {
        struct str head = sh_output(&env.arena, arena_printf(
            &env.arena, "git -C %s/srv/up.git rev-parse main",
            env.dir.s).s);
        assert_string_equal(head.s, c.sha.s);
        assert_int_equal(result, REMOTE_PUSHED);
        assert_int_equal(SH(&env.arena, "git -C %s/srv/up.git fsck --strict "
                            "--no-dangling", env.dir.s), 0);
    }
    remote_close(r);
    return ok;
}

#endif
