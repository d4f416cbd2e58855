#include "runtime/store/store.h"

#include "base/file.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct arena a;
    char dir[64];
    struct store *s;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err e = {0};

    snprintf(f->dir, sizeof f->dir, "/tmp/pipec-store-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->s = store_open(f->dir, STORE_WRITE, &e);
    assert_non_null(f->s);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char rm[100];

    store_close(f->s);
    arena_free(&f->a);
    snprintf(rm, sizeof rm, "rm -rf %s", f->dir);
    free(f);
    return system(rm);
}

static int64_t begin(struct store *s)
{
    struct err e = {0};
    struct store_run r = {.pipeline = STR("payments"), .plan = STR("d1"),
                          .started = 1000, .stages = 3};
    int64_t id = store_begin(s, &r, STR("{}\n"), &e);

    assert_true(id > 0);
    return id;
}

static void a_run_is_found_again_with_its_plan(void **state)
{
    struct fixture *f = *state;
    struct store_run r;
    struct err e = {0};
    struct str json;
    int64_t first = begin(f->s);

    store_end(f->s, &(struct store_run){.id = first, .result = STR("failed"),
                                        .code = 1, .ended = 2000,
                                        .passed = 1, .failed = 1});
    assert_true(store_flush(f->s, &e));
    assert_true(store_get_run(&f->a, f->s, 0, &r, &e));
    assert_int_equal(r.id, first);
    assert_string_equal(r.result.s, "failed");
    assert_string_equal(r.pipeline.s, "payments");
    assert_int_equal(r.ended - r.started, 1000);
    assert_true(store_get_plan(&f->a, f->s, r.plan, &json, &e));
    assert_string_equal(json.s, "{}\n");
    assert_false(store_get_run(&f->a, f->s, 99, &r, &e));
    assert_string_equal(e.msg, "no run 99");
    assert_int_equal(e.kind, ERR_USAGE);
}

static void reading_where_nothing_ran_says_so(void **state)
{
    struct err e = {0};

    (void)state;
    assert_null(store_open("/tmp/pipec-no-such-dir", STORE_READ, &e));
    assert_int_equal(e.kind, ERR_USAGE);
}

static void gathered_writes_are_seen_by_others_after_the_flush(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    struct store *other = store_open(f->dir, STORE_READ, &e);
    struct store_attempt *t, one = {.node = 2, .attempt = 1, .id = STR("lint"),
                                    .kind = STR("run"), .started = 5};
    size_t n;

    one.run = begin(f->s);
    store_put_attempt(f->s, &one);
    assert_true(store_dirty(f->s));
    assert_true(store_list_attempts(&f->a, other, one.run, &t, &n, &e));
    assert_int_equal(n, 0);
    one.result = STR("passed");
    one.ended = 45;
    store_put_attempt(f->s, &one);
    assert_true(store_flush(f->s, &e));
    assert_true(store_list_attempts(&f->a, other, one.run, &t, &n, &e));
    assert_int_equal(n, 1);
    assert_string_equal(t[0].result.s, "passed");
    assert_int_equal(t[0].node, 2);
    store_close(other);
}

static void add_up(void *ctx, struct str id, int64_t ms)
{
    int64_t *sum = ctx;

    assert_true(str_eq(id, STR("lint")));
    *sum += ms;
}

static void the_last_durations_of_a_pipeline_are_remembered(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    int64_t run = begin(f->s), sum = 0;

    store_put_attempt(f->s, &(struct store_attempt){
        .run = run, .attempt = 1, .id = STR("lint"), .result = STR("passed"),
        .started = 100, .ended = 350});
    store_put_attempt(f->s, &(struct store_attempt){
        .run = run, .node = 1, .attempt = 1, .id = STR("test"),
        .result = STR("failed"), .started = 100, .ended = 350});
    store_end(f->s, &(struct store_run){.id = run, .result = STR("failed")});
    assert_true(store_durations(f->s, STR("payments"), add_up, &sum, &e));
    assert_int_equal(sum, 250);
    assert_true(store_durations(f->s, STR("other"), add_up, &sum, &e));
    assert_int_equal(sum, 250);
}

static void an_intent_survives_the_death_of_its_process(void **state)
{
    struct fixture *f = *state;
    struct store_effect *x;
    struct err e = {0};
    int64_t run = begin(f->s);
    size_t n;
    pid_t pid = fork();

    if (!pid) {
        struct store *s = store_open(f->dir, STORE_WRITE, &e);
        struct store_effect mine = {.run = run, .node = STR("canary"),
                                    .attempt = 1, .effect = STR("traffic"),
                                    .key = STR("w10"), .undo = STR("{}")};

        store_put_event(s, &(struct store_event){.run = run, .seq = 1});
        if (!store_intent(s, &mine, &e) || mine.seq < 1)
            _exit(1);
        store_put_event(s, &(struct store_event){.run = run, .seq = 2});
        kill(getpid(), SIGKILL);
    }

    int status;
    struct store_event *v;

    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status));
    assert_true(store_list_effects(&f->a, f->s, run, STR(""), &x, &n, &e));
    assert_int_equal(n, 1);
    assert_string_equal(x[0].state.s, "intended");
    assert_string_equal(x[0].key.s, "w10");
    assert_true(store_list_events(&f->a, f->s, run, 0, STR(""), &v, &n, &e));
    assert_int_equal(n, 1); /* the one gathered before went with it */
    store_effect_ended(f->s, run, x[0].seq, STR("done"), STR("{\"w\":10}"));
    assert_true(store_list_effects(&f->a, f->s, run, STR("canary"), &x, &n,
                                   &e));
    assert_string_equal(x[0].state.s, "done");
    assert_string_equal(x[0].result.s, "{\"w\":10}");
}

