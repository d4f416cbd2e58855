#ifndef RUNTIME_LUA_JVALUE_H
#define RUNTIME_LUA_JVALUE_H

#include "base/err.h"
#include "base/str.h"

#include <jansson.h>
#include <lua.h>

/* JSON into Lua values and back. An object is a table, without its null
 * members; a list is a table that remembers being one, so that an empty list
 * stays a list; a null inside a list is jvalue_null(). */

enum { JVALUE_DEPTH_MAX = 100, JVALUE_TEXT_MAX = 64 << 20 /* bytes */ };

/* Once a state, before the others. */
void jvalue_open(lua_State *L);
/* Pushes the value. May raise (memory, depth). */
void jvalue_push(lua_State *L, const json_t *v);
/* The same with null members, as those inside a list. */
void jvalue_push_all(lua_State *L, const json_t *v);
/* The JSON of the value at index, a new reference; NULL where it has none:
 * functions, NaN, a table with mixed keys, one that contains itself. */
json_t *jvalue_read(lua_State *L, int index, struct err *e);
/* Marks the table on top of the stack as a list. */
void jvalue_mark_list(lua_State *L);

/* A place for a reference that is dropped when Lua collects it, so that
 * raising leaks nothing. Pushes one value. */
json_t **jvalue_hold(lua_State *L);

#endif
