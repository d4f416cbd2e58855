#include "runtime/proc/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* This very program, started again as the nursery's process. */
static const char *const argv[] = {"/proc/self/exe", "nursery", NULL};
static const char *const envp[] = {NULL};

/* Says what it reads from descriptor 3, and whether it leads its group. */
static int say(void *ctx)
{
    char c = '?';
    if (read(3, &c, 1) != 1 || getpgrp() != getpid())
        c = '!';
    return write(1, &c, 1) == 1 ? *(int *)ctx : 9;
}

static ssize_t read_one(int fd, char *c)
{
    ssize_t n;
    do
        n = read(fd, c, 1);
    while (n < 0 && errno == EINTR);
    return n;
}

static char fork_one(struct nursery *n, char word, int *status)
{
    int out[2], in[2];
    struct err e = {0};
    pid_t pid;
    char c = 0;
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    if (!nursery_fork(n, out[1], in[0], &pid, &e))
        fail_msg("%s", e.msg);
    close(out[1]);
    close(in[0]);
    assert_int_equal(write(in[1], &word, 1), 1);
    assert_int_equal(read_one(out[0], &c), 1);
    /* Nobody else holds the pipe: it ends with the child. */
    assert_int_equal(read_one(out[0], &word), 0);
    while (waitpid(pid, status, 0) < 0)
        assert_int_equal(errno, EINTR);
    close(out[0]);
    close(in[1]);
    return c;
}

static void its_forks_are_our_children(void **state)
{
    (void)state;
    struct err e = {0};
    int status;
    struct nursery *n = nursery_create(argv, envp, NULL, &e);
    assert_non_null(n);
    for (char c = 'a'; c < 'z'; c++) {
        assert_int_equal(fork_one(n, c, &status), c);
        assert_int_equal(WEXITSTATUS(status), 5);
    }
    nursery_destroy(n);
}

static void a_signal_does_not_disturb_it(void **state)
{
    (void)state;
    struct err e = {0};
    int status;
    struct nursery *n = nursery_create(argv, envp, NULL, &e);
    assert_non_null(n);
    for (int i = 0; i < 50; i++) { /* SIGCHLD of one while asking for another */
        pid_t other = fork();
        if (other == 0)
            _exit(0);
        assert_int_equal(fork_one(n, 'x', &status), 'x');
        while (waitpid(other, NULL, 0) < 0)
            assert_int_equal(errno, EINTR);
    }
    nursery_destroy(n);
}

static void a_dead_one_is_an_error(void **state)
{
    (void)state;
    struct err e = {0};
    const char *const wrong[] = {"/bin/true", NULL};
    struct nursery *n = nursery_create(wrong, envp, NULL, &e);
    pid_t pid;
    assert_non_null(n);
    assert_false(nursery_fork(n, 1, 2, &pid, &e));
    assert_int_equal(e.kind, ERR_IO);
    nursery_destroy(n);
}

static void on_child(int sig)
{
    (void)sig;
}

int main(int argc, char **arguments)
{
    int code = 5;
    struct err e = {0};
    if (argc > 1 && strcmp(arguments[1], "nursery") == 0)
        return !nursery_serve(3, say, &code, &e);
    struct sigaction sa = {.sa_handler = on_child};
    sigaction(SIGCHLD, &sa, NULL); /* without SA_RESTART: calls are cut short */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_forks_are_our_children),
        cmocka_unit_test(a_signal_does_not_disturb_it),
        cmocka_unit_test(a_dead_one_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
