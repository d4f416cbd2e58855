#include "base/clock.h"
#include "runtime/lua/box.h"
#include "runtime/lua/child.h"
#include "runtime/lua/host.h"
#include "runtime/lua/stage.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { ARGS_MAX = 10000, WHY_MAX = 300 /* bytes of stderr in a message */ };

/* The base environment with the members of opts.env before it; own: how many
 * those are. */
static const char **environment(lua_State *L, struct arena *a, int opts,
                                size_t *own)
{
    struct host *h = host_of(L);
    if (!opts || lua_getfield(L, opts, "env") == LUA_TNIL) {
        lua_settop(L, opts ? lua_gettop(L) - 1 : lua_gettop(L));
        return h->envp;
    }
    int env = lua_gettop(L);
    luaL_checktype(L, env, LUA_TTABLE);
    size_t n = 0;
    while (h->envp[n])
        n++;
    for (lua_pushnil(L); lua_next(L, env); lua_pop(L, 1))
        n++;
    const char **list = arena_array(a, const char *, n + 1);
    size_t k = 0;
    for (lua_pushnil(L); lua_next(L, env); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        luaL_tolstring(L, -2, NULL);
        list[k++] = arena_printf(a, "%s=%s", lua_tostring(L, -2),
                                 lua_tostring(L, -1)).s;
        lua_pop(L, 2);
    }
    *own = k;
    for (size_t i = 0; h->envp[i]; i++) {
        struct str rest, name = str_cut(str_of(h->envp[i]), '=', &rest);
        bool hidden = false;
        for (size_t j = 0; j < *own; j++)
            hidden = hidden || (!strncmp(list[j], name.s, name.n) &&
                                list[j][name.n] == '=');
        if (!hidden)
            list[k++] = h->envp[i];
    }
    lua_pop(L, 1);
    return list;
}

static const char **arguments(lua_State *L, struct arena *a, int index)
{
    size_t n = lua_rawlen(L, index);
    luaL_argcheck(L, n > 0 && n < ARGS_MAX, index, "a command has no words");
    const char **argv = arena_array(a, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        luaL_tolstring(L, -1, NULL);
        struct str s = host_str(L, -1);
        if (memchr(s.s, 0, s.n))
            luaL_error(L, "word %d of a command holds a NUL", (int)i + 1);
        argv[i] = arena_dup(a, s).s;
        lua_pop(L, 2);
    }
    return argv;
}

/* opts.ok: absent = {0}, "any", or a list of exit codes. */
static bool acceptable(lua_State *L, int opts, int code)
{
    bool ok = code == 0;
    if (!opts)
        return ok;
    int t = lua_getfield(L, opts, "ok");
    if (t == LUA_TSTRING)
        ok = true;
    if (t == LUA_TTABLE) {
        ok = false;
        for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
            ok = ok || lua_tointeger(L, -1) == code;
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return ok;
}

static const char *show(struct arena *a, const char *const *argv)
{
    if (!strcmp(argv[0], "sh") && argv[1] && argv[2])
        return arena_printf(a, "%.100s", argv[2]).s;
    struct str s = arena_printf(a, "%s", argv[0]);
    for (size_t i = 1; argv[i] && s.n < 100; i++)
        s = arena_printf(a, "%s %.60s", s.s, argv[i]);
    return s.s;
}

static void say_why(struct arena *a, const struct child_spec *c,
                    const struct child_result *r, struct err *e)
{
    const char *what = show(a, c->argv);
    struct str err = str_trim(buf_str(&r->err));
    if (err.n > WHY_MAX)
        err = str_skip(err, err.n - WHY_MAX);
    if (r->timed_out)
        err_set(e, ERR_TIMEOUT, "'%s' took longer than %s", what,
                clock_duration(a, c->timeout_ms).s);
    else if (r->cancelled)
        err_set(e, ERR_CANCELLED, "cancelled");
    else if (r->sig)
        err_set(e, ERR_IO, "'%s' was ended by signal %d", what, r->sig);
    else if (c->quiet && err.n)
        err_set(e, ERR_IO, "'%s' exited with %d: " STR_FMT, what, r->code,
                STR_ARG(err));
    else
        err_set(e, ERR_IO, "'%s' exited with %d", what, r->code);
}

static void push_result(lua_State *L, const struct child_result *r)
{
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, r->code);
    lua_setfield(L, -2, "code");
    if (r->sig) {
        lua_pushinteger(L, r->sig);
        lua_setfield(L, -2, "signal");
    }
    host_push_str(L, buf_str(&r->out));
    lua_setfield(L, -2, "out");
    host_push_str(L, buf_str(&r->err));
    lua_setfield(L, -2, "err");
}

