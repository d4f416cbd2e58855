/* Every order in which things can happen to a rollout, up to a depth: answers
 * good, bad, late and lost, a death before and after each effect, people who
 * interfere, somebody else at the router. What has been seen is not entered
 * again. After each step the promises of the engine are checked against a world
 * that keeps its own books. */
#include "runtime/rollout/rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/explore_moves.h"

static struct search *search(int depth)
{
    struct search *s = calloc(1, sizeof *s);
    const char *deeper = getenv("EXPLORE_DEEPER");

    s->seen = calloc((size_t)1 << TABLE_BITS, sizeof *s->seen);
    s->depth = depth + (deeper ? atoi(deeper) : 0);
    s->spec = (struct rollout_spec){.steps = s->steps,
                                    .analyses = s->analyses,
                                    .within_ms = 1800000,
                                    .watch_ms = 60000,
                                    .verify_ms = 5000,
                                    .revert = true};
    s->budget = (struct budget){.crashes = 1, .people = 1, .faults = 1};
    return s;
}

static void add_step(struct search *s, struct canary_step step)
{
    s->steps[s->spec.n_steps++] = step;
}

static struct analysis_spec *add_analysis(struct search *s)
{
    struct analysis_spec *p = &s->analyses[s->spec.n_analyses++].spec;

    *p = (struct analysis_spec){.name = STR("rate"), .every_ms = 30000,
                                .timeout_ms = 20000, .errors = 1,
                                .failures = 1, .no_data_ms = 60000,
                                .consecutive_failures = LIMIT_OFF,
                                .on_inconclusive = REMEDY_HOLD};
    return p;
}

static size_t run_from(struct search *s, const char *name,
                       enum rollout_event_kind kind)
{
    struct node n;
    struct rollout_event start = {.kind = kind, .text = STR("by somebody")};
    size_t states;
    bool back = kind == ROLLOUT_BACK;

    memset(&n, 0, sizeof n);
    rollout_begin(&n.st);
    n.w.crashes = s->budget.crashes;
    n.w.people = s->budget.people;
    n.w.drifts = s->budget.drifts;
    n.w.faults = s->budget.faults;
    if (back)
        n.w.router = WEIGHT_FULL;
    advance(s, &n, &start, 1000000);
    explore(s, &n, s->depth);
    print_message("# %s: depth %d, %zu states, %zu transitions, ended "
                  "%zu promoted %zu aborted %zu stranded, %zu left alone\n",
                  name, s->depth, s->states, s->transitions, s->promoted,
                  s->aborted, s->stranded, s->left_alone);
    assert_true((s->promoted > 0) == !back && s->aborted > 0);
    states = s->states;
    free(s->seen);
    free(s);
    return states;
}

static size_t run(struct search *s, const char *name)
{
    return run_from(s, name, ROLLOUT_START);
}

static void two_weights(struct search *s)
{
    add_step(s, (struct canary_step){.kind = CANARY_WEIGHT, .weight = 1000,
                                     .hold_ms = 45000});
    add_step(s, (struct canary_step){.kind = CANARY_WEIGHT,
                                     .weight = WEIGHT_FULL});
}

static size_t canary_with_deaths(void)
{
    struct search *s = search(11);

    two_weights(s);
    add_analysis(s);
    s->spec.on_crash = CRASH_RESUME;
    s->budget = (struct budget){.crashes = 2, .people = 1, .faults = 1};
    return run(s, "canary that goes on after a death");
}

static size_t canary_with_people(void)
{
    struct search *s = search(11);

    two_weights(s);
    s->steps[0].until_approved = true;
    add_analysis(s)->failures = 0;
    s->budget = (struct budget){.crashes = 1, .people = 3, .faults = 0};
    return run(s, "canary among people");
}

static size_t canary_with_command(void)
{
    struct search *s = search(12);

    add_analysis(s)->in_step = true;
    s->analyses[0].spec.count = 2;
    add_step(s, (struct canary_step){.kind = CANARY_COMMAND,
                                     .text = STR("smoke"),
                                     .timeout_ms = 90000});
    add_step(s, (struct canary_step){.kind = CANARY_ANALYZE});
    add_step(s, (struct canary_step){.kind = CANARY_WEIGHT,
                                     .weight = WEIGHT_FULL,
                                     .hold_ms = 20000});
    s->spec.on_crash = CRASH_RESUME;
    s->budget = (struct budget){.crashes = 2, .people = 1, .faults = 1};
    return run(s, "blue-green with a command and an analysis before");
}

static size_t canary_with_drift(enum drift_policy policy, const char *name)
{
    struct search *s = search(8);

    two_weights(s);
    add_analysis(s);
    add_analysis(s)->dry_run = true;
    s->spec.on_drift = policy;
    s->spec.on_crash = CRASH_RESUME;
    s->spec.watch_ms = 20000;
    s->budget = (struct budget){.crashes = 1, .people = 1, .drifts = 1};
    return run(s, name);
}

static size_t rollback(void)
{
    struct search *s = search(14);

    two_weights(s);
    s->budget = (struct budget){.crashes = 2, .people = 2, .faults = 2};
    return run_from(s, "a rollback", ROLLOUT_BACK);
}

static void every_order_keeps_every_promise(void **state)
{
    size_t n = canary_with_deaths() + canary_with_people() +
               canary_with_command() + rollback() +
               canary_with_drift(DRIFT_RESTORE, "drift, restored") +
               canary_with_drift(DRIFT_HOLD, "drift, held") +
               canary_with_drift(DRIFT_ABORT, "drift, aborted");

    (void)state;
    print_message("# %zu states in all\n", n);
    assert_true(n >= STATES_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_keeps_every_promise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
