#include "runtime/rollout/rollout.h"

#include "graph/value.h"

#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

enum { FORM = 2, BYTES_MAX = 65536 };

/* How a member is written. Times are null where they never come. */
enum member_kind {
    TIME,
    U32,
    I32,   /* a count, or an enum */
    INDEX, /* same, or -1 */
    I64,
    FLAG,
    REAL,
};

struct member {
    const char *name;
    size_t offset;
    enum member_kind kind;
    int64_t max; /* of an enum, or of an index; 0: any */
};

#define AT(type, field) #field, offsetof(struct type, field)

_Static_assert(sizeof(enum rollout_phase) == sizeof(int32_t),
               "enums are read and written as int32_t");

static const struct member state_members[] = {
    {AT(rollout_state, now), TIME, 0},
    {AT(rollout_state, started_at), TIME, 0},
    {AT(rollout_state, step_at), TIME, 0},
    {AT(rollout_state, hold_until), TIME, 0},
    {AT(rollout_state, ask_until), TIME, 0},
    {AT(rollout_state, ask_limit), TIME, 0},
    {AT(rollout_state, work_until), TIME, 0},
    {AT(rollout_state, watch_at), TIME, 0},
    {AT(rollout_state, step), U32, ROLLOUT_STEPS_MAX},
    {AT(rollout_state, next_id), U32, 0},
    {AT(rollout_state, ask_id), U32, 0},
    {AT(rollout_state, ask_tries), U32, 0},
    {AT(rollout_state, work_id), U32, 0},
    {AT(rollout_state, work_tries), U32, 0},
    {AT(rollout_state, watch_id), U32, 0},
    {AT(rollout_state, watch_misses), U32, 0},
    {AT(rollout_state, restores), U32, 0},
    {AT(rollout_state, want.weight), I32, WEIGHT_FULL},
    {AT(rollout_state, want.mirror), I32, WEIGHT_FULL},
    {AT(rollout_state, want.header), INDEX, ROLLOUT_STEPS_MAX},
    {AT(rollout_state, phase), I32, ROLLOUT_DONE},
    {AT(rollout_state, at), I32, AT_GUARD},
    {AT(rollout_state, ask), I32, ASK_LATER},
    {AT(rollout_state, outcome), I32, OUTCOME_STRANDED},
    {AT(rollout_state, ask_set), FLAG, 0},
    {AT(rollout_state, held), FLAG, 0},
    {AT(rollout_state, drifted), FLAG, 0},
    {AT(rollout_state, paused), FLAG, 0},
    {AT(rollout_state, skip), FLAG, 0},
    {AT(rollout_state, touched), FLAG, 0},
    {AT(rollout_state, unsure), FLAG, 0},
    {AT(rollout_state, rested), FLAG, 0},
    {AT(rollout_state, told), FLAG, 0},
    {AT(rollout_state, restarting), FLAG, 0},
    {AT(rollout_state, stranded), FLAG, 0},
    {AT(rollout_state, revert_failed), FLAG, 0},
    {AT(rollout_state, blamed), FLAG, 0},
    {0},
};

static const struct member analysis_members[] = {
    {AT(analysis_state, begun_at), TIME, 0},
    {AT(analysis_state, next_at), TIME, 0},
    {AT(analysis_state, started_at), TIME, 0},
    {AT(analysis_state, no_data_since), TIME, 0},
    {AT(analysis_state, sequential.log_e), REAL, 0},
    {AT(analysis_state, sequential.peak), REAL, 0},
    {AT(analysis_state, sequential.stable_n), I64, 0},
    {AT(analysis_state, sequential.stable_bad), I64, 0},
    {AT(analysis_state, sequential.canary_n), I64, 0},
    {AT(analysis_state, sequential.canary_bad), I64, 0},
    {AT(analysis_state, measuring), U32, 0},
    {AT(analysis_state, count), I32, 0},
    {AT(analysis_state, passed), I32, 0},
    {AT(analysis_state, failed), I32, 0},
    {AT(analysis_state, inconclusive), I32, 0},
    {AT(analysis_state, errors), I32, 0},
    {AT(analysis_state, no_data), I32, 0},
    {AT(analysis_state, consecutive_passed), I32, 0},
    {AT(analysis_state, consecutive_failed), I32, 0},
    {AT(analysis_state, consecutive_errors), I32, 0},
    {AT(analysis_state, phase), I32, ANALYSIS_STOPPED},
    {AT(analysis_state, cause), I32, CAUSE_WORSE},
    {AT(analysis_state, last), I32, VERDICT_NO_DATA},
    {0},
};

/* ---- writing ------------------------------------------------------------- */

static void write_member(struct buf *out, const struct member *m,
                         const char *base)
{
    int64_t i64 = 0;
    int32_t i32 = 0;
    uint32_t u32 = 0;
    double real = 0;

    switch (m->kind) {
    case TIME:
    case I64:
        memcpy(&i64, base + m->offset, sizeof i64);
        if (m->kind == TIME && i64 == TIME_NEVER)
            buf_adds(out, "null");
        else
            buf_addf(out, "%" PRId64, i64);
        return;
    case U32:
        memcpy(&u32, base + m->offset, sizeof u32);
        buf_addf(out, "%" PRIu32, u32);
        return;
    case I32:
    case INDEX:
        memcpy(&i32, base + m->offset, sizeof i32);
        buf_addf(out, "%" PRId32, i32);
        return;
    case FLAG:
        buf_adds(out, base[m->offset] ? "true" : "false");
        return;
    case REAL:
        memcpy(&real, base + m->offset, sizeof real);
        buf_addf(out, "%.17g", real);
        return;
    }
}