/* Keeps a result's buffers alive as long as the Lua stack holds it. */
static int drop_result(lua_State *L)
{
    child_clear(lua_touserdata(L, 1));
    return 0;
}

static struct child_result *hold_result(lua_State *L)
{
    struct child_result *r = lua_newuserdatauv(L, sizeof *r, 0);
    *r = (struct child_result){0};
    if (luaL_newmetatable(L, "pipec.child")) {
        lua_pushcfunction(L, drop_result);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return r;
}

static int run(lua_State *L, struct arena *a, struct child_spec *c, int opts)
{
    struct host *h = host_of(L);
    struct err e = {0};
    host_check_cancel(L);
    c->shielded = h->shielded;
    size_t own = 0;
    c->envp = environment(L, a, opts, &own);
    if (opts) {
        struct str dir = host_opt_str(L, opts, "dir");
        c->dir = dir.s;
        c->input = host_opt_str(L, opts, "stdin");
        c->timeout_ms = host_opt_ms(L, opts, "timeout", 0);
        c->quiet = host_opt_bool(L, opts, "quiet", false);
        c->inherit = !host_opt_bool(L, opts, "capture", true);
        c->output_max = (size_t)host_opt_int(L, opts, "max", 0);
    }
    const char *const *words = c->argv;
    if (!box_wrap(h, a, c, own, &e))
        return host_raise(L, &e);
    struct child_result *r = hold_result(L);
    if (!child_run(&h->wire, c, r, &e))
        return host_raise(L, &e);
    if (r->timed_out || r->cancelled || r->sig ||
        !acceptable(L, opts, r->code)) {
        c->argv = words;
        say_why(a, c, r, &e);
        if (!(r->sig && opts && acceptable(L, opts, -1)))
            return host_raise(L, &e);
    }
    push_result(L, r);
    return 1;
}

static int exec_argv(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct arena *a = host_arena(L);
    struct child_spec c = {.argv = arguments(L, a, 1)};
    return run(L, a, &c, 1);
}

static const char **shell(struct arena *a, struct str text)
{
    const char **argv = arena_array(a, const char *, 5);
    argv[0] = "sh";
    argv[1] = "-euc";
    argv[2] = arena_dup(a, text).s;
    return argv;
}

/* ("text", {options}) or {"text", options} */
static int exec_sh(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TTABLE) {
        lua_rawgeti(L, 1, 1);
        lua_insert(L, 1);
    }
    lua_settop(L, 2);
    struct arena *a = host_arena(L);
    struct child_spec c = {.argv = shell(a, host_str(L, 1))};
    return run(L, a, &c, lua_isnil(L, 2) ? 0 : 2);
}

/* (command, {options}): a command of the language, text or list. */
static int exec_run(lua_State *L)
{
    lua_settop(L, 2);
    struct arena *a = host_arena(L);
    struct child_spec c = {0};
    c.argv = lua_type(L, 1) == LUA_TTABLE ? arguments(L, a, 1)
                                          : shell(a, host_str(L, 1));
    return run(L, a, &c, lua_isnil(L, 2) ? 0 : 2);
}

/* The statements of a kind that has a `commands` field. */
static int exec_commands(lua_State *L)
{
    struct err e = {0};
    if (stage_commands(host_of(L), &e))
        return 0;
    host_check_cancel(L);
    lua_createtable(L, 0, 1);
    lua_pushstring(L, e.msg);
    lua_setfield(L, -2, "why");
    return 1;
}

static const struct host_function functions[] = {
    {"exec", exec_argv,
     "{argv..., dir, env, ok, stdin, timeout, quiet, capture, max}",
     "runs a program without a shell: {code, out, err}. Any exit code but 0, "
     "or those in ok (a list, or \"any\"), fails. What it prints is logged and "
     "kept, at most max bytes; quiet: only kept; capture=false: only logged"},
    {"sh", exec_sh, "(text, {options})", "the same with `sh -eu`"},
    {"run", exec_run, "(command, {options})",
     "the same with a command of the pipeline: a text or a list"},
    {"commands", exec_commands, "()",
     "runs the stage's own commands; nil, or {why} of the one that failed"},
    {0},
};

const struct host_module host_exec = {"", "Programs.", functions};
