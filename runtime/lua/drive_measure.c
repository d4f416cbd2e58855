#include "base/buf.h"
#include "base/clock.h"
#include "runtime/lua/drive.h"
#include "runtime/lua/jvalue.h"
#include "runtime/lua/known.h"
#include "runtime/rollout/measurement.h"

#include <lauxlib.h>
#include <math.h>

/* The Lua value at index as one of the language. A NaN stays a NaN, which JSON
 * could not carry. */
static bool read_value(struct drive *d, int index, struct value *out,
                       struct err *e);

static bool read_list(struct drive *d, int index, struct value *out,
                      struct err *e)
{
    size_t n = lua_rawlen(d->L, index);
    *out = (struct value){.kind = VALUE_LIST};
    out->list.items = arena_array(d->scratch, struct value, n + 1);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(d->L, index, (lua_Integer)i + 1);
        bool ok = read_value(d, lua_gettop(d->L), &out->list.items[i], e);
        lua_pop(d->L, 1);
        if (!ok)
            return false;
        out->list.n = i + 1;
    }
    return true;
}

static bool read_value(struct drive *d, int index, struct value *out,
                       struct err *e)
{
    lua_State *L = d->L;
    if (lua_type(L, index) == LUA_TNUMBER) {
        *out = lua_isinteger(L, index) ? value_int(lua_tointeger(L, index))
                                       : value_float(lua_tonumber(L, index));
        return true;
    }
    if (lua_isnoneornil(L, index)) {
        *out = (struct value){.kind = VALUE_NONE};
        return true;
    }
    if (!lua_checkstack(L, 8))
        return err_set(e, ERR_INPUT, "it is too deep");
    if (lua_istable(L, index) && lua_rawlen(L, index) > 0)
        return read_list(d, lua_absindex(L, index), out, e);
    json_t *v = jvalue_read(L, index, e);
    bool ok = v && known_value(d->scratch, v, out, e);
    json_decref(v);
    return ok;
}

/* A provider that asks for longer than its analysis waits would hold up the
 * rollout for nothing. */
static void limit_time(lua_State *L, int64_t ms)
{
    bool given = lua_getfield(L, -1, "timeout") == LUA_TNUMBER;
    bool fits = given && lua_tonumber(L, -1) <= (lua_Number)ms;
    lua_pop(L, 1);
    if (fits)
        return;
    lua_pushinteger(L, ms);
    lua_setfield(L, -2, "timeout");
}

/* What is asked for one measurement. */
struct asking {
    struct drive *d;
    const json_t *provider;
    int64_t timeout_ms;
};

/* Calls the provider with a query of its own, or its usual one. */
static bool ask_provider(const struct asking *q, const char *query,
                         struct value *out, struct str *raw, struct err *e)
{
    struct drive *d = q->d;
    lua_State *L = d->L;
    jvalue_push(L, q->provider);
    limit_time(L, q->timeout_ms);
    if (query) {
        lua_pushstring(L, query);
        lua_setfield(L, -2, "query");
    }
    if (!drive_call(d, "measure", 1, 2, e))
        return false;
    bool ok = read_value(d, -2, out, e);
    if (raw)
        *raw = arena_dup(d->scratch, str_of(luaL_tolstring(L, -1, NULL)));
    lua_settop(L, raw ? -4 : -3);
    return ok;
}

static const char *text_of(const json_t *v, const char *key)
{
    return json_string_value(json_object_get(v, key));
}

static json_t *analysis_config(struct drive *d, uint32_t i)
{
    return json_array_get(json_object_get(d->config, "analyze"), i);
}

/* A number by a query of its own: how many requests there were. */
static bool ask_samples(const struct asking *q, const json_t *samples,
                        int64_t *out, struct err *e)
{
    const char *query = text_of(samples, "query");
    struct value n;
    double number;
    *out = -1;
    if (!query)
        return true;
    if (!ask_provider(q, query, &n, NULL, e))
        return err_wrap(e, "the number of samples");
    *out = value_number(&n, &number) && number >= 0 && number < 1e15
               ? (int64_t)number : 0;
    return true;
}

static bool measure(struct drive *d, uint32_t i, struct measurement *m,
                    struct str *raw, struct err *e)
{
    json_t *config = analysis_config(d, i);
    json_t *compare = json_object_get(config, "compare");
    struct asking q = {
        .d = d,
        .provider = json_array_get(json_object_get(config, "provider"), 0),
        .timeout_ms = d->spec.analyses[i].spec.timeout_ms};
    if (!q.provider)
        return err_set(e, ERR_INPUT, "it has nothing to measure with");
    if (!ask_provider(&q, NULL, &m->result, raw, e))
        return false;
    const char *other = text_of(compare, "query");
    if (other && !ask_provider(&q, other, &m->stable, NULL, e))
        return err_wrap(e, "of the stable version");
    return ask_samples(&q, json_object_get(config, "samples"), &m->samples,
                       e) &&
           ask_samples(&q, json_object_get(compare, "samples"),
                       &m->stable_samples, e);
}

static void tell(struct drive *d, uint32_t i, const struct measurement *m,
                 struct str raw, enum verdict v, struct str why)
{
    json_t *config = analysis_config(d, i);
    json_t *provider = json_array_get(json_object_get(config, "provider"), 0);
    const char *query = text_of(provider, "query");
    struct str name = d->spec.analyses[i].spec.name;
    struct str shown = value_show(d->scratch, &m->result);
    double n;
    json_t *value = value_number(&m->result, &n) && isfinite(n)
                        ? json_real(n) : json_stringn(shown.s, shown.n);
    host_send(d->host, json_pack("{ss,ss%,sI,ss,ss,so,ss,ss%}", "t",
        "measurement", "analysis", name.s, name.n, "at",
        (json_int_t)clock_wall_ms(), "query", query ? query : "", "raw",
        raw.s ? raw.s : "", "value", value, "verdict", verdict_name(v),
        "why", why.n ? why.s : "", why.n));
}

void drive_measure(struct drive *d, uint32_t id, uint32_t i)
{
    struct measurement m = {.samples = -1, .stable_samples = -1};
    struct known known = {.host = d->host, .arena = d->scratch};
    struct expr_env outer = {.lookup = known_name, .ctx = &known};
    struct rollout_event ev = {.kind = ROLLOUT_MEASURED, .id = id};
    struct err e = {0};
    struct str raw = {0}, why = {0};
    int top = lua_gettop(d->L);
    if (!measure(d, i, &m, &raw, &e))
        m.error = str_of(e.msg);
    lua_settop(d->L, top);
    measurement_judge(d->scratch, &d->spec, i, &m, d->past, &outer, &ev,
                      &why);
    tell(d, i, &m, raw, ev.verdict, why);
    drive_push(d, ev, why);
}
