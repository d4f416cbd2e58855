#ifndef RUNTIME_LUA_STAGE_H
#define RUNTIME_LUA_STAGE_H

/* What a stage does, in order, once the worker is set up. */

#include "runtime/lua/host.h"

/* How the attempt ended, as the `done` message says it. */
struct stage_end {
    bool ok;
    bool aborted;     /* a rollout that put traffic back */
    char error[512];  /* one sentence */
    char cause[256];  /* "ci/x.lua:7", where Lua code is to blame */
};

/* Sets the globals `stage` and `ctx`. Raises. */
void stage_push_globals(lua_State *L);
/* Hooks, commands and the kind's run, by the phase of the start message. */
void stage_run(struct host *h, struct stage_end *end);
/* Pushes a table with the config's members, and over them what the stage
 * itself is. Raises. */
void stage_push(lua_State *L, const json_t *node, const json_t *config);
/* Runs one command, a text or a list; output goes where the worker's goes. */
bool stage_command(struct host *h, const json_t *command, struct err *e);
/* The hooks of one phase ("before", "abort"), in order; what failed is in e. */
bool stage_hooks(struct host *h, const char *phase, struct err *e);
/* Runs the node's commands, output as it comes: false and why at the first
 * that fails. */
bool stage_commands(struct host *h, struct err *e);

#endif
