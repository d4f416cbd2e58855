#include "runtime/lua/catalogue.h"

#include "base/arena.h"
#include "base/file.h"
#include "runtime/lua/stdlib.h"

#include <lauxlib.h>

static struct catalogue *of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

static struct sandbox *sandbox(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(2));
}

static bool load_override(const struct catalogue *c, struct sandbox *s,
                          const char *path, struct err *e)
{
    struct arena a = {0};
    struct str file = arena_printf(&a, "%s/%s", c->stdlib_dir, path);
    struct str name = arena_printf(&a, "stdlib/%s", path);
    struct str text;
    bool ok = file_read(&a, file.s, CATALOGUE_FILE_MAX, &text, e) &&
              sandbox_load(s, text, name.s, e);
    arena_free(&a);
    return ok;
}

/* Leaves the chunk of a stdlib file on the stack. */
static bool load_stdlib(const struct catalogue *c, struct sandbox *s,
                        struct str family, struct str name, struct err *e)
{
    const struct stdlib_file *f = stdlib_find(family, name);
    if (c->stdlib_dir) {
        struct arena a = {0};
        struct str path = arena_printf(&a, STR_FMT "%s" STR_FMT ".lua",
                                       STR_ARG(family), family.n ? "/" : "",
                                       STR_ARG(name));
        bool ok = load_override(c, s, path.s, e);
        arena_free(&a);
        return ok;
    }
    if (!f)
        return err_set(e, ERR_INPUT, "there is no %s '" STR_FMT "'",
                       family.n ? family.s : "file", STR_ARG(name));
    return sandbox_load_binary(s, f->code, f->path, e);
}

bool catalogue_run_file(const struct catalogue *c, struct sandbox *s,
                        const char *path, struct err *e)
{
    struct arena a = {0};
    struct str file = file_join(&a, str_of(c->base_dir ? c->base_dir : "."),
                                str_of(path));
    struct str text;
    bool ok = file_read(&a, file.s, CATALOGUE_FILE_MAX, &text, e) &&
              sandbox_load(s, text, path, e);
    arena_free(&a);
    return ok && sandbox_call(s, 0, 1, e);
}

static bool load_sources(struct catalogue *c, struct sandbox *s,
                         struct err *e)
{
    for (; !c->loaded && c->n_sources; c->loaded = true) {
        for (size_t i = 0; i < c->n_sources; i++) {
            if (!catalogue_run_file(c, s, c->sources[i], e))
                return false;
            lua_pop(sandbox_state(s), 1);
        }
    }
    return true;
}

/* Pushes pipec.find(family, name). */
static bool find(struct sandbox *s, struct str family, struct str name,
                 struct err *e)
{
    lua_State *L = sandbox_state(s);
    lua_getglobal(L, "pipec");
    lua_getfield(L, -1, "find");
    lua_remove(L, -2);
    lua_pushlstring(L, family.s, family.n);
    lua_pushlstring(L, name.s, name.n);
    return sandbox_call(s, 2, 1, e);
}

bool catalogue_push(struct sandbox *s, struct str family, struct str name,
                    struct err *e)
{
    lua_State *L = sandbox_state(s);
    lua_getglobal(L, "pipec");
    lua_getfield(L, -1, "load");
    lua_remove(L, -2);
    lua_pushlstring(L, family.s, family.n);
    lua_pushlstring(L, name.s, name.n);
    return sandbox_call(s, 2, 1, e);
}

static int load_entry(lua_State *L)
{
    struct err e = {0};
    struct str family, name;
    family.s = luaL_checklstring(L, 1, &family.n);
    name.s = luaL_checklstring(L, 2, &name.n);
    if (!load_sources(of(L), sandbox(L), &e) ||
        !find(sandbox(L), family, name, &e))
        return sandbox_raise(L, &e);
    if (!lua_isnil(L, -1))
        return 1;
    if (!load_stdlib(of(L), sandbox(L), family, name, &e))
        return sandbox_raise(L, &e);
    lua_call(L, 0, 0);
    if (!find(sandbox(L), family, name, &e))
        return sandbox_raise(L, &e);
    return 1;
}

/* Each library once: its table is kept in the registry. */
static int load_lib(lua_State *L)
{
    struct err e = {0};
    struct str name;
    name.s = luaL_checklstring(L, 1, &name.n);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "pipec.libs");
    if (lua_getfield(L, -1, name.s) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    if (!load_stdlib(of(L), sandbox(L), STR("lib"), name, &e))
        return sandbox_raise(L, &e);
    lua_call(L, 0, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, name.s);
    return 1;
}

static void add_function(lua_State *L, struct catalogue *c, struct sandbox *s,
                         const char *name, lua_CFunction fn)
{
    lua_pushlightuserdata(L, c);
    lua_pushlightuserdata(L, s);
    lua_pushcclosure(L, fn, 2);
    lua_setfield(L, -2, name);
}

bool catalogue_open(struct catalogue *c, struct sandbox *s, struct err *e)
{
    lua_State *L = sandbox_state(s);
    if (!load_stdlib(c, s, STR(""), STR("prelude"), e) ||
        !sandbox_call(s, 0, 0, e))
        return false;
    lua_getglobal(L, "pipec");
    add_function(L, c, s, "load", load_entry);
    add_function(L, c, s, "lib", load_lib);
    lua_pop(L, 1);
    return true;
}
