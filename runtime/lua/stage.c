#include "runtime/lua/stage.h"

#include "base/buf.h"
#include "base/clock.h"
#include "runtime/lua/catalogue.h"
#include "runtime/lua/child.h"
#include "runtime/lua/jvalue.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

enum { PLACE_LINE_MAX = 1000000 };

static const char *text_at(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static void set_text(lua_State *L, const char *key, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

/* The config's members, and over them what the stage itself is. */
static void push_stage(lua_State *L, const json_t *node, const json_t *config)
{
    if (config)
        jvalue_push(L, config);
    else
        lua_newtable(L);
    if (config)
        jvalue_push(L, config);
    else
        lua_newtable(L);
    lua_setfield(L, -2, "config");
    set_text(L, "id", text_at(node, "id"));
    set_text(L, "name", text_at(node, "name"));
    set_text(L, "kind", text_at(node, "kind"));
    set_text(L, "key", text_at(node, "key"));
}

static void set_json(lua_State *L, const char *key, const json_t *v)
{
    if (v)
        jvalue_push(L, v);
    else
        lua_newtable(L);
    lua_setfield(L, -2, key);
}

void stage_push_globals(lua_State *L)
{
    struct host *h = host_of(L);
    push_stage(L, h->node, json_object_get(h->node, "config"));
    lua_pushinteger(L, json_integer_value(json_object_get(h->start,
                                                          "attempt")));
    lua_setfield(L, -2, "attempt");
    lua_setglobal(L, "stage");

    host_push_ctx(L);
    set_json(L, "env", json_object_get(h->start, "env"));
    set_json(L, "vars", json_object_get(h->start, "vars"));
    set_text(L, "state_dir", h->state_dir);
    set_text(L, "phase", text_at(h->start, "phase"));
    lua_setglobal(L, "ctx");
}

/* ---- commands ---------------------------------------------------------- */

static const char **command_argv(struct arena *a, const json_t *command)
{
    if (json_is_string(command)) {
        const char **argv = arena_array(a, const char *, 4);
        argv[0] = "sh";
        argv[1] = "-euc";
        argv[2] = json_string_value(command);
        return argv;
    }
    size_t n = json_array_size(command);
    const char **argv = arena_array(a, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *word = json_string_value(json_array_get(command, i));
        argv[i] = word ? word : "";
    }
    return n ? argv : NULL;
}

static bool run_command(struct host *h, const json_t *command, struct err *e)
{
    struct arena a = {0};
    struct child_result r = {0};
    struct child_spec c = {.argv = command_argv(&a, command),
                           .envp = h->envp, .inherit = true,
                           .shielded = h->shielded};
    bool ok = c.argv || err_set(e, ERR_INPUT, "a command has no words");
    ok = ok && child_run(&h->wire, &c, &r, e);
    if (ok && r.cancelled)
        ok = err_set(e, ERR_CANCELLED, "cancelled: %s", h->wire.reason);
    else if (ok && r.sig)
        ok = err_set(e, ERR_IO, "signal %d", r.sig);
    else if (ok && r.code)
        ok = err_set(e, ERR_IO, "exit code %d", r.code);
    if (!ok) {
        const char *last = c.argv ? c.argv[0] : "";
        if (json_is_string(command))
            last = json_string_value(command);
        struct str first, rest = str_trim(str_of(last));
        first = str_cut(rest, '\n', &rest);
        err_wrap(e, "'%.*s%s'", (int)(first.n < 80 ? first.n : 80), first.s,
                 rest.n || first.n > 80 ? "..." : "");
    }
    child_clear(&r);
    arena_free(&a);
    return ok;
}

bool stage_commands(struct host *h, struct err *e)
{
    json_t *list = json_object_get(h->node, "commands");
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *step = json_array_get(list, i);
        json_t *command = json_object_get(step, "command");
        if (!run_command(h, command ? command : step, e))
            return false;
    }
    return true;
}

/* ---- hooks ------------------------------------------------------------- */

static void push_pair(lua_State *L)
{
    lua_getglobal(L, "stage");
    lua_getglobal(L, "ctx");
}

static bool run_lua_text(struct host *h, const json_t *step, struct err *e)
{
    json_t *place = json_object_get(step, "place");
    const char *file = json_string_value(json_array_get(place, 0));
    json_int_t line = json_integer_value(json_array_get(place, file ? 1 : 0));
    if (!file)
        file = text_at(h->start, "file");
    struct buf text = {0};
    const char *code = text_at(step, "lua");
    /* Lines are the pipeline's own: a here-document begins a line below. */
    if (line > 0 && line < PLACE_LINE_MAX)
        buf_pad(&text, '\n', (size_t)line - (strchr(code, '\n') ? 0 : 1));
    buf_adds(&text, code);
    bool ok = sandbox_load(h->sandbox, buf_str(&text),
                           *file ? file : "pipeline", e);
    buf_free(&text);
    if (!ok)
        return false;
    push_pair(sandbox_state(h->sandbox));
    return sandbox_call(h->sandbox, 2, 0, e);
}

static bool run_lua_call(struct host *h, const json_t *step, struct err *e)
{
    lua_State *L = sandbox_state(h->sandbox);
    const char *call = text_at(step, "call");
    if (!catalogue_run_file(h->catalogue, h->sandbox, text_at(step, "file"),
                            e))
        return false;
    if (!*call) {
        lua_pop(L, 1);
        return true;
    }
    if (lua_istable(L, -1))
        lua_getfield(L, -1, call);
    if (!lua_isfunction(L, -1)) {
        lua_pushglobaltable(L);
        lua_pushstring(L, call);
        lua_rawget(L, -2);
    }
    if (!lua_isfunction(L, -1))
        return err_set(e, ERR_INPUT, "'%s' has no function '%s'",
                       text_at(step, "file"), call);
    push_pair(L);
    return sandbox_call(h->sandbox, 2, 0, e);
}

static int push_sub_stage(lua_State *L)
{
    const json_t *step = lua_touserdata(L, 1);
    push_stage(L, host_of(L)->node, json_object_get(step, "config"));
    set_text(L, "kind", text_at(step, "kind"));
    return 1;
}

static bool run_sub_stage(struct host *h, json_t *step, struct err *e)
{
    lua_State *L = sandbox_state(h->sandbox);
    if (!catalogue_push(h->sandbox, STR("kind"),
                        str_of(text_at(step, "kind")), e))
        return false;
    lua_getfield(L, -1, "run");
    lua_pushcfunction(L, push_sub_stage);
    lua_pushlightuserdata(L, step);
    if (!sandbox_call(h->sandbox, 1, 1, e))
        return false;
    lua_getglobal(L, "ctx");
    return sandbox_call(h->sandbox, 2, 0, e);
}

static bool run_step(struct host *h, json_t *step, struct err *e)
{
    json_t *command = json_object_get(step, "command");
    if (command)
        return run_command(h, command, e);
    if (json_object_get(step, "lua"))
        return run_lua_text(h, step, e);
    if (json_object_get(step, "file"))
        return run_lua_call(h, step, e);
    return run_sub_stage(h, step, e);
}

bool stage_hooks(struct host *h, const char *phase, struct err *e)
{
    json_t *hooks = json_object_get(h->node, "hooks");
    for (size_t i = 0; i < json_array_size(hooks); i++) {
        json_t *hook = json_array_get(hooks, i);
        json_t *steps = json_object_get(hook, "steps");
        if (strcmp(text_at(hook, "phase"), phase) != 0)
            continue;
        for (size_t k = 0; k < json_array_size(steps); k++) {
            if (!run_step(h, json_array_get(steps, k), e))
                return false;
            lua_settop(sandbox_state(h->sandbox), 0);
        }
    }
    return true;
}

/* ---- the kind ---------------------------------------------------------- */

static int send_outputs(lua_State *L)
{
    struct host *h = host_of(L);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        struct err e = {0};
        const char *name = lua_type(L, -2) == LUA_TSTRING
                               ? lua_tostring(L, -2) : "?";
        json_t *v = jvalue_read(L, -1, &e);
        if (!v) {
            err_wrap(&e, "output '%s'", name);
            return host_raise(L, &e);
        }
        host_send(h, json_pack("{ss,ss,so}", "t", "output", "name", name,
                               "value", v));
    }
    lua_getglobal(L, "stage");
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "outputs");
    return 0;
}

