#ifndef TESTS_SUPPORT_JUDGE_TABLES_H
#define TESTS_SUPPORT_JUDGE_TABLES_H

/* The tables about judging, as the unit tests read them; to be included after
 * <cmocka.h>. Where the folder is not there, a table has no cases. */
#include "runtime/rollout/judge.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* {"$float": "+Inf"} and so on. */
static inline double not_finite(const json_t *x)
{
    const char *s = json_string_value(json_object_get(x, "$float"));

    if (!s || strstr(s, "Inf") == NULL)
        return NAN;
    return s[0] == '-' ? -INFINITY : INFINITY;
}

static inline struct judge_series series(struct arena *a, const json_t *list)
{
    double *v = arena_array(a, double, json_array_size(list) + 1);
    size_t i;
    json_t *x;

    json_array_foreach(list, i, x)
        v[i] = json_is_number(x) ? json_number_value(x) : not_finite(x);
    return (struct judge_series){v, json_array_size(list)};
}

/* The cases of a table, NULL where the folder is not there. */
static inline json_t *cases(const char *name, json_t **file)
{
    char path[256];

    snprintf(path, sizeof path, "../shared/cases/rollout/%s.json", name);
    *file = json_load_file(path, 0, NULL);
    if (!*file) {
        snprintf(path, sizeof path, "../../shared/cases/rollout/%s.json", name);
        *file = json_load_file(path, 0, NULL);
    }
    return json_object_get(*file, "cases");
}

static inline double number(const json_t *o, const char *key, double dflt)
{
    const json_t *x = json_object_get(o, key);

    return json_is_number(x) ? json_number_value(x) : dflt;
}

static inline const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

#define EACH(name)                                                         \
    json_t *file, *list = cases(name, &file), *c;                          \
    size_t i;                                                              \
    json_array_foreach(list, i, c)

static inline enum judge_class class_named(const char *name)
{
    return strcmp(name, "High") == 0             ? JUDGE_HIGH
           : strcmp(name, "Low") == 0            ? JUDGE_LOW
           : strcmp(name, "Nodata") == 0         ? JUDGE_NODATA
           : strcmp(name, "NodataFailMetric") == 0 ? JUDGE_NODATA_FAIL
                                                   : JUDGE_PASS;
}

#endif
