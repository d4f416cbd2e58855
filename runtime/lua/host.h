#ifndef RUNTIME_LUA_HOST_H
#define RUNTIME_LUA_HOST_H

/* What Lua may do to the outside: the modules of `ctx`. Each is a table of
 * rows, from which the functions are made and the manual is written. hosts.def
 * lists the modules.
 *
 * A host function may raise at any call into Lua, so it owns nothing itself:
 * memory comes from host_arena(), JSON from jvalue_hold(), descriptors and
 * handles are made and closed between two calls that cannot raise. */

#include "base/arena.h"
#include "base/err.h"
#include "runtime/lua/sandbox.h"
#include "runtime/lua/wire.h"

#include <jansson.h>
#include <lua.h>

struct http_client;
struct catalogue;

/* One worker. */
struct host {
    struct sandbox *sandbox;
    struct wire wire;
    struct catalogue *catalogue;
    json_t *start;          /* the whole first message */
    json_t *node;           /* its node; borrowed from start */
    const char **envp;      /* of children; NULL-ended */
    const char *state_dir;
    int64_t next_intent;
    bool shielded; /* cleaning up: a cancellation no longer interrupts */
    json_t *rollout; /* what is known of it: reason, weight; or NULL */
    json_t *outputs; /* that the stage set, with their units; or NULL */
    const char *error; /* why it failed; NULL: it did not yet */
    bool aborted;  /* a rollout that put its traffic back */
    struct http_client *http; /* made when first used */
    struct arena arena;     /* lives as long as the worker */
    char temp_dir[64];      /* made when first used; empty: not yet */
    int next_temp;
};

struct host_function {
    const char *name;      /* "" : the module itself can be called */
    lua_CFunction call;
    const char *signature; /* "(path, text)" */
    const char *doc;
};

struct host_module {
    const char *name; /* "fs"; "" for functions of ctx itself */
    const char *doc;
    const struct host_function *functions; /* NULL-name ended */
};

#define HOST(name) extern const struct host_module host_##name;
#include "runtime/lua/hosts.def"
#undef HOST
extern const struct host_module *const host_modules[]; /* NULL-ended */

/* Pushes the table `ctx`. */
void host_push_ctx(lua_State *L);

struct host *host_of(lua_State *L);
/* An arena that dies with this call, whatever happens. Pushes one value. */
struct arena *host_arena(lua_State *L);
/* Raises e at the caller's line. */
int host_raise(lua_State *L, const struct err *e);
/* Raises when the stage was cancelled and is not cleaning up. */
void host_check_cancel(lua_State *L);
/* Waits on the socket, at most until then (monotonic ms). Raises when
 * cancelled. */
void host_wait_until(lua_State *L, int64_t deadline);

/* Arguments and members of option tables; these raise when the type is wrong.
 * A member that is absent gives the default. index 0: no table, defaults. */
struct str host_str(lua_State *L, int index);
struct str host_opt_str(lua_State *L, int index, const char *key);
int64_t host_opt_int(lua_State *L, int index, const char *key, int64_t dflt);
bool host_opt_bool(lua_State *L, int index, const char *key, bool dflt);
/* Milliseconds, or a text such as "5s". */
int64_t host_ms(lua_State *L, int index);
int64_t host_opt_ms(lua_State *L, int index, const char *key, int64_t dflt);
/* The list of strings at key, in the arena; *n 0 when absent. */
struct str *host_opt_list(lua_State *L, struct arena *a, int index,
                          const char *key, size_t *n);
void host_push_str(lua_State *L, struct str s);

/* Sends {"t":t, ...}: members as for json_pack(). */
void host_send(struct host *h, json_t *message);
void host_log(struct host *h, const char *level, struct str text);

/* A folder of this worker's own, removed at its end. */
const char *host_temp_dir(struct host *h, struct err *e);

#endif