static bool run_kind(struct host *h, struct err *e)
{
    lua_State *L = sandbox_state(h->sandbox);
    if (!catalogue_push(h->sandbox, STR("kind"),
                        str_of(text_at(h->node, "kind")), e))
        return false;
    if (lua_isnil(L, -1))
        return err_set(e, ERR_INPUT, "there is no kind '%s'",
                       text_at(h->node, "kind"));
    if (lua_getfield(L, -1, "run") != LUA_TFUNCTION)
        return stage_commands(h, e);
    push_pair(L);
    if (!sandbox_call(h->sandbox, 2, 1, e))
        return false;
    if (!lua_istable(L, -1))
        return true;
    lua_pushcfunction(L, send_outputs);
    lua_insert(L, -2);
    return sandbox_call(h->sandbox, 1, 0, e);
}

/* The length of the "ci/x.lua:7" that a message begins with; 0: none. */
static size_t place_length(struct str what)
{
    size_t end = str_find(what, ' ');
    if (end == what.n || end < 4 || what.s[end - 1] != ':')
        return 0;
    size_t digits = end - 1;
    while (digits > 0 && what.s[digits - 1] >= '0' &&
           what.s[digits - 1] <= '9')
        digits--;
    bool placed = digits > 1 && digits < end - 1 && what.s[digits - 1] == ':';
    return placed ? end - 1 : 0;
}

