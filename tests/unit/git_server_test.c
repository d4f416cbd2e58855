#include "runtime/git/known_hosts.h"
#include "runtime/git/remote.h"
#include "runtime/git/url.h"

#include "base/clock.h"
#include "tests/support/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

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

static void start_http(void)
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

static void start_ssh(void)
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

static int setup(void **state)
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

static int teardown(void **state)
{
    (void)state;
    server_stop(env.nginx);
    server_stop(env.cgi);
    server_stop(env.sshd);
    scratch_remove(&env.arena, env.dir);
    arena_free(&env.arena);
    return 0;
}

static struct str in(const char *name)
{
    return file_join(&env.arena, env.dir, str_of(name));
}

static void assert_says(enum err_kind kind, const char *part)
{
    if (!strstr(env.e.msg, part))
        fail_msg("'%s' does not say '%s'", env.e.msg, part);
    assert_int_equal(env.e.kind, kind);
}

static struct remote_spec http_spec(void)
{
    return (struct remote_spec){
        .url = arena_printf(&env.arena, "http://127.0.0.1:%d/git/up.git",
                            env.http),
        .branch = STR("main"), .cache_dir = in("cache"),
        .auth = {.user = STR("bot"), .password = STR("s3cret")}};
}

static struct remote_spec ssh_spec(void)
{
    return (struct remote_spec){
        .url = arena_printf(&env.arena, "ssh://root@127.0.0.1:%d%s/srv/up.git",
                            env.ssh, env.dir.s),
        .branch = STR("main"), .cache_dir = in("cache"),
        .auth = {.key_file = in("keys/bot"),
                 .known_hosts = in("keys/known")}};
}

static bool fetch(struct remote_spec spec)
{
    memset(&env.e, 0, sizeof(env.e));
    struct remote *r = remote_open(&spec, &env.e);
    bool ok = r && remote_fetch(r, &env.e);

    remote_close(r);
    return ok;
}

/* A commit with a text that nobody wrote before. */
static bool prepare(struct remote *r, struct remote_commit *c)
{
    struct remote_edit edit = {
        .path = STR("app.yaml"),
        .text = arena_printf(&env.arena, "round %u\n", ++env.round)};
    struct remote_message m = {.text = STR("deploy")};

    return remote_prepare(r, &env.arena, &edit, 1, &m, c, &env.e);
}

static bool commit_and_push(struct remote_spec spec)
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

static void test_a_commit_goes_over_http_with_a_password(void **state)
{
    (void)state;
    if (!commit_and_push(http_spec()))
        fail_msg("%s", env.e.msg);
}

static void test_a_wrong_or_missing_password_is_told(void **state)
{
    struct remote_spec spec = http_spec();

    (void)state;
    spec.auth.password = STR("hunter2");
    assert_false(fetch(spec));
    assert_says(ERR_NET, "the user or the password is refused");
    assert_null(strstr(env.e.msg, "hunter2"));
    spec.auth = (struct remote_auth){0};
    assert_false(fetch(spec));
    assert_says(ERR_NET, "asks for a user and a password");
    spec.url = arena_printf(&env.arena,
                            "http://bot:hunter2@127.0.0.1:%d/git/up.git",
                            env.http);
    assert_false(fetch(spec));
    assert_null(strstr(env.e.msg, "hunter2"));
}

static void test_a_bearer_token_opens_the_door(void **state)
{
    struct remote_spec spec = http_spec();

    (void)state;
    spec.auth = (struct remote_auth){.bearer = STR("t0ken")};
    if (!commit_and_push(spec))
        fail_msg("%s", env.e.msg);
    spec.auth.bearer = STR("hunter2");
    assert_false(fetch(spec));
    assert_says(ERR_NET, "the token is refused");
}

static void test_https_wants_a_trusted_certificate(void **state)
{
    struct remote_spec spec = http_spec();

    (void)state;
    spec.url = arena_printf(&env.arena, "https://localhost:%d/git/up.git",
                            env.https);
    assert_false(fetch(spec));
    assert_says(ERR_NET, "the certificate of 'localhost' is not trusted");
    spec.auth.ca_file = in("tls.crt");
    if (!commit_and_push(spec))
        fail_msg("%s", env.e.msg);
}

