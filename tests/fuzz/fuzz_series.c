/* Recorded measurements of any bytes, as CSV and as JSON: points are in order,
 * within the ceilings, and their numbers finite where they say so. */
#include "base/die.h"
#include "runtime/rollout/simulate.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct simulate_set *set)
{
    size_t points = 0;

    if (set->n > SIMULATE_SERIES_MAX)
        BUG("more series than the ceiling");
    for (size_t i = 0; i < set->n; i++) {
        const struct simulate_series *s = &set->items[i];

        points += s->n;
        for (size_t k = 1; k < s->n; k++)
            if (s->points[k].at < s->points[k - 1].at)
                BUG("points out of order");
    }
    if (points > SIMULATE_POINTS_MAX)
        BUG("more points than the ceiling");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct str text = arena_dup(&a, (struct str){(const char *)data, size});
    struct simulate_set set = {0};
    struct err e = {0};
    int64_t ms;

    if (simulate_series_csv(&a, text, &set, &e))
        check(&set);
    set = (struct simulate_set){0};
    e = (struct err){0};
    if (simulate_series_json(&a, text, &set, &e))
        check(&set);
    if (simulate_duration(text, &ms) && ms < 0)
        BUG("a time below zero");
    arena_free(&a);
    return 0;
}
