#include "runtime/proc/capture.h"

#include "base/buf.h"
#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char path[] = "/tmp/pipec-capture-test.log";

static void on_lines(void *ctx, struct str lines, bool partial)
{
    struct buf *b = ctx;

    buf_addf(b, "%c[" STR_FMT "]", partial ? '~' : '=', STR_ARG(lines));
}

static void feed(struct capture *c, const char *s)
{
    struct err e = {0};

    assert_true(capture_feed(c, str_of(s), &e));
}

static void lines_are_never_split_between_pieces(void **state)
{
    struct buf got = {0};
    struct capture *c = capture_create(NULL, NULL, on_lines, &got);
    struct err e = {0};

    (void)state;
    feed(c, "one\ntw");
    feed(c, "o");
    feed(c, "\nthree\nfour\nfi");
    assert_true(capture_flush(c, &e));
    assert_string_equal(buf_cstr(&got),
                        "=[one\n]=[two\n]=[three\nfour\n]~[fi]");
    capture_destroy(c);
    buf_free(&got);
}

static void count(void *ctx, struct str lines, bool partial)
{
    size_t *n = ctx;

    (void)partial;
    assert_true(lines.n <= 2 * (size_t)CAPTURE_LINE_MAX);
    *n += lines.n;
}

static void a_line_without_end_passes_in_pieces(void **state)
{
    size_t n = 0;
    struct capture *c = capture_create(NULL, NULL, count, &n);
    struct err e = {0};
    char block[5000];

    (void)state;
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 1000; i++)
        capture_feed(c, (struct str){block, sizeof block}, &e);
    capture_flush(c, &e);
    assert_int_equal(n, 5000000);
    capture_destroy(c);
}

static void the_tail_begins_with_a_whole_line(void **state)
{
    struct capture *c = capture_create(NULL, NULL, NULL, NULL);
    struct arena a = {0};
    char line[32];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        snprintf(line, sizeof line, "line %04d\n", i);
        feed(c, line);
    }

    struct str tail = capture_tail(&a, c);

    assert_true(tail.n <= CAPTURE_TAIL_MAX && tail.n > CAPTURE_TAIL_MAX - 20);
    assert_true(str_starts(tail, STR("line ")));
    assert_true(str_ends(tail, STR("line 4999\n")));
    arena_free(&a);
    capture_destroy(c);
}

static void the_log_holds_all_of_it_but_no_secret(void **state)
{
    struct mask *m = mask_create();
    struct capture *c = capture_create(m, path, NULL, NULL);
    struct arena a = {0};
    struct err e = {0};
    struct str log;

    (void)state;
    unlink(path);
    mask_add(m, STR("s3cr3t"));
    feed(c, "a s3c");
    feed(c, "r3t b s3");
    assert_true(capture_flush(c, &e));
    assert_true(file_read(&a, path, 1000, &log, &e));
    assert_string_equal(log.s, "a *** b s3");
    assert_int_equal(capture_bytes(c), 10);
    unlink(path);
    arena_free(&a);
    capture_destroy(c);
    mask_destroy(m);
}

static void nothing_printed_makes_no_file(void **state)
{
    struct capture *c = capture_create(NULL, path, NULL, NULL);
    struct err e = {0};

    (void)state;
    unlink(path);
    assert_true(capture_flush(c, &e));
    assert_int_equal(access(path, F_OK), -1);
    capture_destroy(c);
}

static void a_full_disk_is_an_error_and_the_lines_go_on(void **state)
{
    struct buf got = {0};
    struct capture *c = capture_create(NULL, "/dev/full", on_lines, &got);
    struct err e = {0};

    (void)state;
    assert_false(capture_feed(c, STR("hello\n"), &e));
    assert_non_null(strstr(e.msg, "No space left"));
    assert_string_equal(buf_cstr(&got), "=[hello\n]");
    capture_destroy(c);
    buf_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_never_split_between_pieces),
        cmocka_unit_test(a_line_without_end_passes_in_pieces),
        cmocka_unit_test(the_tail_begins_with_a_whole_line),
        cmocka_unit_test(the_log_holds_all_of_it_but_no_secret),
        cmocka_unit_test(nothing_printed_makes_no_file),
        cmocka_unit_test(a_full_disk_is_an_error_and_the_lines_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
