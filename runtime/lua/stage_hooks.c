#include "runtime/lua/stage.h"

#include "base/buf.h"
#include "runtime/lua/catalogue.h"
#include "runtime/lua/known.h"

#include <string.h>

enum { PLACE_LINE_MAX = 1000000 };

static const char *text_at(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

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
    stage_push(L, host_of(L)->node, json_object_get(step, "config"));
    lua_pushstring(L, text_at(step, "kind"));
    lua_setfield(L, -2, "kind");
    lua_getglobal(L, "stage");
    lua_getfield(L, -1, "error");
    lua_setfield(L, -3, "error");
    lua_pop(L, 1);
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

static bool run_resolved(struct host *h, json_t *step, struct err *e)
{
    json_t *command = json_object_get(step, "command");
    if (command)
        return stage_command(h, command, e);
    if (json_object_get(step, "lua"))
        return run_lua_text(h, step, e);
    if (json_object_get(step, "file"))
        return run_lua_call(h, step, e);
    return run_sub_stage(h, step, e);
}

/* Texts may speak of what is only known now: rollout.reason. */
static bool run_step(struct host *h, json_t *step, struct err *e)
{
    json_t *known = known_json(h, step, e);
    bool ok = known && run_resolved(h, known, e);
    json_decref(known);
    return ok;
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
