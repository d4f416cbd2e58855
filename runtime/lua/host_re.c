#define PCRE2_CODE_UNIT_WIDTH 8
#include "runtime/lua/host.h"

#include <lauxlib.h>
#include <pcre2.h>

enum {
    MATCHES_MAX = 10000,    /* of one text */
    EFFORT_MAX = 5000000,   /* backtracking steps of one match */
    MEMORY_MAX_KIB = 64 << 10,
};

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

static int drop(lua_State *L)
{
    struct regex *r = lua_touserdata(L, 1);
    pcre2_match_context_free(r->limits);
    pcre2_match_data_free(r->data);
    pcre2_code_free(r->code);
    *r = (struct regex){0};
    return 0;
}

/* Compiled patterns stay in the registry: a scanner asks for the same few. */
static struct regex *compile(lua_State *L, int index)
{
    struct str pattern = host_str(L, index);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "pipec.re");
    lua_pushvalue(L, index);
    if (lua_rawget(L, -2) == LUA_TUSERDATA)
        return lua_touserdata(L, -1);
    lua_pop(L, 1);
    struct regex *r = lua_newuserdatauv(L, sizeof *r, 0);
    *r = (struct regex){0};
    if (luaL_newmetatable(L, "pipec.regex")) {
        lua_pushcfunction(L, drop);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    int why;
    PCRE2_SIZE at;
    r->code = pcre2_compile((PCRE2_SPTR)pattern.s, pattern.n,
                            PCRE2_NEVER_BACKSLASH_C, &why, &at, NULL);
    if (!r->code) {
        PCRE2_UCHAR text[120];
        pcre2_get_error_message(why, text, sizeof text);
        luaL_error(L, "regex '%s' at %d: %s", pattern.s, (int)at, text);
    }
    r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
    r->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(r->limits, EFFORT_MAX);
    pcre2_set_heap_limit(r->limits, MEMORY_MAX_KIB);
    lua_pushvalue(L, index);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
    return r;
}

static bool match(lua_State *L, struct regex *r, struct str text, size_t at)
{
    int n = pcre2_match(r->code, (PCRE2_SPTR)text.s, text.n, at, 0, r->data,
                        r->limits);
    if (n == PCRE2_ERROR_MATCHLIMIT || n == PCRE2_ERROR_HEAPLIMIT)
        luaL_error(L, "the regex needs too much time on this text");
    return n > 0;
}

static void push_match(lua_State *L, struct regex *r, struct str text)
{
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(r->data);
    uint32_t n = pcre2_get_ovector_count(r->data);
    lua_createtable(L, (int)n, 2);
    lua_pushinteger(L, (lua_Integer)v[0] + 1);
    lua_setfield(L, -2, "at");
    lua_pushlstring(L, text.s + v[0], v[1] - v[0]);
    lua_setfield(L, -2, "text");
    for (uint32_t i = 1; i < n; i++) {
        if (v[2 * i] == PCRE2_UNSET)
            continue;
        lua_pushlstring(L, text.s + v[2 * i], v[2 * i + 1] - v[2 * i]);
        lua_rawseti(L, -2, i);
    }
}

static int re_find(lua_State *L)
{
    struct str text = host_str(L, 1);
    struct regex *r = compile(L, 2);
    if (!match(L, r, text, 0))
        return 0;
    push_match(L, r, text);
    return 1;
}

static int re_all(lua_State *L)
{
    struct str text = host_str(L, 1);
    struct regex *r = compile(L, 2);
    lua_newtable(L);
    size_t at = 0;
    for (int i = 1; i <= MATCHES_MAX && at <= text.n; i++) {
        if (!match(L, r, text, at))
            break;
        push_match(L, r, text);
        lua_rawseti(L, -2, i);
        const PCRE2_SIZE *v = pcre2_get_ovector_pointer(r->data);
        at = v[1] > v[0] ? v[1] : v[1] + 1;
    }
    return 1;
}

static const struct host_function functions[] = {
    {"find", re_find, "(text, regex)",
     "the first match: {at, text, groups...}, or nil"},
    {"all", re_all, "(text, regex)", "the list of all matches"},
    {0},
};

const struct host_module host_re = {
    "re", "Regular expressions (PCRE2), bounded in effort.", functions};
