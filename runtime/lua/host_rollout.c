#include "base/buf.h"
#include "base/clock.h"
#include "runtime/lua/drive.h"
#include "runtime/lua/jvalue.h"

#include <lauxlib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TURN_MAX_MS = 3600000, /* the longest sleep between two looks */
    COMMAND_TURN_MS = 200, /* the same, while a command is dying */
};

int64_t drive_now(const struct drive *d)
{
    return d->wall + (clock_monotonic_ms() - d->monotonic);
}

void drive_push(struct drive *d, struct rollout_event event, struct str text)
{
    if (d->n == DRIVE_EVENTS_MAX)
        return;
    struct drive_event *q = &d->queue[(d->head + d->n++) % DRIVE_EVENTS_MAX];
    q->event = event;
    snprintf(q->text, sizeof q->text, "%.*s", (int)text.n, text.n ? text.s
                                                                  : "");
}

bool drive_call(struct drive *d, const char *name, int n, int nresults,
                struct err *e)
{
    lua_State *L = d->L;
    if (lua_getfield(L, d->callbacks, name) != LUA_TFUNCTION) {
        lua_pop(L, n + 1);
        for (int i = 0; i < nresults; i++)
            lua_pushnil(L);
        return true;
    }
    lua_insert(L, -n - 1);
    if (lua_pcall(L, n, nresults, 0) == LUA_OK)
        return true;
    err_set(e, ERR_INPUT, "%s", luaL_tolstring(L, -1, NULL));
    lua_pop(L, 2);
    return false;
}

void drive_tell(struct drive *d, const char *name, json_t *data)
{
    host_send(d->host, json_pack("{ss,ss,so}", "t", "event", "name", name,
                                 "data", data));
}

static void save(struct drive *d)
{
    struct buf b = {0};
    rollout_state_json(&d->spec, &d->st, &b);
    json_t *state = json_loadb(b.s, b.n, 0, NULL);
    buf_free(&b);
    if (state)
        host_send(d->host, json_pack("{ss,so}", "t", "save", "data", state));
}

/* ---- what comes from outside ------------------------------------------- */

static const struct {
    const char *action;
    enum rollout_event_kind kind;
} steers[] = {
    {"approve", ROLLOUT_APPROVED}, {"promote", ROLLOUT_PROMOTE},
    {"abort", ROLLOUT_ABORT},      {"pause", ROLLOUT_PAUSE},
    {"resume", ROLLOUT_RESUME},    {"retry", ROLLOUT_RETRY},
    {0},
};

static struct str abort_text(struct drive *d, struct str who,
                             const json_t *args)
{
    const char *why = json_string_value(json_object_get(args, "reason"));
    return arena_printf(d->scratch, "aborted by " STR_FMT "%s%s",
                        STR_ARG(who), why && *why ? ": " : "",
                        why ? why : "");
}

static void take_steer(struct drive *d, json_t *steer)
{
    const char *action = json_string_value(json_object_get(steer, "action"));
    const char *by = json_string_value(json_object_get(steer, "by"));
    json_t *args = json_object_get(steer, "args");
    struct str who = str_of(by && *by ? by : "somebody");
    for (size_t i = 0; steers[i].action; i++) {
        if (strcmp(steers[i].action, action) != 0)
            continue;
        struct rollout_event ev = {.kind = steers[i].kind};
        if (json_is_true(json_object_get(args, "full")))
            ev.kind = ROLLOUT_PROMOTE_FULL;
        if (ev.kind == ROLLOUT_ABORT)
            who = abort_text(d, who, args);
        ev.blame = true;
        drive_push(d, ev, who);
    }
}

static void take_outside(struct drive *d)
{
    struct wire *w = &d->host->wire;
    json_t *steer;
    while ((steer = wire_take_steer(w, "approve promote abort pause resume "
                                       "retry"))) {
        if (!drive_command_takes(d, steer))
            take_steer(d, steer);
        json_decref(steer);
    }
    if (!w->cancelled || d->cancelled)
        return;
    d->cancelled = true;
    d->host->shielded = true;
    drive_push(d, (struct rollout_event){.kind = ROLLOUT_ABORT},
               str_of(w->reason));
}

/* Waits for the supervisor, the command or the time, whichever is first. */
static void wait_outside(struct drive *d, int64_t ms)
{
    struct wire *w = &d->host->wire;
    struct drive_command *c = &d->command;
    struct pollfd p[] = {
        {.fd = w->closed ? -1 : w->fd, .events = POLLIN},
        {.fd = c->pid ? c->fd : -1, .events = POLLIN},
    };
    if (c->pid && c->kill_at && ms > COMMAND_TURN_MS)
        ms = COMMAND_TURN_MS;
    poll(p, 2, ms > TURN_MAX_MS ? TURN_MAX_MS : (int)ms);
    if (p[0].revents)
        wire_poll(w, 0);
    if (p[1].revents)
        drive_command_read(d);
    drive_command_turn(d);
}

/* Until there is an event: from outside, or the time for the next tick. */
static void wait_for_event(struct drive *d, int64_t wake_at)
{
    take_outside(d);
    while (!d->n) {
        int64_t left = wake_at - drive_now(d);
        if (left <= 0) {
            drive_push(d, (struct rollout_event){.kind = ROLLOUT_TICK},
                       STR(""));
            return;
        }
        wait_outside(d, left);
        take_outside(d);
    }
}

