#include "runtime/sched/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "tests/support/plan_fixture.h"

static void a_selection_leaves_the_rest_out(void **state)
{
    struct fixture f;
    struct err e = {0};
    bool out[4];

    (void)state;
    set_up(&f, 4, "ab,bc,cd");
    assert_true(plan_choose(&f.g, &(struct plan_select){.from = STR("b"),
                                                        .until = STR("c")},
                            out, &e));
    assert_true(out[0] && !out[1] && !out[2] && out[3]);
    assert_true(plan_choose(&f.g, &(struct plan_select){.only = STR("a, d")},
                            out, &e));

    struct plan_spec spec = {.graph = &f.g, .jobs = 4, .left_out = out};
    struct plan *p = plan_create(&spec);

    assert_string_equal(starts(p), "ad");
    plan_destroy(p);
    assert_false(plan_choose(&f.g, &(struct plan_select){.only = STR("zz")},
                             out, &e));
}

static void a_resumed_run_starts_where_the_other_ended(void **state)
{
    struct fixture f;
    bool passed[3] = {true, false, false};

    (void)state;
    set_up(&f, 3, "ab,bc");

    struct plan_spec spec = {.graph = &f.g, .jobs = 4, .passed = passed};
    struct plan *p = plan_create(&spec);

    assert_string_equal(starts(p), "b");
    plan_destroy(p);
}

/* CPU time to run a random graph of n nodes, three edges each, in ns/node. */
static double cost(size_t n)
{
    struct graph_node *nodes = calloc(n, sizeof *nodes);
    struct graph_edge *edges = calloc(n * 3, sizeof *edges);
    struct str lock = STR("one");
    struct graph g = {.nodes = nodes, .n_nodes = n};
    uint32_t seed = 1;

    struct graph_extra none = {0}, locked = {.locks = &lock, .n_locks = 1};

    for (size_t i = 0; i < n; i++) {
        nodes[i].edges = edges + 3 * i;
        nodes[i].extra = &none;
        for (size_t k = 0; i && k < 3; k++) {
            seed = seed * 1664525 + 1013904223;
            nodes[i].edges[nodes[i].n_edges++].from =
                (uint32_t)(i - 1 - (seed >> 8) % (i < 50 ? i : 50));
        }
        if (i % 2)
            nodes[i].extra = &locked;
    }

    clock_t from = clock();
    struct plan_spec spec = {.graph = &g, .jobs = 8};
    struct plan *p = plan_create(&spec);
    uint32_t running[8];
    size_t live = 0, done = 0;

    while (!plan_over(p)) {
        for (uint32_t i; (i = plan_next(p)) != PLAN_NONE;)
            running[live++] = i;
        plan_ended(p, running[--live], PLAN_END_PASSED, STR(""));
        done++;
    }
    assert_int_equal(done, n);
    plan_destroy(p);
    free(nodes);
    free(edges);
    return (double)(clock() - from) * 1e9 / CLOCKS_PER_SEC / (double)n;
}

static void the_cost_of_a_stage_does_not_grow_with_their_number(void **state)
{
    double small = cost(10000), large = cost(100000);

    (void)state;
    if (large > 4 * small) /* once more: the machine may have been busy */
        small = cost(10000), large = cost(100000);
    assert_true(large < 4 * small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_selection_leaves_the_rest_out),
        cmocka_unit_test(a_resumed_run_starts_where_the_other_ended),
        cmocka_unit_test(the_cost_of_a_stage_does_not_grow_with_their_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
