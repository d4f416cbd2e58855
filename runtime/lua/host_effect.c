#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"

#include <lauxlib.h>
#include <string.h>

/* What an earlier attempt recorded of this effect; borrowed, or NULL. */
static json_t *earlier(struct host *h, const char *effect, const char *key)
{
    json_t *list = json_object_get(h->start, "done");
    for (size_t i = json_array_size(list); i-- > 0;) {
        json_t *d = json_array_get(list, i);
        const char *de = json_string_value(json_object_get(d, "effect"));
        const char *dk = json_string_value(json_object_get(d, "key"));
        if (de && dk && strcmp(de, effect) == 0 && strcmp(dk, key) == 0)
            return d;
    }
    return NULL;
}

static bool is_done(json_t *d)
{
    const char *state = json_string_value(json_object_get(d, "state"));
    return state && strcmp(state, "done") == 0;
}

static json_t *data_or_raise(lua_State *L, int index)
{
    struct err e = {0};
    json_t *v = lua_isnoneornil(L, index) ? json_object()
                                          : jvalue_read(L, index, &e);
    if (!v)
        host_raise(L, &e);
    return v;
}

static void finish(lua_State *L, int64_t id, const char *state, json_t *data)
{
    host_send(host_of(L), json_pack("{ss,sI,ss,so}", "t", "effect", "id",
                                    (json_int_t)id, "state", state, "data",
                                    data));
}

/* (effect, key, data, fn, undo): fn runs once the intent is on disk. */
static int run_effect(lua_State *L)
{
    struct host *h = host_of(L);
    const char *effect = luaL_checkstring(L, 1);
    const char *key = luaL_checkstring(L, 2);
    luaL_checktype(L, 4, LUA_TFUNCTION);
    lua_settop(L, 5);
    json_t *before = earlier(h, effect, key);
    if (is_done(before)) {
        host_log(h, "info", STR("already done by an earlier attempt"));
        jvalue_push(L, json_object_get(before, "data"));
        return 1;
    }
    host_check_cancel(L);
    int64_t id = ++h->next_intent;
    json_t *m = json_pack("{ss,sI,ss,ss}", "t", "intent", "id",
                          (json_int_t)id, "effect", effect, "key", key);
    json_t **hold = jvalue_hold(L);
    *hold = m;
    json_object_set_new(m, "data", data_or_raise(L, 3));
    if (!lua_isnoneornil(L, 5))
        json_object_set_new(m, "undo", data_or_raise(L, 5));
    *hold = NULL;
    host_send(h, m);
    if (!wire_await_ack(&h->wire, id))
        return luaL_error(L, "cancelled: %s", h->wire.reason);

    lua_pushvalue(L, 4);
    /* Whether an attempt before began it, and does not know how it ended. */
    lua_pushboolean(L, before != NULL);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        finish(L, id, "failed", json_object());
        return lua_error(L);
    }
    finish(L, id, "done", data_or_raise(L, -1));
    if (lua_isnil(L, -1))
        lua_newtable(L);
    return 1;
}

static const struct host_function functions[] = {
    {"effect", run_effect, "(effect, key, data, fn, undo)",
     "calls fn once the store knows of the intent, and records how it ended. "
     "An effect and key that an earlier attempt did is not done again: its "
     "result is returned. fn is told whether an attempt died in the middle"},
    {0},
};

const struct host_module host_effect = {
    "", "Changes to the outside world.", functions};
