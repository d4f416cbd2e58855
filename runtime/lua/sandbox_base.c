#include "runtime/lua/sandbox_base.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <string.h>

static const luaL_Reg libraries[] = {
    {LUA_GNAME, luaopen_base},       {LUA_STRLIBNAME, luaopen_string},
    {LUA_TABLIBNAME, luaopen_table}, {LUA_MATHLIBNAME, luaopen_math},
    {LUA_UTF8LIBNAME, luaopen_utf8}, {0},
};

/* xpcall is here because its handler runs with hooks off. */
static const char *const removed[] = {
    "load",         "loadfile", "dofile", "collectgarbage",
    "getmetatable", "print",    "warn",   "xpcall",
    NULL,
};

static const struct {
    const char *name, *instead;
} hints[] = {
    {"os", "time, environment and processes are reached through ctx"},
    {"io", "files are read and written with ctx.fs"},
    {"require", "a kind is one file"},
    {"print", "ctx.log writes to the stage's log"},
    {"load", "code is loaded by pipec alone"},
    {"xpcall", "pcall is there"},
    {"coroutine", "each stage waits in a process of its own"},
    {0},
};

/* A finalizer runs with hooks off, where no deadline reaches it. */
static int set_metatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    int kind = lua_type(L, 2);
    luaL_argexpected(L, kind == LUA_TNIL || kind == LUA_TTABLE, 2,
                     "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    if (kind == LUA_TTABLE) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "a metatable with '__gc' is not allowed here");
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int unknown_global(lua_State *L)
{
    const char *name = luaL_tolstring(L, 2, NULL);
    for (size_t i = 0; hints[i].name; i++)
        if (strcmp(hints[i].name, name) == 0)
            return luaL_error(L, "no '%s' here: %s", name, hints[i].instead);
    return luaL_error(L, "unknown name '%s'", name);
}

/* Numbers before strings, each ascending; other keys keep their place after. */
static int rank(lua_State *L, int i)
{
    int t = lua_type(L, i);
    return t == LUA_TNUMBER ? 0 : t == LUA_TSTRING ? 1 : 2;
}

static int key_less(lua_State *L)
{
    int a = rank(L, 1), b = rank(L, 2);
    lua_pushboolean(L, a != b ? a < b : a < 2 && lua_compare(L, 1, 2, LUA_OPLT));
    return 1;
}

static int next_ordered(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(2)) + 1;
    lua_pushinteger(L, i);
    lua_replace(L, lua_upvalueindex(2));
    if (lua_rawgeti(L, lua_upvalueindex(1), i) == LUA_TNIL)
        return 1;
    lua_pushvalue(L, -1);
    lua_gettable(L, lua_upvalueindex(3));
    return 2;
}

static int pairs_ordered(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_newtable(L);
    lua_Integer n = 0;
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_rawseti(L, 2, ++n);
    }
    lua_getfield(L, lua_upvalueindex(1), "sort");
    lua_pushvalue(L, 2);
    lua_pushcfunction(L, key_less);
    lua_call(L, 2, 0);
    lua_pushinteger(L, 0);
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, next_ordered, 3);
    return 1;
}

int sandbox_base(lua_State *L)
{
    bool ordered = lua_toboolean(L, 1);
    for (const luaL_Reg *l = libraries; l->func; l++) {
        luaL_requiref(L, l->name, l->func, 1);
        lua_pop(L, 1);
    }
    lua_pushglobaltable(L);
    for (size_t i = 0; removed[i]; i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, removed[i]);
    }
    lua_pushcfunction(L, set_metatable);
    lua_setfield(L, -2, "setmetatable");
    if (ordered) {
        lua_getfield(L, -1, LUA_TABLIBNAME);
        lua_pushcclosure(L, pairs_ordered, 1);
        lua_setfield(L, -2, "pairs");
    }
    lua_getfield(L, -1, LUA_STRLIBNAME);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    lua_pop(L, 1);

    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, unknown_global);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    return 0;
}