static void test_a_missing_repository_is_told(void **state)
{
    struct remote_spec spec = http_spec();

    (void)state;
    spec.url = arena_printf(&env.arena, "http://127.0.0.1:%d/git/no.git",
                            env.http);
    assert_false(fetch(spec));
    assert_says(ERR_NET, "404");
    spec.url = arena_printf(&env.arena, "http://127.0.0.1:%d/git/up.git",
                            free_port());
    assert_false(fetch(spec));
    assert_says(ERR_NET, "efused");
    spec.url = STR("ext::sh -c id");
    assert_false(fetch(spec));
}

static void hook(const char *script)
{
    assert_int_equal(SH(&env.arena, "cd %s/srv/up.git/hooks; cat >pre-receive "
                        "<<'END'\n#!/bin/sh\n%s\nEND\nchmod +x pre-receive",
                        env.dir.s, script), 0);
}

static void no_hook(void)
{
    SH(&env.arena, "rm %s/srv/up.git/hooks/pre-receive", env.dir.s);
}

static void test_a_refusing_hook_is_quoted(void **state)
{
    (void)state;
    hook("echo 'policy: no deploys on Sunday' >&2; exit 1");
    assert_false(commit_and_push(http_spec()));
    assert_says(ERR_NET, "refuses the push: pre-receive hook declined: "
                         "policy: no deploys on Sunday");
    assert_false(commit_and_push(ssh_spec()));
    assert_says(ERR_NET, "policy: no deploys on Sunday");
    no_hook();
}

/* Between our look at the branch and the push somebody else is faster. */
static void rival(void)
{
    assert_int_equal(SH(&env.arena, "cd %s/w; git pull -q ../srv/up.git main;"
                        "date +%%N >other; git add -A; git commit -qm other;"
                        "git push -q ../srv/up.git main", env.dir.s), 0);
}

static void test_a_branch_moved_at_the_server_is_seen(void **state)
{
    struct remote_spec specs[] = {http_spec(), ssh_spec()};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct remote *r = remote_open(&specs[i], &env.e);
        enum remote_pushed result = REMOTE_PUSHED;
        struct remote_commit c;
        assert_true(remote_fetch(r, &env.e));
        assert_true(prepare(r, &c));
        rival();
        assert_true(remote_push(r, &c, &result, &env.e));
        assert_int_equal(result, REMOTE_MOVED);
        assert_true(prepare(r, &c));
        assert_true(remote_push(r, &c, &result, &env.e));
        assert_int_equal(result, REMOTE_PUSHED);
        remote_close(r);
    }
}

static void test_a_branch_that_moves_during_the_push_is_seen(void **state)
{
    struct remote_spec spec = http_spec();
    struct remote *r = remote_open(&spec, &env.e);
    enum remote_pushed result = REMOTE_PUSHED;
    struct remote_commit c;

    (void)state;
    hook(arena_printf(&env.arena,
        "unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY "
        "GIT_ALTERNATE_OBJECT_DIRECTORIES; test -e %s/raced && exit 0; "
        "touch %s/raced; git update-ref refs/heads/main "
        "$(git commit-tree -p main -m rival main^{tree})",
        env.dir.s, env.dir.s).s);
    SH(&env.arena, "git -C %s/srv/up.git config user.name R; "
       "git -C %s/srv/up.git config user.email r@x", env.dir.s, env.dir.s);
    assert_true(remote_fetch(r, &env.e));
    assert_true(prepare(r, &c));
    if (!remote_push(r, &c, &result, &env.e))
        fail_msg("%s", env.e.msg);
    assert_int_equal(result, REMOTE_MOVED);
    no_hook();
    assert_true(prepare(r, &c));
    assert_true(remote_push(r, &c, &result, &env.e));
    assert_int_equal(result, REMOTE_PUSHED);
    remote_close(r);
}

static void test_a_commit_goes_over_ssh_with_a_known_host(void **state)
{
    struct remote_spec spec = ssh_spec();
    struct str key;

    (void)state;
    if (!commit_and_push(spec))
        fail_msg("%s", env.e.msg);
    assert_true(file_read(&env.arena, spec.auth.key_file.s, 10000, &key,
                          &env.e));
    spec.auth.key_file = STR("");
    spec.auth.key_text = key;
    if (!commit_and_push(spec))
        fail_msg("%s", env.e.msg);
}

