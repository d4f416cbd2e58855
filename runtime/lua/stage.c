#include "runtime/lua/stage.h"

#include "base/buf.h"
#include "base/clock.h"
#include "runtime/lua/box.h"
#include "runtime/lua/catalogue.h"
#include "runtime/lua/child.h"
#include "runtime/lua/jvalue.h"
#include "runtime/lua/output.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

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

void stage_push(lua_State *L, const json_t *node, const json_t *config)
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
    set_text(L, "environment", text_at(node, "environment"));
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
    stage_push(L, h->node, json_object_get(h->node, "config"));
    lua_pushinteger(L, json_integer_value(json_object_get(h->start,
                                                          "attempt")));
    lua_setfield(L, -2, "attempt");
    lua_setglobal(L, "stage");

    lua_getglobal(L, "ctx");
    set_json(L, "env", json_object_get(h->start, "env"));
    set_json(L, "vars", json_object_get(h->start, "vars"));
    set_json(L, "commits", json_object_get(h->start, "commits"));
    set_json(L, "builds", json_object_get(h->start, "builds"));
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

bool stage_command(struct host *h, const json_t *command, struct err *e)
{
    struct arena a = {0};
    struct child_result r = {0};
    struct child_spec c = {.argv = command_argv(&a, command),
                           .envp = h->envp, .inherit = true,
                           .shielded = h->shielded};
    bool ok = c.argv || err_set(e, ERR_INPUT, "a command has no words");
    ok = ok && box_wrap(h, &a, &c, 0, e) && child_run(&h->wire, &c, &r, e);
    if (ok && r.cancelled)
        ok = err_set(e, ERR_CANCELLED, "cancelled: %s", h->wire.reason);
    else if (ok && r.sig)
        ok = err_set(e, ERR_IO, "signal %d", r.sig);
    else if (ok && r.code)
        ok = err_set(e, ERR_IO, "exit code %d", r.code);
    if (!ok) {
        const char *last = json_string_value(json_array_get(command, 0));
        if (json_is_string(command))
            last = json_string_value(command);
        struct str first, rest = str_trim(str_of(last ? last : ""));
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
        if (!stage_command(h, command ? command : step, e))
            return false;
    }
    return true;
}

/* ---- the kind ---------------------------------------------------------- */

static int send_outputs(lua_State *L)
{
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
        output_send(L, lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2)
                                                      : "?", -1);
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
    lua_getglobal(L, "stage");
    lua_getglobal(L, "ctx");
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
    if (end->ok)
        explain(end, e);
    if (end->ok && *end->cause && str_find(trace, '\n') + 1 < trace.n)
        host_log(h, "debug", trace);
    end->ok = false;
    h->error = end->error;
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
    json_t *last = json_object_get(h->start, "last");
    *end = (struct stage_end){.ok = true};
    if (dead) {
        err_set(&e, ERR_IO, "%s", *text_at(h->start, "why")
                                      ? text_at(h->start, "why")
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
    if (end->ok)
        try_hooks(h, "success", end);
    else if (!json_is_false(last)) /* it has failed when no attempt is left */
        try_hooks(h, "failure", end);
    try_hooks(h, "always", end);
}
