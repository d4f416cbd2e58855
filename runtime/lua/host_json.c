#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"

#include <lauxlib.h>
#include <stdlib.h>

static int json_decode(lua_State *L)
{
    lua_settop(L, 2);
    struct str s = host_str(L, 1);
    if (s.n > JVALUE_TEXT_MAX)
        return luaL_error(L, "JSON of %d MiB is too large",
                          (int)(s.n >> 20));
    json_error_t why;
    json_t **v = jvalue_hold(L);
    *v = json_loadb(s.s, s.n, JSON_DECODE_ANY, &why);
    if (!*v)
        return luaL_error(L, "no JSON: line %d: %s", why.line, why.text);
    if (lua_toboolean(L, 2))
        jvalue_push_all(L, *v);
    else
        jvalue_push(L, *v);
    return 1;
}

static int free_text(lua_State *L)
{
    free(*(char **)lua_touserdata(L, 1));
    return 0;
}

static int json_encode(lua_State *L)
{
    struct err e = {0};
    luaL_checkany(L, 1);
    size_t indent = (size_t)luaL_optinteger(L, 2, 0) & JSON_MAX_INDENT;
    json_t **v = jvalue_hold(L);
    char **text = lua_newuserdatauv(L, sizeof *text, 0);
    *text = NULL;
    if (luaL_newmetatable(L, "pipec.text")) {
        lua_pushcfunction(L, free_text);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    *v = jvalue_read(L, 1, &e);
    if (!*v)
        return host_raise(L, &e);
    *text = json_dumps(*v, JSON_SORT_KEYS | JSON_ENCODE_ANY |
                               (indent ? JSON_INDENT(indent) : JSON_COMPACT));
    lua_pushstring(L, *text ? *text : "");
    return 1;
}

static int json_list(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    jvalue_mark_list(L);
    return 1;
}

static const struct host_function functions[] = {
    {"decode", json_decode, "(text, nulls)",
     "the value; members that are null are absent, unless nulls is true"},
    {"encode", json_encode, "(value, indent)", "its text, keys sorted"},
    {"array", json_list, "(table)",
     "marks a table as a list, so that an empty one is written []"},
    {0},
};

const struct host_module host_json = {"json", "JSON.", functions};
