#include "runtime/rollout/turn.h"

#include <inttypes.h>
#include <stdio.h>

bool traffic_eq(struct rollout_traffic a, struct rollout_traffic b)
{
    return a.weight == b.weight && a.mirror == b.mirror &&
           a.header == b.header;
}

int64_t turn_backoff(uint32_t tries)
{
    int64_t ms = tries < 6 ? BACKOFF_MS << tries : BACKOFF_MAX_MS;

    return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

static void ask(struct turn *t, enum rollout_ask what)
{
    struct rollout_state *st = t->st;
    struct rollout_action *x =
        turn_add(t, what == ASK_SET ? ACTION_SET : ACTION_LOOK);

    st->ask = what;
    st->ask_id = x->id = turn_id(t);
    st->ask_until = st->now + ROLLOUT_ROUTER_MS;
    x->traffic = st->want;
    if (what == ASK_SET)
        st->unsure = st->rested = false;
}

static void ask_later(struct turn *t, bool set)
{
    struct rollout_state *st = t->st;

    st->ask = ASK_LATER;
    st->ask_id = 0;
    st->ask_set = set;
    st->ask_until = st->now + turn_backoff(st->ask_tries);
    st->ask_tries++;
    if (st->ask_until > st->ask_limit && st->now < st->ask_limit)
        st->ask_until = st->ask_limit;
}

static void ask_anew(struct turn *t)
{
    struct rollout_state *st = t->st;
    bool leaving = st->phase == ROLLOUT_LEAVING;

    st->touched = true;
    st->watch_id = 0;
    st->watch_misses = 0;
    st->ask_tries = 0;
    st->told = false;
    st->ask_limit = st->now + (leaving ? ROLLOUT_STRANDED_MS : t->p->verify_ms);
}

void traffic_set(struct turn *t, struct rollout_traffic want)
{
    t->st->want = want;
    ask_anew(t);
    ask(t, ASK_SET);
}

void traffic_resume(struct turn *t)
{
    t->st->rested = t->st->ask == ASK_NOTHING &&
                    t->st->phase == ROLLOUT_RUNNING;
    ask_anew(t);
    t->st->unsure = true;
    ask(t, ASK_LOOK);
}

static void give_up(struct turn *t, const char *what, struct str why)
{
    struct rollout_state *st = t->st;

    st->ask = ASK_NOTHING;
    st->ask_id = 0;
    if (st->phase == ROLLOUT_LEAVING) {
        st->stranded = true;
        end_left(t);
        return;
    }
    abort_because(t, "the router %s a canary weight of %g%%%s" STR_FMT, what,
                  st->want.weight / 100.0, why.n ? ": " : "", STR_ARG(why));
}

static void set_refused(struct turn *t, struct str why)
{
    struct rollout_state *st = t->st;
    bool leaving = st->phase == ROLLOUT_LEAVING;

    if (st->now >= st->ask_limit ||
        (!leaving && !st->told && st->ask_tries + 1 >= SET_TRIES_MAX))
        give_up(t, "did not take", why);
    else
        ask_later(t, true);
}

/* Routers that take their time (a controller in between) are asked again; on
 * the way to stable they are told again as well, and else after a while: what
 * they were told may have been written over. */
static void not_shown(struct turn *t, struct str why)
{
    struct rollout_state *st = t->st;

    if (st->unsure && !st->rested)
        ask(t, ASK_SET);
    else if (st->now >= st->ask_limit)
        give_up(t, "does not show", why);
    else
        ask_later(t, st->phase == ROLLOUT_LEAVING ||
                         (st->told && st->ask_tries >= RETELL_TRIES));
}

void traffic_answer_set(struct turn *t, const struct rollout_event *ev)
{
    struct rollout_state *st = t->st;

    if (st->ask != ASK_SET || ev->id != st->ask_id)
        return;
    st->told |= ev->ok;
    if (ev->ok)
        ask(t, ASK_LOOK);
    else
        set_refused(t, ev->text);
}

static void settle(struct turn *t)
{
    struct rollout_state *st = t->st;

    st->ask = ASK_NOTHING;
    st->ask_id = 0;
    st->unsure = st->rested = false;
    st->watch_at = st->now + t->p->watch_ms;
    if (st->phase == ROLLOUT_LEAVING)
        end_left(t);
}

enum { CHANGE_BYTES = 160 };

static struct str change_text(const struct turn *t, char *b,
                              const struct rollout_event *seen)
{
    int n;

    if (seen->traffic.weight == t->st->want.weight && seen->text.n)
        return seen->text;
    n = snprintf(b, CHANGE_BYTES,
                 "the canary's weight is %g%%, and was set to %g%%",
                 seen->traffic.weight / 100.0, t->st->want.weight / 100.0);
    return (struct str){b, (size_t)n};
}

static void drift(struct turn *t, const struct rollout_event *seen)
{
    struct rollout_state *st = t->st;
    char b[CHANGE_BYTES];
    struct str what = change_text(t, b, seen);

    if (st->drifted)
        return;
    if (t->p->on_drift == DRIFT_HOLD) {
        st->drifted = true;
        hold_because(t, "someone else changed the router: " STR_FMT,
                     STR_ARG(what));
        return;
    }
    if (t->p->on_drift == DRIFT_ABORT || st->restores >= RESTORES_MAX) {
        abort_because(t, "someone else changed the router%s: " STR_FMT,
                      t->p->on_drift == DRIFT_RESTORE ? " again and again" : "",
                      STR_ARG(what));
        return;
    }
    st->restores++;
    traffic_set(t, st->want);
}

/* A look while the traffic should be at rest. */
static void watched(struct turn *t, const struct rollout_event *ev)
{
    struct rollout_state *st = t->st;

    st->watch_id = 0;
    st->watch_at = st->now + t->p->watch_ms;
    if (!ev->ok) {
        st->watch_misses++;
        if (st->watch_misses > WATCH_MISSES_MAX)
            abort_because(t,
                          "the router did not answer %" PRIu32
                          " times in a row%s" STR_FMT,
                          st->watch_misses, ev->text.n ? ": " : "",
                          STR_ARG(ev->text));
        return;
    }
    st->watch_misses = 0;
    if (!traffic_eq(ev->traffic, st->want))
        drift(t, ev);
}

/* The router rested when its driver died, and is otherwise now. Stable serving
 * all is what the death left: go on from there, with the hold anew. */
static void found_changed(struct turn *t, const struct rollout_event *seen)
{
    struct rollout_state *st = t->st;

    if (seen->traffic.weight != 0 || st->drifted) {
        settle(t);
        drift(t, seen);
        return;
    }
    if (st->at == AT_HOLD)
        st->at = AT_TRAFFIC;
    traffic_set(t, st->want);
}

void traffic_answer_look(struct turn *t, const struct rollout_event *ev)
{
    struct rollout_state *st = t->st;

    if (st->ask == ASK_LOOK && ev->id == st->ask_id) {
        if (!ev->ok && st->unsure)
            ask_later(t, !st->rested);
        else if (ev->ok && st->rested && !traffic_eq(ev->traffic, st->want))
            found_changed(t, ev);
        else if (ev->ok && traffic_eq(ev->traffic, st->want))
            settle(t);
        else
            not_shown(t, ev->text);
        return;
    }
    if (st->phase != ROLLOUT_RUNNING || st->ask != ASK_NOTHING ||
        !st->touched || ev->id != st->watch_id)
        return;
    watched(t, ev);
}

static void ask_tick(struct turn *t)
{
    struct rollout_state *st = t->st;

    if (st->now < st->ask_until)
        return;
    switch (st->ask) {
    case ASK_NOTHING:
        return;
    case ASK_SET:
        set_refused(t, STR("no answer"));
        return;
    case ASK_LOOK:
        not_shown(t, STR("no answer"));
        return;
    case ASK_LATER:
        ask(t, st->ask_set ? ASK_SET : ASK_LOOK);
        return;
    }
}

static bool watching(const struct turn *t)
{
    const struct rollout_state *st = t->st;

    return st->phase == ROLLOUT_RUNNING && st->ask == ASK_NOTHING &&
           st->touched && t->p->watch_ms > 0;
}

static void watch_tick(struct turn *t)
{
    struct rollout_state *st = t->st;
    struct rollout_event silence = {.text = STR("no answer")};
    struct rollout_action *x;

    if (!watching(t) || st->now < st->watch_at)
        return;
    if (st->watch_id) {
        watched(t, &silence);
        return;
    }
    x = turn_add(t, ACTION_LOOK);
    x->id = st->watch_id = turn_id(t);
    x->traffic = st->want;
    st->watch_at = st->now + ROLLOUT_ROUTER_MS;
}

void traffic_tick(struct turn *t)
{
    if (t->st->phase != ROLLOUT_RUNNING && t->st->phase != ROLLOUT_LEAVING)
        return;
    if (t->st->ask != ASK_NOTHING)
        ask_tick(t);
    watch_tick(t);
}

int64_t traffic_wake(const struct turn *t)
{
    if (t->st->ask != ASK_NOTHING)
        return t->st->ask_until;
    return watching(t) ? t->st->watch_at : TIME_NEVER;
}
