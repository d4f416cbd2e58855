#ifndef RUNTIME_LUA_OUTPUT_H
#define RUNTIME_LUA_OUTPUT_H

/* What a stage hands on: values of the types that its kind's schema declares,
 * for those who compare them know that type. */

#include <lua.h>

/* Sends the value at index as the stage's output. Raises where the kind
 * declares no such output, or of another type. */
void output_send(lua_State *L, const char *name, int index);

#endif