/* "ci/x.lua:7: what" is cause and error; stdlib's own lines tell nothing. */
static void explain(struct stage_end *end, const struct err *e)
{
    struct str what = str_of(e->msg);
    size_t n = place_length(what);
    if (n && !str_starts(what, STR("stdlib/")))
        snprintf(end->cause, sizeof end->cause, "%.*s", (int)n, what.s);
    if (n)
        what = str_skip(what, n + 2);
    snprintf(end->error, sizeof end->error, "%.*s", (int)what.n, what.s);
}

static void failed(struct host *h, struct stage_end *end,
                   const struct err *e)
{
    struct str trace = sandbox_trace(h->sandbox);
    if (end->ok && trace.n && e->kind == ERR_INPUT)
        host_log(h, "debug", trace);
    if (end->ok)
        explain(end, e);
    end->ok = false;
    lua_State *L = sandbox_state(h->sandbox);
    lua_settop(L, 0);
    lua_getglobal(L, "stage");
    set_text(L, "error", end->error);
    lua_settop(L, 0);
}

static void try_hooks(struct host *h, const char *phase,
                      struct stage_end *end)
{
    struct err e = {0};
    if (stage_hooks(h, phase, &e))
        return;
    host_log(h, "error", str_of(e.msg));
    failed(h, end, &e);
}

void stage_run(struct host *h, struct stage_end *end)
{
    struct err e = {0};
    const char *phase = text_at(h->start, "phase");
    bool dead = strcmp(phase, "after-death") == 0;
    *end = (struct stage_end){.ok = true};
    if (dead) {
        err_set(&e, ERR_IO, "%s", *text_at(h->start, "error")
                                      ? text_at(h->start, "error")
                                      : "its process died");
        failed(h, end, &e);
    } else if (!stage_hooks(h, "before", &e) || !run_kind(h, &e) ||
               !stage_hooks(h, "after", &e)) {
        failed(h, end, &e);
    }
    end->aborted = h->aborted;
    lua_settop(sandbox_state(h->sandbox), 0);
    /* What cleans up runs even where the stage was cancelled. */
    h->shielded = true;
    try_hooks(h, end->ok ? "success" : "failure", end);
    try_hooks(h, "always", end);
}
