#include "runtime/rollout/load.h"

#include "base/buf.h"

#include <math.h>

enum {
    SECONDS_MAX = 366 * 86400, /* no duration is longer */
    COUNT_MAX = 1000000000,
};

bool load_wrong(struct load *l, const char *key, const char *wanted,
                  const struct value *v)
{
    return err_set(l->e, ERR_INPUT, STR_FMT ": '%s' has to be %s, not " STR_FMT,
                   STR_ARG(l->what), key, wanted,
                   STR_ARG(value_show(l->a, v)));
}

const struct value *load_member(const struct value *v, const char *key)
{
    const struct value *m = value_get(v, str_of(key));

    return m && m->kind == VALUE_NONE ? NULL : m;
}

bool load_number(struct load *l, const struct value *v, const char *key,
                       double min, double max, const char *wanted, double *out)
{
    const struct value *m = load_member(v, key);
    double d;

    if (!m)
        return true;
    if (m->kind == VALUE_PERCENT)
        d = m->d;
    else if (!value_number(m, &d))
        return load_wrong(l, key, wanted, m);
    if (!(d >= min && d <= max))
        return load_wrong(l, key, wanted, m);
    *out = d;
    return true;
}

bool load_ms(struct load *l, const struct value *v, const char *key,
                   int64_t *out)
{
    double d = (double)*out;

    if (!load_number(l, v, key, 0, SECONDS_MAX * 1000.0,
                     "a duration of at most a year", &d))
        return false;
    *out = (int64_t)d;
    return true;
}

bool load_count(struct load *l, const struct value *v, const char *key,
                      int32_t *out)
{
    double d = *out;

    if (!load_number(l, v, key, 0, COUNT_MAX, "a whole number", &d))
        return false;
    if (d != floor(d))
        return load_wrong(l, key, "a whole number", load_member(v, key));
    *out = (int32_t)d;
    return true;
}

bool load_limit(struct load *l, const struct value *v, const char *key,
                      int32_t *out)
{
    const struct value *m = load_member(v, key);

    if (m && ((m->kind == VALUE_STRING && str_eq(m->s, STR("off"))) ||
              (m->kind == VALUE_BOOL && !m->b) ||
              (m->kind == VALUE_INT && m->i == LIMIT_OFF))) {
        *out = LIMIT_OFF;
        return true;
    }
    return load_count(l, v, key, out);
}

bool load_bool(struct load *l, const struct value *v, const char *key,
                     bool *out)
{
    const struct value *m = load_member(v, key);

    if (!m)
        return true;
    if (m->kind != VALUE_BOOL)
        return load_wrong(l, key, "true or false", m);
    *out = m->b;
    return true;
}

bool load_word(struct load *l, const struct value *v, const char *key,
                     const char *const *words, int *out)
{
    const struct value *m = load_member(v, key);
    struct buf wanted = {0};
    bool known = false;

    if (!m)
        return true;
    for (int i = 0; words[i]; i++) {
        if (m->kind == VALUE_STRING && str_eq(m->s, str_of(words[i]))) {
            *out = i;
            known = true;
        }
        buf_addf(&wanted, "%s%s", i ? " or " : "", words[i]);
    }
    if (!known)
        load_wrong(l, key, buf_cstr(&wanted), m);
    buf_free(&wanted);
    return known;
}

bool load_percent(struct load *l, const struct value *v, const char *key,
                        int32_t *out)
{
    double d = *out / 100.0;

    if (!load_number(l, v, key, 0, 100, "0% to 100%", &d))
        return false;
    *out = (int32_t)lround(d * 100);
    return true;
}
