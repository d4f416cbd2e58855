#include "runtime/k8s/k8s.h"

#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

/* A call is one options table: {api, kind, name, namespace, subresource;
 * context, kubeconfig, timeout}. */
struct call {
    struct arena *a;
    struct k8s *k;
    struct k8s_target target;
};

static struct str keep(lua_State *L, struct arena *a, const char *key)
{
    struct str s = host_opt_str(L, 1, key);
    return s.s ? arena_dup(a, s) : s;
}

static int close_client(lua_State *L)
{
    struct call *c = lua_touserdata(L, 1);
    k8s_close(c->k);
    c->k = NULL;
    return 0;
}

/* Opens a client that is closed with the call, whatever happens. */
static struct call *begin(lua_State *L)
{
    struct err e = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    struct arena *a = host_arena(L);
    struct k8s_spec spec = {
        .kubeconfig = keep(L, a, "kubeconfig"),
        .context = keep(L, a, "context"),
        .namespace = keep(L, a, "namespace"),
        .timeout_ms = host_opt_ms(L, 1, "timeout", 0),
    };
    struct call *c = lua_newuserdatauv(L, sizeof *c, 0);
    *c = (struct call){
        .a = a,
        .target = {.api = keep(L, a, "api"), .kind = keep(L, a, "kind"),
                   .namespace = spec.namespace, .name = keep(L, a, "name"),
                   .subresource = keep(L, a, "subresource")}};
    if (luaL_newmetatable(L, "pipec.k8s")) {
        lua_pushcfunction(L, close_client);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    host_check_cancel(L);
    c->k = k8s_open(&spec, &e);
    if (!c->k)
        host_raise(L, &e);
    return c;
}

static int end(lua_State *L, struct call *c)
{
    k8s_close(c->k);
    c->k = NULL;
    return lua_isnil(L, -1) ? 0 : 1;
}

static void push_json(lua_State *L, struct str text)
{
    json_t **v = jvalue_hold(L);
    *v = json_loadb(text.s, text.n, JSON_DECODE_ANY, NULL);
    if (*v)
        jvalue_push(L, *v);
    else
        lua_pushnil(L);
}

static struct str json_arg(lua_State *L, struct arena *a, int index)
{
    struct err e = {0};
    json_t **v = jvalue_hold(L);
    *v = jvalue_read(L, index, &e);
    if (!*v)
        host_raise(L, &e);
    char *text = json_dumps(*v, JSON_COMPACT | JSON_SORT_KEYS);
    struct str s = arena_dup(a, str_of(text ? text : "{}"));
    free(text);
    return s;
}

static int k8s_get_lua(lua_State *L)
{
    struct err e = {0};
    struct str object;
    bool found = false;
    struct call *c = begin(L);
    if (!k8s_get(c->k, c->a, &c->target, &object, &found, &e))
        return host_raise(L, &e);
    if (found)
        push_json(L, object);
    else
        lua_pushnil(L);
    return end(L, c);
}

static int k8s_list_lua(lua_State *L)
{
    struct err e = {0};
    struct str list;
    struct call *c = begin(L);
    struct k8s_list q = {
        .labels = keep(L, c->a, "labels"), .fields = keep(L, c->a, "fields"),
        .all_namespaces = host_opt_bool(L, 1, "all_namespaces", false)};
    if (!k8s_list(c->k, c->a, &c->target, &q, &list, &e))
        return host_raise(L, &e);
    push_json(L, list);
    lua_getfield(L, -1, "items");
    return end(L, c);
}

static const struct {
    const char *name;
    enum k8s_patch_kind kind;
} kinds[] = {{"merge", K8S_PATCH_MERGE},
             {"json", K8S_PATCH_JSON},
             {"strategic", K8S_PATCH_STRATEGIC},
             {"apply", K8S_PATCH_APPLY},
             {0}};

static int k8s_patch_lua(lua_State *L)
{
    struct err e = {0};
    struct str object, type = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    struct call *c = begin(L);
    struct k8s_patch p = {
        .kind = K8S_PATCH_MERGE,
        .body = json_arg(L, c->a, 2),
        .force = host_opt_bool(L, 1, "force", false),
        .dry_run = host_opt_bool(L, 1, "dry_run", false)};
    type = host_opt_str(L, 1, "type");
    for (size_t i = 0; type.s && kinds[i].name; i++)
        if (str_eq(type, str_of(kinds[i].name)))
            p.kind = kinds[i].kind;
    if (!k8s_patch(c->k, c->a, &c->target, &p, &object, &e))
        return host_raise(L, &e);
    push_json(L, object);
    return end(L, c);
}

/* What the Lua function made of the object, or why it could not. */
struct change {
    lua_State *L;
    struct call *call;
};

/* Whether `now` is what Lua was given of `old`. */
static bool same_but_nulls(const json_t *now, json_t *old)
{
    const char *key;
    json_t *was;
    size_t i, n = 0;
    if (!json_is_object(old) && !json_is_array(old))
        return json_equal(now, old);
    if (!now || json_typeof(now) != json_typeof(old))
        return false;
    json_array_foreach(old, i, was)
        if (!same_but_nulls(json_array_get(now, i), was))
            return false;
    json_object_foreach(old, key, was) {
        const json_t *is = json_object_get(now, key);
        n += !json_is_null(was);
        if (!json_is_null(was) && (!is || !same_but_nulls(is, was)))
            return false;
    }
    return json_object_size(now) == n &&
           json_array_size(now) == json_array_size(old);
}

static void keep_nulls(json_t *now, json_t *old);

/* In a list that grew or shrank, those that are as they were keep theirs. */
static void keep_items(json_t *now, json_t *old)
{
    bool paired = json_array_size(now) == json_array_size(old);
    json_t *was;
    size_t i, next = 0;
    json_array_foreach(old, i, was) {
        size_t k = paired ? i : next;
        while (!paired && k < json_array_size(now) &&
               !same_but_nulls(json_array_get(now, k), was))
            k++;
        if (k == json_array_size(now))
            continue;
        keep_nulls(json_array_get(now, k), was);
        next = k + 1;
    }
}

/* Lua knows no members that are null: those of `old` that the new value still
 * could have are put back, so that nothing goes that nobody took away. */
static void keep_nulls(json_t *now, json_t *old)
{
    const char *key;
    json_t *was;
    if (json_is_array(now))
        keep_items(now, old);
    if (!json_is_object(now))
        return;
    json_object_foreach(old, key, was) {
        json_t *is = json_object_get(now, key);
        if (!is && json_is_null(was))
            json_object_set(now, key, was);
        else
            keep_nulls(is, was);
    }
}

/* The value at index as text, with the nulls that the object had. */
static struct str changed_text(lua_State *L, struct arena *a, int index,
                               struct str object)
{
    struct err e = {0};
    json_t **now = jvalue_hold(L), **old = jvalue_hold(L);
    *now = jvalue_read(L, index, &e);
    if (!*now)
        host_raise(L, &e);
    *old = json_loadb(object.s, object.n, 0, NULL);
    if (*old)
        keep_nulls(*now, *old);
    char *text = json_dumps(*now, JSON_COMPACT | JSON_SORT_KEYS);
    struct str s = arena_dup(a, str_of(text ? text : "{}"));
    free(text);
    return s;
}

static int change_protected(lua_State *L)
{
    struct change *x = lua_touserdata(L, 2);
    struct str *out = lua_touserdata(L, 3);
    const struct str *object = lua_touserdata(L, 4);
    push_json(L, *object);
    lua_pushvalue(L, 1);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    if (!lua_isnil(L, -1))
        *out = changed_text(L, x->call->a, lua_gettop(L), *object);
    return 0;
}

static bool change(void *ctx, struct arena *a, struct str object,
                   struct str *out, struct err *e)
{
    struct change *x = ctx;
    lua_State *L = x->L;
    (void)a;
    *out = (struct str){0};
    lua_pushcfunction(L, change_protected);
    lua_pushvalue(L, 2);
    lua_pushlightuserdata(L, x);
    lua_pushlightuserdata(L, out);
    lua_pushlightuserdata(L, &object);
    if (lua_pcall(L, 4, 0, 0) == LUA_OK)
        return true;
    err_set(e, ERR_INPUT, "%s", luaL_tolstring(L, -1, NULL));
    lua_pop(L, 2);
    return false;
}

static int k8s_update_lua(lua_State *L)
{
    struct err e = {0};
    struct str object = {0};
    luaL_checktype(L, 2, LUA_TFUNCTION);
    struct call *c = begin(L);
    struct change x = {L, c};
    if (!k8s_update(c->k, c->a, &c->target, change, &x, &object, &e))
        return host_raise(L, &e);
    push_json(L, object);
    return end(L, c);
}

static int k8s_delete_lua(lua_State *L)
{
    struct err e = {0};
    bool found = false;
    struct call *c = begin(L);
    if (!k8s_delete(c->k, c->a, &c->target, &found, &e))
        return host_raise(L, &e);
    lua_pushboolean(L, found);
    return end(L, c);
}

static const struct host_function functions[] = {
    {"get", k8s_get_lua,
     "{api, kind, name, namespace, subresource, context, kubeconfig, timeout}",
     "an object, or nil where there is none"},
    {"list", k8s_list_lua, "{api, kind, labels, fields, all_namespaces, ...}",
     "the list of objects that fit"},
    {"patch", k8s_patch_lua, "({api, kind, name, type, force, dry_run, ...}, "
     "patch)", "changes it: type \"merge\" (default), \"json\", \"strategic\" "
     "or \"apply\""},
    {"update", k8s_update_lua, "({api, kind, name, ...}, fn)",
     "fn gets the object and returns it changed, or nil; again where somebody "
     "else wrote in between"},
    {"delete", k8s_delete_lua, "{api, kind, name, ...}",
     "whether it was there"},
    {0},
};

const struct host_module host_k8s = {"k8s", "Kubernetes.", functions};
