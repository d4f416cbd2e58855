#include "base/buf.h"
#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"
#include "runtime/yaml/yedit.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/ywrite.h"

#include <lauxlib.h>

enum { NODES_MAX = 1000000, KEYS_MAX = 200 };

/* All documents as one JSON list; no Lua is called in here. */
static json_t *read_all(struct arena *a, struct str text, struct err *e)
{
    struct yread_options o = {.file = "yaml", .nodes_max = NODES_MAX};
    struct yread_docs docs = {0};
    if (!yread_all(a, text, &o, &docs, e))
        return NULL;
    json_t *list = json_array();
    struct buf b = {0};
    for (size_t i = 0; i < docs.n; i++) {
        buf_clear(&b);
        json_t *v = NULL;
        if (ywrite_json(&b, docs.items[i], e))
            v = json_loadb(b.s, b.n, JSON_DECODE_ANY, NULL);
        if (!v || json_array_append_new(list, v) < 0) {
            json_decref(list);
            list = NULL;
            break;
        }
    }
    buf_free(&b);
    return list;
}

static int yaml_decode(lua_State *L)
{
    struct err e = {0};
    struct str text = host_str(L, 1);
    struct arena *a = host_arena(L);
    json_t **v = jvalue_hold(L);
    *v = read_all(a, text, &e);
    if (!*v)
        return host_raise(L, &e);
    jvalue_push(L, *v);
    return 1;
}

static struct yedit_key *read_path(lua_State *L, struct arena *a, int index,
                                   size_t *n)
{
    luaL_checktype(L, index, LUA_TTABLE);
    *n = lua_rawlen(L, index);
    if (*n > KEYS_MAX)
        luaL_error(L, "a path of more than %d keys", KEYS_MAX);
    struct yedit_key *path = arena_array(a, struct yedit_key, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        int type = lua_rawgeti(L, index, (lua_Integer)i + 1);
        if (type == LUA_TNUMBER)
            path[i].index = (size_t)lua_tointeger(L, -1) - 1;
        else
            path[i].name = arena_dup(a, host_str(L, -1));
        lua_pop(L, 1);
    }
    return path;
}

static int yaml_replace(lua_State *L)
{
    struct err e = {0};
    struct str text = host_str(L, 1), out, value = host_str(L, 4);
    lua_Integer document = luaL_checkinteger(L, 2);
    size_t n;
    struct arena *a = host_arena(L);
    struct yedit_key *path = read_path(L, a, 3, &n);
    if (!yedit_scalar(a, text, (size_t)document - 1, path, n, value, &out,
                      &e))
        return host_raise(L, &e);
    host_push_str(L, out);
    return 1;
}

static const struct host_function functions[] = {
    {"replace", yaml_replace, "(text, document, keys, value)",
     "the text with the value at those keys and indices, both from 1, "
     "replaced; all else stays, comments too"},
    {"decode", yaml_decode, "(text)", "the list of its documents"},
    {0},
};

const struct host_module host_yaml = {"yaml", "YAML.", functions};
