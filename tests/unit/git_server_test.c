#include "runtime/git/known_hosts.h"

#include "runtime/git/remote.h"
#include "runtime/git/url.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/git_servers.h"

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
    assert_says(&env.e, ERR_NET, "the user or the password is refused");
    assert_null(strstr(env.e.msg, "hunter2"));
    spec.auth = (struct remote_auth){0};
    assert_false(fetch(spec));
    assert_says(&env.e, ERR_NET, "asks for a user and a password");
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
    assert_says(&env.e, ERR_NET, "the token is refused");
}

static void test_https_wants_a_trusted_certificate(void **state)
{
    struct remote_spec spec = http_spec();

    (void)state;
    spec.url = arena_printf(&env.arena, "https://localhost:%d/git/up.git",
                            env.https);
    assert_false(fetch(spec));
    assert_says(&env.e, ERR_NET,
                "the certificate of 'localhost' is not trusted");
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
    assert_says(&env.e, ERR_NET, "404");
    spec.url = arena_printf(&env.arena, "http://127.0.0.1:%d/git/up.git",
                            free_port());
    assert_false(fetch(spec));
    assert_says(&env.e, ERR_NET, "efused");
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
    assert_says(&env.e, ERR_NET, "refuses the push: pre-receive hook declined: "
                         "policy: no deploys on Sunday");
    assert_false(commit_and_push(ssh_spec()));
    assert_says(&env.e, ERR_NET, "policy: no deploys on Sunday");
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
    assert_says(&env.e, ERR_NET, "no agent has one that is accepted");
}

static void test_an_unknown_or_changed_host_key_stops_it(void **state)
{
    struct remote_spec spec = ssh_spec();

    (void)state;
    spec.auth.known_hosts = in("keys/none");
    assert_false(fetch(spec));
    assert_says(&env.e, ERR_NET, "ssh-ed25519 SHA256:");
    assert_says(&env.e, ERR_NET, "is not in known_hosts");
    spec.auth.known_hosts = in("keys/false");
    assert_false(fetch(spec));
    assert_says(&env.e, ERR_NET, "this may be another server");
}

static void test_a_refused_ssh_key_is_told(void **state)
{
    struct remote_spec spec = ssh_spec();

    (void)state;
    spec.auth.key_file = in("keys/stranger");
    assert_false(fetch(spec));
    assert_says(&env.e, ERR_NET, "the ssh key is refused");
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
        assert_says(&env.e, ERR_TIMEOUT, "not done within 300ms");
        assert_in_range(clock_monotonic_ms() - t0, 290, 3000);
    }
    close(fd);
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
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
