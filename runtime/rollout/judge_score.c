#include "runtime/rollout/judge.h"

#include <math.h>

struct group {
    struct str name;
    size_t passed, judged;
    double weight; /* below 0: none given */
};

struct groups {
    struct group *items;
    size_t n, cap;
};

static struct group *group_named(struct arena *a, struct groups *g,
                                 struct str name)
{
    for (size_t i = 0; i < g->n; i++)
        if (str_eq(g->items[i].name, name))
            return &g->items[i];
    arena_push(a, g, ((struct group){.name = name, .weight = -1}));
    return &g->items[g->n - 1];
}

static void count_metric(struct arena *a, struct groups *g,
                         const struct judge_metric *m)
{
    for (size_t i = 0; i < m->n_groups; i++) {
        struct group *x = group_named(a, g, m->groups[i]);

        x->passed += m->class == JUDGE_PASS;
        x->judged += m->class != JUDGE_NODATA;
    }
}

static double summary(struct groups *g, const struct judge_group *weights,
                      size_t n_weights)
{
    double given = 0, sum = 0;
    size_t without = g->n;

    for (size_t i = 0; i < g->n; i++)
        for (size_t j = 0; j < n_weights; j++)
            if (str_eq(g->items[i].name, weights[j].name))
                g->items[i].weight = weights[j].weight;
    for (size_t i = 0; i < g->n; i++) {
        given += fmax(g->items[i].weight, 0);
        without -= g->items[i].weight >= 0;
    }
    for (size_t i = 0; i < g->n; i++) {
        const struct group *x = &g->items[i];
        double share = x->judged ? (double)x->passed / (double)x->judged : 1;

        sum += share * (x->weight >= 0 ? x->weight
                                       : (100 - given) / (double)without);
    }
    return round(sum * 100) / 100;
}

double judge_score(struct arena *a, const struct judge_metric *m, size_t n,
                   const struct judge_group *weights, size_t n_weights)
{
    struct groups g = {0};
    size_t counted = 0, no_data = 0;

    for (size_t i = 0; i < n; i++) {
        if (m[i].muted)
            continue;
        if (m[i].critical && m[i].class != JUDGE_PASS)
            return 0;
        counted++;
        no_data += m[i].class == JUDGE_NODATA;
        count_metric(a, &g, &m[i]);
    }
    if (2 * no_data >= counted)
        return 0;
    return summary(&g, weights, n_weights);
}

enum judge_verdict judge_verdict(double score, double pass, double marginal)
{
    if (score >= pass)
        return JUDGE_SCORE_PASS;
    return score >= marginal ? JUDGE_SCORE_MARGINAL : JUDGE_SCORE_FAIL;
}
