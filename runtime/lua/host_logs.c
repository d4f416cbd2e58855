#include "runtime/lua/host.h"

#include <lauxlib.h>

static int write_log(lua_State *L, const char *level)
{
    if (lua_gettop(L) > 1) {
        lua_getglobal(L, "string");
        lua_getfield(L, -1, "format");
        lua_remove(L, -2);
        lua_insert(L, 1);
        lua_call(L, lua_gettop(L) - 1, 1);
    }
    luaL_tolstring(L, 1, NULL);
    host_log(host_of(L), level, host_str(L, -1));
    return 0;
}

static int log_info(lua_State *L)
{
    return write_log(L, "info");
}

static int log_warn(lua_State *L)
{
    return write_log(L, "warn");
}

static int log_error(lua_State *L)
{
    return write_log(L, "error");
}

static int log_debug(lua_State *L)
{
    return write_log(L, "debug");
}

static const struct host_function functions[] = {
    {"", log_info, "(format, ...)", "writes a line to the stage's log"},
    {"info", log_info, "(format, ...)", "the same"},
    {"warn", log_warn, "(format, ...)", "the same, as a warning"},
    {"error", log_error, "(format, ...)", "the same, as an error"},
    {"debug", log_debug, "(format, ...)", "the same, for who looks closely"},
    {0},
};

const struct host_module host_logs = {
    "log", "The stage's log.", functions};
