#include "base/clock.h"
#include "runtime/lua/catalogue.h"
#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"
#include "runtime/lua/output.h"

#include <ctype.h>
#include <lauxlib.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Text of arguments from index on: one as it is, several by string.format. */
static struct str format(lua_State *L, int index)
{
    if (lua_gettop(L) > index) {
        lua_getglobal(L, "string");
        lua_getfield(L, -1, "format");
        lua_remove(L, -2);
        lua_insert(L, index);
        lua_call(L, lua_gettop(L) - index, 1);
    }
    luaL_tolstring(L, index, NULL);
    struct str s;
    s.s = lua_tolstring(L, -1, &s.n);
    return s;
}

static int fail_text(lua_State *L)
{
    lua_getfield(L, 1, "message");
    return 1;
}

static int fail_concat(lua_State *L)
{
    luaL_tolstring(L, 1, NULL);
    luaL_tolstring(L, 2, NULL);
    lua_concat(L, 2);
    return 1;
}

static int base_fail(lua_State *L)
{
    format(L, 1);
    lua_createtable(L, 0, 1);
    lua_insert(L, -2);
    lua_setfield(L, -2, "message");
    if (luaL_newmetatable(L, "pipec.fail")) {
        lua_pushcfunction(L, fail_text);
        lua_setfield(L, -2, "__tostring");
        lua_pushcfunction(L, fail_concat);
        lua_setfield(L, -2, "__concat");
    }
    lua_setmetatable(L, -2);
    return lua_error(L);
}

static int base_output(lua_State *L)
{
    luaL_checkany(L, 2);
    output_send(L, luaL_checkstring(L, 1), 2);
    return 0;
}

static int base_event(lua_State *L)
{
    struct err e = {0};
    const char *name = luaL_checkstring(L, 1);
    json_t *v = lua_isnoneornil(L, 2) ? json_object() : jvalue_read(L, 2, &e);
    if (!v)
        return host_raise(L, &e);
    host_send(host_of(L), json_pack("{ss,ss,so}", "t", "event", "name", name,
                                    "data", v));
    return 0;
}

static int base_sleep(lua_State *L)
{
    host_wait_until(L, clock_monotonic_ms() + host_ms(L, 1));
    return 0;
}

static int base_now(lua_State *L)
{
    lua_pushinteger(L, clock_wall_ms());
    return 1;
}

static int base_date(lua_State *L)
{
    int64_t at = (int64_t)luaL_optnumber(L, 1, (double)clock_wall_ms());
    struct arena *a = host_arena(L);
    host_push_str(L, clock_rfc3339(a, at));
    return 1;
}

static int base_use(lua_State *L)
{
    struct err e = {0};
    struct host *h = host_of(L);
    if (!catalogue_push(h->sandbox, host_str(L, 1), host_str(L, 2), &e))
        return host_raise(L, &e);
    return 1;
}

static int base_uri(lua_State *L)
{
    struct str s = host_str(L, 1);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];
        if (isalnum(c) || (c && strchr("-_.~", c))) {
            luaL_addchar(&b, (char)c);
            continue;
        }
        static const char digits[] = "0123456789ABCDEF";
        luaL_addchar(&b, '%');
        luaL_addchar(&b, digits[c >> 4]);
        luaL_addchar(&b, digits[c & 15]);
    }
    luaL_pushresult(&b);
    return 1;
}

static int base_sha256(lua_State *L)
{
    struct str s = host_str(L, 1);
    unsigned char md[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)s.s, s.n, md);
    char hex[2 * sizeof md + 1];
    for (size_t i = 0; i < sizeof md; i++)
        snprintf(hex + 2 * i, 3, "%02x", md[i]);
    lua_pushstring(L, hex);
    return 1;
}

static int base_hmac_sha256(lua_State *L)
{
    struct str key = host_str(L, 1), s = host_str(L, 2);
    unsigned char md[SHA256_DIGEST_LENGTH];
    unsigned int n = 0;
    if (key.n > INT_MAX ||
        !HMAC(EVP_sha256(), key.s, (int)key.n, (const unsigned char *)s.s,
              s.n, md, &n))
        return luaL_error(L, "hmac_sha256 failed");
    lua_pushlstring(L, (const char *)md, n);
    return 1;
}

