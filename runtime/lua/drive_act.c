#include "base/buf.h"
#include "runtime/lua/drive.h"
#include "runtime/lua/stage.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>

static double percent(int32_t weight)
{
    return weight * 100.0 / WEIGHT_FULL;
}

static struct str header_of(struct drive *d, int32_t step)
{
    if (step < 0 || (uint32_t)step >= d->spec.n_steps)
        return (struct str){0};
    return d->spec.steps[step].text;
}

static void push_traffic(struct drive *d, const struct rollout_traffic *t)
{
    lua_State *L = d->L;
    struct str header = header_of(d, t->header);
    lua_createtable(L, 0, 3);
    lua_pushnumber(L, percent(t->weight));
    lua_setfield(L, -2, "weight");
    lua_pushnumber(L, percent(t->mirror));
    lua_setfield(L, -2, "mirror");
    if (!header.s)
        return;
    host_push_str(L, header);
    lua_setfield(L, -2, "header");
}

/* The intent is on disk before the router hears of the weight; *noted says
 * whether it is. */
static int64_t intend(struct drive *d, const char *effect, const char *key,
                      json_t *data, json_t *undo, bool *noted)
{
    struct host *h = d->host;
    int64_t id = ++h->next_intent;
    json_t *m = json_pack("{ss,sI,ss,ss,so}", "t", "intent", "id",
                          (json_int_t)id, "effect", effect, "key", key,
                          "data", data);
    if (undo)
        json_object_set_new(m, "undo", undo);
    host_send(h, m);
    *noted = wire_await_ack(&h->wire, id);
    return id;
}

static void ended(struct drive *d, int64_t id, bool ok)
{
    host_send(d->host, json_pack("{ss,sI,ss,s{}}", "t", "effect", "id",
                                 (json_int_t)id, "state",
                                 ok ? "done" : "failed", "data"));
}

static void set_traffic(struct drive *d, const struct rollout_action *x)
{
    struct err e = {0};
    double weight = percent(x->traffic.weight);
    bool noted, ok;
    struct str key = arena_printf(d->scratch, "weight %.10g%%", weight);
    int64_t id = intend(d, "traffic", key.s,
                        json_pack("{sf}", "weight", weight),
                        json_pack("{sf}", "weight", 0.0), &noted);
    bool before = d->host->shielded;
    d->host->shielded = true;
    push_traffic(d, &x->traffic);
    /* Nobody would know of it afterwards; but stable is always right. */
    if (noted || x->traffic.weight == 0) {
        ok = drive_call(d, "set", 1, 0, &e);
    } else {
        lua_pop(d->L, 1);
        ok = err_set(&e, ERR_IO, "it could not be noted");
    }
    d->host->shielded = before;
    ended(d, id, ok);
    if (ok)
        drive_tell(d, "rollout.weight",
                   json_pack("{sf,sf}", "weight", weight, "mirror",
                             percent(x->traffic.mirror)));
    else
        host_log(d->host, "error", str_of(e.msg));
    drive_push(d, (struct rollout_event){.kind = ROLLOUT_SET, .id = x->id,
                                         .ok = ok}, str_of(e.msg));
}

static void look(struct drive *d, const struct rollout_action *x)
{
    struct err e = {0};
    struct rollout_event ev = {.kind = ROLLOUT_LOOKED, .id = x->id,
                               .traffic = x->traffic};
    bool before = d->host->shielded;
    d->host->shielded = true;
    push_traffic(d, &x->traffic);
    ev.ok = drive_call(d, "look", 1, 2, &e);
    d->host->shielded = before;
    if (ev.ok) {
        /* A router that cannot tell is believed to have obeyed. */
        if (lua_type(d->L, -2) == LUA_TNUMBER) {
            double w = lua_tonumber(d->L, -2);
            ev.traffic.weight = (int32_t)lround(w * (WEIGHT_FULL / 100));
        }
        if (lua_type(d->L, -1) == LUA_TSTRING) {
            ev.traffic.header = HEADER_CHANGED;
            err_set(&e, ERR_INPUT, "%s", lua_tostring(d->L, -1));
        }
        lua_pop(d->L, 2);
    }
    drive_push(d, ev, str_of(e.msg));
}

