#include "runtime/lua/output.h"

#include "runtime/lua/catalogue.h"
#include "runtime/lua/host.h"
#include "runtime/lua/jvalue.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

static const double WHOLE_MAX = 9e15; /* a double has all integers below */

/* Pushes the text of the output's type; nil where the kind is not known. */
static void push_type(lua_State *L, const char *name)
{
    struct host *h = host_of(L);
    const char *kind = json_string_value(json_object_get(h->node, "kind"));
    struct err e = {0};

    if (!kind || !catalogue_push(h->sandbox, STR("kind"), str_of(kind), &e) ||
        lua_isnil(L, -1)) {
        lua_pushnil(L);
        return;
    }
    lua_getfield(L, -1, "schema");
    if (lua_getfield(L, -1, "outputs") != LUA_TTABLE ||
        lua_getfield(L, -1, name) != LUA_TTABLE)
        luaL_error(L, "the kind '%s' declares no output '%s'", kind, name);
    lua_getfield(L, -1, "type");
}

static bool is_one(const char *type, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(type, *names))
            return true;
    return false;
}

static bool has_head(const char *type, const char *head)
{
    size_t n = strlen(head);

    return !strncmp(type, head, n) && type[n] == '(';
}

/* Whether the JSON is what the type's values are written as. */
static bool fits(const char *type, const json_t *v)
{
    static const char *const texts[] = {"string", "path", "symbol", NULL};
    static const char *const whole[] = {"int", "duration", "size", NULL};
    static const char *const numbers[] = {"float", "percent", NULL};

    if (is_one(type, texts) || has_head(type, "symbol"))
        return json_is_string(v);
    if (is_one(type, whole))
        return json_is_integer(v);
    if (is_one(type, numbers))
        return json_is_number(v);
    if (!strcmp(type, "bool"))
        return json_is_boolean(v);
    if (has_head(type, "list"))
        return json_is_array(v);
    if (has_head(type, "map"))
        return json_is_object(v);
    return true;
}

/* 3.0 is 3 where a whole number is wanted; Lua has one empty table for lists
 * and maps. Takes v. */
static json_t *adapt(const char *type, json_t *v)
{
    double d = json_real_value(v);
    json_t *as = NULL;

    if (json_is_real(v) && d == floor(d) && fabs(d) < WHOLE_MAX)
        as = json_integer((json_int_t)d);
    else if (has_head(type, "list") && json_is_object(v) &&
             !json_object_size(v))
        as = json_array();
    if (as)
        json_decref(v);
    return as ? as : v;
}

/* With its unit, as value_from_json() reads it; takes v. */
static json_t *with_unit(const char *type, json_t *v)
{
    static const char *const units[][2] = {
        {"duration", "$duration"}, {"size", "$size"}, {"percent", "$percent"}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(type, units[i][0]))
            return json_pack("{so}", units[i][1], v);
    return v;
}

void output_send(lua_State *L, const char *name, int index)
{
    struct host *h = host_of(L);
    struct err e = {0};
    int top = lua_gettop(L);

    index = lua_absindex(L, index);
    push_type(L, name);
    const char *type = lua_isstring(L, -1) ? lua_tostring(L, -1) : "any";
    json_t **v = jvalue_hold(L);

    *v = jvalue_read(L, index, &e);
    if (!*v) {
        err_wrap(&e, "output '%s'", name);
        host_raise(L, &e);
    }
    if (!fits(type, *v))
        *v = adapt(type, *v);
    if (!fits(type, *v))
        luaL_error(L, "output '%s' is %s, not %s", name, type,
                   luaL_typename(L, index));
    json_t *sent = with_unit(type, json_incref(*v));

    if (!h->outputs)
        h->outputs = json_object();
    json_object_set(h->outputs, name, sent);
    host_send(h, json_pack("{ss,ss,so}", "t", "output", "name", name, "value",
                           sent));
    lua_settop(L, top);
}