/* ---- the loop ------------------------------------------------------------ */

static void drive(struct drive *d)
{
    struct rollout_actions todo = {.wake_at = drive_now(d)};
    while (!rollout_over(&d->st)) {
        if (!d->n)
            wait_for_event(d, todo.wake_at);
        struct drive_event q = d->queue[d->head];
        d->head = (d->head + 1) % DRIVE_EVENTS_MAX;
        d->n--;
        q.event.text = str_of(q.text);
        rollout_step(&d->spec, &d->st, &q.event, drive_now(d), &todo);
        if (q.event.kind != ROLLOUT_TICK || todo.n)
            save(d);
        for (uint32_t i = 0; i < todo.n; i++)
            drive_act(d, &todo.items[i]);
        arena_free(d->scratch);
        while (wire_poll(&d->host->wire, 0))
            ;
        drive_command_turn(d);
        take_outside(d);
    }
    drive_command_end(d);
}

/* A new process goes on where the old one died. */
static bool begin(struct drive *d, struct err *e)
{
    json_t *start = d->host->start, *saved = json_object_get(start, "saved");
    const char *phase = json_string_value(json_object_get(start, "phase"));
    bool recover = phase && strcmp(phase, "recover") == 0;
    d->wall = clock_wall_ms();
    d->monotonic = clock_monotonic_ms();
    rollout_begin(&d->st);
    struct rollout_event first = {.kind = ROLLOUT_START};
    struct str why = STR("");
    if (d->back) {
        const char *reason = json_string_value(json_object_get(d->back,
                                                               "reason"));
        first.kind = ROLLOUT_BACK;
        why = str_of(reason ? reason : "");
    }
    if (recover && json_is_object(saved)) {
        char *text = json_dumps(saved, JSON_COMPACT);
        struct str copy = arena_dup(d->arena, str_of(text ? text : ""));
        free(text);
        if (!rollout_state_load(&d->spec, copy, &d->st, e))
            return err_wrap(e, "the saved rollout");
        first.kind = ROLLOUT_CRASHED;
    }
    drive_push(d, first, why);
    return true;
}

static bool load_spec(struct drive *d, struct err *e)
{
    char *text = json_dumps(d->config, JSON_COMPACT);
    struct str copy = arena_dup(d->arena, str_of(text ? text : ""));
    free(text);
    return rollout_spec_from_json(d->arena, copy, &d->spec, e);
}

static void push_end(struct drive *d)
{
    lua_State *L = d->L;
    const char *outcome = rollout_outcome_name(d->st.outcome);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, outcome);
    lua_setfield(L, -2, "result");
    lua_pushstring(L, d->st.reason);
    lua_setfield(L, -2, "reason");
    lua_pushnumber(L, d->st.want.weight * 100.0 / WEIGHT_FULL);
    lua_setfield(L, -2, "weight");
    lua_pushboolean(L, d->st.blamed);
    lua_setfield(L, -2, "blamed");
    lua_pushboolean(L, d->st.revert_failed);
    lua_setfield(L, -2, "revert_failed");
    d->host->aborted = d->st.outcome == OUTCOME_ABORTED && !d->back;
}

static int run_rollout(lua_State *L)
{
    struct err e = {0};
    struct host *h = host_of(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct arena *arena = host_arena(L), *scratch = host_arena(L);
    struct drive *d = arena_new(arena, struct drive);
    *d = (struct drive){.L = L, .host = h, .callbacks = 1, .arena = arena,
                        .scratch = scratch,
                        .config = json_object_get(h->node, "config")};
    d->back = json_object_get(d->config, "rollback");
    if (!load_spec(d, &e) || !begin(d, &e))
        return host_raise(L, &e);
    drive(d);
    for (size_t i = 0; i < ROLLOUT_ANALYSES_MAX; i++)
        measurement_past_free(&d->past[i]);
    push_end(d);
    return 1;
}

/* ---- versions that were rolled back ---------------------------------------- */

static int rejected(lua_State *L)
{
    const char *version = luaL_checkstring(L, 1);
    json_t *list = json_object_get(host_of(L)->start, "rejected");
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *x = json_array_get(list, i);
        const char *is = json_string_value(json_object_get(x, "version"));
        if (!is || strcmp(is, version) != 0)
            continue;
        lua_pushstring(L, json_string_value(json_object_get(x, "reason")));
        return 1;
    }
    return 0;
}

static int reject(lua_State *L)
{
    json_t *m = json_pack("{ss,ss,ss,ss}", "t", "reject", "version",
                          luaL_checkstring(L, 1), "reason",
                          luaL_optstring(L, 2, ""), "environment",
                          luaL_optstring(L, 3, ""));
    if (m)
        host_send(host_of(L), m);
    return 0;
}

static const struct host_function rows[] = {
    {"rollout", run_rollout, "{set, look, measure, command, revert}",
     "drives the stage's rollout to its end: {result, reason, weight, blamed, "
     "revert_failed}. Its callbacks tell and ask the router, measure, run a "
     "step's command, and take commits back"},
    {"rejected", rejected, "(version)",
     "why that version was rolled back in this environment, or nil"},
    {"reject", reject, "(version, reason, environment)",
     "refuses that version from now on; without a reason, no more"},
    {0},
};

const struct host_module host_rollout = {"", "Rollouts.", rows};