static int base_temp(lua_State *L)
{
    struct err e = {0};
    const char *name = luaL_optstring(L, 1, "file");
    const char *dir = host_temp_dir(host_of(L), &e);
    if (!dir)
        return host_raise(L, &e);
    if (strchr(name, '/'))
        return luaL_error(L, "'%s' is not a plain name", name);
    host_of(L)->next_temp++;
    lua_pushfstring(L, "%s/%d-%s", dir, host_of(L)->next_temp, name);
    return 1;
}

static int base_secret(lua_State *L)
{
    struct str s = host_str(L, 1);
    host_send(host_of(L), json_pack("{ss,ss%}", "t", "mask", "text", s.s, s.n));
    lua_pushvalue(L, 1);
    return 1;
}

/* Answers with the steer that ended the wait, or {action = "timeout"}. */
static int base_wait(lua_State *L)
{
    struct host *h = host_of(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    struct str what = host_opt_str(L, 1, "what");
    struct str why = host_opt_str(L, 1, "for");
    int64_t within = host_opt_ms(L, 1, "within", 0);
    int64_t until = within ? clock_monotonic_ms() + within : INT64_MAX;
    host_send(h, json_pack("{ss,ss%,ss%}", "t", "wait", "for",
                           why.s ? why.s : "approval",
                           why.s ? why.n : strlen("approval"), "what",
                           what.s ? what.s : "", what.n));
    json_t **answer = jvalue_hold(L);
    for (;;) {
        host_check_cancel(L); /* takes in what came: look at it, then wait */
        *answer = wire_take_steer(&h->wire, "approve abort promote reject");
        if (*answer) {
            jvalue_push(L, *answer);
            return 1;
        }
        int64_t left = until - clock_monotonic_ms();
        if (left <= 0)
            break;
        wire_poll(&h->wire, left);
    }
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "timeout");
    lua_setfield(L, -2, "action");
    return 1;
}

/* Another file's function, or a text: for hooks and the lua provider. */
static int base_lua(lua_State *L)
{
    struct err e = {0};
    struct host *h = host_of(L);
    struct str code = host_str(L, 1);
    const char *call = luaL_optstring(L, 2, NULL);
    if (!call) {
        if (!sandbox_load(h->sandbox, code, "lua", &e))
            return host_raise(L, &e);
        lua_call(L, 0, 1);
        return 1;
    }
    if (!catalogue_run_file(h->catalogue, h->sandbox, code.s, &e))
        return host_raise(L, &e);
    if (lua_istable(L, -1))
        lua_getfield(L, -1, call);
    if (!lua_isfunction(L, -1)) {
        lua_pushglobaltable(L);
        lua_pushstring(L, call);
        lua_rawget(L, -2);
    }
    if (!lua_isfunction(L, -1))
        return luaL_error(L, "'%s' has no function '%s'", code.s, call);
    lua_getglobal(L, "stage");
    lua_getglobal(L, "ctx");
    lua_call(L, 2, 1);
    return 1;
}

static const struct host_function functions[] = {
    {"fail", base_fail, "(format, ...)",
     "ends the stage as failed, with that sentence"},
    {"output", base_output, "(name, value)",
     "sets an output now; a kind may also return a table of them"},
    {"event", base_event, "(name, data)", "records an event of the run"},
    {"sleep", base_sleep, "(duration)",
     "waits, in milliseconds or as \"5s\"; other stages go on"},
    {"now", base_now, "()", "milliseconds since 1970"},
    {"date", base_date, "(ms)", "that time, or now, as RFC 3339 in UTC"},
    {"wait", base_wait, "{for, what, within}",
     "waits for somebody's answer: {action, by}"},
    {"secret", base_secret, "(text)",
     "hides the text in all that is logged from now on, and returns it"},
    {"use", base_use, "(family, name)",
     "the module of another entry, such as a router's"},
    {"lua", base_lua, "(code, call)",
     "runs a Lua text; or a function of a file, with (stage, ctx)"},
    {"uri", base_uri, "(text)", "percent-encoded for a URL"},
    {"sha256", base_sha256, "(text)", "the digest in hexadecimal"},
    {"hmac_sha256", base_hmac_sha256, "(key, text)",
     "the authentication code, 32 bytes as they are"},
    {"temp", base_temp, "(name)",
     "the path of a new file that goes when the stage ends"},
    {0},
};

const struct host_module host_base = {
    "", "What every stage can do. ctx.env is its environment, ctx.vars what is "
        "known of git and the run, ctx.state_dir a folder that is kept.",
    functions,
};