static void test_an_agent_may_hold_the_key(void **state)
{
    struct remote_spec spec = ssh_spec();
    struct err empty;

    (void)state;
    /* It drops the wish to die with us: it is stopped before anything is
     * judged. */
    pid_t agent = server_start(arena_printf(
        &env.arena, "exec ssh-agent -D -a %s/agent >/dev/null 2>&1",
        env.dir.s).s);
    setenv("SSH_AUTH_SOCK", in("agent").s, 1);
    for (int i = 0; i < 200 && access(in("agent").s, F_OK) != 0; i++)
        pause_ms(10);
    spec.auth.key_file = STR("");
    bool without = fetch(spec);

    empty = env.e;
    int added = SH(&env.arena, "ssh-add -q %s/keys/bot", env.dir.s);
    bool with = fetch(spec);

    unsetenv("SSH_AUTH_SOCK");
    server_stop(agent);
    assert_int_equal(added, 0);
    assert_true(with);
    env.e = empty;
    assert_false(without);
    assert_says(ERR_NET, "no agent has one that is accepted");
}

static void test_an_unknown_or_changed_host_key_stops_it(void **state)
{
    struct remote_spec spec = ssh_spec();

    (void)state;
    spec.auth.known_hosts = in("keys/none");
    assert_false(fetch(spec));
    assert_says(ERR_NET, "ssh-ed25519 SHA256:");
    assert_says(ERR_NET, "is not in known_hosts");
    spec.auth.known_hosts = in("keys/false");
    assert_false(fetch(spec));
    assert_says(ERR_NET, "this may be another server");
}

static void test_a_refused_ssh_key_is_told(void **state)
{
    struct remote_spec spec = ssh_spec();

    (void)state;
    spec.auth.key_file = in("keys/stranger");
    assert_false(fetch(spec));
    assert_says(ERR_NET, "the ssh key is refused");
}

static void test_a_silent_server_ends_at_the_time_limit(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    static const char *const forms[] = {"http://127.0.0.1:%d/x",
                                        "ssh://git@127.0.0.1:%d/x"};

    (void)state;
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, 8), 0);
    getsockname(fd, (struct sockaddr *)&at, &n);
    for (int i = 0; i < 2; i++) {
        struct remote_spec spec = http_spec();
        struct str port = arena_printf(&env.arena, "%d", ntohs(at.sin_port));
        struct str form = str_of(forms[i]);
        size_t hole = str_search(form, STR("%d"));
        int64_t t0 = clock_monotonic_ms();
        spec.url = arena_printf(&env.arena, STR_FMT STR_FMT STR_FMT,
                                (int)hole, form.s, STR_ARG(port),
                                STR_ARG(str_skip(form, hole + 2)));
        spec.timeout_ms = 300;
        assert_false(fetch(spec));
        assert_says(ERR_TIMEOUT, "not done within 300ms");
        assert_in_range(clock_monotonic_ms() - t0, 290, 3000);
    }
    close(fd);
}

/* ---- pure parts ---------------------------------------------------------- */

