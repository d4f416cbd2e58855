#include "runtime/proc/proc.h"

#include "base/buf.h"
#include "base/clock.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct job {
    struct loop *loop;
    struct proc_host *host;
    struct proc *proc;
    struct buf out;
    size_t bytes;
    struct proc_end end;
    int ends;
};

static const char *const env[] = {"PATH=/usr/bin:/bin", NULL};

static void on_output(void *ctx, struct str s)
{
    struct job *j = ctx;

    j->bytes += s.n;
    if (j->out.n < 100000)
        buf_add(&j->out, s);
}

static void on_end(void *ctx, const struct proc_end *end)
{
    struct job *j = ctx;

    j->end = *end;
    j->ends++;
}

static void stop_it(void *ctx)
{
    struct job *j = ctx;

    if (!j->ends)
        proc_stop(j->proc);
}

/* Runs it to its end; stop_ms: when to stop it, 0 never. */
static struct job run(struct proc_spec spec, int64_t stop_ms)
{
    struct job j = {0};
    struct err e = {0};

    j.out.max = 1 << 20;
    j.loop = loop_create(&e);
    j.host = proc_host_create(j.loop, &e);
    spec.envp = env;
    spec.on_output = on_output;
    spec.on_end = on_end;
    spec.ctx = &j;
    j.proc = proc_start(j.host, &spec, &e);
    if (!j.proc)
        buf_adds(&j.out, e.msg);
    if (j.proc && stop_ms)
        loop_after(j.loop, stop_ms, stop_it, &j);
    if (j.proc)
        loop_run(j.loop);
    proc_host_destroy(j.host);
    loop_destroy(j.loop);
    return j;
}

static struct job sh(const char *text)
{
    return run((struct proc_spec){.shell = text}, 0);
}

static void expect_out(struct job *j, const char *want)
{
    assert_string_equal(buf_cstr(&j->out), want);
    buf_free(&j->out);
}

static void output_of_both_streams_comes_in_its_order(void **state)
{
    struct job j = sh("echo a; echo b >&2; echo c; exit 3");

    (void)state;
    assert_int_equal(j.end.code, 3);
    assert_int_equal(j.ends, 1);
    expect_out(&j, "a\nb\nc\n");
}

static void a_list_starts_no_shell(void **state)
{
    const char *const argv[] = {"echo", "$HOME", "a b", NULL};
    struct job j = run((struct proc_spec){.argv = argv}, 0);

    (void)state;
    expect_out(&j, "$HOME a b\n");
}

static void a_missing_program_is_named(void **state)
{
    const char *const argv[] = {"no-such-tool", NULL};
    struct job j = run((struct proc_spec){.argv = argv}, 0);

    (void)state;
    assert_int_equal(j.ends, 0);
    expect_out(&j, "'no-such-tool' is not in PATH");
}

static void a_missing_directory_is_named(void **state)
{
    struct job j =
        run((struct proc_spec){.shell = ":", .dir = "/no/such"}, 0);

    (void)state;
    expect_out(&j, "directory '/no/such': No such file or directory");
}

static void a_script_without_interpreter_line_is_the_shells(void **state)
{
    const char *const argv[] = {"/tmp/pipec-proc-test-script", "x", NULL};
    struct job made = sh("f=/tmp/pipec-proc-test-script; echo 'echo got $1' >$f;"
                         "chmod 755 $f");
    struct job j = run((struct proc_spec){.argv = argv}, 0);

    (void)state;
    buf_free(&made.out);
    unlink(argv[0]);
    expect_out(&j, "got x\n");
}

static void a_backgrounded_process_does_not_hold_us_up(void **state)
{
    struct job j = sh("sleep 5 & echo started");

    (void)state;
    assert_true(j.end.duration_ms < 2000);
    assert_int_equal(j.end.code, 0);
    expect_out(&j, "started\n");
}

static void closing_the_output_is_not_the_end(void **state)
{
    struct job j = sh("exec >&- 2>&-; sleep 0.4; exit 7");

    (void)state;
    assert_true(j.end.duration_ms >= 390);
    assert_int_equal(j.end.code, 7);
    expect_out(&j, "");
}

static void a_timeout_kills_what_ignores_term(void **state)
{
    struct job j = run((struct proc_spec){.shell = "trap '' TERM; sleep 9 & "
                                                   "while :; do sleep 1; done",
                                          .timeout_ms = 100,
                                          .kill_grace_ms = 200}, 0);

    (void)state;
    assert_true(j.end.timed_out);
    assert_false(j.end.stopped);
    assert_true(j.end.duration_ms < 2000);
    assert_int_equal(j.end.sig, SIGKILL);
    buf_free(&j.out);
}

static void stopping_lets_the_group_end_in_order(void **state)
{
    struct job j = run((struct proc_spec){
        .shell = "(trap 'sleep 0.2; echo tidy; exit 0' TERM; "
                 "while :; do sleep 0.05; done) & wait"}, 150);

    (void)state;
    assert_true(j.end.stopped);
    assert_non_null(strstr(buf_cstr(&j.out), "tidy\n"));
    buf_free(&j.out);
}

static void signals_are_default_in_the_child(void **state)
{
    signal(SIGPIPE, SIG_IGN);

    struct job j = sh("yes | head -1 >/dev/null; kill -PIPE $$; echo alive");

    (void)state;
    signal(SIGPIPE, SIG_DFL);
    assert_int_equal(j.end.sig, SIGPIPE);
    buf_free(&j.out);
}

static void much_output_arrives_whole(void **state)
{
    struct job j = sh("head -c 30000000 /dev/zero");

    (void)state;
    assert_int_equal(j.bytes, 30000000);
    buf_free(&j.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_of_both_streams_comes_in_its_order),
        cmocka_unit_test(a_list_starts_no_shell),
        cmocka_unit_test(a_missing_program_is_named),
        cmocka_unit_test(a_missing_directory_is_named),
        cmocka_unit_test(a_script_without_interpreter_line_is_the_shells),
        cmocka_unit_test(a_backgrounded_process_does_not_hold_us_up),
        cmocka_unit_test(closing_the_output_is_not_the_end),
        cmocka_unit_test(a_timeout_kills_what_ignores_term),
        cmocka_unit_test(stopping_lets_the_group_end_in_order),
        cmocka_unit_test(signals_are_default_in_the_child),
        cmocka_unit_test(much_output_arrives_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
