#include "runtime/lua/host.h"

#include "base/clock.h"
#include "base/die.h"
#include "runtime/lua/jvalue.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct host_module *const host_modules[] = {
#define HOST(name) &host_##name,
#include "runtime/lua/hosts.def"
#undef HOST
    NULL,
};

static const char ARENA[] = "pipec.arena", TEMP[] = "/tmp/pipec-XXXXXX";

static int drop_arena(lua_State *L)
{
    arena_free(lua_touserdata(L, 1));
    return 0;
}

static int call_module(lua_State *L)
{
    lua_remove(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* Makes the table on top callable as fn. */
static void make_callable(lua_State *L, lua_CFunction fn)
{
    lua_newtable(L);
    lua_pushcfunction(L, fn);
    lua_pushcclosure(L, call_module, 1);
    lua_setfield(L, -2, "__call");
    lua_setmetatable(L, -2);
}

static void push_module(lua_State *L, const struct host_module *m)
{
    for (const struct host_function *f = m->functions; f->name; f++) {
        if (!*f->name) {
            make_callable(L, f->call);
            continue;
        }
        lua_pushcfunction(L, f->call);
        lua_setfield(L, -2, f->name);
    }
}

void host_push_ctx(lua_State *L)
{
    luaL_newmetatable(L, ARENA);
    lua_pushcfunction(L, drop_arena);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    lua_newtable(L);
    for (size_t i = 0; host_modules[i]; i++) {
        const struct host_module *m = host_modules[i];
        if (!*m->name) {
            push_module(L, m);
            continue;
        }
        lua_newtable(L);
        push_module(L, m);
        lua_setfield(L, -2, m->name);
    }
}

struct host *host_of(lua_State *L)
{
    return sandbox_host(L);
}

struct arena *host_arena(lua_State *L)
{
    struct arena *a = lua_newuserdatauv(L, sizeof *a, 0);
    *a = (struct arena){0};
    luaL_setmetatable(L, ARENA);
    return a;
}

int host_raise(lua_State *L, const struct err *e)
{
    return sandbox_raise(L, e);
}

void host_check_cancel(lua_State *L)
{
    struct host *h = host_of(L);
    while (wire_poll(&h->wire, 0))
        ;
    if (h->wire.cancelled && !h->shielded)
        luaL_error(L, "cancelled: %s", h->wire.reason);
}

void host_wait_until(lua_State *L, int64_t deadline)
{
    struct host *h = host_of(L);
    for (;;) {
        host_check_cancel(L);
        int64_t left = deadline - clock_monotonic_ms();
        if (left <= 0)
            return;
        if (!wire_poll(&h->wire, left) && h->wire.closed) {
            struct timespec t = {left / 1000, left % 1000 * 1000000};
            nanosleep(&t, NULL);
        }
    }
}

struct str host_str(lua_State *L, int index)
{
    size_t n;
    const char *s = luaL_checklstring(L, index, &n);
    return (struct str){s, n};
}

/* Pushes the member, or nil. */
static int member(lua_State *L, int index, const char *key)
{
    if (index == 0 || lua_isnoneornil(L, index)) {
        lua_pushnil(L);
        return LUA_TNIL;
    }
    luaL_checktype(L, index, LUA_TTABLE);
    return lua_getfield(L, index, key);
}

static int wrong(lua_State *L, const char *key, const char *want)
{
    return luaL_error(L, "'%s' is a %s, not %s", key, luaL_typename(L, -1),
                      want);
}

/* The text stays alive in the option table that holds it. */
struct str host_opt_str(lua_State *L, int index, const char *key)
{
    struct str s = {0};
    int t = member(L, index, key);
    if (t == LUA_TSTRING)
        s.s = lua_tolstring(L, -1, &s.n);
    else if (t != LUA_TNIL)
        wrong(L, key, "a text");
    lua_pop(L, 1);
    return s;
}

int64_t host_opt_int(lua_State *L, int index, const char *key, int64_t dflt)
{
    int64_t v = dflt;
    if (member(L, index, key) != LUA_TNIL) {
        int ok;
        v = lua_tointegerx(L, -1, &ok);
        if (!ok)
            wrong(L, key, "a whole number");
    }
    lua_pop(L, 1);
    return v;
}

bool host_opt_bool(lua_State *L, int index, const char *key, bool dflt)
{
    int t = member(L, index, key);
    if (t != LUA_TNIL && t != LUA_TBOOLEAN)
        wrong(L, key, "true or false");
    bool v = t == LUA_TNIL ? dflt : lua_toboolean(L, -1);
    lua_pop(L, 1);
    return v;
}

static const struct {
    const char *name;
    double ms;
} units[] = {{"ms", 1},       {"s", 1000},     {"m", 60000},
             {"h", 3600000}, {"d", 86400000}, {0}};

static bool duration(const char *s, int64_t *out)
{
    double total = 0;
    do {
        char *end;
        double n = strtod(s, &end);
        size_t len = strspn(end, "mshd");
        size_t i = 0;
        while (units[i].name && (strlen(units[i].name) != len ||
                                 strncmp(units[i].name, end, len) != 0))
            i++;
        if (end == s || !units[i].name || n < 0)
            return false;
        total += n * units[i].ms;
        s = end + len;
    } while (*s);
    *out = total < 1e15 ? (int64_t)total : (int64_t)1e15;
    return true;
}

int64_t host_ms(lua_State *L, int index)
{
    int64_t ms = 0;
    if (lua_type(L, index) == LUA_TNUMBER)
        return (int64_t)luaL_checknumber(L, index);
    const char *s = luaL_checkstring(L, index);
    if (!duration(s, &ms))
        luaL_error(L, "'%s' is not a duration", s);
    return ms;
}

int64_t host_opt_ms(lua_State *L, int index, const char *key, int64_t dflt)
{
    int64_t v = dflt;
    if (member(L, index, key) != LUA_TNIL)
        v = host_ms(L, -1);
    lua_pop(L, 1);
    return v;
}

struct str *host_opt_list(lua_State *L, struct arena *a, int index,
                          const char *key, size_t *n)
{
    struct str *list = NULL;
    *n = 0;
    if (member(L, index, key) == LUA_TTABLE) {
        *n = lua_rawlen(L, -1);
        list = arena_array(a, struct str, *n + 1);
        for (size_t i = 0; i < *n; i++) {
            lua_rawgeti(L, -1, (lua_Integer)i + 1);
            luaL_tolstring(L, -1, NULL);
            size_t len;
            const char *s = lua_tolstring(L, -1, &len);
            list[i] = arena_dup(a, (struct str){s, len});
            lua_pop(L, 2);
        }
    } else if (!lua_isnil(L, -1)) {
        wrong(L, key, "a list");
    }
    lua_pop(L, 1);
    return list;
}

void host_push_str(lua_State *L, struct str s)
{
    lua_pushlstring(L, s.n ? s.s : "", s.n);
}

void host_send(struct host *h, json_t *message)
{
    if (!message)
        BUG("a message that is not UTF-8");
    wire_send(&h->wire, message);
}

/* Bytes that are not UTF-8 become '?': a log is for people. */
static json_t *text_of(struct str s)
{
    json_t *v = json_stringn(s.n ? s.s : "", s.n);
    if (v)
        return v;
    char *copy = malloc(s.n);
    if (!copy)
        die_oom();
    for (size_t i = 0; i < s.n;) {
        size_t k = str_utf8(str_skip(s, i));
        if (k == 0)
            copy[i++] = '?';
        for (; k > 0; k--, i++)
            copy[i] = s.s[i];
    }
    v = json_stringn(copy, s.n);
    free(copy);
    return v;
}

void host_log(struct host *h, const char *level, struct str text)
{
    host_send(h, json_pack("{ss,ss,so}", "t", "log", "level", level, "text",
                           text_of(text)));
}

const char *host_temp_dir(struct host *h, struct err *e)
{
    if (*h->temp_dir)
        return h->temp_dir;
    memcpy(h->temp_dir, TEMP, sizeof TEMP);
    if (mkdtemp(h->temp_dir))
        return h->temp_dir;
    h->temp_dir[0] = '\0';
    err_errno(e, "cannot make a folder in '/tmp'");
    return NULL;
}