static void revert(struct drive *d, const struct rollout_action *x)
{
    struct err e = {0};
    bool before = d->host->shielded;
    d->host->shielded = true;
    lua_pushboolean(d->L, x->again);
    lua_pushstring(d->L, d->st.reason);
    bool ok = drive_call(d, "revert", 2, 0, &e);
    d->host->shielded = before;
    if (!ok)
        host_log(d->host, "error", str_of(e.msg));
    drive_push(d, (struct rollout_event){.kind = ROLLOUT_REVERTED,
                                         .id = x->id, .ok = ok},
               str_of(e.msg));
}

static void run_hooks(struct drive *d, const char *phase)
{
    struct err e = {0};
    bool before = d->host->shielded;
    int top = lua_gettop(d->L);
    d->host->shielded = true;
    if (!stage_hooks(d->host, phase, &e))
        host_log(d->host, "error", str_of(e.msg));
    lua_settop(d->L, top);
    d->host->shielded = before;
}

/* What hooks and texts may say of it: rollout.reason and the like. */
static void publish(struct drive *d, const char *result)
{
    json_decref(d->host->rollout);
    d->host->rollout = json_pack("{ss,sf,ss}", "reason", d->st.reason,
                                 "weight", percent(d->st.want.weight),
                                 "result", result);
}

static struct str description(struct drive *d)
{
    struct buf b = {0};
    rollout_describe(&d->spec, &d->st, &b);
    struct str text = arena_dup(d->scratch, buf_str(&b));
    buf_free(&b);
    return text;
}

static void notify_step(struct drive *d, uint32_t step)
{
    if (step >= d->spec.n_steps)
        return;
    const struct canary_step *s = &d->spec.steps[step];
    drive_tell(d, "rollout.hold",
               json_pack("{sI,sI,sI,sb,sf}", "step", (json_int_t)step + 1,
                         "steps", (json_int_t)d->spec.n_steps, "hold_ms",
                         (json_int_t)s->hold_ms, "until_approved",
                         s->until_approved, "weight", percent(s->weight)));
}

static void notify(struct drive *d, const struct rollout_action *x)
{
    struct str text = description(d);
    struct host *h = d->host;
    switch (x->notice) {
    case NOTICE_STARTED:
        drive_tell(d, "rollout.started",
                   json_pack("{sI}", "steps", (json_int_t)d->spec.n_steps));
        break;
    case NOTICE_STEP:
        notify_step(d, x->step);
        break;
    case NOTICE_WAITING:
        drive_tell(d, "rollout.waiting",
                   json_pack("{ss}", "what", text.s));
        host_send(h, json_pack("{ss,ss,ss}", "t", "wait", "for", "approval",
                               "what", text.s));
        break;
    case NOTICE_HELD:
        drive_tell(d, "rollout.waiting",
                   json_pack("{ss}", "what", d->st.reason));
        host_send(h, json_pack("{ss,ss,ss}", "t", "wait", "for", "steer",
                               "what", d->st.reason));
        break;
    case NOTICE_ABORTING:
        host_log(h, "error", arena_printf(d->scratch, "aborting: %s",
                                          d->st.reason));
        break;
    case NOTICE_ABORTED:
        drive_tell(d, "rollout.aborted",
                   json_pack("{ss}", "reason", d->st.reason));
        publish(d, "aborted");
        run_hooks(d, "abort");
        break;
    case NOTICE_PROMOTED:
        drive_tell(d, "rollout.promoted", json_object());
        publish(d, "promoted");
        run_hooks(d, "promote");
        break;
    }
}

void drive_act(struct drive *d, const struct rollout_action *x)
{
    switch (x->kind) {
    case ACTION_SET:
        set_traffic(d, x);
        return;
    case ACTION_LOOK:
        look(d, x);
        return;
    case ACTION_MEASURE:
        drive_measure(d, x->id, x->analysis);
        return;
    case ACTION_COMMAND:
        drive_command_start(d, x);
        return;
    case ACTION_REVERT:
        revert(d, x);
        return;
    case ACTION_NOTIFY:
        notify(d, x);
        return;
    case ACTION_CANCEL:
        drive_command_cancel(d, x->id);
        return;
    case ACTION_FINISH:
        return;
    }
}
