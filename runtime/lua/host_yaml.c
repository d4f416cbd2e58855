#include "base/buf.h"
#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"
#include "runtime/yaml/yread.h"
#include "runtime/yaml/ywrite.h"

#include <lauxlib.h>

enum { NODES_MAX = 1000000 };

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

static const struct host_function functions[] = {
    {"decode", yaml_decode, "(text)", "the list of its documents"},
    {0},
};

const struct host_module host_yaml = {"yaml", "YAML.", functions};