static void write_members(struct buf *out, const struct member *m,
                          const void *base)
{
    for (; m->name; m++) {
        buf_addf(out, "\"%s\":", m->name);
        write_member(out, m, base);
        buf_addc(out, ',');
    }
}

void rollout_state_json(const struct rollout_spec *p,
                        const struct rollout_state *st, struct buf *out)
{
    struct value reason = value_string(str_of(st->reason));

    buf_addf(out, "{\"form\":%d,\"steps\":%" PRIu32 ",", FORM, p->n_steps);
    write_members(out, state_members, st);
    buf_adds(out, "\"reason\":");
    value_json(out, &reason, false);
    buf_adds(out, ",\"analyses\":[");
    for (uint32_t i = 0; i < p->n_analyses; i++) {
        struct value name = value_string(p->analyses[i].spec.name);

        buf_adds(out, i ? ",{" : "{");
        write_members(out, analysis_members, &st->analyses[i]);
        buf_adds(out, "\"name\":");
        value_json(out, &name, false);
        buf_addc(out, '}');
    }
    buf_adds(out, "]}");
}

/* ---- reading ------------------------------------------------------------- */

static bool bad_member(const char *name, struct err *e)
{
    return err_set(e, ERR_INPUT, "saved rollout state: '%s' is wrong", name);
}

static bool read_number(const struct value *v, const struct member *m,
                        char *base, struct err *e)
{
    int64_t min = m->kind == INDEX ? -1 : 0;
    int64_t max = m->kind == U32                         ? UINT32_MAX
                  : m->kind == I32 || m->kind == INDEX ? INT32_MAX
                                                         : INT64_MAX;
    uint32_t u32;
    int32_t i32;

    if (m->max > 0)
        max = m->max;
    if (v->kind != VALUE_INT || v->i < min || v->i > max)
        return bad_member(m->name, e);
    u32 = (uint32_t)v->i;
    i32 = (int32_t)v->i;
    if (m->kind == U32)
        memcpy(base + m->offset, &u32, sizeof u32);
    else if (m->kind == I32 || m->kind == INDEX)
        memcpy(base + m->offset, &i32, sizeof i32);
    else
        memcpy(base + m->offset, &v->i, sizeof v->i);
    return true;
}

static bool read_member(const struct value *v, const struct member *m,
                        char *base, struct err *e)
{
    int64_t never = TIME_NEVER;
    double d;

    if (!v)
        return bad_member(m->name, e);
    if (m->kind == FLAG) {
        if (v->kind != VALUE_BOOL)
            return bad_member(m->name, e);
        memcpy(base + m->offset, &v->b, sizeof v->b);
        return true;
    }
    if (m->kind == REAL) {
        if (!value_number(v, &d))
            return bad_member(m->name, e);
        memcpy(base + m->offset, &d, sizeof d);
        return true;
    }
    if (m->kind == TIME && v->kind == VALUE_NONE) {
        memcpy(base + m->offset, &never, sizeof never);
        return true;
    }
    return read_number(v, m, base, e);
}

static bool read_members(const struct value *v, const struct member *m,
                         void *base, struct err *e)
{
    for (; m->name; m++)
        if (!read_member(value_get(v, str_of(m->name)), m, base, e))
            return false;
    return true;
}

static bool read_analyses(const struct rollout_spec *p, const struct value *v,
                          struct rollout_state *out, struct err *e)
{
    const struct value *list = value_get(v, STR("analyses"));

    if (!list || list->kind != VALUE_LIST || list->list.n != p->n_analyses)
        return bad_member("analyses", e);
    for (uint32_t i = 0; i < p->n_analyses; i++) {
        const struct value *x = &list->list.items[i];

        if (!str_eq(value_get_str(x, "name", STR("")),
                    p->analyses[i].spec.name))
            return err_set(e, ERR_INPUT,
                           "saved rollout state: it is of other analyses");
        if (!read_members(x, analysis_members, &out->analyses[i], e))
            return false;
    }
    return true;
}

static bool place_fits(const struct rollout_spec *p,
                       const struct rollout_state *st)
{
    enum canary_step_kind kind;

    if (st->step >= p->n_steps)
        return st->step == p->n_steps &&
               (st->at == AT_TRAFFIC || st->phase != ROLLOUT_RUNNING);
    kind = p->steps[st->step].kind;
    return (st->at != AT_ANALYSIS || kind == CANARY_ANALYZE) &&
           (st->at != AT_COMMAND || kind == CANARY_COMMAND);
}

static bool read_state(const struct rollout_spec *p, const struct value *v,
                       struct rollout_state *out, struct err *e)
{
    struct str reason = value_get_str(v, "reason", STR(""));

    if (value_get_int(v, "form", 0) != FORM)
        return err_set(e, ERR_INPUT,
                       "saved rollout state: not written by this version");
    if (value_get_int(v, "steps", -1) != p->n_steps)
        return err_set(e, ERR_INPUT,
                       "saved rollout state: it is of other steps");
    if (!read_members(v, state_members, out, e) ||
        !read_analyses(p, v, out, e))
        return false;
    if (!place_fits(p, out))
        return bad_member("step", e);
    if (reason.n >= sizeof out->reason)
        return bad_member("reason", e);
    memcpy(out->reason, reason.s, reason.n);
    return true;
}

bool rollout_state_load(const struct rollout_spec *p, struct str json,
                        struct rollout_state *out, struct err *e)
{
    struct arena a = {0};
    struct value v;
    bool ok;

    rollout_begin(out);
    if (json.n > BYTES_MAX)
        return err_set(e, ERR_INPUT, "saved rollout state: %zu bytes, more than"
                       " the %d allowed", json.n, BYTES_MAX);
    ok = value_from_json(&a, json, &v, e) && read_state(p, &v, out, e);
    arena_free(&a);
    return ok;
}
