#include "runtime/lua/planner.h"

#include "base/buf.h"
#include "base/die.h"
#include "runtime/lua/ask.h"
#include "runtime/lua/catalogue.h"
#include "runtime/lua/jvalue.h"

#include <lauxlib.h>
#include <stdlib.h>

enum {
    NODE_MS = 1000,            /* of one plan function */
    MEMORY_MAX = 128 << 20,    /* bytes */
    LINES_MAX = 1000,          /* of one stage */
    DEPTH_MAX = 100,
};

struct question {
    const struct planner_spec *spec;
    const struct graph *graph;
    const struct graph_node *node; /* the one being asked about */
    struct sandbox *sandbox;
};

/* ---- config into Lua ------------------------------------------------------ */

static void push(lua_State *L, struct arena *a, const struct value *v,
                 int depth);

/* Literal parts as they are, others as what they wait for. */
static void add_known(struct arena *a, struct buf *b, const struct expr *x)
{
    struct str text;
    if (x->kind == EXPR_LITERAL && value_text(a, &x->lit, &text)) {
        buf_add(b, text);
        return;
    }
    if (x->kind == EXPR_TEXT || x->kind == EXPR_SHELL) {
        for (size_t i = 0; i < x->n; i++)
            add_known(a, b, &x->kids[i]);
        return;
    }
    text = expr_waits_for(x);
    if (text.n)
        buf_addf(b, "(known after " STR_FMT ")", STR_ARG(text));
    else
        buf_add(b, expr_show(a, x));
}

static void push_expr(lua_State *L, struct arena *a, const struct expr *x)
{
    struct buf b = {0};
    add_known(a, &b, x);
    struct str text = arena_dup(a, buf_str(&b));
    buf_free(&b);
    lua_pushlstring(L, text.s, text.n);
}

