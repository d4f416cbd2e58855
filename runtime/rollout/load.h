#ifndef RUNTIME_ROLLOUT_LOAD_H
#define RUNTIME_ROLLOUT_LOAD_H

#include "runtime/rollout/spec.h"

/* Reading a rollout's config, shared by the spec_*.c files. A value that is
 * absent leaves *out as it is; one that does not fit is an error that names
 * it and what was wanted. */

/* What is being read, for messages: "analysis 'rate'", "step 3". */
struct load {
    struct arena *a;
    struct rollout_spec *out;
    struct str what;
    struct err *e;
};

bool load_wrong(struct load *l, const char *key, const char *wanted,
                const struct value *v);
/* NULL where absent or none. */
const struct value *load_member(const struct value *v, const char *key);
/* Percents as they are written: 10 for 10%. */
bool load_number(struct load *l, const struct value *v, const char *key,
                 double min, double max, const char *wanted, double *out);
bool load_ms(struct load *l, const struct value *v, const char *key,
             int64_t *out);
bool load_count(struct load *l, const struct value *v, const char *key,
                int32_t *out);
/* A count, or `off` (also false, or -1): LIMIT_OFF. */
bool load_limit(struct load *l, const struct value *v, const char *key,
                int32_t *out);
bool load_bool(struct load *l, const struct value *v, const char *key,
               bool *out);
/* One of a NULL-ended list of words; its index goes to *out. */
bool load_word(struct load *l, const struct value *v, const char *key,
               const char *const *words, int *out);
/* In hundredths of a percent. */
bool load_percent(struct load *l, const struct value *v, const char *key,
                  int32_t *out);

/* The list under "analyze", all but where each begins. */
bool load_analyses(struct load *l, const struct value *v);

#endif
