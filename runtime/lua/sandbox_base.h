#ifndef RUNTIME_LUA_SANDBOX_BASE_H
#define RUNTIME_LUA_SANDBOX_BASE_H

#include <lua.h>

/* The libraries of a sandbox, as a Lua function of one argument: whether
 * pairs() goes in the keys' order. base string table math utf8, without what
 * loads code, reaches the garbage collector, or runs with hooks off. */
int sandbox_base(lua_State *L);

#endif
