#include "runtime/git/known_hosts.h"

#include "runtime/git/remote.h"
#include "runtime/git/url.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/git_servers.h"

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
    env.dir = scratch_make(&env.arena);
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
    scratch_remove(&env.arena, env.dir);
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
        cmocka_unit_test(test_known_hosts_are_read_in_all_their_forms),
        cmocka_unit_test(test_a_hashed_host_name_is_found),
        cmocka_unit_test(test_urls_are_told_without_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
