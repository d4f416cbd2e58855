#include "runtime/lua/jvalue.h"

#include <lauxlib.h>
#include <math.h>

static const char LIST[] = "pipec.list", HOLD[] = "pipec.json";

static int drop(lua_State *L)
{
    json_t **v = lua_touserdata(L, 1);
    json_decref(*v);
    *v = NULL;
    return 0;
}

void jvalue_open(lua_State *L)
{
    luaL_newmetatable(L, LIST);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    luaL_newmetatable(L, HOLD);
    lua_pushcfunction(L, drop);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

json_t **jvalue_hold(lua_State *L)
{
    json_t **v = lua_newuserdatauv(L, sizeof *v, 0);
    *v = NULL;
    luaL_setmetatable(L, HOLD);
    return v;
}

void jvalue_mark_list(lua_State *L)
{
    luaL_setmetatable(L, LIST);
}

static void push(lua_State *L, const json_t *v, int depth, bool nulls);

static void push_object(lua_State *L, const json_t *v, int depth, bool nulls)
{
    lua_createtable(L, 0, (int)json_object_size(v));
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)v, key, member)
    {
        if (!nulls && json_is_null(member))
            continue;
        push(L, member, depth, nulls);
        lua_setfield(L, -2, key);
    }
}

static void push_list(lua_State *L, const json_t *v, int depth, bool nulls)
{
    size_t n = json_array_size(v);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        push(L, json_array_get(v, i), depth, nulls);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    jvalue_mark_list(L);
}

static void push(lua_State *L, const json_t *v, int depth, bool nulls)
{
    if (depth > JVALUE_DEPTH_MAX)
        luaL_error(L, "JSON deeper than %d levels", JVALUE_DEPTH_MAX);
    luaL_checkstack(L, 4, "JSON");
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        push_object(L, v, depth + 1, nulls);
        return;
    case JSON_ARRAY:
        push_list(L, v, depth + 1, nulls);
        return;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(v), json_string_length(v));
        return;
    case JSON_INTEGER:
        lua_pushinteger(L, json_integer_value(v));
        return;
    case JSON_REAL:
        lua_pushnumber(L, json_real_value(v));
        return;
    case JSON_TRUE:
    case JSON_FALSE:
        lua_pushboolean(L, json_is_true(v));
        return;
    case JSON_NULL:
        lua_pushlightuserdata(L, NULL);
        return;
    }
}

void jvalue_push(lua_State *L, const json_t *v)
{
    push(L, v, 0, false);
}

void jvalue_push_all(lua_State *L, const json_t *v)
{
    push(L, v, 0, true);
}

static json_t *read(lua_State *L, int index, int depth, struct err *e);

static json_t *read_list(lua_State *L, int index, size_t n, int depth,
                         struct err *e)
{
    json_t *list = json_array();
    for (size_t i = 1; i <= n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i);
        json_t *v = read(L, lua_gettop(L), depth, e);
        lua_pop(L, 1);
        if (!v || json_array_append_new(list, v) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static bool read_member(lua_State *L, json_t *object, int depth,
                        struct err *e)
{
    size_t n;
    const char *key = lua_tolstring(L, -2, &n);
    json_t *v = read(L, lua_gettop(L), depth, e);
    if (!v)
        return err_wrap(e, "'%s'", key);
    if (json_object_setn_new(object, key, n, v) < 0)
        return err_set(e, ERR_INPUT, "a key that is not UTF-8");
    return true;
}

static json_t *read_object(lua_State *L, int index, int depth, struct err *e)
{
    json_t *object = json_object();
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            err_set(e, ERR_INPUT, "a table with list items and named members");
        } else if (read_member(L, object, depth, e)) {
            continue;
        }
        lua_pop(L, 2);
        json_decref(object);
        return NULL;
    }
    return object;
}

static bool is_list(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, LIST);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static json_t *read_table(lua_State *L, int index, int depth, struct err *e)
{
    size_t n = lua_rawlen(L, index);
    if (n > 0 || is_list(L, index))
        return read_list(L, index, n, depth, e);
    return read_object(L, index, depth, e);
}

static json_t *read_number(lua_State *L, int index, struct err *e)
{
    if (lua_isinteger(L, index))
        return json_integer(lua_tointeger(L, index));
    double d = lua_tonumber(L, index);
    if (isfinite(d))
        return json_real(d);
    err_set(e, ERR_INPUT, "a number that JSON cannot write");
    return NULL;
}

static json_t *read_string(lua_State *L, int index, struct err *e)
{
    size_t n;
    const char *s = lua_tolstring(L, index, &n);
    json_t *v = json_stringn(s, n);
    if (!v)
        err_set(e, ERR_INPUT, "a text that is not UTF-8");
    return v;
}

static json_t *read(lua_State *L, int index, int depth, struct err *e)
{
    if (depth > JVALUE_DEPTH_MAX || !lua_checkstack(L, 6)) {
        err_set(e, ERR_INPUT, "a table deeper than %d levels",
                JVALUE_DEPTH_MAX);
        return NULL;
    }
    switch (lua_type(L, index)) {
    case LUA_TTABLE:
        return read_table(L, index, depth + 1, e);
    case LUA_TNUMBER:
        return read_number(L, index, e);
    case LUA_TSTRING:
        return read_string(L, index, e);
    case LUA_TBOOLEAN:
        return json_boolean(lua_toboolean(L, index));
    case LUA_TNIL:
    case LUA_TLIGHTUSERDATA:
        return json_null();
    default:
        err_set(e, ERR_INPUT, "a %s, which JSON cannot write",
                luaL_typename(L, index));
        return NULL;
    }
}

json_t *jvalue_read(lua_State *L, int index, struct err *e)
{
    return read(L, lua_absindex(L, index), 0, e);
}