static void push_list(lua_State *L, struct arena *a, const struct value *v,
                      int depth)
{
    lua_createtable(L, (int)v->list.n, 0);
    for (size_t i = 0; i < v->list.n; i++) {
        push(L, a, &v->list.items[i], depth);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_map(lua_State *L, struct arena *a, const struct value *v,
                     int depth)
{
    lua_createtable(L, 0, (int)v->map.n);
    for (size_t i = 0; i < v->map.n; i++) {
        struct str key = v->map.pairs[i].key;
        lua_pushlstring(L, key.s, key.n);
        push(L, a, &v->map.pairs[i].value, depth);
        lua_rawset(L, -3);
    }
}

static void push(lua_State *L, struct arena *a, const struct value *v,
                 int depth)
{
    if (depth > DEPTH_MAX)
        luaL_error(L, "a value deeper than %d levels", DEPTH_MAX);
    luaL_checkstack(L, 6, "config");
    switch (v->kind) {
    case VALUE_NONE:
        lua_pushnil(L);
        return;
    case VALUE_BOOL:
        lua_pushboolean(L, v->b);
        return;
    case VALUE_INT:
    case VALUE_DURATION:
    case VALUE_SIZE:
        lua_pushinteger(L, v->i);
        return;
    case VALUE_FLOAT:
    case VALUE_PERCENT:
        lua_pushnumber(L, v->d);
        return;
    case VALUE_STRING:
        lua_pushlstring(L, v->s.s, v->s.n);
        return;
    case VALUE_LIST:
        push_list(L, a, v, depth + 1);
        return;
    case VALUE_MAP:
        push_map(L, a, v, depth + 1);
        return;
    case VALUE_SECRET:
        lua_pushfstring(L, "(secret %s)", arena_dup(a, v->s).s);
        return;
    case VALUE_UNKNOWN:
        lua_pushfstring(L, "(known after %s)", arena_dup(a, v->s).s);
        return;
    case VALUE_EXPR:
        push_expr(L, a, v->expr);
        return;
    }
}

/* ---- in the child ---------------------------------------------------------- */

static void set_str(lua_State *L, const char *key, struct str s)
{
    lua_pushlstring(L, s.n ? s.s : "", s.n);
    lua_setfield(L, -2, key);
}

/* (question) -> the table `stage` */
static int push_stage(lua_State *L)
{
    const struct question *q = lua_touserdata(L, 1);
    struct arena a = {0}; /* the child ends soon, whatever is raised */
    if (q->node->config.kind == VALUE_MAP)
        push_map(L, &a, &q->node->config, 0);
    else
        lua_newtable(L);
    set_str(L, "id", q->node->id);
    set_str(L, "name", q->node->name);
    set_str(L, "kind", q->node->kind);
    set_str(L, "key", q->node->key);
    arena_free(&a);
    return 1;
}

static json_t *lines_of(lua_State *L, int index)
{
    json_t *list = json_array();
    if (lua_type(L, index) == LUA_TSTRING)
        json_array_append_new(list, json_string(lua_tostring(L, index)));
    for (lua_Integer i = 1; lua_istable(L, index) && i <= LINES_MAX; i++) {
        int t = lua_rawgeti(L, index, i);
        const char *s = lua_tostring(L, -1);
        if (s)
            json_array_append_new(list, json_string(s));
        lua_pop(L, 1);
        if (t == LUA_TNIL)
            break;
    }
    return list;
}

static json_t *ask_node(struct question *q)
{
    struct err e = {0};
    lua_State *L = sandbox_state(q->sandbox);
    lua_settop(L, 0);
    bool ok = sandbox_arm(q->sandbox, SANDBOX_CPU, NODE_MS, &e) &&
              catalogue_push(q->sandbox, STR("kind"), q->node->kind, &e);
    if (ok && (!lua_istable(L, -1) ||
               lua_getfield(L, -1, "plan") != LUA_TFUNCTION))
        return json_array();
    if (ok) {
        lua_pushcfunction(L, push_stage);
        lua_pushlightuserdata(L, q);
        ok = sandbox_call(q->sandbox, 1, 1, &e) &&
             sandbox_call(q->sandbox, 1, 1, &e);
    }
    return ok ? lines_of(L, -1) : json_string(e.msg);
}

static int open_json(lua_State *L)
{
    jvalue_open(L);
    return 0;
}

static bool answer_all(void *ctx, struct buf *answer, struct err *e)
{
    struct question *q = ctx;
    struct catalogue c = {.stdlib_dir = q->spec->stdlib_dir,
                          .base_dir = q->spec->base_dir,
                          .sources = q->spec->sources,
                          .n_sources = q->spec->n_sources};
    struct sandbox_spec spec = {.memory_max = MEMORY_MAX, .ordered = true};
    q->sandbox = sandbox_create(&spec, e);
    if (!q->sandbox)
        return false;
    lua_pushcfunction(sandbox_state(q->sandbox), open_json);
    if (!sandbox_call(q->sandbox, 0, 0, e) ||
        !catalogue_open(&c, q->sandbox, e))
        return false;
    json_t *all = json_array();
    for (size_t i = 0; i < q->graph->n_nodes; i++) {
        q->node = &q->graph->nodes[i];
        json_t *v = ask_node(q);
        json_array_append_new(all, v ? v : json_array());
    }
    char *text = json_dumps(all, JSON_COMPACT);
    if (!text)
        die_oom();
    buf_adds(answer, text);
    return true;
}

/* ---- in the parent --------------------------------------------------------- */

static void take(struct arena *a, const json_t *v, struct planner_text *out)
{
    if (json_is_string(v)) {
        out->error = arena_dup(a, str_of(json_string_value(v)));
        return;
    }
    out->n = json_array_size(v);
    out->lines = arena_array(a, struct str, out->n + 1);
    for (size_t i = 0; i < out->n; i++)
        out->lines[i] = arena_dup(
            a, str_of(json_string_value(json_array_get(v, i))));
}

bool planner_ask(struct arena *a, const struct planner_spec *spec,
                 const struct graph *g, struct planner_text *out,
                 struct err *e)
{
    struct question q = {.spec = spec, .graph = g};
    struct str text;
    if (!ask(a, "the plan's texts", answer_all, &q, &text, e))
        return false;
    json_t *all = json_loadb(text.s, text.n, 0, NULL);
    for (size_t i = 0; i < g->n_nodes; i++) {
        out[i] = (struct planner_text){0};
        take(a, json_array_get(all, i), &out[i]);
    }
    json_decref(all);
    return true;
}