static void test_known_hosts_are_read_in_all_their_forms(void **state)
{
    static const char key[] = "\0\0\0\x0bssh-ed25519\0\0\0\x20"
                              "0123456789abcdef0123456789abcdef";
    static const char wire[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDAxMjM0"
                               "NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm";
    static const struct {
        const char *line;
        int port;
        enum known_host want;
    } cases[] = {
        {"git.example.com %s", 22, KNOWN_HOST_OK},
        {"GIT.example.com,10.0.0.1 %s comment", 22, KNOWN_HOST_OK},
        {"*.example.com %s", 22, KNOWN_HOST_OK},
        {"*.example.com,!git.* %s", 22, KNOWN_HOST_ABSENT},
        {"g?t.example.com %s", 22, KNOWN_HOST_OK},
        {"git.example.com %s", 2222, KNOWN_HOST_ABSENT},
        {"[git.example.com]:2222 %s", 2222, KNOWN_HOST_OK},
        {"# git.example.com %s", 22, KNOWN_HOST_ABSENT},
        {"@revoked * %s", 22, KNOWN_HOST_REVOKED},
        {"@cert-authority * %s", 22, KNOWN_HOST_ABSENT},
        {"git.example.com ssh-rsa AAAA", 22, KNOWN_HOST_ABSENT},
        {"git.example.com ssh-ed25519 AAAA", 22, KNOWN_HOST_DIFFERS},
        {"|1|MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=|cXhS4t1EsIEQIWwvyOg9Wvq2GcA= %s",
         22, KNOWN_HOST_ABSENT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct str line = str_of(cases[i].line);
        size_t hole = str_search(line, STR("%s"));
        struct str text = arena_printf(
            &env.arena, "\nx.example.com %s\n" STR_FMT "%s" STR_FMT "\n",
            wire, (int)hole, line.s, hole < line.n ? wire : "",
            STR_ARG(str_skip(line, hole + 2)));
        if (known_host_check(text, STR("git.example.com"), cases[i].port,
                             (struct str){key, sizeof(key) - 1}) !=
            cases[i].want)
            fail_msg("%s", cases[i].line);
    }
}

static void test_a_hashed_host_name_is_found(void **state)
{
    struct str file, key, kind;
    char raw[51];

    (void)state;
    memset(raw, 0, sizeof(raw));
    memcpy(raw, "\0\0\0\x0bssh-ed25519\0\0\0\x20", 19);
    assert_int_equal(SH(&env.arena, "cd %s; echo '[h.example.com]:2222 "
                        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAA"
                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAA' >kh; ssh-keygen -q -H "
                        "-f kh", env.dir.s), 0);
    assert_true(file_read(&env.arena, in("kh").s, 10000, &file, &env.e));
    assert_non_null(strstr(file.s, "|1|"));
    key = (struct str){raw, sizeof(raw)};
    kind = known_host_kind(key);
    assert_true(str_eq(kind, STR("ssh-ed25519")));
    assert_int_equal(known_host_check(file, STR("h.example.com"), 2222, key),
                     KNOWN_HOST_OK);
    assert_int_equal(known_host_check(file, STR("h.example.com"), 22, key),
                     KNOWN_HOST_ABSENT);
}

static void test_urls_are_told_without_secrets(void **state)
{
    static const char *const cases[][2] = {
        {"https://me:pw@h:8443/a/b.git?token=x", "https://h:8443/a/b.git"},
        {"git@h.example.com:org/x.git", "h.example.com:org/x.git"},
        {"ssh://git@[::1]:22/x", "ssh://[::1]:22/x"},
        {"/srv/x.git", "/srv/x.git"},
        {"file:///srv/x.git", "file:///srv/x.git"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(
            url_shown(&env.arena, str_of(cases[i][0])).s, cases[i][1]);
    assert_string_equal(url_file_path(&env.arena,
                                      STR("file:///a%20b/c")).s, "/a b/c");
    assert_string_equal(url_resolve(&env.arena, STR("https://h/x/y.git"),
                                    STR("../z.git")).s, "https://h/x/z.git");
    assert_string_equal(url_resolve(&env.arena, STR("git@h:y.git"),
                                    STR("../z.git")).s, "git@h:z.git");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_commit_goes_over_http_with_a_password),
        cmocka_unit_test(test_a_wrong_or_missing_password_is_told),
        cmocka_unit_test(test_a_bearer_token_opens_the_door),
        cmocka_unit_test(test_https_wants_a_trusted_certificate),
        cmocka_unit_test(test_a_missing_repository_is_told),
        cmocka_unit_test(test_a_refusing_hook_is_quoted),
        cmocka_unit_test(test_a_branch_moved_at_the_server_is_seen),
        cmocka_unit_test(test_a_branch_that_moves_during_the_push_is_seen),
        cmocka_unit_test(test_a_commit_goes_over_ssh_with_a_known_host),
        cmocka_unit_test(test_an_agent_may_hold_the_key),
        cmocka_unit_test(test_an_unknown_or_changed_host_key_stops_it),
        cmocka_unit_test(test_a_refused_ssh_key_is_told),
        cmocka_unit_test(test_a_silent_server_ends_at_the_time_limit),
        cmocka_unit_test(test_known_hosts_are_read_in_all_their_forms),
        cmocka_unit_test(test_a_hashed_host_name_is_found),
        cmocka_unit_test(test_urls_are_told_without_secrets),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