static void a_run_is_alive_as_long_as_its_process(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    int64_t run = begin(f->s);
    struct store *other = store_open(f->dir, STORE_WRITE, &e);

    assert_true(store_run_alive(other, run));
    assert_false(store_adopt(other, run, &e));
    assert_int_equal(e.kind, ERR_USAGE);
    store_close(f->s);
    f->s = NULL;
    assert_false(store_run_alive(other, run));
    assert_true(store_adopt(other, run, &e));
    store_close(other);
}

static void a_request_is_given_out_once(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    struct store *other = store_open(f->dir, STORE_READ, &e);
    struct store_steer *r;
    int64_t run = begin(f->s);
    size_t n;

    assert_true(store_take_steers(&f->a, f->s, run, &r, &n, &e));
    assert_int_equal(n, 0);
    assert_true(store_put_steer(other, &(struct store_steer){
        .run = run, .action = STR("approve"), .by = STR("ann")}, &e));
    assert_true(store_put_steer(other, &(struct store_steer){
        .run = run + 1, .action = STR("abort")}, &e));
    assert_true(store_take_steers(&f->a, f->s, run, &r, &n, &e));
    assert_int_equal(n, 1);
    assert_string_equal(r[0].action.s, "approve");
    assert_string_equal(r[0].by.s, "ann");
    assert_true(store_take_steers(&f->a, f->s, run, &r, &n, &e));
    assert_int_equal(n, 0);
    store_close(other);
}

static void saved_state_and_rejections_are_replaced_and_removed(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    struct str got;
    int64_t run = begin(f->s);

    assert_true(store_get_saved(&f->a, f->s, run, STR("x"), &got, &e));
    assert_int_equal(got.n, 0);
    assert_true(store_save(f->s, run, STR("x"), STR("1"), &e));
    assert_true(store_save(f->s, run, STR("x"), STR("2"), &e));
    assert_true(store_get_saved(&f->a, f->s, run, STR("x"), &got, &e));
    assert_string_equal(got.s, "2");
    assert_true(store_reject(f->s, STR("prod"), STR("v2"), run, STR("5xx"),
                             &e));
    assert_true(store_rejected(&f->a, f->s, STR("prod"), STR("v2"), &got, &e));
    assert_string_equal(got.s, "5xx");
    assert_true(store_unreject(f->s, STR("prod"), STR("v2"), &e));
    assert_true(store_rejected(&f->a, f->s, STR("prod"), STR("v2"), &got, &e));
    assert_int_equal(got.n, 0);
}

static void a_newer_and_a_damaged_database_are_told_apart(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    char path[100];
    sqlite3 *db;

    snprintf(path, sizeof path, "%s/state.db", f->dir);
    store_close(f->s);
    f->s = NULL;
    sqlite3_open(path, &db);
    sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_null(store_open(f->dir, STORE_READ, &e));
    assert_non_null(strstr(e.msg, "newer pipec"));
    assert_true(file_write(path, STR("this is no database at all, but text "
                                     "that is long enough to be looked at, "
                                     "all hundred bytes of its header."),
                           0600, &e));
    assert_null(store_open(f->dir, STORE_READ, &e));
    assert_non_null(strstr(e.msg, "damaged"));
}

static void a_full_disk_is_reported_and_stays_reported(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    char big[4096];
    struct str data = {big, sizeof big};
    int64_t run = begin(f->s);

    memset(big, 'x', sizeof big);
    store_limit_pages(f->s, 60);
    for (int i = 0; i < 200; i++)
        store_put_event(f->s, &(struct store_event){.run = run, .seq = i,
                                                    .data = data});
    assert_false(store_flush(f->s, &e));
    assert_non_null(strstr(e.msg, "the disk is full"));
    e = (struct err){0};
    assert_true(store_failed(f->s, &e));
    assert_non_null(strstr(e.msg, "the disk is full"));
    assert_false(store_intent(f->s, &(struct store_effect){.run = run}, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(a_run_is_found_again_with_its_plan),
        T(gathered_writes_are_seen_by_others_after_the_flush),
        T(the_last_durations_of_a_pipeline_are_remembered),
        T(an_intent_survives_the_death_of_its_process),
        T(a_run_is_alive_as_long_as_its_process),
        T(a_request_is_given_out_once),
        T(saved_state_and_rejections_are_replaced_and_removed),
        T(a_newer_and_a_damaged_database_are_told_apart),
        T(a_full_disk_is_reported_and_stays_reported),
        cmocka_unit_test(reading_where_nothing_ran_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
