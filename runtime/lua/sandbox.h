#ifndef RUNTIME_LUA_SANDBOX_H
#define RUNTIME_LUA_SANDBOX_H

/* A Lua 5.4 state in which other people's code may run: safe libraries only,
 * text chunks only, a ceiling on memory and on time.
 *
 * Its limits are a courtesy, not a fence: a string pattern or a host function
 * runs in C, where no hook looks. So whoever runs somebody's code in a sandbox
 * does so in a process that can be killed. */

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <lua.h>

struct sandbox;

enum sandbox_clock {
    SANDBOX_WALL, /* time that passes */
    SANDBOX_CPU,  /* time this process computes: waiting is free */
};

struct sandbox_spec {
    size_t memory_max; /* bytes the state may hold; 0 = 64 MiB */
    bool ordered;      /* pairs() goes by key: the same text every time */
};

struct sandbox *sandbox_create(const struct sandbox_spec *spec, struct err *e);
void sandbox_destroy(struct sandbox *s);

lua_State *sandbox_state(struct sandbox *s);
/* The owner's pointer, for host functions: they get it back from L. */
void sandbox_set_host(struct sandbox *s, void *host);
void *sandbox_host(lua_State *L);

/* From now on code may run for ms on that clock. Costs nothing until it is
 * over: a timer then installs a hook that raises at every instruction, so
 * that a script that catches the error meets it again at once. One deadline
 * a state; arming again replaces it. */
bool sandbox_arm(struct sandbox *s, enum sandbox_clock clock, int64_t ms,
                 struct err *e);
void sandbox_disarm(struct sandbox *s);
/* A ceiling in instructions, the same on every machine, counted in steps of
 * 1000. Slows tight loops down to half: only where that is wanted. */
void sandbox_budget(struct sandbox *s, uint64_t instructions);

/* Compiles a text chunk and leaves its function on the stack. Name is the
 * file's path, which messages begin with. */
bool sandbox_load(struct sandbox *s, struct str text, const char *name,
                  struct err *e);
/* The same for a chunk that the build compiled (never for a user's). */
bool sandbox_load_binary(struct sandbox *s, struct str code, const char *name,
                         struct err *e);
/* Calls the function below its nargs arguments; leaves nresults values, or
 * none when it failed. The message is "FILE:LINE: what", its kind ERR_TIMEOUT
 * when the deadline or the budget ended it. */
bool sandbox_call(struct sandbox *s, int nargs, int nresults, struct err *e);
/* The calls that led to the last failure, a line each, innermost first.
 * Borrowed until the next sandbox_call(). */
struct str sandbox_trace(const struct sandbox *s);

/* Inside host functions: raises e at the caller's line. Never returns; what
 * the caller still owns must belong to the state (host.h). */
int sandbox_raise(lua_State *L, const struct err *e);

#endif
