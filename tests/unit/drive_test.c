#include "tests/support/worker.h"

/* Rollouts through the worker, with a router and a provider that are commands:
 * the weight is a file's content, the measurement another's. */

static char dir[] = "/tmp/pipec-drive-XXXXXX";

static void put(const char *name, const char *content)
{
    char path[80];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(content, f);
    fclose(f);
}

static void check_file(const char *name, const char *want)
{
    char path[80], got[80] = "";
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(got, want);
}

/* members: of the start message beside the node. */
static void roll(struct session *s, const char *members, const char *hooks,
                 const char *weight)
{
    char start[4000];
    snprintf(start, sizeof start,
        "{\"t\":\"start\",\"attempt\":1,\"pipeline_dir\":\"%s\","
        "\"state_dir\":\"%s\",\"env\":{\"PATH\":\"/usr/bin:/bin\"},%s,"
        "\"node\":{\"id\":\"prod\",\"name\":\"prod\",\"kind\":\"rollout\","
        "\"hooks\":[%s],\"config\":{"
        "\"router\":{\"is\":\"exec\",\"set\":\"echo $WEIGHT >> log; "
        "echo $WEIGHT > weight\",\"get\":[\"cat\",\"weight\"]},"
        "\"canary\":{\"steps\":["
        "{\"is\":\"weight\",\"weight\":10,\"hold\":300},"
        "{\"is\":\"run\",\"command\":\"echo warm >> log\"},"
        "{\"is\":\"weight\",\"weight\":100}]},"
        "\"analyze\":[{\"name\":\"ok\",\"every\":100,\"failures\":1,"
        "\"provider\":[{\"is\":\"exec\",\"command\":\"cat rate\"}],"
        "\"pass\":{\"$expr\":[\"binary\",\">=\",[\"var\",\"result\"],"
        "[\"lit\",0.99]]}}]}}}", dir, dir, members, hooks);
    put("log", "");
    put("weight", weight);
    work(s, start);
}

static void a_good_version_gets_all_traffic(void **state)
{
    (void)state;
    struct session s = {0};
    put("rate", "0.995");
    roll(&s, "\"phase\":\"run\"", "", "0");
    if (!passed(&s))
        fail_msg("%s", text(said(&s, "done", 0), "error"));
    check_file("log", "10\nwarm\n100\n");
    assert_non_null(said(&s, "intent", 1));
    assert_string_equal(text(said(&s, "measurement", 0), "verdict"),
                        "passed");
    assert_string_equal(text(said(&s, "output", 1), "value"), "promoted");
    finish(&s);
}

static void a_bad_version_loses_its_traffic(void **state)
{
    (void)state;
    struct session s = {0};
    put("rate", "0.5");
    roll(&s, "\"phase\":\"run\"",
         "{\"phase\":\"abort\",\"steps\":[{\"command\":{\"$expr\":[\"shell\","
         "[\"lit\",\"echo \"],[\"member\",[\"var\",\"rollout\"],\"reason\"],"
         "[\"lit\",\" > why\"]]},\"place\":[1,1]}]}", "0");
    assert_false(passed(&s));
    json_t *done = said(&s, "done", 0);
    assert_true(json_is_true(json_object_get(done, "aborted")));
    assert_non_null(strstr(text(done, "error"), "analysis 'ok' failed"));
    check_file("log", "10\n0\n");
    check_file("why", "analysis 'ok' failed 2 times, more than the 1 "
                      "allowed\n");
    finish(&s);
}

static void no_data_aborts_nothing_at_once(void **state)
{
    (void)state;
    struct session s = {0};
    put("rate", "NaN");
    s.on = "measurement";
    s.send = "{\"t\":\"steer\",\"action\":\"abort\",\"by\":\"ann\"}";
    roll(&s, "\"phase\":\"run\"", "", "0");
    assert_string_equal(text(said(&s, "measurement", 0), "verdict"),
                        "no data");
    assert_string_equal(text(said(&s, "done", 0), "error"), "aborted by ann");
    check_file("log", "10\n0\n");
    finish(&s);
}

static void a_closed_socket_puts_traffic_back(void **state)
{
    (void)state;
    struct session s = {.on = "effect", .hang_up = true};
    put("rate", "0.999");
    roll(&s, "\"phase\":\"run\"", "", "0");
    check_file("weight", "0\n");
    finish(&s);
}

static void a_cancellation_puts_traffic_back(void **state)
{
    (void)state;
    struct session s = {
        .on = "effect",
        .send = "{\"t\":\"cancel\",\"reason\":\"interrupted\"}"};
    put("rate", "0.999");
    roll(&s, "\"phase\":\"run\"", "", "0");
    check_file("log", "10\n0\n");
    assert_string_equal(text(said(&s, "done", 0), "error"), "interrupted");
    finish(&s);
}

static void a_new_process_brings_traffic_back(void **state)
{
    (void)state;
    struct session s = {.on = "measurement", .hang_up = true};
    put("rate", "0.999");
    roll(&s, "\"phase\":\"run\"", "", "0");
    char *saved = json_dumps(json_object_get(said(&s, "save", 1), "data"), 0);
    char members[3000];
    snprintf(members, sizeof members, "\"phase\":\"recover\",\"saved\":%s",
             saved);
    free(saved);
    finish(&s);
    struct session again = {0};
    roll(&again, members, "", "10");
    assert_false(passed(&again));
    check_file("log", "0\n");
    finish(&again);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"log", "weight", "rate", "why", NULL};
    for (size_t i = 0; names[i]; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_version_gets_all_traffic),
        cmocka_unit_test(a_bad_version_loses_its_traffic),
        cmocka_unit_test(no_data_aborts_nothing_at_once),
        cmocka_unit_test(a_closed_socket_puts_traffic_back),
        cmocka_unit_test(a_cancellation_puts_traffic_back),
        cmocka_unit_test(a_new_process_brings_traffic_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
